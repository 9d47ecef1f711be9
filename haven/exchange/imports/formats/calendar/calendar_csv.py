"""Reads a school's calendar of one academic year, from one line a session or from terms with holidays and INSET days.

Both forms give one `CalendarYear`: the ordered list of sessions in which the school is open. The academic year is inferred from the dates
(1 September to 31 August); a file with dates of two years is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from haven.exchange.imports import sentences
from haven.exchange.imports.formats.calendar import bank_holidays
from haven.exchange.imports.mapping.columns import Resolved
from haven.exchange.imports.problems import Problem
from haven.exchange.imports.reading.table import DEFAULT, Options, Reading, read_table
from haven.exchange.imports.reading.tabular import Source, Table
from haven.exchange.imports.sentences import Place
from haven.exchange.imports.values import read_date
from haven.rules.sessions import BadHalf, Half, academic_year_of, parse_half

Kind = Literal["term", "holiday", "inset", "closure"]
_KINDS: dict[str, Kind] = {
    "term": "term",
    "half term": "holiday",
    "half-term": "holiday",
    "holiday": "holiday",
    "inset": "inset",
    "inset day": "inset",
    "closure": "closure",
    "closed": "closure",
}
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Period:
    """One row of the form with terms; both days are included."""

    row: int
    kind: Kind
    name: str
    first: date
    last: date

    def days(self) -> Iterator[date]:
        return (self.first + timedelta(days=day) for day in range((self.last - self.first).days + 1))

    def holds(self, on: date) -> bool:
        return self.first <= on <= self.last


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """`sessions` are in order of time, without repeats. `periods` is empty for a file with one line a session."""

    academic_year: str
    sessions: tuple[tuple[date, Half], ...]
    periods: tuple[Period, ...] = ()

    def of_kind(self, kind: Kind) -> tuple[Period, ...]:
        return tuple(period for period in self.periods if period.kind == kind)


def read(source: Source, *, options: Options = DEFAULT) -> Reading[CalendarYear]:
    """The problems of a calendar file and, if none of them is an error, one CalendarYear at the end. School on a bank holiday, and a bank
    holiday on a day that is none, are queries."""
    return read_table(
        source,
        format="calendar",
        items=lambda table, columns: _without_errors(_items(table, columns)),
        options=options,
    )


def _items(table: Table, columns: Resolved) -> Iterator[CalendarYear | Problem]:
    if "session" in columns.positions:
        yield from _from_sessions(table, columns)
    else:
        yield from _from_periods(table, columns)


def _without_errors(items: Iterator[CalendarYear | Problem]) -> Iterator[CalendarYear | Problem]:
    """Withholds the calendar if there is any error: marks would appear to be outside an incomplete calendar."""
    has_errors = False
    for item in items:
        if isinstance(item, Problem):
            has_errors = has_errors or item.is_error
            yield item
        elif not has_errors:
            yield item


# One line a session


def _from_sessions(table: Table, columns: Resolved) -> Iterator[CalendarYear | Problem]:
    date_at, half_at = columns.positions["date"], columns.positions["session"]
    rows: dict[tuple[date, Half], int] = {}
    weekends: set[date] = set()
    for record in table.records():
        if isinstance(record, Problem):
            yield record
            continue
        number, cells = record
        at = Place(table.file, number, table.column(date_at))
        on = read_date(cells[date_at], at=at)
        if isinstance(on, Problem):
            yield on
            continue
        try:
            half = parse_half(cells[half_at])
        except BadHalf as fault:
            yield sentences.bad_session(Place(table.file, number, table.column(half_at)), why=str(fault))
            continue
        first_row = rows.setdefault((on, half), number)
        if first_row != number:
            yield sentences.session_twice(at, first_row=first_row)
        if on.weekday() >= SATURDAY and on not in weekends:
            weekends.add(on)
            yield sentences.on_weekend(at, on=on)
    yield from _year(table, sorted(rows, key=_in_time))


def _in_time(session: tuple[date, Half]) -> tuple[date, int]:
    return session[0], session[1].number


def _year(
    table: Table,
    sessions: list[tuple[date, Half]],
    periods: tuple[Period, ...] = (),
) -> Iterator[CalendarYear | Problem]:
    years = sorted({academic_year_of(on) for on, _ in sessions})
    if len(years) > 1:
        yield sentences.two_years(Place(table.file), years=years)
    elif years:
        for on, title in bank_holidays.open_on({on for on, _ in sessions}):
            yield sentences.bank_holiday_open(Place(table.file), on=on, title=title)
        yield CalendarYear(years[0], tuple(sessions), periods)


# Terms, holidays, INSET days, closures


def _from_periods(table: Table, columns: Resolved) -> Iterator[CalendarYear | Problem]:
    periods: list[Period] = []
    for record in table.records():
        if isinstance(record, Problem):
            yield record
            continue
        period = _period(table, columns, *record)
        if isinstance(period, Problem):
            yield period
        else:
            periods.append(period)
    terms = sorted((period for period in periods if period.kind == "term"), key=lambda term: term.first)
    if not terms:
        if table.checks.has_rows:
            yield sentences.no_terms(Place(table.file))
        return
    yield from _term_problems(table, columns, terms, periods)
    closed = {day for period in periods if period.kind != "term" for day in period.days()}
    days = [day for term in terms for day in term.days() if day.weekday() < SATURDAY]
    sessions = [(day, half) for day in sorted(set(days) - closed) for half in (Half.AM, Half.PM)]
    for period in periods:
        if "bank holiday" in period.name.casefold():
            at = Place(table.file, period.row, table.column(columns.positions["from"]))
            yield from (sentences.no_bank_holiday(at, on=day) for day in period.days() if bank_holidays.is_none(day))
    yield from _year(table, sessions, tuple(sorted(periods, key=lambda period: period.first)))


def _term_problems(table: Table, columns: Resolved, terms: list[Period], periods: list[Period]) -> Iterator[Problem]:
    from_column = table.column(columns.positions["from"])
    for before, after in zip(terms, terms[1:], strict=False):
        if after.first <= before.last:
            yield sentences.terms_overlap(Place(table.file, after.row, from_column), first_row=before.row)
    for period in periods:
        if period.kind in ("inset", "closure") and not any(term.holds(day) for term in terms for day in period.days()):
            at = Place(table.file, period.row, from_column)
            outside = sentences.inset_outside_term if period.kind == "inset" else sentences.closure_outside_term
            yield outside(at, on=period.first)


def _period(table: Table, columns: Resolved, number: int, cells: list[str]) -> Period | Problem:
    """One row; `to` may be empty for a single day."""
    places = columns.positions

    def at(field: str) -> Place:
        return Place(table.file, number, table.column(places[field]))

    def text(field: str) -> str:
        return cells[places[field]].strip() if field in places else ""

    kind = _KINDS.get(" ".join(text("kind").casefold().split()))
    if kind is None:
        return sentences.unknown_kind(at("kind"), text=text("kind"))
    first = read_date(text("from"), at=at("from"))
    if isinstance(first, Problem):
        return first
    last = read_date(text("to"), at=at("to")) if text("to") else first
    if isinstance(last, Problem):
        return last
    if last < first:
        return sentences.dates_reversed(at("to"), first="first day", last="last day")
    if (last - first).days > 366:
        return sentences.two_years(at("to"), years=[academic_year_of(first), academic_year_of(last)])
    return Period(number, kind, text("name"), first, last)
