"""Opens a school's registers of a year for writing and writes staged changes. Every change of a mark goes through this module.

Three tables change together (SI 2024/208 regulation 10): initial entries, amendments (what was changed, why and by whom), and the sheet,
which is derived from the two. **A place has at most one initial entry.** Everything that is written to it later is an amendment, even if
the place was emptied in between. So the sheet is all initial entries, then all amendments in order (`haven.attendance.registers.rebuild`).

Every writer holds the lock of (school, year) until the end of its transaction, so that two imports of one school run one after the other
and no update is lost. The functions here are not actions: the actions call them and write the audit event.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db.models import QuerySet

from haven.analytics.sheets import realign_to_calendar
from haven.attendance.registers.binary import binary_cursor
from haven.attendance.registers.calendars import calendar_for, empty_sheet, key_of, place_in, roll_window, versions_of
from haven.attendance.registers.errors import MarkChanged
from haven.attendance.registers.models import Sheet
from haven.attendance.registers.records import (
    COLUMNS,
    ChangeReason,
    OpenSheet,
    insert_amendments,
    insert_initial_entries,
    insert_sheets,
    save_sheets,
)
from haven.core.schools.models import Calendar
from haven.platform.accounts.context import AccessContext
from haven.platform.dates import in_words
from haven.platform.errors import ActionRejected
from haven.platform.locks import Lock, lock
from haven.rules.attendance_codes import MISSING, classify, from_byte, to_byte
from haven.rules.sessions import session_of

__all__ = [
    "LATE_CODES", "NO_CHANGE", "MarkChanged", "Counts", "OpenSheet", "RegisterEditor", "ActionRejected", "ChangeReason", "lock_registers",
    "marks_on_removed", "move_sheets", "open_year", "parse_code", "sheets_among", "sheets_of", "write",
]  # fmt: skip

LATE_CODES = ("L", "U")
OFF_ROLL = "A mark is before the first or after the last day on roll. Correct the dates on roll first."
NO_CHANGE = 0
"""In a staged change: this place stays as it is. (MISSING empties the place.)"""

# The ids are passed as an array in a subquery: planning a long list of constants is slow.
_SPELLS = """
    select id, pupil_id, begins_on, ends_on from people_enrolment where id = any((select %b)::int[]) and school_id = %b
"""
_SHEETS = f"""
    select {", ".join(COLUMNS)} from registers_sheet where enrolment_id = any((select %b)::int[]) and school_id = %b and year = %b
"""
_EMPTIED = """
    select sheet_id, "on", half from registers_markamendment where sheet_id = any((select %b)::int[]) and amended = ''
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of marks entered for the first time, changed, and unchanged."""

    taken: int = 0
    amended: int = 0
    unchanged: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.taken + other.taken, self.amended + other.amended, self.unchanged + other.unchanged)


@dataclass
class RegisterEditor:
    """A school's year, locked for writing. `sheets` by enrolment id, all on `calendar`; `rolls` has their places on roll."""

    school_id: int
    year: str
    calendar: Calendar
    sheets: dict[int, OpenSheet]
    rolls: dict[int, tuple[int, int]]
    made: int = 0
    _bytes: dict[tuple[str | None, int], int] = field(default_factory=dict)

    def place(self, key: int) -> int:
        """The place of a session. Raises ActionRejected if the school was closed."""
        place = place_in(self.calendar.sessions, key)
        if place is None:
            session = session_of(key)
            raise ActionRejected(f"The school has no session on {in_words(session.on)}, {session.half.value}.")
        return place

    def byte(self, symbol: str | None, key: int) -> int:
        """The byte of a code in force on its day; MISSING for "" and None. Raises UnknownCode."""
        byte = self._bytes.get((symbol, key))
        if byte is None:
            if symbol:
                classify(symbol, session_of(key).on)
            byte = self._bytes[symbol, key] = to_byte(symbol or None)
        return byte

    def stage_change(self, marks: Iterable[tuple[int, int, str | None]]) -> dict[int, bytearray]:
        """One row of places for each enrolment named in `marks` (enrolment id, session key, code or "").

        Raises ActionRejected for a session that does not exist, an enrolment that is not open here, a place off roll, and two different codes for
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
            if row[place] not in (NO_CHANGE, byte):
                raise ActionRejected(
                    "Two different codes were given for one pupil's session. Check which one is right."
                )
            row[place] = byte
        for enrolment_id, row in proposed.items():
            first, after = self._window(enrolment_id)
            if row[:first].strip(b"\0") or row[after:].strip(b"\0"):
                raise ActionRejected(OFF_ROLL)
        return proposed

    def check(self, rows: Mapping[int, bytes]) -> None:
        """Checks whole rows of bytes, by enrolment id. Raises what `stage_change` raises for single marks."""
        size = len(self.calendar.sessions)
        if any(len(row) != size for row in rows.values()):
            raise ActionRejected("The calendar of the school was changed at the same moment. Please try again.")
        begin, end, wanted = _cut_to_what_is_said(rows, size)
        windows = [self._window(enrolment_id) for enrolment_id in rows]
        first, after = np.array(windows, int).reshape(-1, 2).T[:, :, None]
        places = np.arange(begin, end)
        if (wanted[(places < first) | (places >= after)] != NO_CHANGE).any():
            raise ActionRejected(OFF_ROLL)
        places, bytes_said = np.nonzero(_said(wanted, end - begin))
        for place, byte in zip(places.tolist(), bytes_said.tolist(), strict=True):
            self.byte(from_byte(byte), self.calendar.sessions[begin + place])

    def _window(self, enrolment_id: int) -> tuple[int, int]:
        """The places on roll. Raises ActionRejected for an enrolment that is not open here."""
        if enrolment_id not in self.sheets:
            raise ActionRejected("You cannot change the register of a pupil on this list. Ask the attendance team.")
        return self.rolls[enrolment_id]


def _said(rows: Any, size: int) -> Any:
    """Which bytes occur at each place in any of the rows, except NO_CHANGE: bool [places, 256]."""
    said = np.zeros((size, 256), bool)
    said[np.broadcast_to(np.arange(size), rows.shape), rows] = True
    said[:, NO_CHANGE] = False
    return said


def lock_registers(school_id: int, year: str) -> None:
    """Lock this school's registers of the year until the end of the transaction. Waits while another transaction holds the lock."""
    lock(Lock.REGISTERS, school_id, year)


def open_year(
    *, by: AccessContext, at: datetime, school_id: int, year: str, enrolment_ids: Iterable[int], is_written: bool = False,
) -> RegisterEditor:  # fmt: skip
    """Lock the registers of a school's year and read the sheets of these enrolments. Missing sheets are created: immediately, or, if
    `is_written`, by the `write` that follows, together with their first marks.

    A sheet on an older version of the calendar is realigned. Raises ActionRejected if the school has no calendar of that year.
    Enrolments of other schools, and those that the user may not see, are left out.
    """
    lock_registers(school_id, year)
    calendar = calendar_for(school_id, year)
    if calendar is None:
        raise ActionRejected(f"The school has no calendar for {year}. Import its sessions first.")
    wanted = sorted(set(enrolment_ids))
    spells = _spells_of(school_id, wanted)
    sheets = {sheet.enrolment_id: sheet for sheet in sheets_of(school_id, year, wanted)}
    empty = empty_sheet(calendar)
    made = [
        OpenSheet(0, school_id, pupil_id, id, calendar.id, 1, empty)
        for id, pupil_id, _, _ in spells
        if id not in sheets
    ]
    if not is_written:
        insert_sheets(by=by, calendar=calendar, sheets=made)
    sheets.update({sheet.enrolment_id: sheet for sheet in made})
    stale = [sheet for sheet in sheets.values() if sheet.calendar_id != calendar.id]
    if stale:
        move_sheets(by=by, at=at, sheets=stale, calendar=calendar, reason=calendar.reason or "The calendar was changed")
    windows = {days: roll_window(calendar.sessions, *days) for days in {spell[2:] for spell in spells}}
    rolls = {id: windows[begins_on, ends_on] for id, _, begins_on, ends_on in spells}
    sheets = {key: sheet for key, sheet in sheets.items() if key in rolls}
    return RegisterEditor(school_id, year, calendar, sheets, rolls, made=len(made))


def _spells_of(school_id: int, enrolment_ids: Sequence[int]) -> list[tuple[int, int, date, date | None]]:
    """Enrolment id, pupil id, first and last day on roll of each."""
    with binary_cursor() as cursor:
        return cursor.execute(_SPELLS, [list(enrolment_ids), school_id], binary=True).fetchall()


def sheets_of(school_id: int, year: str, enrolment_ids: Sequence[int]) -> list[OpenSheet]:
    """The sheets of these enrolments in a year, opened for writing."""
    with binary_cursor() as cursor:
        cursor.execute(_SHEETS, [list(enrolment_ids), school_id, year], binary=True)
        return [OpenSheet(*row) for row in cursor.fetchall()]


def sheets_among(rows: QuerySet[Sheet]) -> list[OpenSheet]:
    """These sheets, opened for writing. The caller holds the lock of their registers."""
    return [OpenSheet(**{**row, "marks": bytes(row["marks"])}) for row in rows.values(*COLUMNS)]


def write(
    *,
    by: AccessContext,
    at: datetime,
    year: RegisterEditor,
    proposed: Mapping[int, bytearray | bytes],
    why: ChangeReason,
) -> Counts:
    """Write staged changes (see `RegisterEditor.stage_change`): initial entries for first marks, amendments for changes, and the sheets.

    A mark that is already there is counted and not written. Emptying an empty place does nothing.
    """
    if not proposed:
        return Counts()
    sheets = [year.sheets[enrolment_id] for enrolment_id in proposed]
    made = [sheet for sheet in year.sheets.values() if not sheet.id]
    begin, end, wanted = _cut_to_what_is_said(proposed, len(year.calendar.sessions))
    sessions = year.calendar.sessions[begin:end]
    now = np.frombuffer(b"".join([sheet.marks[begin:end] for sheet in sheets]), np.uint8).reshape(wanted.shape)
    said = wanted != NO_CHANGE
    differs = said & (now != wanted)
    written = np.flatnonzero(differs.any(axis=1)).tolist()
    fresh = differs & (now == MISSING)
    _leave_emptied(sessions, sheets, fresh)
    after = np.where(differs, wanted, now)
    for row in written:
        marks = sheets[row].marks
        sheets[row].marks = marks[:begin] + after[row].tobytes() + marks[end:]
    standing = [sheets[row] for row in written if sheets[row].id]
    insert_sheets(by=by, calendar=year.calendar, sheets=made)
    insert_initial_entries(
        by=by, at=at, calendar=year.calendar, sheets=sheets, wanted=wanted, fresh=fresh, why=why, begin=begin
    )
    rows, places = np.nonzero(differs & ~fresh)
    insert_amendments(
        by=by, at=at, school_id=year.school_id, sheets=sheets, rows=rows, keys=np.array(sessions, int)[places],
        originals=now[rows, places], amended=wanted[rows, places], why=why,
    )  # fmt: skip
    save_sheets(standing, begin=begin, end=end)
    return Counts(int(np.count_nonzero(fresh)), len(rows), int(np.count_nonzero(said) - np.count_nonzero(differs)))


def _cut_to_what_is_said(proposed: Mapping[int, bytearray | bytes], size: int) -> tuple[int, int, Any]:
    """The range of places that any staged change touches (first, and one after the last), and the staged bytes in that range, one row per sheet.
    A day's file touches 2 of some 380 places."""
    whole = np.frombuffer(b"".join(proposed.values()), np.uint8).reshape(len(proposed), size)
    said = np.flatnonzero(whole.any(axis=0))
    begin, end = (int(said[0]), int(said[-1]) + 1) if len(said) else (0, 0)
    return begin, end, whole[:, begin:end]


def _leave_emptied(sessions: Sequence[int], sheets: Sequence[OpenSheet], fresh: Any) -> None:
    """Clear `fresh` at places that had a mark before and were emptied: a new mark there is an amendment."""
    row_of = {sheets[row].id: row for row in np.flatnonzero(fresh.any(axis=1)).tolist() if sheets[row].id}
    if not row_of:
        return
    with binary_cursor() as cursor:
        emptied = cursor.execute(_EMPTIED, [list(row_of)], binary=True).fetchall()
    for sheet_id, on, half in emptied:
        place = place_in(sessions, key_of(on, half))
        if place is not None:
            fresh[row_of[sheet_id], place] = False


def marks_on_removed(sheet: OpenSheet, old: Calendar, new: Calendar) -> list[tuple[int, int]]:
    """(session key, byte) of every mark of a sheet whose session the new calendar no longer has."""
    remaining = set(new.sessions)
    return [(k, b) for k, b in zip(old.sessions, sheet.marks, strict=True) if b != MISSING and k not in remaining]


def move_sheets(
    *, by: AccessContext, at: datetime, sheets: Sequence[OpenSheet], calendar: Calendar, reason: str
) -> int:
    """Realign sheets to another version of their calendar. Returns the number of marks on removed sessions.

    Each of those marks is amended to an empty place, with the reason. So it stays on record, and does not come back if a later version
    has the session again.
    """
    old = versions_of(calendar.school_id, calendar.year)
    gone = []
    for row, sheet in enumerate(sheets):
        before = old[sheet.calendar_id]
        gone += [(row, key, byte) for key, byte in marks_on_removed(sheet, before, calendar)]
        marks = np.frombuffer(sheet.marks, np.uint8)
        sheet.marks = realign_to_calendar(marks, before.sessions, calendar.sessions).tobytes()
        sheet.calendar_id = calendar.id
    if gone:
        rows, keys, originals = np.array(gone).T
        insert_amendments(
            by=by, at=at, school_id=calendar.school_id, sheets=sheets, rows=rows, keys=keys, originals=originals,
            amended=np.full(len(gone), MISSING), why=ChangeReason("calendar", reason),
        )  # fmt: skip
    save_sheets(sheets)
    return len(gone)


def parse_code(symbol: str | None) -> str:
    """A typed code in capital letters, or "" for an empty place. Raises UnknownCode."""
    text = (symbol or "").strip().upper()
    if text and text != "-":
        to_byte(text)
        return text
    return ""
