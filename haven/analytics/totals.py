"""Totals over sheets: a school on one session, its year session by session, and week by week."""

from typing import Any

import numpy as np

from haven.analytics import walk
from haven.analytics.calendar import Calendar
from haven.analytics.sheets import BadSheet, OnRoll, fitted, within
from haven.rules.attendance_codes import from_byte

TOTALS = np.dtype(
    [
        (name, np.int64)
        for name in (
            "on_roll", "possible", "attended", "absent", "authorised", "unauthorised", "late_before", "late_after",
            "illness", "missing",
        )
    ]
)  # fmt: skip
"""Counts of marks. `on_roll` counts every place on roll, whatever its mark."""


def count_codes(matrix: Any, calendar: Calendar, session: int, *, roll: OnRoll | None = None) -> dict[str | None, int]:
    """The number of sheets on roll with each code in one session (an index of the calendar); None is an empty place.

    Codes without a sheet are left out; a school without sheets gives an empty dict. Raises BadSheet, UnknownCode for a
    byte that has never been a code, and IndexError for a session outside the calendar.
    """
    sheets = fitted(matrix, calendar)
    if not 0 <= session < calendar.sessions:
        raise IndexError(f"The calendar has no session {session}.")
    first, last = within(roll, len(sheets), calendar.sessions)
    marks = sheets[(first <= session) & (session <= last), session]
    count = np.bincount(marks, minlength=256)
    return {from_byte(int(byte)): int(count[byte]) for byte in np.flatnonzero(count)}


def daily_totals(matrix: Any, calendar: Calendar, *, roll: OnRoll | None = None) -> Any:
    """Marks of each session over all sheets: an array of TOTALS, one for each session of the calendar.

    No sheets give zeros. Raises BadSheet where a mark on roll is not a code on its date.
    """
    sheets = fitted(matrix, calendar)
    first, last = within(roll, len(sheets), calendar.sessions)
    count = np.zeros((calendar.sessions, walk.KINDS), np.int64)
    index, session = walk.kinds_by_session(sheets, first, last, calendar, count)
    if index >= 0:
        raise BadSheet.not_a_code(index, session, calendar)
    return _totals(count)


def session_totals(matrix: Any, calendar: Calendar, session: int, *, roll: OnRoll | None = None) -> Any:
    """The school on one session (an index of the calendar): one entry of TOTALS, as `daily_totals` has it.

    Raises BadSheet, and IndexError for a session outside the calendar.
    """
    sheets = fitted(matrix, calendar)
    if not 0 <= session < calendar.sessions:
        raise IndexError(f"The calendar has no session {session}.")
    first, last = within(roll, len(sheets), calendar.sessions)
    on_roll = np.flatnonzero((first <= session) & (session <= last))
    kinds = calendar.kinds[calendar.epoch[session], sheets[on_roll, session]]
    unknown = np.flatnonzero(kinds == walk.UNKNOWN)
    if len(unknown):
        raise BadSheet.not_a_code(int(on_roll[unknown[0]]), session, calendar)
    return _totals(np.bincount(kinds, minlength=walk.KINDS)[None, :])[0]


def series_by_week(daily: Any, calendar: Calendar) -> Any:
    """The totals of `daily_totals` by school week: an array of TOTALS, one for each of `calendar.monday`."""
    weekly = np.zeros(len(calendar.monday), TOTALS)
    for name in TOTALS.names or ():
        np.add.at(weekly[name], calendar.week, daily[name])
    return weekly


def _totals(count: Any) -> Any:
    """From counts [sessions, KINDS] to TOTALS."""
    totals = np.zeros(len(count), TOTALS)
    totals["on_roll"] = count.sum(axis=1)
    totals["attended"] = count[:, walk.PRESENT : walk.APPROVED + 1].sum(axis=1)
    totals["authorised"] = count[:, [walk.AUTHORISED, walk.ILLNESS]].sum(axis=1)
    totals["unauthorised"] = count[:, [walk.UNAUTHORISED, walk.LATE_AFTER]].sum(axis=1)
    totals["absent"] = totals["authorised"] + totals["unauthorised"]
    totals["possible"] = totals["attended"] + totals["absent"]
    totals["late_before"], totals["late_after"] = count[:, walk.LATE], count[:, walk.LATE_AFTER]
    totals["illness"], totals["missing"] = count[:, walk.ILLNESS], count[:, walk.MISSING]
    return totals
