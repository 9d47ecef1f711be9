"""A class's attendance as a poster for its classroom: whole per cents week by week, without a name or a number of pupils.

For classes of ten pupils or more (haven.rules.disclosure), and for completed weeks, so that the poster says nothing about an absence of
today.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from haven.analytics.totals import daily_totals
from haven.attendance.reports.anonymised.query import last_friday
from haven.attendance.reports.groupings import groupings
from haven.attendance.reports.measures import measures_of
from haven.attendance.reports.trends import trends
from haven.core.schools.models import School
from haven.platform.ui.pictures import Week
from haven.rules.disclosure import LEAST_GROUP
from haven.rules.sessions import academic_year_of, year_bounds

WEEKS = 12
"""School weeks on a poster."""


@dataclass(frozen=True, slots=True)
class Poster:
    """One class up to a day: its newest school weeks, the oldest first, and the number of the year's sessions without an absence."""

    name: str
    to_on: date
    weeks: tuple[Week, ...]
    everybody: int


def posters(*, school: School, on: date) -> dict[str, Poster]:
    """The poster of each class with enough pupils on roll and a register that the user may see, in natural order of name, up to the last
    completed week. Raises NoMeasures, with a sentence, without a calendar of the year."""
    to_on = last_friday(on)
    measures = measures_of(school=school, from_on=year_bounds(academic_year_of(to_on))[0], to_on=to_on)
    calendar, roll, grouping = measures.sheets.calendar, measures.roll, groupings()["group"]
    end = calendar.last_to(to_on) + 1
    rows: dict[Any, list[int]] = {}
    for row, (label,) in enumerate(grouping.labels(measures.enrolled())):
        if label is not None and roll.last[row] >= end - 1:
            rows.setdefault(label, []).append(row)
    made = {}
    for name in sorted(rows, key=grouping.order):
        of = np.array(rows[name])
        if len(of) < LEAST_GROUP:
            continue
        daily = daily_totals(measures.sheets.matrix[of], calendar, roll=roll.of(of))[:end]
        full = (daily["possible"] > 0) & (daily["absent"] == 0) & (daily["missing"] == 0)
        weeks = [week for week in trends([measures], [of]).weeks if week.possible]
        made[name] = Poster(name, to_on, tuple(weeks[-WEEKS:]), int(np.count_nonzero(full)))
    return made
