"""The pupils on roll in given sessions, with their marks and planned absence.

Every registered pupil has a mark for both sessions of a day (SI 2024/208 regulation 10). Pupils whose register the user may not see
are left out, although all staff see the roll.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from haven.attendance.registers.calendars import key_of, place_in, versions_of
from haven.attendance.registers.queries.visibility_key import pupils_in_sight
from haven.core.people.models import Enrolment
from haven.platform.row_security.planner import without_nested_loops
from haven.platform.sql_files import SqlFile
from haven.rules.attendance_codes import from_byte
from haven.rules.sessions import session_of


@dataclass(frozen=True, slots=True)
class Beside:
    """Minutes late and a comment of a mark."""

    minutes_late: int | None
    comment: str


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One enrolment over the sessions asked for. Dictionaries by session key; sessions off roll are left out.

    `marks`: the code, "" for none. `plans`: the code of a planned absence. `beside`: minutes late or a comment.
    """

    enrolment_id: int
    enrolment_ref: UUID
    pupil_id: int
    ref: UUID
    forename: str
    surname: str
    group_id: int | None
    group: str
    year_group: str
    sheet_id: int | None
    version: int
    marks: dict[int, str] = field(default_factory=dict)
    plans: dict[int, str] = field(default_factory=dict)
    beside: dict[int, Beside] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.forename} {self.surname}"


SEVERAL_CLASSES = 150
"""Up to this many visible pupils, registers are looked up by enrolment; above it, the whole school is read at once."""
A_CLASS = 60
"""Up to this many sheets are looked up by id; above it, all sheets of the school are read and the others are skipped."""

QUERIES = SqlFile(__file__)
Places = Mapping[int, Mapping[int, int]]
"""The places of sessions in sheets: calendar -> session key -> place."""


def register_rows(*, school_id: int, year: str, keys: Iterable[int], group_id: int | None = None) -> list[RegisterRow]:
    """The register of a school, or one class, in the sessions of one academic year named by `keys` (session keys), by name.

    Sessions that are in no calendar have no marks. No keys give no rows. Takes about three queries for any number of pupils. Of a sheet
    only the part from the first to the last of these sessions is read.
    """
    wanted = sorted(set(keys))
    if not wanted:
        return []
    first, last = session_of(wanted[0]).on, session_of(wanted[-1]).on
    places: Places = {
        calendar_id: {key: place for key in wanted if (place := place_in(calendar.sessions, key)) is not None}
        for calendar_id, calendar in versions_of(school_id, year).items()
    }
    in_sight = pupils_in_sight(school_id)
    some = _some(school_id, group_id, in_sight)
    held = {calendar_id: sorted(here.values()) for calendar_id, here in places.items() if here}
    with without_nested_loops():  # for one class too: each table is read once instead of once for each pupil
        enrolled = QUERIES.rows(
            _Found, "register", school=school_id, year=year, first=first, last=last, group=group_id, some=some,
            everybody=in_sight is None, sight=in_sight or (), calendars=list(held),
            firsts=[here[0] + 1 for here in held.values()],
            lengths=[here[-1] - here[0] + 1 for here in held.values()],
        )  # fmt: skip
    days = {key: session_of(key).on for key in wanted}
    begins = {calendar_id: min(here.values(), default=0) for calendar_id, here in places.items()}
    rows = [_row(enrolment, days, places, begins) for enrolment in enrolled]
    _add_plans(school_id, rows, wanted)
    _add_beside(school_id, rows, first, last)
    return rows


def _some(school_id: int, group_id: int | None, in_sight: Collection[int] | None) -> list[int] | None:
    """The enrolments to look up by id, if they are few: those of a class (past ones included), or of the visible pupils, if the user does not
    see all. None: read the whole school at once."""
    if group_id is not None:
        return QUERIES.values(int, "placed_in", group_id=group_id)
    if in_sight is None or len(in_sight) > SEVERAL_CLASSES:
        return None
    theirs = Enrolment.objects.filter(school_id=school_id, pupil_id__in=list(in_sight))
    return list(theirs.values_list("id", flat=True))


class _Found(NamedTuple):
    """One row of the query. `marks`: the part of the sheet with the wanted sessions."""

    enrolment_id: int
    enrolment_ref: UUID
    pupil_id: int
    ref: UUID
    forename: str
    surname: str
    group_id: int | None
    group_name: str
    year_group: str
    sheet_id: int | None
    version: int
    begins_on: date
    ends_on: date | None
    calendar_id: int | None
    marks: bytes | None


def _row(enrolment: _Found, days: Mapping[int, date], places: Places, begins: Mapping[int, int]) -> RegisterRow:
    sheet = enrolment.marks or b""
    here, begin = places.get(enrolment.calendar_id or 0, {}), begins.get(enrolment.calendar_id or 0, 0)
    row = RegisterRow(
        enrolment.enrolment_id, enrolment.enrolment_ref, enrolment.pupil_id, enrolment.ref, enrolment.forename, enrolment.surname, enrolment.group_id,
        enrolment.group_name, enrolment.year_group, enrolment.sheet_id, enrolment.version,
    )  # fmt: skip
    begins_on, ends_on = enrolment.begins_on, enrolment.ends_on
    for key, on in days.items():
        if begins_on <= on and (ends_on is None or on <= ends_on):
            row.marks[key] = (from_byte(sheet[here[key] - begin]) or "") if key in here else ""
    return row


def _add_plans(school_id: int, rows: list[RegisterRow], keys: list[int]) -> None:
    by_pupil: dict[int, list[RegisterRow]] = {}
    for row in rows:
        by_pupil.setdefault(row.pupil_id, []).append(row)
    for plan in QUERIES.rows(_Plan, "plans", school_id=school_id, first=keys[0], last=keys[-1]):
        for row in by_pupil.get(plan.pupil_id, ()):
            planned = [key for key in keys if plan.first_key <= key <= plan.last_key and key in row.marks]
            row.plans.update(dict.fromkeys(planned, plan.code))


def _add_beside(school_id: int, rows: list[RegisterRow], first: date, last: date) -> None:
    by_sheet = {row.sheet_id: row for row in rows if row.sheet_id is not None}
    named = list(by_sheet) if len(by_sheet) <= A_CLASS else None
    for note in QUERIES.rows(_Note, "notes", school_id=school_id, first=first, last=last, sheet_ids=named):
        if note.sheet_id in by_sheet:
            by_sheet[note.sheet_id].beside[key_of(note.on, note.half)] = Beside(note.minutes_late, note.comment)


class _Plan(NamedTuple):
    pupil_id: int
    first_key: int
    last_key: int
    code: str


class _Note(NamedTuple):
    sheet_id: int
    on: date
    half: str
    minutes_late: int | None
    comment: str
