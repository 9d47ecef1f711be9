"""Pupils suspended this academic year: how often and for how long.

Counted from the marks E at this school alone (`haven.analytics.suspensions` defines one suspension). A session of a suspension with
provision has another code, and does not count. Computed from the register rows each time; only pupils on roll that day whose register the
user may see. Sessions within a safeguarding separation are left out (`queries.separations`).
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from haven.analytics.calendar import date_of
from haven.analytics.suspensions import SUSPENDED, suspensions
from haven.attendance.registers.queries.register_reader import sheets_for
from haven.attendance.registers.queries.separations import sessions_apart
from haven.attendance.reports.measures import NoMeasures
from haven.core.people.queries import Listed, listed
from haven.rules.sessions import academic_year_of, year_bounds
from haven.rules.suspension import days_left


@dataclass(frozen=True, slots=True)
class Suspended:
    """A pupil with a session coded E this year: suspensions, sessions, and the day of the last such session."""

    pupil: Listed
    times: int
    sessions: int
    last_on: date

    @property
    def days(self) -> float:
        """School days: two sessions each."""
        return self.sessions / 2

    @property
    def days_left(self) -> float:
        """School days for which the pupil may still be suspended this year, according to this school's registers."""
        return days_left(self.sessions)


def suspended_pupils(*, school_id: int, on: date, until: int) -> list[Suspended]:
    """The pupils on roll on a day with a session coded E since the academic year began, those with most sessions first, then by name.

    `until` is the last session (its key) that counts. A pupil who left and came back in the year has one line for both enrolments. Empty if
    there are none. Raises NoMeasures, with a sentence, if the school has no calendar of the year.
    """
    year = academic_year_of(on)
    sheets = sheets_for(
        school_id=school_id, year=year, first_on=year_bounds(year)[0], last_on=on, reach_back=False
    )  # fmt: skip
    if sheets is None:
        raise NoMeasures.without_calendar(year)
    calendar = sheets.calendar
    roll = sheets.roll.between(0, min(calendar.last_to(on), calendar.last_begun(until)))
    apart = sessions_apart(sheets)
    counts = suspensions(sheets.matrix, calendar, roll=roll, apart=apart)
    counted = sheets.matrix == SUSPENDED if apart is None else (sheets.matrix == SUSPENDED) & ~apart
    rows: dict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero(counts["sessions"]).tolist():
        rows[sheets.enrolments[row].pupil_id].append(row)
    on_roll = {
        enrolment.pupil_id
        for enrolment in sheets.enrolments
        if enrolment.begins_on <= on and (enrolment.ends_on or on) >= on
    }
    named = listed(school_id=school_id, pupil_ids=[id for id in rows if id in on_roll], on=on)
    pupils = [
        Suspended(
            pupil, int(counts["times"][rows[id]].sum()), int(counts["sessions"][rows[id]].sum()),
            date_of(calendar.day[max(_last_suspended(counted[row], int(roll.last[row])) for row in rows[id])]),
        )
        for id, pupil in named.items()
    ]  # fmt: skip
    return sorted(pupils, key=lambda line: (-line.sessions, line.pupil.sorted_name))


def _last_suspended(is_counted: Any, last: int) -> int:
    """The position of the last session that counts, up to a position, in a row that has one."""
    return int(np.flatnonzero(is_counted[: last + 1])[-1])
