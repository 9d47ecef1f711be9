"""The registers of a school by pupil and school week, over several academic years."""

from collections.abc import Sequence
from datetime import date

from haven.analytics.calendar import day_number
from haven.analytics.weekly import Weeks, by_week, joined
from haven.attendance.registers.queries.register_reader import sheets_for


def weeks_over(*, school_id: int, years: Sequence[str], on: date) -> tuple[list[int], Weeks]:
    """The pupils (ids, in order) whose register the user sees, and their weeks in these years that ended before the day `on`.

    Years without a calendar have no weeks. If there is none, both are empty.
    """
    by_year = []
    for year in years:
        sheets = sheets_for(school_id=school_id, year=year, reach_back=False)
        if sheets is not None:
            weeks = by_week(sheets.matrix, sheets.calendar, roll=sheets.roll)
            by_year.append(([enrolment.pupil_id for enrolment in sheets.enrolments], weeks))
    pupils, together = joined(by_year)
    return pupils, together.until(day_number(on))
