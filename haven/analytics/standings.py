"""Calculates what each pupil's register says at the end of each school day, for all pupils and days of a year at once.

This is `haven.rules.crossings` over arrays; each number is a running count. The arrays take some megabytes for a
school, so callers process one school at a time. The sources are named there.
"""

from typing import Any

import numpy as np

from haven.analytics import walk
from haven.analytics.calendar import Calendar
from haven.analytics.sheets import OnRoll, kinds_on_roll, of_the_year_before
from haven.rules.crossings import Standing


def standings(matrix: Any, calendar: Calendar, *, roll: OnRoll | None = None, previous: Any | None = None) -> Standing:
    """The standing of each sheet at the end of each school day of the calendar: arrays of int32 [sheets, days].

    `previous` is the matrix of the year before, row for row, for the ten school weeks. A day before the first on roll
    has zeros. After the last day on roll the numbers stay the same, except that weeks leave the window of ten. No
    sheets or days give empty arrays. Raises BadSheet for a matrix that does not fit the calendar, or a mark on roll
    that is not a code on its date.
    """
    kinds = kinds_on_roll(matrix, calendar, roll)
    unauthorised = kinds >= walk.UNAUTHORISED
    possible_of_day = _by_day(kinds >= walk.PRESENT, calendar)
    return Standing(
        absent=_so_far(_by_day(kinds >= walk.AUTHORISED, calendar)),
        possible=_so_far(possible_of_day),
        in_ten_weeks=_in_ten_weeks(unauthorised, _tail(previous, len(kinds), calendar), calendar),
        run_days=_runs(_by_day(unauthorised, calendar), possible_of_day),
        illness=_so_far(_by_day(kinds == walk.ILLNESS, calendar)),
    )


def crossed(states: Any, first: int) -> Any:
    """The latest day from `first` on at which each sheet's state (bool [sheets, days]) differs from the day before; -1
    for none. Before the first day the state is False."""
    before = np.zeros_like(states)
    before[:, 1:] = states[:, :-1]
    changes = states != before
    changes[:, :first] = False
    newest = (
        changes.shape[1] - 1 - np.argmax(changes[:, ::-1], axis=1) if changes.shape[1] else np.zeros(len(states), int)
    )
    return np.where(changes.any(axis=1), newest, -1)


def _by_day(flags: Any, calendar: Calendar) -> Any:
    starts = calendar.day_starts[:-1]
    return (
        np.add.reduceat(flags, starts, axis=1, dtype=np.int32) if len(starts) else np.zeros((len(flags), 0), np.int32)
    )


def _so_far(counts: Any) -> Any:
    return counts.cumsum(axis=1, dtype=np.int32)


def _tail(previous: Any | None, sheets: int, calendar: Calendar) -> Any:
    """Whether each place of the year before that a window can reach is unauthorised."""
    tail = of_the_year_before(previous, sheets, calendar)[:, calendar.tail_start :]
    if not tail.shape[1]:
        return np.zeros((sheets, 0), bool)
    return calendar.tail_kinds[calendar.tail_epoch[: tail.shape[1]], tail] >= walk.UNAUTHORISED


def _in_ten_weeks(unauthorised: Any, tail: Any, calendar: Calendar) -> Any:
    weeks = np.concatenate([calendar.tail_week[: tail.shape[1]], calendar.week])
    counts = np.concatenate([np.zeros((len(unauthorised), 1), bool), tail, unauthorised], axis=1).cumsum(
        axis=1, dtype=np.int32
    )
    ends = calendar.day_starts[1:] + tail.shape[1]
    begins = np.searchsorted(weeks, calendar.week[calendar.day_starts[:-1]] - (walk.WINDOW_WEEKS - 1), side="left")
    return counts[:, ends] - counts[:, begins]


def _runs(unauthorised: Any, possible: Any) -> Any:
    runs = np.zeros(possible.shape, np.int32)
    run = np.zeros(len(possible), np.int32)
    for day in range(possible.shape[1]):
        goes_on = np.where(unauthorised[:, day] == possible[:, day], run + 1, 0)
        run = np.where(possible[:, day] > 0, goes_on, run)
        runs[:, day] = run
    return runs
