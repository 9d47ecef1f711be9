"""Anonymised figures of the school's year, for governors and trust leads.

Figures about groups alone, after the rule of small numbers (haven.rules.disclosure). The registers behind them are read as Haven's own
account and never leave this file (decision 0012). The figures stand at the end of a school week and not of a chosen day, so that two days
side by side do not identify a pupil who crosses a threshold between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from haven.analytics.groups import GroupSum, share
from haven.attendance.reports.comparison import Comparison, comparison
from haven.attendance.reports.groupings import Grouping
from haven.attendance.reports.groups.query import pooled_measures
from haven.attendance.reports.measures import NoMeasures
from haven.attendance.reports.school.query import SchoolFigures, school_figures
from haven.core.people.queries import year_order
from haven.core.schools.models import School
from haven.platform.accounts.context import system_context
from haven.platform.ui.pictures import Share, Week
from haven.rules.disclosure import LEAST_GROUP, all_or_none, may_show, put_together
from haven.rules.national import NationalFigure
from haven.rules.sessions import Half, session_key, year_bounds
from haven.rules.visibility import RecordCategory


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One year group, or several that are merged because one of them would identify a few pupils; None: no year group."""

    names: tuple[str | None, ...]
    enrolments: int
    attendance_rate: float | None
    persistent: int


@dataclass(frozen=True, slots=True)
class Aggregates:
    """The figures of a school's year up to a Friday that may be shown. None: the number would identify a few pupils; `groups`, `weeks` and
    `pattern` are empty for the same reason."""

    first_on: date
    to_on: date
    enrolments: int
    attendance_rate: float | None
    persistent: int | None
    severe: int | None
    groups: tuple[GroupLine, ...]
    weeks: tuple[Week, ...]
    pattern: tuple[Share, ...]
    last_year: str
    last_year_rate: float | None
    national: NationalFigure | None


@dataclass(frozen=True, slots=True)
class OutsideLine:
    """One group, or several merged ones, with figures that may be published: `pupils` are those with a possible session. None in `severe`
    or `suspended`: the number of some group would identify a few pupils, so it is hidden for all groups."""

    names: tuple[str, ...]
    pupils: int
    possible: int
    attended: int
    persistent: int
    severe: int | None
    suspended: int | None

    @property
    def attendance_rate(self) -> float | None:
        """Attended over possible sessions."""
        return share(self.attended, self.possible)

    @property
    def persistent_rate(self) -> float | None:
        """Persistently absent pupils over pupils."""
        return share(self.persistent, self.pupils)


@dataclass(frozen=True, slots=True)
class Outside:
    """The figures of a school's year by a kind of group, without names and small numbers. `lines` is empty if even a number of all pupils
    together would identify a few."""

    first_on: date
    to_on: date
    lines: tuple[OutsideLine, ...]


def last_friday(on: date) -> date:
    """The Friday of the newest completed week: of this week from Saturday on, else of the week before."""
    monday = on - timedelta(days=on.weekday())
    return monday + timedelta(days=4) if on.weekday() >= 5 else monday - timedelta(days=3)


def school_aggregates(*, school: School, on: date) -> Aggregates:
    """The figures of a school's year up to the last Friday before `on`, without names and with small numbers hidden.

    The caller checks the permission. Raises NoMeasures, with a sentence, if the school has no calendar, no marks yet, or too few pupils for
    any figure.
    """
    friday = last_friday(on)
    begun = session_key(friday, Half.PM)
    with system_context(on=on):
        figures = school_figures(school=school, on=friday, begun=begun)
        beside = comparison(school=school, on=friday, begun=begun)
    if figures.whole.enrolments < LEAST_GROUP:
        raise NoMeasures(f"Figures are shown for {LEAST_GROUP} or more pupils, so that nobody can be identified.")
    return _shown(figures, beside)


def _shown(figures: SchoolFigures, beside: Comparison) -> Aggregates:
    whole, last = figures.whole, beside.last_year
    compared = last if last is not None and last.whole.enrolments >= LEAST_GROUP else None
    persistent = whole.persistent if may_show(whole.persistent, of=whole.enrolments) else None
    is_split = persistent is not None and may_show(whole.severe, of=persistent or whole.enrolments)
    return Aggregates(
        first_on=figures.first_on, to_on=figures.to_on, enrolments=whole.enrolments, attendance_rate=whole.attendance_rate,
        persistent=persistent, severe=whole.severe if is_split else None,
        groups=_groups(figures) if persistent is not None else (), weeks=_weeks(figures), pattern=_pattern(figures),
        last_year=compared.year if compared else "", national=beside.national,
        last_year_rate=compared.whole.attendance_rate if compared else None,
    )  # fmt: skip


def _groups(figures: SchoolFigures) -> tuple[GroupLine, ...]:
    ordered = sorted(figures.groups.items(), key=lambda pair: (pair[0] is None, year_order(pair[0] or "")))
    sums = [total for _, total in ordered]
    lines = []
    for places in put_together([(total.enrolments, total.persistent) for total in sums]):
        members = [sums[place] for place in places]
        rate = share(sum(member.attended for member in members), sum(member.possible for member in members))
        lines.append(
            GroupLine(
                tuple(ordered[place][0] for place in places), sum(member.enrolments for member in members), rate,
                sum(member.persistent for member in members),
            )
        )  # fmt: skip
    return tuple(lines)


def _weeks(figures: SchoolFigures) -> tuple[Week, ...]:
    return tuple(figures.weeks) if all_or_none([week.missed for week in figures.weeks]) else ()


def _pattern(figures: SchoolFigures) -> tuple[Share, ...]:
    return tuple(figures.pattern) if all_or_none([half_day.missed or 0 for half_day in figures.pattern]) else ()


def outside_figures(*, school: School, year: str, grouping: Grouping, on: date) -> Outside:
    """The figures of a school's academic year by group, up to its end or the last Friday before `on`, in a form that may be published.

    The days are fixed, so that comparing two files does not identify a pupil who crosses a threshold between them. Every pupil of
    the school is counted, whoever asks; whether the viewer may ask is for the caller. Raises NoMeasures, with a sentence, where there is no calendar of
    the year or it has not begun, and for a grouping that may not go outside.
    """
    if not grouping.goes_outside or grouping.overlaps:
        raise NoMeasures("Figures for this kind of group are only shown inside the school.")
    first_on, last_on = year_bounds(year)
    to_on = min(last_friday(on), last_on)
    if to_on < first_on:
        raise NoMeasures("No week of this year is complete yet.")
    with system_context(on=on):
        sums = pooled_measures(school=school, from_on=first_on, to_on=to_on).by(grouping, (RecordCategory.ATTENDANCE,))
    return Outside(first_on, to_on, _outside_lines([(grouping.words(label), total) for label, total in sums.items()]))


def _outside_lines(groups: Sequence[tuple[str, GroupSum]]) -> tuple[OutsideLine, ...]:
    sums = [total for _, total in groups]
    together = put_together([(total.enrolments_with_possible, total.persistent) for total in sums])
    lines = [_added([groups[place] for place in places]) for places in together]
    shows_severe = all(may_show(line.severe or 0, of=line.persistent or line.pupils) for line in lines)
    shows_suspended = all(may_show(line.suspended or 0, of=line.pupils) for line in lines)
    return tuple(
        replace(
            line, severe=line.severe if shows_severe else None, suspended=line.suspended if shows_suspended else None
        )
        for line in lines
    )


def _added(groups: Sequence[tuple[str, GroupSum]]) -> OutsideLine:
    sums = [total for _, total in groups]
    return OutsideLine(
        names=tuple(name for name, _ in groups),
        pupils=sum(total.enrolments_with_possible for total in sums),
        possible=sum(total.possible for total in sums),
        attended=sum(total.attended for total in sums),
        persistent=sum(total.persistent for total in sums),
        severe=sum(total.severe for total in sums),
        suspended=sum(total.suspended or 0 for total in sums),
    )
