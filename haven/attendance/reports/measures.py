"""Every measure of a school's registers between two days, one row for each enrolment, for the measures command and for pages. Groups of
enrolments: haven.attendance.reports.groups.query.

Definitions: haven.rules.measure_words. Computed from the register rows each time; no figure is stored.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from haven.analytics import results
from haven.analytics.measures import walk_many
from haven.analytics.sheets import OnRoll
from haven.attendance.registers.queries.register_reader import YearSheets, sheets_for
from haven.attendance.reports.groupings import Enrolled
from haven.core.people.queries import upns_of
from haven.core.schools.models import School
from haven.rules.sessions import academic_year_of
from haven.rules.visibility import RecordCategory


class NoMeasures(ValueError):
    """The measures cannot be computed; the sentence says why and what to do."""

    @classmethod
    def without_calendar(cls, year: str) -> "NoMeasures":
        """The school has no sessions of that academic year."""
        return cls(f"The school has no calendar for {year}. Import its sessions first.")


@dataclass(frozen=True)
class SchoolMeasures:
    """`measures[row]` (an entry of analytics.measures.MEASURES) belongs to `sheets.enrolments[row]`."""

    school: School
    from_on: date
    to_on: date
    sheets: YearSheets
    roll: OnRoll
    measures: Any

    def rows(self) -> list[results.Row]:
        """One row for each enrolment in the columns of the measures command, ordered by UPN."""
        upns = upns_of(school_id=self.school.id, pupil_ids=[enrolment.pupil_id for enrolment in self.sheets.enrolments])
        listed = [upns.get(enrolment.pupil_id, "") for enrolment in self.sheets.enrolments]
        return results.rows(self.measures, listed, [str(self.school.urn)] * len(listed), self.from_on, self.to_on)

    def enrolled(self, record_categories: Collection[RecordCategory] = (RecordCategory.ATTENDANCE,)) -> Enrolled:
        """The enrolments in the form that haven.attendance.reports.groupings needs, as of the last day."""
        return Enrolled(self.school.id, self.school.urn, self.to_on, self.sheets.enrolments, record_categories)


def measures_of(
    *, school: School, from_on: date, to_on: date, until: int | None = None, reach_back: bool = True
) -> SchoolMeasures:
    """Every measure of each enrolment on roll at the school at some time from one day to another (both included).

    Both days lie in one academic year. `until` is a session key: later sessions count as not yet on roll, so that a future afternoon is not
    shown as missing; None counts the whole of the last day. Without `reach_back` the ten school weeks of the threshold begin with the year:
    for figures that do not use it. Raises NoMeasures if the days are in different years, or the school has no calendar of that year.
    """
    year = academic_year_of(from_on)
    if to_on < from_on:
        raise NoMeasures("The last day is before the first day. Check the dates.")
    if academic_year_of(to_on) != year:
        raise NoMeasures("The first and the last day must lie in one academic year (1 September to 31 August).")
    sheets = sheets_for(school_id=school.id, year=year, first_on=from_on, last_on=to_on, reach_back=reach_back)
    if sheets is None:
        raise NoMeasures.without_calendar(year)
    return walked(school=school, sheets=sheets, from_on=from_on, to_on=to_on, until=until)


def walked(
    *, school: School, sheets: YearSheets, from_on: date, to_on: date, until: int | None = None
) -> SchoolMeasures:
    """The measures of registers that are already loaded; days and `until` as in `measures_of`."""
    roll = sheets.roll
    if until is not None:
        roll = roll.between(0, sheets.calendar.last_begun(until))
    measures = walk_many(
        sheets.matrix, sheets.calendar, roll=roll, from_on=from_on, to_on=to_on, previous=sheets.previous
    )
    return SchoolMeasures(school, from_on, to_on, sheets, roll, measures)
