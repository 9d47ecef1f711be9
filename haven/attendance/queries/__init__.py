"""Reading registers. Every query writes its own scope (a school, a pupil); which rows there are at all is the wall's business."""

from haven.attendance.queries.corrections import correction_by_ref, corrections_of, items_of
from haven.attendance.queries.days import (
    ClassDay,
    PupilDay,
    classes_of_day,
    group_of,
    marks_of_day,
    missing_registers,
    register_of,
)
from haven.attendance.queries.marks import MarkEvent, MarkNow, history_of_mark, mark_now, pupil_year
from haven.attendance.queries.plans import enrolments_on, plan_by_ref, plans_of
from haven.attendance.queries.rows import RegisterRow, register_rows
from haven.attendance.queries.sheets import YearSheets, sheets_for
from haven.attendance.queries.sight import pupils_in_sight
from haven.attendance.queries.worklists import (
    CODES_COMPARED_FOR,
    Unexplained,
    count_unexplained,
    inconsistent_codes,
    same_reason_different_codes,
    unexplained_older_than,
)

__all__ = [
    "CODES_COMPARED_FOR",
    "ClassDay",
    "MarkEvent",
    "MarkNow",
    "PupilDay",
    "RegisterRow",
    "Unexplained",
    "YearSheets",
    "classes_of_day",
    "correction_by_ref",
    "corrections_of",
    "count_unexplained",
    "enrolments_on",
    "group_of",
    "history_of_mark",
    "inconsistent_codes",
    "items_of",
    "mark_now",
    "marks_of_day",
    "missing_registers",
    "plan_by_ref",
    "plans_of",
    "pupil_year",
    "pupils_in_sight",
    "register_of",
    "register_rows",
    "same_reason_different_codes",
    "sheets_for",
    "unexplained_older_than",
]
