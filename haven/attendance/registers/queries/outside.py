"""Marks that would lie before the first or after the last day on roll if an enrolment changed its dates."""

from collections.abc import Mapping
from datetime import date

from haven.attendance.registers.calendars import roll_window
from haven.attendance.registers.models import Sheet
from haven.rules.attendance_codes import MISSING


def marks_outside(*, school_id: int, windows: Mapping[int, tuple[date, date | None]]) -> dict[int, int]:
    """How many marks each enrolment has outside its window of days on roll (last day included; None: no end); enrolments without such marks
    are left out. One query."""
    counts: dict[int, int] = {}
    for sheet in Sheet.objects.filter(school_id=school_id, enrolment_id__in=list(windows)).select_related("calendar"):
        first, after = roll_window(sheet.calendar.sessions, *windows[sheet.enrolment_id])
        marks = bytes(sheet.marks)
        outside = marks[:first] + marks[after:]
        if number := len(outside) - outside.count(MISSING):
            counts[sheet.enrolment_id] = counts.get(sheet.enrolment_id, 0) + number
    return counts
