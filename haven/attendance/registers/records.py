"""Inserts and updates the rows of registers, many in one statement: initial entries, amendments, and sheets.

Only `haven.attendance.registers.editor` calls these functions: it decides what to write and holds the lock of the registers. Columns are
sent as array parameters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from haven.attendance.registers.binary import binary_cursor
from haven.attendance.registers.errors import MarkChanged
from haven.core.schools.models import Calendar
from haven.platform.accounts.context import AccessContext
from haven.rules.attendance_codes import MISSING, from_byte

AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class ChangeReason:
    """What is stored with each mark: the source (initial entries), the reason (amendments), and the import or correction it comes from."""

    source: str
    reason: str
    import_ref: UUID | None = None
    correction_ref: UUID | None = None


@dataclass(slots=True)
class OpenSheet:
    """A sheet that is open for writing: the columns of its row that writing needs, in the order of `COLUMNS`. `id` 0: not inserted yet."""

    id: int
    school_id: int
    pupil_id: int
    enrolment_id: int
    calendar_id: int
    version: int
    marks: bytes


COLUMNS = tuple(field.name for field in fields(OpenSheet))


def _execute(statement: str, values: Sequence[Any], *, is_asking: bool = False) -> tuple[int, list[Any]]:
    """Execute a statement with parameters (`%b`: in binary format). Returns the number of rows, and the rows themselves if `is_asking`."""
    with binary_cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount, cursor.fetchall() if is_asking else []


def insert_sheets(*, by: AccessContext, calendar: Calendar, sheets: Sequence[OpenSheet]) -> None:
    """Insert new sheets with their first marks, and set their ids."""
    for start in range(0, len(sheets), AT_ONCE):
        part = sheets[start : start + AT_ONCE]
        _, made = _execute(
            "insert into registers_sheet (school_id, author_id, year, calendar_id, version, pupil_id, enrolment_id, marks)"
            " select %b, %b, %b, %b, 1, pupil_id, enrolment_id, marks"
            " from unnest(%b::int[], %b::int[], %b::bytea[]) with ordinality as rows(pupil_id, enrolment_id, marks, place) order by place"
            " returning enrolment_id, id",
            [
                calendar.school_id, by.user_id, calendar.year, calendar.id,
                [sheet.pupil_id for sheet in part],
                [sheet.enrolment_id for sheet in part],
                [sheet.marks for sheet in part],
            ],
            is_asking=True,
        )  # fmt: skip
        numbers = dict(made)
        for sheet in part:
            sheet.id = numbers[sheet.enrolment_id]


def insert_initial_entries(
    *,
    by: AccessContext,
    at: datetime,
    calendar: Calendar,
    sheets: Sequence[OpenSheet],
    wanted: Any,
    fresh: Any,
    why: ChangeReason,
    begin: int = 0,
) -> None:
    """Insert an initial entry for each sheet with a first mark. `wanted` (bytes) and `fresh` (bool) are [sheets, sessions of the calendar from
    place `begin`]."""
    rows = np.flatnonzero(fresh.any(axis=1))
    if not len(rows):
        return
    firsts = fresh[rows].argmax(axis=1)
    afters = fresh.shape[1] - fresh[rows, ::-1].argmax(axis=1)
    codes = np.where(fresh[rows], wanted[rows], MISSING).astype(np.uint8)
    spans = list(zip(firsts.tolist(), afters.tolist(), strict=True))
    for start in range(0, len(rows), AT_ONCE):
        part = [sheets[row] for row in rows[start : start + AT_ONCE].tolist()]
        _execute(
            "insert into registers_initialentry (school_id, author_id, author_name, taken_at, source, import_ref,"
            " calendar_id, sheet_id, pupil_id, first, codes)"
            " select %b, %b, %b, %b, %b, %b::uuid, %b, sheet_id, pupil_id, first, codes"
            " from unnest(%b::int[], %b::int[], %b::int[], %b::bytea[])"
            " with ordinality as rows(sheet_id, pupil_id, first, codes, place) order by place",
            [
                calendar.school_id, by.user_id, by.name, at,
                why.source, why.import_ref, calendar.id,
                [sheet.id for sheet in part],
                [sheet.pupil_id for sheet in part],
                [begin + first for first, _ in spans[start : start + AT_ONCE]],
                [codes[start + row, first:after].tobytes()
                        for row, (first, after) in enumerate(spans[start : start + AT_ONCE])],
            ],
        )  # fmt: skip


def insert_amendments(
    *, by: AccessContext, at: datetime, school_id: int, sheets: Sequence[OpenSheet], rows: Any, keys: Any, originals: Any, amended: Any,
    why: ChangeReason,
) -> None:  # fmt: skip
    """Insert amendments, in order, in one statement. The arrays have the same length: index in `sheets`, session key, and the bytes before
    and after (MISSING for an empty place). Empty arrays insert nothing."""
    if not len(rows):
        return
    ids, pupils = np.array([(sheet.id, sheet.pupil_id) for sheet in sheets]).T
    symbols, numbers = np.unique(np.concatenate([originals, amended]), return_inverse=True)
    _execute(
        "insert into registers_markamendment (school_id, author_id, author_name, author_role, amended_at, reason,"
        ' import_ref, correction_ref, sheet_id, pupil_id, "on", half, original, amended)'
        " select %b, %b, %b, %b, %b, %b, %b::uuid, %b::uuid, sheet_id, pupil_id, date '1970-01-01' + key / 2,"
        " case key %% 2 when 0 then 'AM' else 'PM' end, (symbols.of)[original + 1], (symbols.of)[amended + 1]"
        " from (select %b::text[]) as symbols(of), unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::int[])"
        " with ordinality as rows(sheet_id, pupil_id, key, original, amended, place) order by place",
        [
            school_id, by.user_id, by.name, by.role_title(school_id), at,
            why.reason, why.import_ref, why.correction_ref,
            [from_byte(byte) or "" for byte in symbols.tolist()],
            ids[rows], pupils[rows], keys, numbers[: len(rows)], numbers[len(rows) :],
        ],
    )  # fmt: skip


def save_sheets(sheets: Sequence[OpenSheet], *, begin: int = 0, end: int | None = None) -> None:
    """Update the marks and the calendar of sheets that were read under the lock, and increment their versions.

    With `end`, only the marks from place `begin` up to but not including `end` are sent, and the others stay. Raises MarkChanged, which
    rolls the transaction back, if the stored version of any sheet is not the one that was read.
    """
    marks = "rows.marks" if end is None else f"overlay(s.marks placing rows.marks from {begin + 1})"
    for start in range(0, len(sheets), AT_ONCE):
        part = sheets[start : start + AT_ONCE]
        written, _ = _execute(
            f"update registers_sheet s set marks = {marks}, calendar_id = rows.calendar_id, version = s.version + 1"
            " from unnest(%b::int[], %b::int[], %b::int[], %b::bytea[]) as rows(id, version, calendar_id, marks)"
            " where s.id = rows.id and s.version = rows.version",
            [
                [sheet.id for sheet in part],
                [sheet.version for sheet in part],
                [sheet.calendar_id for sheet in part],
                [sheet.marks[begin:end] for sheet in part],
            ],
        )
        if written != len(part):
            raise MarkChanged("A register was changed by someone else at the same moment. Try again.")
        for sheet in part:
            sheet.version += 1
