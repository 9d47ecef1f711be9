"""The impact of support: sessions missed before, during and after, compared with similar pupils.

Support comes from records: a status that counts as support, an entry of the file, or pupils whom the user selects with the first day. Row
policies decide which statuses and entries the user sees: a user who may not read a plan does not find its pupils here. The computation is
haven.analytics.impact; similar pupils are chosen from those whose register the user may see.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.utils import timezone

from haven.analytics.calendar import day_number
from haven.analytics.impact import Impact, Moment, TooFew, impact, moments
from haven.analytics.weekly import Weeks
from haven.attendance.registers.queries.weeks import weeks_over
from haven.core.people.queries import listed, statuses_begun, year_order
from haven.core.people.statuses import every_kind
from haven.core.records.form_definitions import forms_in_force
from haven.core.records.queries import first_entries
from haven.rules.sessions import academic_year_of, year_before, year_bounds, year_label

UNKNOWN_YEAR = 99
"""The result of `year_order` for an unknown year group."""


@dataclass(frozen=True)
class Help:
    """One kind of recorded support: its title, and its first day by pupil id."""

    title: str
    began: Mapping[int, date]


class Missed(NamedTuple):
    """Missed and possible sessions of one pupil in one window."""

    missed: int
    possible: int


@dataclass(frozen=True)
class PupilLine:
    """One supported pupil. A window that is not over, or lies before the first register, is None; `like`: the similar pupils."""

    ref: UUID
    name: str
    group: str
    began_on: date
    before: Missed | None
    during: Missed | None
    after: Missed | None
    like: int


@dataclass(frozen=True)
class WhatCame:
    """The result. `asked`: pupils whose support began; `lines`: those whose register the user may see, by name."""

    length: int
    asked: int
    during: Impact | TooFew
    after: Impact | TooFew
    lines: list[PupilLine]
    moments: list[Moment]


def earliest(on: date) -> date:
    """The first permitted day: that of the previous academic year."""
    return year_bounds(year_before(academic_year_of(on)))[0]


def help_on_record(*, school_id: int, since: date, until: date) -> dict[str, Help]:
    """Every kind of support that began for a pupil between two days (both included) and that the user may read, by a key.

    Each pupil counts from the first time that it began in this period. A definition marks the kinds that count as support.
    """
    kinds = {name: kind.title for name, kind in every_kind().items() if kind.is_help}
    forms = {form.id: form.title for form in forms_in_force(until) if form.is_help}
    begun = statuses_begun(school_id=school_id, kinds=list(kinds), since=since, until=until)
    entries = first_entries(
        school_id=school_id, forms=list(forms), since=_midnight(since), until=_midnight(until + timedelta(days=1))
    )
    recorded = {f"status.{name}": Help(kinds[name], begun[name]) for name in kinds if name in begun}
    for form in forms:
        if form in entries:
            days = {pupil_id: timezone.localtime(at).date() for pupil_id, at in entries[form].items()}
            recorded[f"entry.{form}"] = Help(forms[form], days)
    return recorded


def what_came(*, school_id: int, began: Mapping[int, date], length: int, on: date) -> WhatCame:
    """Before, during and after support that began for these pupils on these days, each window `length` school weeks, as of the day `on`:
    only completed weeks count. Pupils whose register the user may not see are left out. Raises ValueError without a pupil."""
    if not began:
        raise ValueError("Support began for no pupils.")
    pupils, weeks = weeks_over(school_id=school_id, years=_years(min(began.values()), on), on=on)
    row = {pupil_id: place for place, pupil_id in enumerate(pupils)}
    begins = {row[pupil_id]: weeks.week_of(day_number(day)) for pupil_id, day in began.items() if pupil_id in row}
    people = listed(school_id=school_id, pupil_ids=pupils, on=max(began.values()))
    groups = [year_order(people[pupil_id].year_group)[0] if pupil_id in people else UNKNOWN_YEAR for pupil_id in pupils]
    year_groups = np.where(np.array(groups) == UNKNOWN_YEAR, np.nan, groups)
    during, after = (
        impact(weeks, begins, length=length, later=later, year_groups=year_groups) for later in (0, length)
    )
    shown = during if isinstance(during, Impact) else None
    until = 2 * length if isinstance(after, Impact) else length
    return WhatCame(
        length=length, asked=len(began), during=during, after=after,
        lines=_lines(began, people, row, weeks, begins, length, shown),
        moments=moments(weeks, shown.pairs, length=length, until=until) if shown else [],
    )  # fmt: skip


def _lines(
    began: Mapping[int, date], people: Mapping[int, Any], row: Mapping[int, int], weeks: Weeks, begins: Mapping[int, int],
    length: int, shown: Impact | None,
) -> list[PupilLine]:  # fmt: skip
    like = {pair.row: len(pair.like) for pair in shown.pairs} if shown else {}
    pupils = sorted(
        (people[pupil_id] for pupil_id in began if pupil_id in row and pupil_id in people),
        key=lambda pupil: pupil.sorted_name,
    )

    def window(place: int, first: int) -> Missed | None:
        if first < 0 or first + length > len(weeks.monday):
            return None
        part = slice(first, first + length)
        return Missed(int(weeks.absent[place, part].sum()), int(weeks.possible[place, part].sum()))

    lines = []
    for pupil in pupils:
        place = row[pupil.id]
        start = begins[place]
        before, during, after = (window(place, start + offset) for offset in (-length, 0, length))
        lines.append(
            PupilLine(
                pupil.ref, pupil.sorted_name, pupil.group, began[pupil.id], before, during, after, like.get(place, 0)
            )
        )
    return lines


def _years(first: date, last: date) -> list[str]:
    """The academic years from the year before `first` to that of `last`: the window before the support may lie in the year before."""
    begin, end = (int(academic_year_of(day)[:4]) for day in (first, last))
    return [year_label(year) for year in range(begin - 1, end + 1)]


def _midnight(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, time.min))
