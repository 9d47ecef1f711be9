"""Estimates who is likely to become persistently absent by the end of this term, from the marks alone, and tests the estimate.

It is fitted on the school's own earlier years, tested on the last one, and applied to this one: the displayed estimate is exactly the
tested one. Only for a school that has switched it on, and for users who see every register of it. The model is haven.analytics.warning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np

from haven.analytics import walk
from haven.analytics.calendar import Calendar, date_of
from haven.analytics.sheets import kinds_on_roll
from haven.analytics.warning import (
    LIKELY,
    BackTest,
    Band,
    Counts,
    Estimate,
    Marks,
    back_test,
    counts_before,
    fit,
    marks_before,
    together,
)
from haven.attendance.registers.queries.register_reader import YearSheets, sheets_for
from haven.core.people.queries import listed
from haven.rules.sessions import academic_year_of, year_before, year_label
from haven.rules.terms import terms

HELD_YEARS = 4
"""The number of earlier years that are read: the last is for the test, those before it for the fit. Of three or more, the first only gives
the absence of the year before: a fit that included a year without it would give the other figures too much weight."""


class NoEstimate(ValueError):
    """No estimate is possible; the sentence says why."""


class Count(NamedTuple):
    """The figures of one pupil's marks: sessions missed since September, of the last 20, beginnings in the last 40, and the rate of the
    year before (0 to 1, None if unknown)."""

    missed: int
    possible: int
    missed_lately: int
    possible_lately: int
    began: int
    unauthorised: int
    late: int
    last_year: float | None


@dataclass(frozen=True)
class Named:
    """One pupil whose register is like those of many pupils who became persistently absent. `pull`: the effect of each figure of FIGURES on
    the estimate, in log odds. `takes`: further missed sessions that would make ten per cent at the end of the term."""

    ref: UUID
    name: str
    year_group: str
    group: str
    count: Count
    pull: tuple[float, ...]
    band: Band
    takes: int


@dataclass(frozen=True)
class TermEstimate:
    """The estimate for one school and day. `left`: remaining sessions of the term; `asked`: pupils in the estimate; `already`: pupils who
    are persistently absent already and therefore not in it."""

    term_ends_on: date
    left: int
    fitted_on: tuple[str, ...]
    tested_on: str
    test: BackTest
    named: list[Named]
    asked: int
    already: int


@dataclass(frozen=True)
class _Place:
    """A position in a term of one year: the sessions before it, and the last session of the term, as positions in the calendar."""

    session: int
    end: int


def term_estimate(*, school_id: int, on: date, begun: int) -> TermEstimate:
    """The estimate as of a day, whose last begun session is `begun` (a key); later sessions are in the future.

    Raises NoEstimate, with a sentence, outside a term, if the school has fewer than two earlier years with the same term, and if they have
    too few pupils for an estimate.
    """
    year = academic_year_of(on)
    labels = [year_label(int(year[:4]) - back) for back in range(HELD_YEARS, -1, -1)]
    held = {
        label: sheets
        for label in labels
        if (sheets := sheets_for(school_id=school_id, year=label, reach_back=False)) is not None
    }
    kinds = {label: kinds_on_roll(sheets.matrix, sheets.calendar, sheets.roll) for label, sheets in held.items()}
    rates = {label: _rates(sheets, kinds[label]) for label, sheets in held.items()}
    if year not in held:
        raise NoEstimate(f"The school has no calendar for {year}. Import its sessions first.")
    number, into = _now(held[year].calendar, begun)
    places = {label: place for label, sheets in held.items() if (place := _place(sheets.calendar, number, into))}
    past = [label for label in labels[:-1] if label in places and len(held[label]) and rates[label]]
    if len(past) < 2:
        raise NoEstimate(
            "An estimate needs two earlier years of this school’s registers: one to learn from and one to test it. "
            f"Haven holds {len(past)} with this term."
        )
    marks = {
        label: marks_before(
            kinds[label], places[label].session, places[label].end, roll=held[label].roll,
            last_year=_last_year(held[label], rates.get(year_before(label), {})),
        )
        for label in [*past, year]
    }  # fmt: skip
    *fitted_on, tested_on = past[1:] if len(past) > 2 else past
    estimate = fit(together([marks[label] for label in fitted_on]))
    test = back_test(estimate, marks[tested_on]) if estimate else None
    if estimate is None or test is None:
        raise NoEstimate(
            "The school’s earlier years have too few pupils, or too few who became persistently absent in this term, for an estimate."
        )
    return TermEstimate(
        term_ends_on=date_of(held[year].calendar.day[places[year].end]), left=places[year].end + 1 - places[year].session,
        fitted_on=tuple(fitted_on), tested_on=tested_on, test=test,
        named=_named(held[year], kinds[year], places[year], marks[year], estimate, test, rates.get(year_before(year), {}), on),
        asked=int(marks[year].is_asked.sum()), already=int(marks[year].is_already.sum()),
    )  # fmt: skip


def _rates(sheets: YearSheets, kinds: Any) -> dict[int, float]:
    """The absence rate of each pupil in a year. The rate of a pupil with two rows covers both; a pupil without possible sessions has
    none."""
    missed: dict[int, int] = {}
    possible: dict[int, int] = {}
    for enrolment, part, of in zip(
        sheets.enrolments, (kinds >= walk.AUTHORISED).sum(axis=1).tolist(), (kinds >= walk.PRESENT).sum(axis=1).tolist(), strict=True
    ):  # fmt: skip
        missed[enrolment.pupil_id] = missed.get(enrolment.pupil_id, 0) + part
        possible[enrolment.pupil_id] = possible.get(enrolment.pupil_id, 0) + of
    return {pupil_id: missed[pupil_id] / of for pupil_id, of in possible.items() if of}


def _now(calendar: Calendar, begun: int) -> tuple[int, int]:
    """The current term (0 is the first), and how many of its sessions have begun."""
    session = calendar.last_begun(begun) + 1
    for number, (first, end) in enumerate(_terms(calendar)):
        if first <= session <= end:
            return number, session - first
    raise NoEstimate("The school year is over. The estimate comes back with the next one.")


def _place(calendar: Calendar, number: int, into: int) -> _Place | None:
    """The position after the given number of sessions of that term of a year, or its last session if the term was shorter; None if the year
    had no such term."""
    spans = _terms(calendar)
    if number >= len(spans):
        return None
    first, end = spans[number]
    return _Place(min(first + into, end), end)


def _terms(calendar: Calendar) -> list[tuple[int, int]]:
    """First and last session of each term, as positions."""
    days = [date_of(number) for number in np.unique(calendar.day)]
    return [(calendar.first_from(first), calendar.last_to(last)) for first, last in terms(days)]


def _last_year(sheets: YearSheets, rates: Mapping[int, float]) -> Any:
    return np.array([rates.get(enrolment.pupil_id, np.nan) for enrolment in sheets.enrolments], float)


def _named(
    sheets: YearSheets, kinds: Any, place: _Place, marks: Marks, estimate: Estimate, test: BackTest, rates: Mapping[int, float], on: date,
) -> list[Named]:  # fmt: skip
    """The pupils whose estimate is LIKELY or more, by name."""
    chances, pulls = estimate.chances(marks.figures), estimate.working(marks.figures)
    rows = np.flatnonzero(marks.is_asked & (chances >= LIKELY)).tolist()
    counts = counts_before(kinds, place.session)
    people = listed(school_id=sheets.school_id, pupil_ids=[sheets.enrolments[row].pupil_id for row in rows], on=on)
    pupils = []
    for row in rows:
        pupil = people.get(sheets.enrolments[row].pupil_id)
        if pupil is not None:
            count = _count(counts, row, rates.get(pupil.id))
            pupils.append(
                Named(
                    pupil.ref, pupil.sorted_name, pupil.year_group, pupil.group, count, tuple(pulls[row].tolist()),
                    test.band_of(float(chances[row])), sessions_it_takes(count.missed, count.possible, place.end + 1 - place.session),
                )
            )  # fmt: skip
    return sorted(pupils, key=lambda named: named.name)


def _count(counts: Counts, row: int, last_year: float | None) -> Count:
    missed, possible, missed_lately, possible_lately, began, unauthorised, late = (int(part[row]) for part in counts)
    return Count(missed, possible, missed_lately, possible_lately, began, unauthorised, late, last_year)


def sessions_it_takes(missed: int, possible: int, left: int) -> int:
    """How many of the `left` sessions of the term, all of them possible, a pupil would have to miss to end it with ten per cent missed: the
    smallest number with 10 x absent >= possible (the Department for Education's threshold). 0 if it is ten per cent in any case."""
    return max(0, -(-(possible + left) // 10) - missed)
