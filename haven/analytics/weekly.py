"""Counts the sessions that each pupil missed in each school week, over one academic year or several.

Holidays have no sessions, so they have no weeks: weeks before and after a day are always school weeks.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from haven.analytics import walk
from haven.analytics.calendar import Calendar
from haven.analytics.sheets import OnRoll, kinds_on_roll

MONDAY_TO_SUNDAY = 7


class Weeks(NamedTuple):
    """School weeks in order of time. monday: int [weeks], days since 1970-01-01. sessions: int [weeks], how many the school had.
    absent, possible: int [pupils, weeks]."""

    monday: Any
    sessions: Any
    absent: Any
    possible: Any

    def until(self, day: int) -> "Weeks":
        """The weeks whose Sunday is before a day (days since 1970-01-01): those that are over."""
        over = int(np.searchsorted(self.monday + MONDAY_TO_SUNDAY, day, side="right"))
        return Weeks(self.monday[:over], self.sessions[:over], self.absent[:, :over], self.possible[:, :over])

    def week_of(self, day: int) -> int:
        """The index of the week that contains a day. A day in the holidays gives the next week; a day after the last
        week gives the number of weeks."""
        return int(np.searchsorted(self.monday + MONDAY_TO_SUNDAY, day, side="right"))


def by_week(matrix: Any, calendar: Calendar, *, roll: OnRoll | None = None) -> Weeks:
    """The weeks of a year's sheets, one row for each sheet. No sheets give no rows, no sessions no weeks. Raises
    BadSheet."""
    kinds = kinds_on_roll(matrix, calendar, roll)
    starts = calendar.week_starts[:-1]
    if not len(starts):
        none = np.zeros((len(kinds), 0), np.int64)
        return Weeks(calendar.monday, np.zeros(0, np.int64), none, none)
    absent, possible = kinds >= walk.AUTHORISED, kinds >= walk.PRESENT
    return Weeks(
        calendar.monday,
        np.diff(calendar.week_starts).astype(np.int64),
        np.add.reduceat(absent, starts, axis=1, dtype=np.int64),
        np.add.reduceat(possible, starts, axis=1, dtype=np.int64),
    )


def joined(years: Sequence[tuple[Sequence[int], Weeks]]) -> tuple[list[int], Weeks]:
    """Concatenate several years: the pupils (of all years, in order of their numbers) and their weeks.

    Each year gives the pupil of each row; a pupil with two rows has the sum of both. A week that two years share is one
    week. No years give empty results.
    """
    pupils = sorted({pupil for rows, _ in years for pupil in rows})
    monday = np.unique(np.concatenate([weeks.monday for _, weeks in years])) if years else np.zeros(0, np.int32)
    shape = (len(pupils), len(monday))
    sessions, absent, possible = np.zeros(len(monday), np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for rows, weeks in years:
        row, week = np.searchsorted(pupils, rows), np.searchsorted(monday, weeks.monday)
        sessions[week] += weeks.sessions
        for to, part in ((absent, weeks.absent), (possible, weeks.possible)):
            np.add.at(to, (row[:, None], week[None, :]), part)
    return pupils, Weeks(monday, sessions, absent, possible)
