"""Undo of an import of marks, as amendments: nothing that was entered is deleted.

A mark is restored to its value before the import, and to no mark if the import entered it first. A mark that was changed after the import
is left as it is.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

import numpy as np

from haven.attendance.registers.calendars import versions_of
from haven.attendance.registers.editor import NO_CHANGE, ChangeReason, RegisterEditor, open_year, write
from haven.attendance.registers.models import InitialEntry, MarkAmendment, Sheet
from haven.attendance.registers.notifications import notify_changed
from haven.core.schools.models import Calendar
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.rules.attendance_codes import MISSING, to_byte
from haven.rules.sessions import session_of

SHEETS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Undone:
    """The number of restored marks, and of marks left alone because they were changed since."""

    changed: int = 0
    left: int = 0


@action
def undo_import(
    *, by: AccessContext, at: datetime, import_ref: UUID, reason: str = "",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Undone:  # fmt: skip
    """Undo an import of marks as new amendments; returns the counts. A second time changes nothing. Unknown reference: zeros. `progress` is
    called with the number of pupils done and the total.

    Only registers that the user may read and write are restored. Raises ActionRejected as `take_marks` does.
    """
    sheet_ids = set(InitialEntry.objects.filter(import_ref=import_ref).values_list("sheet_id", flat=True))
    sheet_ids |= set(MarkAmendment.objects.filter(import_ref=import_ref).values_list("sheet_id", flat=True))
    by_year: dict[tuple[int, str], list[int]] = defaultdict(list)
    for school_id, year, enrolment_id in Sheet.objects.filter(id__in=sheet_ids).values_list(
        "school_id", "year", "enrolment_id"
    ):
        by_year[school_id, year].append(enrolment_id)
    total, pupils, sheet_count = Undone(), set[int](), sum(map(len, by_year.values()))
    for (school_id, year), enrolment_ids in sorted(by_year.items()):
        opened = open_year(by=by, at=at, school_id=school_id, year=year, enrolment_ids=enrolment_ids)
        undone = _undo(by, at, opened, import_ref, reason, partial(_tell, progress, len(pupils), sheet_count))
        total = Undone(total.changed + undone.changed, total.left + undone.left)
        pupils |= {sheet.pupil_id for sheet in opened.sheets.values()}
        notify_changed(school_id)
    schools = {school_id for school_id, _ in by_year}
    append_event(
        by=by, at=at, verb="attendance.undo_import", about=("import", import_ref), reason=reason,
        school_id=schools.pop() if len(schools) == 1 else None, pupil_ids=sorted(pupils),
        detail={"changed": total.changed, "left": total.left},
    )  # fmt: skip
    return total


def _tell(progress: Callable[[int, int], None], before: int, total: int, done: int) -> None:
    progress(before + done, total)


def _undo(
    by: AccessContext,
    at: datetime,
    opened: RegisterEditor,
    import_ref: UUID,
    reason: str,
    on_progress: Callable[[int], None],
) -> Undone:
    why = ChangeReason("undo", f"Import undone{f': {reason.strip()}' if reason.strip() else ''}")
    enrolments, total, done = iter(opened.sheets.items()), Undone(), 0
    calendars = versions_of(opened.school_id, opened.year)
    while some := list(islice(enrolments, SHEETS_AT_ONCE)):
        words = _Words(calendars, [sheet.id for _, sheet in some])
        words.read(import_ref)
        rows = words.rows_back(opened.calendar)
        proposed = {enrolment_id: rows[row].tobytes() for row, (enrolment_id, _) in enumerate(some) if rows[row].any()}
        opened.check(proposed)
        counts = write(by=by, at=at, year=opened, proposed=proposed, why=why)
        total = Undone(total.changed + counts.amended + counts.taken, total.left + words.left)
        done += len(some)
        on_progress(done)
    return total


class _Words:
    """For some register rows (a row each) and every session of any calendar of the year (a column each): whether the import wrote there,
    the mark before it, and whether the import's value is the newest."""

    def __init__(self, calendars: Mapping[int, Calendar], sheet_ids: Sequence[int]) -> None:
        self.keys = np.unique(np.concatenate([calendar.sessions for calendar in calendars.values()]))
        self.columns = {id: np.searchsorted(self.keys, calendar.sessions) for id, calendar in calendars.items()}
        self.row_of = {sheet_id: row for row, sheet_id in enumerate(sheet_ids)}
        shape = len(sheet_ids), len(self.keys)
        self.before = np.full(shape, MISSING, np.uint8)
        self.touched, self.is_last = np.zeros(shape, bool), np.zeros(shape, bool)

    def read(self, import_ref: UUID) -> None:
        """Reads initial entries first: a place has at most one, and everything later is an amendment."""
        takes = InitialEntry.objects.filter(sheet_id__in=list(self.row_of), import_ref=import_ref)
        for sheet_id, calendar_id, first, codes in takes.values_list("sheet_id", "calendar_id", "first", "codes"):
            said = np.flatnonzero(np.frombuffer(codes, np.uint8) != MISSING) + first
            self.touched[self.row_of[sheet_id], self.columns[calendar_id][said]] = True
        self.is_last |= self.touched
        column_of = {
            (session_of(key).on, session_of(key).half.value): place for place, key in enumerate(self.keys.tolist())
        }
        rows = MarkAmendment.objects.filter(sheet_id__in=list(self.row_of)).order_by("id")
        for sheet_id, on, half, original, ref in rows.values_list("sheet_id", "on", "half", "original", "import_ref"):
            place = self.row_of[sheet_id], column_of[on, half]
            is_mine = ref == import_ref
            if is_mine and not self.is_last[place]:
                self.touched[place], self.before[place] = True, to_byte(original or None)
            self.is_last[place] = is_mine

    @property
    def left(self) -> int:
        """The number of places whose newest value is not from the import."""
        return int(np.count_nonzero(self.touched & ~self.is_last))

    def rows_back(self, calendar: Calendar) -> Any:
        """The marks to restore on the sessions of a calendar: a byte each, NO_CHANGE where the import's value is not the newest."""
        back = np.where(self.touched & self.is_last, self.before, NO_CHANGE)
        return back[:, self.columns[calendar.id]].astype(np.uint8)
