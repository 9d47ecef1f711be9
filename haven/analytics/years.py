"""Combines the measures of enrolments over more than one academic year: each year is walked on its own.

Counts of sessions are added up; persistent and severe absence are decided on the sums. Runs and broken weeks stay
within a year, since registers have no sessions between July and September: the longest run of any year, the broken
weeks of all. A date on which something was met is the first of any year.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from haven.analytics import walk
from haven.analytics.measures import DATES, MEASURES

LONGEST = ("unauthorised_run_days", "illness_run_sessions")
ADDED = (
    "possible", "attended", "absent", "authorised", "unauthorised", "late_before", "late_after", "missing",
    "illness_sessions", "broken_weeks", "possible_at", "absent_at",
)  # fmt: skip


def together(years: Sequence[tuple[Any, Any]]) -> tuple[Any, Any]:
    """One entry for each enrolment of the years: enrolments int64 in ascending order, and their MEASURES over all
    years.

    `years` has (enrolments int64, an array of MEASURES) of each year, in order of time; an enrolment occurs at most
    once in a year. No years give no enrolments.
    """
    enrolments = np.unique(np.concatenate([ids for ids, _ in years] or [np.zeros(0, np.int64)]))
    summed = np.zeros(len(enrolments), MEASURES)
    for name in DATES:
        summed[name] = walk.NO_DATE
    for held, measures in years:
        at = np.searchsorted(enrolments, held)
        for name in ADDED:
            summed[name][at] += measures[name]
        for name in LONGEST:
            summed[name][at] = np.maximum(summed[name][at], measures[name])
        for name in DATES:
            summed[name][at] = np.where(summed[name][at] == walk.NO_DATE, measures[name], summed[name][at])
    possible, absent = summed["possible"], summed["absent"]
    summed["persistent"] = (possible > 0) & (10 * absent >= possible)
    summed["severe"] = (possible > 0) & (2 * absent >= possible)
    return enrolments, summed
