"""Marks to check: unexplained absences (code N) over five school days, and inconsistent codes.

N is used until the reason is known, for at most five school days; then code O is proposed (`haven.rules.unexplained`). The same
absence should have the same code in the morning and in the afternoon.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from haven.attendance.registers.calendars import place_in, versions_of
from haven.attendance.registers.models import Sheet
from haven.core.people.models import Enrolment, Placement, Pupil
from haven.core.schools.queries import calendar_versions
from haven.platform.sql_files import SqlFile
from haven.rules.attendance_codes import Class, classify, from_byte, to_byte
from haven.rules.measures import N_STANDS_FOR_DAYS
from haven.rules.sessions import Half, academic_year_of, session_key, session_of, year_before
from haven.rules.unexplained import PROPOSED_CODE

QUERIES = SqlFile(__file__)
N = to_byte("N")
HALF_DAY_CODES = frozenset("MUS") | {"J1", "C2"}
"""Codes that may differ from the other half of a day without being inconsistent."""

CODES_COMPARED_FOR = timedelta(days=28)
"""How far back codes are compared, on the page and for its link on Today."""


@dataclass(frozen=True, slots=True)
class Unexplained:
    """One session coded N that should have been explained by now. `school_days` have followed it, the day of the query included;
    `runs_out_on` is the last day on which N may be used."""

    enrolment_id: int
    enrolment_ref: UUID
    pupil_ref: UUID
    name: str
    group: str
    on: date
    half: Half
    school_days: int
    runs_out_on: date
    proposed: str = PROPOSED_CODE

    @property
    def key(self) -> str:
        """The mark as written in an address or a form: enrolment, day and half."""
        return f"{self.enrolment_id}.{session_key(self.on, self.half)}"


@dataclass(frozen=True, slots=True)
class Inconsistent:
    """A pupil with two different absence codes on one day."""

    enrolment_ref: UUID
    pupil_ref: UUID
    name: str
    group: str
    on: date
    am: str
    pm: str


@dataclass(frozen=True, slots=True)
class SameReason:
    """One reason that was given for different codes, and the number of times for each."""

    reason: str
    codes: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Who:
    """The pupil of an enrolment."""

    enrolment_ref: UUID
    pupil_ref: UUID
    name: str
    sort_key: str
    group: str


def unexplained_older_than(*, school_id: int, on: date, school_days: int = N_STANDS_FOR_DAYS) -> list[Unexplained]:
    """Sessions of this academic year and the one before that are still coded N after `school_days` school days.

    The oldest first, then by name. Empty if there are none, or the school has no calendar.
    """
    unexplained = _standing_n(school_id, on, school_days)
    who = who_is({enrolment_id for enrolment_id, *_ in unexplained}, on)
    rows = [
        (who[enrolment_id], Unexplained(
            enrolment_id, who[enrolment_id].enrolment_ref, who[enrolment_id].pupil_ref, who[enrolment_id].name,
            who[enrolment_id].group, day, half, followed, last,
        ))
        for enrolment_id, day, half, followed, last in unexplained if enrolment_id in who
    ]  # fmt: skip
    rows.sort(key=lambda row: (row[1].on, row[0].sort_key, row[1].half.number))
    return [row for _, row in rows]


def count_unexplained(*, school_id: int, on: date, school_days: int = N_STANDS_FOR_DAYS) -> int:
    """The number of sessions that `unexplained_older_than` would list, without loading the pupils."""
    return len(_standing_n(school_id, on, school_days))


def _standing_n(school_id: int, on: date, school_days: int) -> list[tuple[int, date, Half, int, date]]:
    """Enrolment, day and half of each N that at least `school_days` school days have followed, how many have followed it, and the
    last of those `school_days`."""
    year = academic_year_of(on)
    years = (year_before(year), year)
    held = [versions for year_label in years if (versions := calendar_versions(school_id, year_label))]
    keys = {calendar.id: calendar.sessions for versions in held for calendar in versions}
    # Days as numbers (session key // 2): a year has hundreds of sessions and few codes N.
    last = session_key(on, Half.AM) // 2
    days = sorted({day for versions in held for key in versions[-1].sessions if (day := key // 2) <= last})
    unexplained = []
    for sheet in QUERIES.rows(_Sheet, "sheets_with_n", school_id=school_id, years=years):
        for place in _places_in(sheet.marks, N):
            key = keys[sheet.calendar_id][place]
            before = bisect_right(days, key // 2)
            is_school_day = before > 0 and days[before - 1] == key // 2
            if is_school_day and len(days) - before >= school_days:
                session = session_of(key)
                last_on = session_of(days[before + school_days - 1] * 2).on
                unexplained.append((sheet.enrolment_id, session.on, session.half, len(days) - before, last_on))
    return unexplained


class _Sheet(NamedTuple):
    enrolment_id: int
    calendar_id: int
    marks: bytes


class _Reason(NamedTuple):
    reason: str
    amended: str


def _places_in(sheet: bytes, byte: int) -> Iterator[int]:
    """The places of a byte, in order."""
    place = sheet.find(byte)
    while place >= 0:
        yield place
        place = sheet.find(byte, place + 1)


def who_is(enrolment_ids: Collection[int], on: date) -> dict[int, Who]:
    """The pupil's names, and the class of the newest placement that has begun by a day."""
    ids = list(enrolment_ids)
    groups = dict(
        Placement.objects.filter(enrolment_id__in=ids, begins_on__lte=on)
        .order_by("begins_on", "id")
        .values_list("enrolment_id", "group__name")
    )
    enrolments = Enrolment.objects.filter(id__in=ids).select_related("pupil")
    return {
        enrolment.id: _who_of(enrolment, enrolment.pupil, groups.get(enrolment.id) or "") for enrolment in enrolments
    }


def _who_of(enrolment: Enrolment, pupil: Pupil, group: str) -> Who:
    return Who(enrolment.ref, pupil.ref, pupil.name, f"{pupil.surname_key} {pupil.forename_key}", group)


def inconsistent_codes(*, school_id: int, first_on: date, last_on: date) -> list[Inconsistent]:
    """Pupils who are absent in the morning and in the afternoon of one day with two different codes, by day and name.

    Both days lie in the academic year of `last_on`. Codes that may apply to one half alone (an appointment, late after the register
    closed, an interview, study leave, a part-time timetable) are left out: they are not inconsistent.
    """
    year = academic_year_of(last_on)
    versions = versions_of(school_id, year)
    pairs = {calendar_id: _pairs(calendar.sessions, first_on, last_on) for calendar_id, calendar in versions.items()}
    inconsistent: list[tuple[int, date, str, str]] = []
    sheets = Sheet.objects.filter(school_id=school_id, year=year)
    for enrolment_id, calendar_id, marks in sheets.values_list("enrolment_id", "calendar_id", "marks"):
        sheet = bytes(marks)
        for day, am_place, pm_place in pairs[calendar_id]:
            if sheet[am_place] != sheet[pm_place]:
                am, pm = from_byte(sheet[am_place]), from_byte(sheet[pm_place])
                if _contradict(am, pm, day):
                    inconsistent.append((enrolment_id, day, am or "", pm or ""))
    who = who_is({row[0] for row in inconsistent}, last_on)
    rows = [(who[row[0]], row) for row in inconsistent if row[0] in who]
    rows.sort(key=lambda pair: (pair[1][1], pair[0].sort_key))
    return [
        Inconsistent(enrolment.enrolment_ref, enrolment.pupil_ref, enrolment.name, enrolment.group, day, am, pm)
        for enrolment, (_, day, am, pm) in rows
    ]


def _pairs(sessions: list[int], first_on: date, last_on: date) -> list[tuple[date, int, int]]:
    days = sorted({session_of(key).on for key in sessions})
    pairs = []
    for day in days:
        am, pm = (place_in(sessions, session_key(day, half)) for half in Half)
        if first_on <= day <= last_on and am is not None and pm is not None:
            pairs.append((day, am, pm))
    return pairs


def _contradict(am: str | None, pm: str | None, on: date) -> bool:
    absent = (Class.AUTHORISED, Class.UNAUTHORISED)
    return (
        am is not None and pm is not None and am != pm and not HALF_DAY_CODES & {am, pm}
        and classify(am, on) in absent and classify(pm, on) in absent
    )  # fmt: skip


def same_reason_different_codes(*, school_id: int, first_on: date, last_on: date) -> list[SameReason]:
    """Reasons of changed marks that were given for more than one code, by reason.

    Reasons are compared without case and surrounding spaces. Changes by an import, a bulk correction or a calendar are left out.
    """
    codes_by_reason: dict[str, dict[str, int]] = {}
    for reason, code in QUERIES.rows(_Reason, "reasons", school_id=school_id, first_on=first_on, last_on=last_on):
        counted = codes_by_reason.setdefault(reason.strip().casefold(), {})
        counted[code] = counted.get(code, 0) + 1
    return [
        SameReason(reason, tuple(sorted(codes.items())))
        for reason, codes in sorted(codes_by_reason.items())
        if len(codes) > 1
    ]
