"""The history of one mark, and one pupil's year session by session.

Each changed mark keeps the original entry, the amended entry, the reason, the date, and the name and role of the person (SI 2024/208
regulation 10).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import numpy as np

from haven.analytics.sheets import realign_to_calendar
from haven.attendance.registers.calendars import place_in, versions_of
from haven.attendance.registers.models import InitialEntry, MarkAmendment, MarkNote, Sheet
from haven.core.people.models import Enrolment
from haven.platform.sql_files import SqlFile
from haven.platform.ui.pictures import Cell
from haven.rules.attendance_codes import MISSING, Class, classify, code_for, from_byte
from haven.rules.sessions import Half, academic_year_of, session_key, session_of

QUERIES = SqlFile(__file__)
KINDS: Mapping[Class, str] = {
    Class.PRESENT: "present",
    Class.APPROVED_ACTIVITY: "elsewhere",
    Class.AUTHORISED: "authorised",
    Class.UNAUTHORISED: "unauthorised",
    Class.NOT_POSSIBLE: "elsewhere",
}
KINDS_OF_CODES = {"L": "late", "N": "unexplained", "#": "closed", "Y4": "closed", "Z": "closed"}


@dataclass(frozen=True, slots=True)
class MarkEvent:
    """One event in the history of a mark. `kind`: "taken", "amended" or "noted" (minutes late, a comment).

    `original` and `amended` are codes, "" for none. `source` is the source of an initial entry; `import_ref` the import, if any.
    """

    kind: str
    at: datetime
    by: str
    role: str = ""
    original: str = ""
    amended: str = ""
    reason: str = ""
    source: str = ""
    import_ref: UUID | None = None
    correction_ref: UUID | None = None
    minutes_late: int | None = None


@dataclass(frozen=True, slots=True)
class MarkNow:
    """One place of a register: pupil, session, current code ("" for none), and the sheet, if there is one."""

    enrolment: Enrolment
    on: date
    half: Half
    symbol: str
    sheet: Sheet | None
    is_session: bool
    minutes_late: int | None = None
    comment: str = ""


def mark_now(*, school_id: int, enrolment_ref: UUID, on: date, half: Half) -> MarkNow | None:
    """The current mark; None if the user sees no such enrolment at the school, or it was not on roll that day.

    The caller checks whether the user may see the pupil's register (`Sheet` rows of other pupils are hidden).
    """
    enrolment = Enrolment.objects.filter(school_id=school_id, ref=enrolment_ref).select_related("pupil").first()
    if enrolment is None or on < enrolment.begins_on or (enrolment.ends_on is not None and on > enrolment.ends_on):
        return None
    year, key = academic_year_of(on), session_key(on, half)
    sheet = Sheet.objects.filter(school_id=school_id, enrolment_id=enrolment.id, year=year).first()
    versions = versions_of(school_id, year)
    newest = max(versions.values(), key=lambda calendar: calendar.version, default=None)
    is_session = newest is not None and place_in(newest.sessions, key) is not None
    if sheet is None:
        return MarkNow(enrolment, on, half, "", None, is_session)
    place = place_in(versions[sheet.calendar_id].sessions, key)
    symbol = "" if place is None else from_byte(bytes(sheet.marks)[place]) or ""
    note = MarkNote.objects.filter(sheet=sheet, on=on, half=half.value).order_by("-id").first()
    beside = (note.minutes_late, note.comment) if note else (None, "")
    return MarkNow(enrolment, on, half, symbol, sheet, is_session, *beside)


def history_of_mark(*, sheet: Sheet, on: date, half: Half) -> list[MarkEvent]:
    """The history of one mark, oldest first: initial entry, amendments, and notes (minutes late, comments) by time."""
    key = session_key(on, half)
    events = [_taken(take) for take in _initial_entries_of(sheet, key)]
    amendments = MarkAmendment.objects.filter(sheet=sheet, on=on, half=half.value).order_by("id")
    events += [
        MarkEvent(
            "amended", row.amended_at, row.author_name, row.author_role, row.original, row.amended, row.reason, "",
            row.import_ref, row.correction_ref,
        )
        for row in amendments
    ]  # fmt: skip
    notes = MarkNote.objects.filter(sheet=sheet, on=on, half=half.value).order_by("id")
    beside = [
        MarkEvent("noted", row.noted_at, row.author_name, reason=row.comment, minutes_late=row.minutes_late)
        for row in notes
    ]
    return sorted(events + beside, key=lambda event: event.at) if beside else events


def last_writer(*, school_id: int, enrolment_id: int, key: int) -> str:
    """The author of the current mark of a session; "" if there is none."""
    session = session_of(key)
    year = academic_year_of(session.on)
    sheet = Sheet.objects.filter(school_id=school_id, enrolment_id=enrolment_id, year=year).first()
    events = history_of_mark(sheet=sheet, on=session.on, half=session.half) if sheet else []
    return next((event.by for event in reversed(events) if event.kind != "noted"), "")


def _initial_entries_of(sheet: Sheet, key: int) -> Iterable[tuple[InitialEntry, int]]:
    places = {
        calendar_id: place_in(calendar.sessions, key)
        for calendar_id, calendar in versions_of(sheet.school_id, sheet.year).items()
    }
    for take in InitialEntry.objects.filter(sheet=sheet).order_by("id"):
        place, codes = places[take.calendar_id], bytes(take.codes)
        if place is not None and 0 <= place - take.first < len(codes) and codes[place - take.first] != MISSING:
            yield take, codes[place - take.first]


def _taken(taken: tuple[InitialEntry, int]) -> MarkEvent:
    take, byte = taken
    return MarkEvent(
        "taken",
        take.taken_at,
        take.author_name,
        amended=from_byte(byte) or "",
        source=take.source,
        import_ref=take.import_ref,
    )


def pupil_year(
    *, pupil_id: int, year: str, as_of: date, school_id: int | None = None, begun: int | None = None
) -> list[Cell]:
    """A pupil's year as cells of the picture: every session on roll at one school, or at all schools whose register the user may see.

    Sessions after `as_of`, and after the session `begun` (a key) where it is given, are still to come. Where two schools have a mark for one session, the one that expected the pupil is shown
    (D gives way). No sheet: no cells.
    """
    cells: dict[int, Cell] = {}
    for sheet in QUERIES.rows(_Sheet, "sheets_of_pupil", pupil_id=pupil_id, year=year, school_id=school_id):
        versions = versions_of(sheet.school_id, year)
        sessions = max(versions.values(), key=lambda calendar: calendar.version).sessions
        stored = np.frombuffer(sheet.marks, np.uint8)
        marks = realign_to_calendar(stored, versions[sheet.calendar_id].sessions, sessions).tolist()
        for key, byte in zip(sessions, marks, strict=True):
            on = session_of(key).on
            if on < sheet.begins_on or (sheet.ends_on is not None and on > sheet.ends_on):
                continue
            cell = cell_of(key, from_byte(byte), as_of, begun)
            if key not in cells or cells[key].letter in ("", "D"):
                cells[key] = cell
    return [cells[key] for key in sorted(cells)]


class _Sheet(NamedTuple):
    school_id: int
    calendar_id: int
    marks: bytes
    begins_on: date
    ends_on: date | None


def cell_of(key: int, symbol: str | None, as_of: date, begun: int | None = None) -> Cell:
    """One session as a cell of the year's picture; without a mark it is in the future after `as_of`, or after the session `begun`."""
    session = session_of(key)
    half = session.half.value
    if symbol is None:
        is_to_come = session.on > as_of or (begun is not None and key > begun)
        return Cell(session.on, half, "", "future" if is_to_come else "unknown")
    return Cell(session.on, half, symbol, kind_of(symbol, session.on), code_for(symbol).name)


def kind_of(symbol: str, on: date) -> str:
    """The kind of cell (haven.platform.ui.pictures.KINDS) for a code in force on a day."""
    return KINDS_OF_CODES.get(symbol) or KINDS[classify(symbol, on)]


@dataclass(frozen=True, slots=True)
class ChangedMark:
    """A changed mark: the session, the codes before and after ("" for none), the reason, author and time."""

    enrolment_ref: UUID
    on: date
    half: str
    original: str
    amended: str
    reason: str
    by: str
    role: str
    at: datetime


def changed_marks(*, school_id: int, pupil_id: int, year: str, limit: int = 10) -> list[ChangedMark]:
    """The newest changes of one pupil's marks of an academic year at a school, newest first; empty if nothing was changed."""
    return QUERIES.rows(ChangedMark, "changed_marks", school_id=school_id, pupil_id=pupil_id, year=year, limit=limit)
