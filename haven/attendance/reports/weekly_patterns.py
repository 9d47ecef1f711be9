"""Patterns in registers: short absences on one weekday, or broken weeks in a row.

Both use completed days, up to the last one of the given measures, and pupils on roll that day. The definitions: haven.rules.patterns.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from haven.analytics import walk
from haven.analytics.calendar import MONDAY, day_number
from haven.analytics.sheets import kinds_on_roll
from haven.analytics.weekly import by_week
from haven.attendance.reports.measures import SchoolMeasures
from haven.rules.patterns import FEWEST, Pattern, beyond_chance_among, breaks_weeks, short_absences, weekday_pattern


def weekday_habits(measures: SchoolMeasures) -> Mapping[int, Pattern]:
    """The pattern of each pupil (by id) whose short absences fall on one weekday more often than chance, among all pupils with enough of
    them to test. Empty if there are none."""
    calendar, last = measures.sheets.calendar, _last(measures)
    kinds = kinds_on_roll(measures.sheets.matrix, calendar, measures.roll.between(0, last))
    starts = calendar.day_starts[:-1]
    if not len(starts):
        return {}
    weekdays = (calendar.day[starts] + MONDAY) % 7
    possible = np.logical_or.reduceat(kinds >= walk.PRESENT, starts, axis=1) & (weekdays < 5)
    missed = np.logical_or.reduceat(kinds >= walk.AUTHORISED, starts, axis=1) & possible
    asked: dict[int, Pattern] = {}
    for row in np.flatnonzero((missed.sum(axis=1) >= FEWEST) & (measures.roll.last >= last)).tolist():
        at = np.flatnonzero(possible[row])
        days = list(zip(weekdays[at].tolist(), missed[row, at].tolist(), strict=True))
        pattern = weekday_pattern(short_absences(days), np.bincount(weekdays[at], minlength=5).tolist())
        if pattern is not None and pattern.short_absences >= FEWEST:
            asked[measures.sheets.enrolments[row].pupil_id] = pattern
    is_pattern = beyond_chance_among([pattern.chance for pattern in asked.values()])
    return {pupil_id: pattern for (pupil_id, pattern), holds in zip(asked.items(), is_pattern, strict=True) if holds}


def breakers_of_weeks(measures: SchoolMeasures) -> set[int]:
    """The pupils (ids) who were away for a part of nearly every one of the newest completed school weeks."""
    last = _last(measures)
    weeks = by_week(measures.sheets.matrix, measures.sheets.calendar, roll=measures.roll.between(0, last))
    weeks = weeks.until(day_number(measures.to_on) + 1)
    broken: Any = (weeks.absent > 0) & (weeks.absent < weeks.possible)
    rows = np.flatnonzero(measures.roll.last >= last).tolist()
    return {measures.sheets.enrolments[row].pupil_id for row in rows if breaks_weeks(broken[row].tolist())}


def _last(measures: SchoolMeasures) -> int:
    """The last session up to the last day of the range: planned marks lie after it."""
    return measures.sheets.calendar.last_to(measures.to_on)
