"""Compares school weeks: what each pupil had in each of them, over the same half-days."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from haven.analytics import walk
from haven.analytics.calendar import Calendar
from haven.analytics.sheets import OnRoll, fitted, within


class ChosenWeeks(NamedTuple):
    """Sessions of k school weeks, over the same half-days. `half_day` int [s] and `week` int [s] (0 to k - 1) of each session; `possible`
    and `absent` bool [sheets, s]; `marks` uint8 [sheets, s], 0 off roll."""

    half_day: Any
    week: Any
    possible: Any
    absent: Any
    marks: Any

    def per_week(self, flags: Any, count: int) -> Any:
        """How many of the flags [sheets, s] each sheet has in each of `count` weeks, int64 [sheets, weeks]."""
        summed = np.zeros((len(flags), count), np.int64)
        for week in range(count):
            summed[:, week] = flags[:, self.week == week].sum(axis=1)
        return summed


def side_by_side(
    matrix: Any, calendar: Calendar, weeks: Sequence[int], half_days: Sequence[int], *, roll: OnRoll | None = None
) -> ChosenWeeks:
    """Select the sessions on these half-days (0 to 9) of these school weeks (numbers of the calendar, in the order
    wanted).

    Codes are read as of their day. A byte that is not a code counts as not possible here (`walk` refuses it).
    """
    sheets = fitted(matrix, calendar)
    place = {week: number for number, week in enumerate(weeks)}
    chosen = np.flatnonzero(np.isin(calendar.week, list(weeks)) & np.isin(calendar.half_day, list(half_days)))
    on_roll = within(roll, len(sheets), calendar.sessions).covers(chosen)
    kinds = np.where(on_roll, calendar.kinds[calendar.epoch[chosen], sheets[:, chosen]], walk.MISSING)
    return ChosenWeeks(
        half_day=calendar.half_day[chosen].astype(np.int64),
        week=np.array([place[week] for week in calendar.week[chosen].tolist()], np.int64),
        possible=kinds >= walk.PRESENT,
        absent=kinds >= walk.AUTHORISED,
        marks=np.where(on_roll, sheets[:, chosen], 0).astype(np.uint8),
    )
