"""Writing registers: each verb is one function, in one transaction, with its audit event.

Registers (`registers`), absence known beforehand (`plans`), corrections that a second person approves (`corrections`), the calendar
under the sheets (`calendars`) and undoing an import (`imports`). Source: SI 2024/208 regulation 10, and the rule that each changed mark
keeps original, amended, reason, who and when.
"""

from haven.attendance.actions.calendars import CalendarChange, change_calendar, change_year
from haven.attendance.actions.corrections import Decided, Wrong, decide_correction, propose_correction
from haven.attendance.actions.exports import note_export, note_opened
from haven.attendance.actions.imports import Undone, undo_import
from haven.attendance.actions.plans import plan_absence, withdraw_plan
from haven.attendance.actions.registers import (
    Amended,
    Clash,
    Entered,
    Saved,
    amend_mark,
    ensure_sheets,
    note_marks,
    save_register,
    take_marks,
    take_rows,
)
from haven.attendance.storage import ChangedMeanwhile, Counts, Refused

__all__ = [
    "Amended", "CalendarChange", "ChangedMeanwhile", "Clash", "Counts", "Decided", "Entered", "Refused", "Saved",
    "Undone", "Wrong", "amend_mark", "change_calendar", "change_year", "decide_correction", "ensure_sheets", "note_export", "note_marks", "note_opened",
    "plan_absence", "propose_correction", "save_register", "take_marks", "take_rows", "undo_import", "withdraw_plan",
]  # fmt: skip
