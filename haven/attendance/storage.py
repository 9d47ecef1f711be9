"""Opening a school's registers of a year for writing, and writing what was proposed: the one way in which a mark changes.

Three tables move together (SI 2024/208 regulation 10): what was first entered (takes), what was changed, why and by whom
(amendments), and the sheet, which follows from the two. **A place is first entered once.** Whatever is written to it later is an
amendment, also after the place was emptied; so the sheet is: all takes, then all amendments in order (`haven.attendance.rebuild`).

Every writer holds the lock of (school, year) to the end of its transaction, so that two imports of one school wait for each other and
no update is lost. Nothing here is an action: the actions call it and write the audit event.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection

from haven.access.viewer import Viewer
from haven.attendance.calendars import calendar_for, empty_sheet, key_of, lay_anew, place_in, roll_window, versions_of
from haven.attendance.models import MarkAmendment, RegisterTake, Sheet
from haven.people.models import Enrolment
from haven.rules.attendance_codes import MISSING, classify, from_byte, to_byte
from haven.rules.sessions import session_of
from haven.rules.visibility import Compartment, zone_of
from haven.schools.models import Calendar

LATE_CODES = ("L", "U")
UNTOUCHED = 0
"""In a proposal: nothing is said about this place. (MISSING says that it shall be empty.)"""


class Refused(ValueError):
    """What was asked cannot be done, and nothing was changed. The text is a sentence for people, without anything confidential."""


class ChangedMeanwhile(Refused):
    """The mark is no longer what the person saw."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Marks that were first entered, that were changed, and that stood so already."""

    taken: int = 0
    amended: int = 0
    unchanged: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.taken + other.taken, self.amended + other.amended, self.unchanged + other.unchanged)


@dataclass(frozen=True, slots=True)
class Why:
    """What stands beside each mark written: from where (takes), why (amendments), and from which file or correction."""

    source: str
    reason: str
    import_ref: UUID | None = None
    correction_ref: UUID | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One amendment to come: bytes of a sheet, MISSING for an empty place."""

    sheet: Sheet
    key: int
    original: int
    amended: int


@dataclass
class OpenYear:
    """A school's year, locked for writing. `sheets` by enrolment id, all on `calendar`; `rolls` their places on roll."""

    school_id: int
    year: str
    calendar: Calendar
    sheets: dict[int, Sheet]
    rolls: dict[int, tuple[int, int]]
    made: int = 0
    _bytes: dict[tuple[str | None, int], int] = field(default_factory=dict)

    def place(self, key: int) -> int:
        """The place of a session. Raises Refused where the school was shut."""
        place = place_in(self.calendar.sessions, key)
        if place is None:
            session = session_of(key)
            raise Refused(f"The school has no session on {in_words(session.on)}, {session.half.value}.")
        return place

    def byte(self, symbol: str | None, key: int) -> int:
        """The byte of a code in force on its day; MISSING for "" and None. Raises UnknownCode."""
        found = self._bytes.get((symbol, key))
        if found is None:
            if symbol:
                classify(symbol, session_of(key).on)
            found = self._bytes[symbol, key] = to_byte(symbol or None)
        return found

    def propose(self, marks: Iterable[tuple[int, int, str | None]]) -> dict[int, bytearray]:
        """One row of places for each enrolment named in `marks` (enrolment id, session key, code or "").

        Raises Refused for a session that is none, an enrolment that is not open here, a place off roll, and two different codes for
        one place; UnknownCode for a code that is not in force on its day.
        """
        size = len(self.calendar.sessions)
        places: dict[int, int] = {}
        proposed: dict[int, bytearray] = {}
        for enrolment_id, key, symbol in marks:
            place = places.get(key)
            if place is None:
                place = places[key] = self.place(key)
            row = proposed.get(enrolment_id)
            if row is None:
                row = proposed[enrolment_id] = bytearray(size)
            byte = self._bytes.get((symbol, key)) or self.byte(symbol, key)
            if row[place] not in (UNTOUCHED, byte):
                raise Refused(
                    "Two different codes were given for one session of one pupil. Say which of them is right."
                )
            row[place] = byte
        for enrolment_id, row in proposed.items():
            self._check_roll(enrolment_id, row)
        return proposed

    def _check_roll(self, enrolment_id: int, row: bytearray) -> None:
        if enrolment_id not in self.sheets:
            raise Refused("A pupil of this list has no register here that you may write in.")
        first, after = self.rolls[enrolment_id]
        outside = row[:first].strip(b"\0") or row[after:].strip(b"\0")
        if outside:
            raise Refused(
                "A mark lies before the first or after the last day on roll. Put the days on roll right first."
            )


def in_words(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def lock_registers(school_id: int, year: str) -> None:
    """Wait until nobody else writes this school's registers of the year; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"registers {school_id} {year}"])


def open_year(*, by: Viewer, at: datetime, school_id: int, year: str, enrolment_ids: Iterable[int]) -> OpenYear:
    """Lock the registers of a school's year and read the sheets of these enrolments; sheets that are missing are made.

    A sheet that still lies on an older version of the calendar is laid anew on the way. Raises Refused where the school has no
    calendar of that year. Enrolments of other schools, or that the viewer may not see, are not in the answer.
    """
    lock_registers(school_id, year)
    calendar = calendar_for(school_id, year)
    if calendar is None:
        raise Refused(f"The school has no calendar for {year}. Bring in its sessions first.")
    wanted = sorted(set(enrolment_ids))
    enrolments = list(Enrolment.objects.filter(school_id=school_id, id__in=wanted))
    sheets = {
        sheet.enrolment_id: sheet
        for sheet in Sheet.objects.filter(school_id=school_id, year=year, enrolment_id__in=wanted)
    }
    missing = [enrolment for enrolment in enrolments if enrolment.id not in sheets]
    made = [_empty(by, calendar, enrolment) for enrolment in missing]
    Sheet.objects.bulk_create(made, batch_size=2000)
    sheets.update({sheet.enrolment_id: sheet for sheet in made})
    stale = [sheet for sheet in sheets.values() if sheet.calendar_id != calendar.id]
    if stale:
        move_sheets(by=by, at=at, sheets=stale, calendar=calendar, reason=calendar.reason or "The calendar was changed")
    rolls = {each.id: roll_window(calendar.sessions, each.begins_on, each.ends_on) for each in enrolments}
    sheets = {key: sheet for key, sheet in sheets.items() if key in rolls}
    return OpenYear(school_id, year, calendar, sheets, rolls, made=len(made))


def _empty(by: Viewer, calendar: Calendar, enrolment: Enrolment) -> Sheet:
    return Sheet(
        school_id=calendar.school_id,
        zone=zone_of(calendar.school_id, Compartment.ATTENDANCE),
        author_id=by.user_id,
        pupil_id=enrolment.pupil_id,
        enrolment_id=enrolment.id,
        year=calendar.year,
        calendar=calendar,
        marks=empty_sheet(calendar),
    )


def write(*, by: Viewer, at: datetime, year: OpenYear, proposed: Mapping[int, bytearray], why: Why) -> Counts:
    """Write proposals (see `OpenYear.propose`): takes for what is entered first, amendments for what changes, and the sheets.

    A mark that stands so already is counted and not written. Emptying an empty place is nothing.
    """
    takes: list[RegisterTake] = []
    changes: list[Change] = []
    written: list[Sheet] = []
    taken = unchanged = 0
    emptied = _emptied_before(year, proposed)
    for enrolment_id, row in proposed.items():
        sheet = year.sheets[enrolment_id]
        now, wanted = np.frombuffer(sheet.marks, np.uint8), np.frombuffer(row, np.uint8)
        said = wanted != UNTOUCHED
        differs = said & (now != wanted)
        unchanged += int(np.count_nonzero(said & ~differs))
        if not differs.any():
            continue
        fresh = differs & (now == MISSING)
        if fresh.any() and sheet.id in emptied:
            fresh[[place for place in np.flatnonzero(fresh) if year.calendar.sessions[place] in emptied[sheet.id]]] = (
                False
            )
        taken += int(np.count_nonzero(fresh))
        if fresh.any():
            takes.append(_take(by, at, year, sheet, wanted, fresh, why))
        for place in np.flatnonzero(differs & ~fresh).tolist():
            changes.append(Change(sheet, year.calendar.sessions[place], int(now[place]), int(wanted[place])))
        sheet.marks = np.where(differs, wanted, now).astype(np.uint8).tobytes()
        written.append(sheet)
    RegisterTake.objects.bulk_create(takes, batch_size=2000)
    insert_amendments(by=by, at=at, changes=changes, why=why)
    save_sheets(written)
    return Counts(taken, len(changes), unchanged)


def _emptied_before(year: OpenYear, proposed: Mapping[int, bytearray]) -> dict[int, set[int]]:
    """Sheet id to session keys of places that once held a mark and were emptied: what comes there now is an amendment."""
    rows = MarkAmendment.objects.filter(
        sheet_id__in=[year.sheets[enrolment_id].id for enrolment_id in proposed], amended=""
    ).values_list("sheet_id", "on", "half")
    found: dict[int, set[int]] = {}
    for sheet_id, on, half in rows:
        found.setdefault(sheet_id, set()).add(key_of(on, half))
    return found


def _take(by: Viewer, at: datetime, year: OpenYear, sheet: Sheet, wanted: Any, fresh: Any, why: Why) -> RegisterTake:
    places = np.flatnonzero(fresh)
    first, last = int(places[0]), int(places[-1])
    codes = np.where(fresh, wanted, MISSING).astype(np.uint8)[first : last + 1].tobytes()
    return RegisterTake(
        school_id=year.school_id, zone=sheet.zone, author_id=by.user_id, pupil_id=sheet.pupil_id, sheet=sheet,
        calendar=year.calendar, first=first, codes=codes, source=why.source, import_ref=why.import_ref,
        author_name=by.name, taken_at=at,
    )  # fmt: skip


def insert_amendments(*, by: Viewer, at: datetime, changes: Sequence[Change], why: Why) -> None:
    """Write the amendments, in order, in one statement. Nothing for none."""
    if not changes:
        return
    school_id = changes[0].sheet.school_id
    symbols = {byte: from_byte(byte) or "" for byte in {c.original for c in changes} | {c.amended for c in changes}}
    sessions = {key: session_of(key) for key in {change.key for change in changes}}
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into attendance_markamendment (school_id, zone, author_id, author_name, author_role, amended_at, reason,"
            ' import_ref, correction_ref, sheet_id, pupil_id, "on", half, original, amended)'
            " select %s, %s, %s, %s, %s, %s, %s, %s::uuid, %s::uuid, sheet_id, pupil_id, day, half, original, amended"
            " from unnest(%s::int[], %s::int[], %s::date[], %s::text[], %s::text[], %s::text[])"
            " with ordinality as rows(sheet_id, pupil_id, day, half, original, amended, place) order by place",
            [
                school_id, zone_of(school_id, Compartment.ATTENDANCE), by.user_id, by.name, by.role_title(school_id), at,
                why.reason, why.import_ref, why.correction_ref,
                [change.sheet.id for change in changes],
                [change.sheet.pupil_id for change in changes],
                [sessions[change.key].on for change in changes],
                [sessions[change.key].half.value for change in changes],
                [symbols[change.original] for change in changes],
                [symbols[change.amended] for change in changes],
            ],
        )  # fmt: skip


def save_sheets(sheets: Sequence[Sheet]) -> None:
    """Write marks and calendar of sheets that were read under the lock, and raise their versions.

    Raises ChangedMeanwhile, which undoes the whole transaction, if any of them is not the version that was read.
    """
    for start in range(0, len(sheets), 2000):
        part = sheets[start : start + 2000]
        with connection.cursor() as cursor:
            cursor.execute(
                "update attendance_sheet s set marks = rows.marks, calendar_id = rows.calendar_id, version = s.version + 1"
                " from unnest(%s::int[], %s::int[], %s::int[], %s::bytea[]) as rows(id, version, calendar_id, marks)"
                " where s.id = rows.id and s.version = rows.version",
                [
                    [sheet.id for sheet in part],
                    [sheet.version for sheet in part],
                    [sheet.calendar_id for sheet in part],
                    [bytes(sheet.marks) for sheet in part],
                ],
            )
            if cursor.rowcount != len(part):
                raise ChangedMeanwhile("A register was changed by somebody else at the same moment. Please try again.")
        for sheet in part:
            sheet.version += 1


def marks_on_removed(sheet: Sheet, old: Calendar, new: Calendar) -> list[tuple[int, int]]:
    """(session key, byte) of every mark of a sheet whose session the new calendar no longer has."""
    kept = set(new.sessions)
    return [(k, b) for k, b in zip(old.sessions, bytes(sheet.marks), strict=True) if b != MISSING and k not in kept]


def move_sheets(*, by: Viewer, at: datetime, sheets: Sequence[Sheet], calendar: Calendar, reason: str) -> int:
    """Lay sheets anew on a version of their calendar; returns how many marks stood on sessions that are gone.

    Each of those marks is amended to an empty place with the reason, so that it stays on record, and does not come back by itself if
    a later version has the session again.
    """
    old = versions_of(calendar.school_id, calendar.year)
    changes = []
    for sheet in sheets:
        before = old[sheet.calendar_id]
        changes += [Change(sheet, key, byte, MISSING) for key, byte in marks_on_removed(sheet, before, calendar)]
        sheet.marks = lay_anew(bytes(sheet.marks), before.sessions, calendar.sessions)
        sheet.calendar = calendar
    insert_amendments(by=by, at=at, changes=changes, why=Why("calendar", reason))
    save_sheets(sheets)
    return len(changes)


def parse_code(symbol: str | None) -> str:
    """A code as typed, or "" for an empty place: small letters are raised. Raises UnknownCode."""
    text = (symbol or "").strip().upper()
    if text and text != "-":
        to_byte(text)
        return text
    return ""
