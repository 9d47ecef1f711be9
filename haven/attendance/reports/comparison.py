"""Comparisons for the school's year: the same sessions of the year before, and the figure for England.

The period is counted in sessions, not days: the first N of each year, so that a later Easter or an earlier start has no effect.
"""

from dataclasses import dataclass
from datetime import date

from haven.analytics.groups import GroupSum, sum_group
from haven.attendance.reports.measures import NoMeasures, measures_of
from haven.core.schools.models import School
from haven.core.schools.queries import calendar_for
from haven.rules.national import NationalFigure, national_figure
from haven.rules.sessions import academic_year_of, session_of, year_before, year_bounds


@dataclass(frozen=True, slots=True)
class LastYear:
    """The first `sessions` of the year before, up to `to_on`. `whole` sums all pupils on roll then, leavers too; its threshold does not
    reach back into the year before that."""

    year: str
    sessions: int
    to_on: date
    whole: GroupSum


@dataclass(frozen=True, slots=True)
class Comparison:
    """The figures to compare with; None for those that do not exist."""

    last_year: LastYear | None
    national: NationalFigure | None


def comparison(*, school: School, on: date, begun: int) -> Comparison:
    """The comparisons for the year to `on`, whose last begun session is `begun` (a key). Only for users who see every register of the
    school: for a class or a caseload the year before would be about other children."""
    return Comparison(
        last_year=_last_year(school, on, begun), national=national_figure(phase=school.phase, kind=school.type, on=on)
    )


def _last_year(school: School, on: date, begun: int) -> LastYear | None:
    year = academic_year_of(on)
    this, before = calendar_for(school.id, year), calendar_for(school.id, year_before(year))
    if this is None or before is None:
        return None
    so_far = sum(key <= begun and session_of(key).on <= on for key in this.sessions)
    if not so_far:
        return None
    last = before.sessions[min(so_far, len(before.sessions)) - 1]
    first_on, to_on = year_bounds(before.year)[0], session_of(last).on
    try:
        measures = measures_of(school=school, from_on=first_on, to_on=to_on, until=last, reach_back=False)
    except NoMeasures:
        return None
    whole = sum_group(measures.measures)
    return LastYear(before.year, min(so_far, len(before.sessions)), to_on, whole) if whole.possible else None
