"""The attendance of groups of pupils over any range of days, for the page and the measures command.

Sessions are summed over the enrolments of a group and then divided; persistent and severe are flagged enrolments over enrolments with a
possible session (haven.analytics.groups). A range may cover several academic years: an enrolment then has the sessions of all of them. Only
pupils whose register the user may see.
"""

from collections.abc import Collection, Hashable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from haven.analytics.groups import GroupSum, sum_group, sum_within
from haven.analytics.suspensions import SUSPENSIONS, suspensions
from haven.analytics.years import together
from haven.attendance.registers.queries.register_reader import Rolled
from haven.attendance.registers.queries.separations import sessions_apart
from haven.attendance.reports.groupings import Enrolled, Grouping
from haven.attendance.reports.measures import SchoolMeasures, measures_of
from haven.attendance.reports.trends import Trends, trends
from haven.core.schools.models import School
from haven.rules.sessions import academic_year_of, year_bounds
from haven.rules.visibility import RecordCategory


@dataclass(frozen=True)
class Pooled:
    """A school's enrolments over a range: `measures[row]` (analytics.measures.MEASURES) and `suspended[row]` (SUSPENSIONS) belong to
    `enrolments[row]`, by id; `years` are the parts of the range in each academic year."""

    school: School
    from_on: date
    to_on: date
    years: tuple[SchoolMeasures, ...]
    enrolments: tuple[Rolled, ...]
    measures: Any
    suspended: Any

    @cached_property
    def whole(self) -> GroupSum:
        """The sums of all enrolments."""
        return sum_group(self.measures, self.suspended)

    def labels(self, grouping: Grouping, record_categories: Collection[RecordCategory]) -> list[Collection[Hashable]]:
        """The labels of each enrolment, for a user who reads these record categories."""
        enrolled = Enrolled(self.school.id, self.school.urn, self.to_on, self.enrolments, record_categories)
        return list(grouping.labels(enrolled))

    def by(self, grouping: Grouping, record_categories: Collection[RecordCategory]) -> dict[Any, GroupSum]:
        """The sums of each group, in the grouping's order."""
        sums = sum_within(self.measures, self.labels(grouping, record_categories), self.suspended)
        return {label: sums[label] for label in sorted(sums, key=grouping.order)}

    def trends(self, grouping: Grouping, label: Hashable, record_categories: Collection[RecordCategory]) -> Trends:
        """Week by week and by half-day, of one group."""
        held = zip(self.enrolments, self.labels(grouping, record_categories), strict=True)
        inside = {enrolment.enrolment_id for enrolment, labels in held if label in labels}
        rows = [
            np.flatnonzero([enrolment.enrolment_id in inside for enrolment in year.sheets.enrolments])
            for year in self.years
        ]
        return trends(self.years, rows)


def pooled_measures(*, school: School, from_on: date, to_on: date, until: int | None = None) -> Pooled:
    """The measures of each enrolment on roll at some time from one day to another (both included), across academic years.

    `until` as in `measures_of`. Raises NoMeasures if the days are the wrong way round, or the school has no calendar of one of the years: a
    figure over a part of the days would be misleading.
    """
    years: list[SchoolMeasures] = []
    first = from_on
    while first <= to_on or not years:
        last = min(to_on, year_bounds(academic_year_of(first))[1])
        years.append(measures_of(school=school, from_on=first, to_on=last, until=until))
        first = last + timedelta(days=1)
    ids = [np.array([enrolment.enrolment_id for enrolment in year.sheets.enrolments], np.int64) for year in years]
    enrolments, measures = together([(held, year.measures) for held, year in zip(ids, years, strict=True)])
    suspended = np.zeros(len(enrolments), SUSPENSIONS)
    for held, year in zip(ids, years, strict=True):
        counts = suspensions(
            year.sheets.matrix, year.sheets.calendar, roll=year.roll, from_on=year.from_on, to_on=year.to_on,
            apart=sessions_apart(year.sheets),
        )  # fmt: skip
        for name in SUSPENSIONS.names or ():
            suspended[name][np.searchsorted(enrolments, held)] += counts[name]
    known = {enrolment.enrolment_id: enrolment for year in years for enrolment in year.sheets.enrolments}
    return Pooled(
        school,
        from_on,
        to_on,
        tuple(years),
        tuple(known[enrolment_id] for enrolment_id in enrolments.tolist()),
        measures,
        suspended,
    )
