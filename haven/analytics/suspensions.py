"""Counts a pupil's suspensions and their sessions.

Suspended sessions are coded E: suspended or permanently excluded, and no alternative provision made (SI 2024/208;
Suspension and permanent exclusion guidance). Consecutive sessions coded E are one suspension. Sessions between them
that are not possible (a day of other provision, an empty place) do not divide it. Sessions within a safeguarding
separation are not a suspension, whatever their code (haven.rules.suspension). Two suspensions without an attended
session between them count as one, because a register cannot distinguish them.
"""

from datetime import date
from typing import Any

import numpy as np

from haven.analytics import walk
from haven.analytics.calendar import Calendar
from haven.analytics.sheets import OnRoll, fitted, within
from haven.rules.attendance_codes import to_byte

SUSPENDED = to_byte("E")
SUSPENSIONS = np.dtype([("sessions", np.int32), ("times", np.int32)])
"""Sessions coded E of one sheet, and the number of suspensions they make."""


def suspensions(
    matrix: Any, calendar: Calendar, *, roll: OnRoll | None = None, from_on: date | None = None, to_on: date | None = None,
    apart: Any | None = None,
) -> Any:  # fmt: skip
    """Return an array of SUSPENSIONS, one for each sheet, over the sessions on roll with from_on <= date <= to_on;
    either may be None.

    `apart` (bool [sheets, sessions], None: nowhere) marks sessions within a safeguarding separation: they are neither
    suspended nor possible here. A suspension that began before `from_on` counts from there. No sheets give an empty
    array. Raises BadSheet for a matrix that does not fit the calendar.
    """
    sheets = fitted(matrix, calendar)
    counts = np.zeros(len(sheets), SUSPENSIONS)
    rows = np.flatnonzero((sheets == SUSPENDED).any(axis=1)) if len(sheets) else np.zeros(0, np.int64)
    if not len(rows):
        return counts
    places = np.arange(calendar.sessions)
    begin = 0 if from_on is None else calendar.first_from(from_on)
    end = calendar.sessions - 1 if to_on is None else calendar.last_to(to_on)
    asked = within(roll, len(sheets), calendar.sessions).of(rows).between(begin, end).covers(places)
    if apart is not None:
        asked &= ~apart[rows]
    marks = sheets[rows]
    is_suspended = asked & (marks == SUSPENDED)
    possible = asked & (calendar.kinds[calendar.epoch, marks] >= walk.PRESENT)
    before = np.maximum.accumulate(np.where(possible, places, -1), axis=1)
    # index of the previous possible session
    before = np.concatenate([np.full((len(rows), 1), -1), before[:, :-1]], axis=1)
    goes_on = (before >= 0) & np.take_along_axis(is_suspended, np.maximum(before, 0), axis=1)
    counts["sessions"][rows] = is_suspended.sum(axis=1)
    counts["times"][rows] = (is_suspended & ~goes_on).sum(axis=1)
    return counts
