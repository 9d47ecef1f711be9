"""The user's schools side by side, and their severely absent pupils, for trusts and authorities.

Every school stands at the same day, the end of the last week that is over. Where the viewer sees every register of a school, its figures
are those; elsewhere they are read as Haven's own account and small numbers are hidden, as in haven.attendance.reports.anonymised.query (decision 0012).
The registers of all schools are read in bulk (`queries.register_reader`), so the page does not become slow with their number.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from haven.analytics.calendar import date_of
from haven.analytics.groups import share
from haven.analytics.totals import daily_totals, series_by_week
from haven.attendance.registers.permissions import may_see_aggregates
from haven.attendance.registers.queries.register_reader import RegisterBatch, bulk_measures
from haven.attendance.reports.anonymised.query import last_friday
from haven.core.people.permissions import reads_record_category
from haven.core.people.queries import Listed
from haven.core.people.queries.listing import listed_at
from haven.core.tasks.queries import NextStep, next_steps
from haven.platform.accounts.context import AccessContext, SchoolAccess, system_context
from haven.platform.accounts.queries import on_whose_caseload
from haven.rules.crossings import FEWEST_SESSIONS
from haven.rules.disclosure import LEAST_GROUP, all_or_none, may_show
from haven.rules.sessions import academic_year_of, year_bounds
from haven.rules.visibility import RecordCategory

WEEKS = 4
"""The school weeks of the trend: the newest in which any of the schools was open."""


@dataclass(frozen=True, slots=True)
class SchoolLine:
    """One school, or all of them (`place` None). Sessions of all enrolments; None if the number would identify a few pupils, or there is
    none. `weeks` has the attended and possible sessions of the newest weeks by their Monday, without weeks that have no school or may not
    be shown."""

    place: SchoolAccess | None
    enrolments: int
    possible: int | None
    attended: int | None
    unauthorised: int | None
    persistent: int | None
    severe: int | None
    missing: int
    weeks: Mapping[date, tuple[int, int]]

    @property
    def attendance_rate(self) -> float | None:
        """Attended of possible sessions."""
        return None if self.attended is None else share(self.attended, self.possible or 0)

    @property
    def unauthorised_rate(self) -> float | None:
        """Unauthorised absence, of possible sessions."""
        return None if self.unauthorised is None else share(self.unauthorised, self.possible or 0)


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The schools by name, and all of them together; `mondays` of the weeks; `is_hidden`: some number is not shown."""

    first_on: date
    to_on: date
    mondays: tuple[date, ...]
    lines: tuple[SchoolLine, ...]
    together: SchoolLine
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Severe:
    """A severely absent pupil at one school, with caseload and next step as far as the user may see them."""

    place: SchoolAccess
    pupil: Listed
    absent: int
    possible: int
    caseload: tuple[str, ...]
    next_step: NextStep | None


def places_compared(viewer: AccessContext) -> tuple[list[SchoolAccess], list[SchoolAccess]]:
    """The schools whose figures the user may see: those with access to every register, and those with access to figures alone."""
    full = [
        place for place in viewer.places if reads_record_category(viewer, place.school_id, RecordCategory.ATTENDANCE)
    ]
    only = [place for place in viewer.places if place not in full and may_see_aggregates(viewer, place.school_id)]
    return full, only


def side_by_side(*, viewer: AccessContext, on: date) -> SideBySide:
    """The user's schools, by name. A school without a register of the year has a line without figures."""
    to_on = last_friday(on)
    first_on = year_bounds(academic_year_of(to_on))[0]
    full, only = places_compared(viewer)
    lines = _lines(full, first_on, to_on)
    with system_context(on=on):
        read = _lines(only, first_on, to_on)
    mondays = tuple(sorted({monday for line in [*lines, *read] for monday in line.weeks})[-WEEKS:])
    lines, read = ([_of_weeks(line, mondays) for line in some] for some in (lines, read))
    shown = [_shown(line) for line in read]
    everything = sorted([*lines, *shown], key=lambda line: line.place.name if line.place else "")
    return SideBySide(first_on, to_on, mondays, tuple(everything), _together(everything, mondays), shown != read)


def _lines(places: Sequence[SchoolAccess], first_on: date, to_on: date) -> list[SchoolLine]:
    by_id = {place.school_id: place for place in places}
    year = academic_year_of(to_on)
    by_school = {
        batch.school_id: _line(by_id[batch.school_id], batch, rows, to_on)
        for batch, rows in bulk_measures(school_ids=list(by_id), year=year, from_on=first_on, to_on=to_on)
    }
    return [
        by_school.get(place.school_id) or SchoolLine(place, 0, None, None, None, None, None, 0, {}) for place in places
    ]


def _line(place: SchoolAccess, batch: RegisterBatch, rows: Any, to_on: date) -> SchoolLine:
    begun = batch.roll.first <= batch.calendar.last_to(to_on)
    return SchoolLine(
        place=place,
        enrolments=int(np.count_nonzero(begun)),
        possible=_sum(rows, "possible"),
        attended=_sum(rows, "attended"),
        unauthorised=_sum(rows, "unauthorised"),
        persistent=int(np.count_nonzero(rows["persistent"])),
        severe=int(np.count_nonzero(rows["severe"])),
        missing=_sum(rows, "missing"),
        weeks=_weeks(batch, to_on),
    )


def _sum(rows: Any, name: str) -> int:
    return int(rows[name].sum(dtype=np.int64))


def _weeks(batch: RegisterBatch, to_on: date) -> dict[date, tuple[int, int]]:
    """The newest school weeks of the school up to a day."""
    calendar, last = batch.calendar, batch.calendar.last_to(to_on)
    if last < 0:
        return {}
    newest = int(calendar.week[last])
    oldest = max(0, newest - WEEKS + 1)
    first = int(calendar.week_starts[oldest])
    weekly = series_by_week(daily_totals(batch.matrix, calendar, roll=batch.roll.between(first, last)), calendar)
    return {
        date_of(calendar.monday[week]): (int(weekly[week]["attended"]), int(weekly[week]["possible"]))
        for week in range(oldest, newest + 1)
        if weekly[week]["possible"]
    }


def _of_weeks(line: SchoolLine, mondays: Collection[date]) -> SchoolLine:
    return replace(line, weeks={monday: sums for monday, sums in line.weeks.items() if monday in mondays})


def _shown(line: SchoolLine) -> SchoolLine:
    """A school's line for users who see no pupil of it."""
    if line.possible is None:
        return line
    if line.enrolments < LEAST_GROUP:
        return SchoolLine(line.place, line.enrolments, None, None, None, None, None, line.missing, {})
    persistent = line.persistent if may_show(line.persistent or 0, of=line.enrolments) else None
    is_split = persistent is not None and may_show(line.severe or 0, of=persistent or line.enrolments)
    is_weekly = all_or_none([possible - attended for attended, possible in line.weeks.values()])
    return replace(
        line, persistent=persistent, severe=line.severe if is_split else None, weeks=line.weeks if is_weekly else {}
    )


def _together(lines: Sequence[SchoolLine], mondays: Sequence[date]) -> SchoolLine:
    """The line of all schools. A figure that is hidden for one of them is hidden here too if it could be computed by subtraction."""
    counted = [line for line in lines if line.enrolments]

    def whole(name: str) -> int | None:
        values = [getattr(line, name) for line in counted]
        return None if not values or None in values else sum(values)

    weeks = {}
    if all(line.weeks for line in counted):
        for monday in mondays:
            held = [line.weeks[monday] for line in counted if monday in line.weeks]
            weeks[monday] = (sum(attended for attended, _ in held), sum(possible for _, possible in held))
    return SchoolLine(
        None, sum(line.enrolments for line in lines), whole("possible"), whole("attended"), whole("unauthorised"),
        whole("persistent"), whole("severe"), sum(line.missing for line in lines), weeks,
    )  # fmt: skip


def severe_pupils(*, at: Sequence[SchoolAccess], on: date) -> list[Severe]:
    """The pupils on roll on a day who have missed half or more of their possible sessions this year (from 20 sessions on), of those whose
    register the user may see at these schools, by school and name."""
    places = {place.school_id: place for place in at}
    year = academic_year_of(on)
    counts: dict[tuple[int, int], tuple[int, int]] = {}
    for batch, rows in bulk_measures(school_ids=list(places), year=year, from_on=year_bounds(year)[0], to_on=on):
        on_roll = (batch.roll.first <= batch.calendar.last_to(on)) & (batch.roll.last >= batch.calendar.last_to(on))
        for row in np.flatnonzero(rows["severe"] & (rows["possible"] >= FEWEST_SESSIONS) & on_roll).tolist():
            counts[batch.school_id, int(batch.pupils[row])] = int(rows["absent"][row]), int(rows["possible"][row])
    ids, who = list(places), {pupil_id for _, pupil_id in counts}
    caseloads = on_whose_caseload(school_ids=ids, pupil_ids=who, on=on)
    steps = next_steps(school_ids=ids, pupil_ids=who)
    pupils = [
        Severe(places[key[0]], pupil, *counts[key], caseloads.get(key, ()), steps.get(key))
        for pupil in listed_at(school_ids=ids, pupil_ids=who, on=on)
        if (key := (pupil.school_id, pupil.id)) in counts
    ]
    return sorted(pupils, key=lambda severe: (severe.place.name, severe.pupil.sorted_name))
