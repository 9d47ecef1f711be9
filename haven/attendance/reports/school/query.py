"""The school's figures: this week, week by week, by weekday and half-day, by year group.

Sums of sessions, then divided (haven.rules.absence); a missing register is a separate figure. Small numbers are not hidden: the page is for
staff who may see every one of these pupils.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from haven.analytics.groups import GroupSum, share, sum_group, sum_within
from haven.analytics.totals import daily_totals
from haven.attendance.reports.groupings import groupings
from haven.attendance.reports.measures import NoMeasures, SchoolMeasures, measures_of
from haven.attendance.reports.trends import LateWeek, trends
from haven.core.schools.models import School
from haven.platform.ui.pictures import Share, Week
from haven.rules.sessions import Half, academic_year_of, session_of, year_bounds


@dataclass(frozen=True, slots=True)
class SessionFigures:
    """One session of the school."""

    on: date
    half: Half
    on_roll: int
    attended: int
    absent: int
    unauthorised: int
    not_expected: int
    missing: int

    @property
    def attendance_rate(self) -> float | None:
        return share(self.attended, self.attended + self.absent)


@dataclass(frozen=True, slots=True)
class SchoolFigures:
    """The school's year until a day. `groups` by the name of the year group, None for pupils without one. The threshold of the ten school
    weeks is not included, so nothing here reaches back into the year before."""

    first_on: date
    to_on: date
    whole: GroupSum
    groups: dict[str | None, GroupSum]
    week: list[SessionFigures]
    weeks: list[Week]
    late: list[LateWeek]
    pattern: list[Share]

    @property
    def week_sum(self) -> tuple[int, int]:
        """Attended and possible sessions of the week."""
        attended = sum(session.attended for session in self.week)
        return attended, attended + sum(session.absent for session in self.week)


def school_figures(*, school: School, on: date, begun: int) -> SchoolFigures:
    """Figures of the pupils whose register the user may see, from the first day of the academic year to `on`. Raises NoMeasures.

    `begun` is the last session (its key) that has begun: a later one does not count as not marked, and is not in the week.
    """
    first_on, _ = year_bounds(academic_year_of(on))
    measures = measures_of(school=school, from_on=first_on, to_on=on, until=begun, reach_back=False)
    if not len(measures.sheets):
        raise NoMeasures("No pupils on roll have a register you can see.")
    whole = sum_group(measures.measures)
    daily = daily_totals(measures.sheets.matrix, measures.sheets.calendar, roll=measures.roll)
    trend = trends([measures])
    return SchoolFigures(
        first_on=first_on,
        to_on=on,
        whole=whole,
        groups=_year_groups(measures),
        week=_week(measures, daily, on, begun),
        weeks=trend.weeks,
        late=trend.late,
        pattern=trend.pattern,
    )


def _year_groups(measures: SchoolMeasures) -> dict[str | None, GroupSum]:
    return sum_within(measures.measures, groupings()["year"].labels(measures.enrolled()))


def _week(measures: SchoolMeasures, daily: Any, on: date, begun: int) -> list[SessionFigures]:
    """The sessions of the school week of a day that have begun, up to that day."""
    monday = on - timedelta(days=on.weekday())
    figures = []
    for key, total in zip(measures.sheets.calendar.keys.tolist(), daily, strict=True):
        session = session_of(key)
        if monday <= session.on <= on and key <= begun:
            roll, possible, missing = int(total["on_roll"]), int(total["possible"]), int(total["missing"])
            figures.append(
                SessionFigures(
                    session.on, session.half, roll, int(total["attended"]), int(total["absent"]),
                    int(total["unauthorised"]), roll - possible - missing, missing,
                )
            )  # fmt: skip
    return figures
