"""Absence and lateness week by week and by half-day, over any days: of the whole school or of a group."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from haven.analytics.calendar import date_of
from haven.analytics.groups import share
from haven.analytics.totals import daily_totals, series_by_week
from haven.attendance.reports.measures import SchoolMeasures
from haven.platform.ui.pictures import Share, Week


@dataclass(frozen=True, slots=True)
class LateWeek:
    """Late arrivals of one school week: before the register closed (L), after it (U), and the sessions attended or U."""

    monday: date
    before: int
    after: int
    came: int

    @property
    def late_rate(self) -> float | None:
        """Late arrivals over all arrivals."""
        return share(self.before + self.after, self.came)


@dataclass(frozen=True, slots=True)
class Trends:
    """`weeks` from the first to the last, holidays as gaps; `late` in school weeks alone, the newest first; `pattern` of ten half-days."""

    weeks: list[Week]
    late: list[LateWeek]
    pattern: list[Share]


def trends(years: Iterable[SchoolMeasures], pupils: Sequence[Any] | None = None) -> Trends:
    """The trends of the enrolments of these years, between the days for which each was computed.

    `pupils` has the rows of each year to include; None: all rows. Years without a session in those days add nothing.
    """
    weekly: dict[date, Any] = {}
    absent, possible = np.zeros(10, np.int64), np.zeros(10, np.int64)
    for place, year in enumerate(years):
        rows = slice(None) if pupils is None else pupils[place]
        weekly |= _by_monday(year, rows)
        absent += year.measures["absent_at"][rows].sum(axis=0, dtype=np.int64)
        possible += year.measures["possible_at"][rows].sum(axis=0, dtype=np.int64)
    pattern = [
        Share(half_day // 2, "PM" if half_day % 2 else "AM", int(absent[half_day]), int(possible[half_day]))
        for half_day in range(10)
    ]
    return Trends(_weeks(weekly), _late(weekly), pattern)


def _by_monday(measures: SchoolMeasures, rows: Any) -> dict[date, Any]:
    """The totals of each school week with a session in the days asked for, by its Monday, in order."""
    calendar, roll = measures.sheets.calendar, measures.roll
    begin, end = calendar.first_from(measures.from_on), calendar.last_to(measures.to_on)
    daily = daily_totals(measures.sheets.matrix[rows], calendar, roll=roll.of(rows).between(begin, end))
    weekly = series_by_week(daily, calendar)
    return {date_of(calendar.monday[week]): weekly[week] for week in np.unique(calendar.week[begin : end + 1])}


def _weeks(weekly: Mapping[date, Any]) -> list[Week]:
    if not weekly:
        return []
    sums = {monday: (int(total["absent"]), int(total["possible"])) for monday, total in weekly.items()}
    count = (max(sums) - min(sums)).days // 7 + 1
    mondays = [min(sums) + timedelta(weeks=number) for number in range(count)]
    return [Week(monday, *sums.get(monday, (0, 0))) for monday in mondays]


def _late(weekly: Mapping[date, Any]) -> list[LateWeek]:
    weeks = [
        LateWeek(
            monday, int(total["late_before"]), int(total["late_after"]), int(total["attended"]) + int(total["late_after"])
        )
        for monday, total in weekly.items()
    ]  # fmt: skip
    return sorted(weeks, key=lambda week: week.monday, reverse=True)
