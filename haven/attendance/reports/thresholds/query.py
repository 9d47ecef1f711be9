"""Pupils who crossed an absence threshold since a day, and pupils who are at one now, with their last weeks.

The thresholds are those of haven.rules.crossings, counted from the first day of the academic year. Computed from the register rows each
time; only pupils on roll that day whose register the user may see.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from haven.analytics.calendar import Calendar, date_of
from haven.analytics.groups import share
from haven.analytics.standings import crossed, standings
from haven.attendance.registers.queries.days import class_names_of, year_groups_of
from haven.attendance.registers.queries.register_reader import YearSheets, sheets_for
from haven.attendance.reports.measures import NoMeasures
from haven.core.people.queries import Listed, listed
from haven.rules.crossings import LINES, Line, Standing
from haven.rules.sessions import academic_year_of, year_bounds

WEEKS = 6
"""The school weeks shown for a pupil in a list."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A pupil's newest crossing of a threshold, and the pupil's present standing."""

    pupil: Listed
    line: Line
    is_into: bool
    on: date
    standing: Standing


@dataclass(frozen=True, slots=True)
class Within:
    """A pupil and their present standing; `weeks` has the attended and possible sessions of the newest school weeks, in the order of the
    list's `mondays`."""

    pupil: Listed
    standing: Standing
    weeks: tuple[tuple[int, int], ...]

    @property
    def attendance_rate(self) -> float | None:
        """Attended of possible sessions this year."""
        return share(int(self.standing.possible - self.standing.absent), int(self.standing.possible))


@dataclass(frozen=True)
class Lines:
    """The standing of each pupil on roll at the end of each school day of the year, up to a day: `standing` as in analytics.standings, row
    by row with `pupils` (ids), day by day with `days`."""

    school_id: int
    on: date
    days: tuple[date, ...]
    pupils: tuple[int, ...]
    standing: Standing
    calendar: Calendar

    @cached_property
    def named(self) -> dict[int, Listed]:
        """The pupils with their list data."""
        return listed(school_id=self.school_id, pupil_ids=self.pupils, on=self.on)

    @property
    def year_groups(self) -> list[str]:
        """The year groups of these pupils, by age."""
        return year_groups_of(self.named.values())

    @property
    def classes(self) -> list[str]:
        """The classes of these pupils, in natural order."""
        return class_names_of(self.named.values())

    def now(self, row: int) -> Standing:
        """One pupil's standing at the end of the last day."""
        return Standing(*(int(counts[row, -1]) for counts in self.standing))

    def within(self, line: Line) -> Any:
        """Which rows are at a threshold now, bool [pupils]."""
        return line.holds(self.standing)[:, -1] if self.days else np.zeros(len(self.pupils), bool)

    def crossings(self, line: Line, since: date) -> Iterator[Crossing]:
        """The newest crossing of each pupil on or after a day, the newest day first, then by name."""
        first = sum(day < since for day in self.days)
        states = line.holds(self.standing)
        newest = crossed(states, first)
        crossings = [
            Crossing(self.named[self.pupils[row]], line, bool(states[row, newest[row]]), self.days[newest[row]], self.now(row))
            for row in np.flatnonzero(newest >= 0).tolist()
            if self.pupils[row] in self.named
        ]  # fmt: skip
        yield from sorted(crossings, key=lambda crossing: (-crossing.on.toordinal(), crossing.pupil.sorted_name))

    @cached_property
    def mondays(self) -> tuple[date, ...]:
        """The Mondays of the newest school weeks so far, in order."""
        return tuple(sorted({monday for _, monday in self._week_ends})[-WEEKS:])

    @cached_property
    def _week_ends(self) -> list[tuple[int, date]]:
        """The last day so far (its position) of each school week, and its Monday."""
        weeks = self.calendar.week[self.calendar.day_starts[:-1]][: len(self.days)].tolist()
        ends = [place for place, week in enumerate(weeks) if place + 1 == len(weeks) or weeks[place + 1] != week]
        return [(place, date_of(self.calendar.monday[weeks[place]])) for place in ends]

    def list_within(self, line: Line | None) -> list[Within]:
        """The pupils who are at a threshold now (None: all pupils on roll), by name, with their newest school weeks."""
        rows = range(len(self.pupils)) if line is None else np.flatnonzero(self.within(line)).tolist()
        pupils = [
            Within(self.named[self.pupils[row]], self.now(row), self._weeks_of(row))
            for row in rows
            if self.days and self.pupils[row] in self.named
        ]
        return sorted(pupils, key=lambda listed_pupil: listed_pupil.pupil.sorted_name)

    def _weeks_of(self, row: int) -> tuple[tuple[int, int], ...]:
        ends = self._week_ends[-WEEKS - 1 :]
        sums = [(int(self.standing.possible[row, end]), int(self.standing.absent[row, end])) for end, _ in ends]
        if len(self._week_ends) <= WEEKS:
            sums = [(0, 0), *sums]
        return tuple(
            (possible - before - (absent - gone), possible - before)
            for (before, gone), (possible, absent) in zip(sums, sums[1:], strict=False)
        )


def lines_of(*, school_id: int, on: date, until: int) -> Lines:
    """The standings of the pupils on roll on a day, from the first day of its academic year. `until` is the last session (its key) that
    counts.

    Raises NoMeasures, with a sentence, if the school has no calendar of the year.
    """
    year = academic_year_of(on)
    sheets = sheets_for(school_id=school_id, year=year, first_on=on, last_on=on)
    if sheets is None:
        raise NoMeasures.without_calendar(year)
    return _lines(sheets, on, until)


def _lines(sheets: YearSheets, on: date, until: int) -> Lines:
    calendar = sheets.calendar
    last = min(calendar.last_to(on), calendar.last_begun(until))
    standing = standings(sheets.matrix, calendar, roll=sheets.roll.between(0, last), previous=sheets.previous)
    day_count = int(calendar.school_day[last]) + 1 if last >= 0 else 0
    days = tuple(date_of(calendar.day[start]) for start in calendar.day_starts[:day_count])
    return Lines(
        sheets.school_id, on, days, tuple(enrolment.pupil_id for enrolment in sheets.enrolments),
        Standing(*(counts[:, :day_count] for counts in standing)), calendar,
    )  # fmt: skip


def earliest(on: date) -> date:
    """The first day from which crossings are counted: the first of the academic year, when every count starts at nought."""
    return year_bounds(academic_year_of(on))[0]


def line_named(name: str) -> Line | None:
    """The threshold with that name, or None."""
    return next((line for line in LINES if line.name == name), None)


def crossings_since(school_lines: Lines, lines: Sequence[Line], since: date) -> list[Crossing]:
    """The newest crossing of each pupil and threshold since a day, the newest first; by threshold and name within a day."""
    every = [crossing for line in lines for crossing in school_lines.crossings(line, since)]
    return sorted(every, key=lambda crossing: -crossing.on.toordinal())
