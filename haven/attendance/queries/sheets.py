"""A school's registers of a year as packed arrays, for every figure about groups and for the measures.

One row a sheet, one byte a session; the year before comes along, because the ten school weeks of the threshold reach into it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from haven.analytics import calendar as engine
from haven.analytics.sheets import OnRoll, on_roll, pack
from haven.analytics.sheets import laid_on as matrix_on
from haven.attendance.calendars import calendar_for, empty_sheet, lay_anew, roll_window, versions_of
from haven.attendance.models import Sheet
from haven.attendance.queries.sight import pupils_in_sight
from haven.people.models import Enrolment
from haven.rules.attendance_codes import MISSING
from haven.rules.sessions import year_before, year_bounds
from haven.schools.models import Calendar


class Rolled(NamedTuple):
    """One enrolment of the answer."""

    enrolment_id: int
    pupil_id: int
    begins_on: date
    ends_on: date | None


@dataclass(frozen=True)
class YearSheets:
    """Registers of a school's year. `matrix[row]` and `roll` belong to `enrolments[row]`, as does `previous`: the pupil's sheet of
    the year before at this school (all empty where there is none), off-roll places blanked; None without a calendar of that year."""

    school_id: int
    year: str
    calendar: engine.Calendar
    enrolments: tuple[Rolled, ...]
    matrix: Any
    roll: OnRoll
    previous: Any | None

    def __len__(self) -> int:
        return len(self.enrolments)


def sheets_for(
    *, school_id: int, year: str, first_on: date | None = None, last_on: date | None = None, reach_back: bool = True
) -> YearSheets | None:
    """The registers of a school's year, one row for each enrolment on roll at some time from `first_on` to `last_on` (None: the
    year's sessions), by enrolment id; None where the school has no calendar of the year.

    An enrolment without a sheet has empty places. Only enrolments whose register the viewer may see. Without `reach_back` the year
    before is left out, for figures that have no use for it.
    """
    standing = calendar_for(school_id, year)
    if standing is None:
        return None
    first, last = _span(standing, first_on, last_on)
    found = Enrolment.objects.filter(school_id=school_id, begins_on__lte=last).exclude(ends_on__lt=first).order_by("id")
    in_sight = pupils_in_sight(school_id)
    if in_sight is not None:
        found = found.filter(pupil_id__in=in_sight)
    enrolments = [Rolled(*row) for row in found.values_list("id", "pupil_id", "begins_on", "ends_on")]
    before = calendar_for(school_id, year_before(year)) if reach_back else None
    last_year = engine.build_calendar(before.sessions) if before else None
    calendar = engine.build_calendar(standing.sessions, last_year)
    marks = _marks(school_id, standing)
    return YearSheets(
        school_id=school_id,
        year=year,
        calendar=calendar,
        enrolments=tuple(enrolments),
        matrix=pack([marks.get(each.enrolment_id) for each in enrolments], calendar),
        roll=on_roll([each.begins_on for each in enrolments], [each.ends_on for each in enrolments], calendar),
        previous=_previous(school_id, before, last_year, enrolments) if before and last_year else None,
    )


def laid_on(sheets: YearSheets, sessions: Sequence[int]) -> YearSheets:
    """The same registers as they would lie on other sessions of the year (keys in order): a session that is new is empty, the mark of
    one that is gone is left out."""
    before = calendar_for(sheets.school_id, year_before(sheets.year))
    calendar = engine.build_calendar(sessions, engine.build_calendar(before.sessions) if before else None)
    rolled = sheets.enrolments
    return replace(
        sheets, calendar=calendar, matrix=matrix_on(sheets.matrix, sheets.calendar.keys, calendar),
        roll=on_roll([each.begins_on for each in rolled], [each.ends_on for each in rolled], calendar),
    )  # fmt: skip


def _span(calendar: Calendar, first_on: date | None, last_on: date | None) -> tuple[date, date]:

    first, last = year_bounds(calendar.year)
    return first_on or first, last_on or last


def _marks(school_id: int, calendar: Calendar) -> dict[int, bytes]:
    """The marks of each enrolment, on this calendar: a sheet that lies on an older version is laid anew in memory."""
    versions = versions_of(school_id, calendar.year)
    rows = Sheet.objects.filter(school_id=school_id, year=calendar.year)
    return {
        enrolment_id: bytes(marks)
        if calendar_id == calendar.id
        else lay_anew(bytes(marks), versions[calendar_id].sessions, calendar.sessions)
        for enrolment_id, calendar_id, marks in rows.values_list("enrolment_id", "calendar_id", "marks")
    }


def _previous(school_id: int, before: Calendar, last_year: engine.Calendar, enrolments: Sequence[Rolled]) -> Any:
    """The sheets of the year before, row for row; a pupil with two enrolments then has the marks of both."""
    marks = _marks(school_id, before)
    by_pupil: dict[int, bytearray] = {}
    pupils = {each.pupil_id for each in enrolments}
    theirs = Enrolment.objects.filter(school_id=school_id)
    for enrolment_id, pupil_id, begins_on, ends_on in theirs.values_list("id", "pupil_id", "begins_on", "ends_on"):
        if enrolment_id not in marks or pupil_id not in pupils:
            continue
        first, after = roll_window(before.sessions, begins_on, ends_on)
        here = marks[enrolment_id][first:after]
        row = by_pupil.get(pupil_id)
        if row is None:
            row = by_pupil[pupil_id] = bytearray(empty_sheet(before))
            row[first:after] = here
            continue
        for place, mark in enumerate(here, first):
            if mark != MISSING:
                row[place] = mark
    return pack(
        [bytes(by_pupil[each.pupil_id]) if each.pupil_id in by_pupil else None for each in enrolments], last_year
    )
