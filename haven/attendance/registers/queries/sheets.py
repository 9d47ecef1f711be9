"""A school's registers of a year as packed arrays, for every figure about groups and for the measures.

One row a sheet, one byte a session; the year before comes along, because the ten school weeks of the threshold reach into it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Q, QuerySet

from haven.analytics import calendar as engine
from haven.analytics.sheets import OnRoll, checked, known, on_roll, pack
from haven.analytics.sheets import laid_on as matrix_on
from haven.attendance.registers.binary import binary_cursor
from haven.attendance.registers.calendars import calendar_for, empty_sheet, lay_anew, roll_window, versions_of
from haven.attendance.registers.queries.visibility_key import pupils_in_sight
from haven.core.people.models import Enrolment
from haven.core.schools.models import Calendar
from haven.platform.row_security.statements import statement
from haven.rules.attendance_codes import MISSING
from haven.rules.sessions import year_before, year_bounds


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
    in_sight = pupils_in_sight(school_id)
    some = {} if in_sight is None else {"pupil_ids": in_sight}
    enrolments = [Rolled(*row) for row in _rolled(school_id=school_id, first=first, last=last, **some)]
    before = calendar_for(school_id, year_before(year)) if reach_back else None
    last_year = engine.build_calendar(before.sessions) if before else None
    calendar = engine.build_calendar(standing.sessions, last_year)
    return YearSheets(
        school_id=school_id,
        year=year,
        calendar=calendar,
        enrolments=tuple(enrolments),
        matrix=_matrix(school_id, standing, enrolments, calendar),
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


@statement
def _rolled(school_id: Any, first: Any, last: Any, pupil_ids: Any = None) -> QuerySet[Enrolment, Any]:
    """In order of number, on which `_matrix` counts."""
    rows = Enrolment.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=first), school_id=school_id, begins_on__lte=last
    )
    rows = rows if pupil_ids is None else rows.filter(pupil_id__any=pupil_ids)
    return rows.order_by("id").values_list("id", "pupil_id", "begins_on", "ends_on")


_SHEETS = """
select calendar_id, string_agg(int4send(enrolment_id), ''::bytea), string_agg(marks, ''::bytea) from registers_sheet
where school_id = %(school)s and year = %(year)s group by calendar_id
"""


def _sheets(school_id: int, year: str, versions: Mapping[int, Calendar]) -> Iterator[tuple[int, Any, Any]]:
    """The sheets of a school's year, those on each version of its calendar side by side: the version's id, the enrolments, and a
    matrix with a row for each. Raises BadSheet where one does not fit its calendar."""
    with binary_cursor() as cursor:
        found = cursor.execute(_SHEETS, {"school": school_id, "year": year}, binary=True).fetchall()
    for calendar_id, enrolments, marks in found:
        ids = np.frombuffer(enrolments, ">i4").astype(np.int64)
        yield calendar_id, ids, checked(marks, len(ids), len(versions[calendar_id].sessions))


def _matrix(school_id: int, standing: Calendar, enrolments: Sequence[Rolled], calendar: engine.Calendar) -> Any:
    """The marks of each enrolment (in order of number) on this calendar, read-only: a sheet that lies on an older version is laid anew
    in memory, an enrolment without a sheet has empty places. Raises BadSheet for a byte that is no code on its day."""
    versions = versions_of(school_id, standing.year)
    wanted = np.array([each.enrolment_id for each in enrolments], np.int64)
    matrix = np.full((len(wanted), calendar.sessions), MISSING, np.uint8)
    for calendar_id, ids, marks in _sheets(school_id, standing.year, versions):
        place = np.searchsorted(wanted, ids)
        (here,) = np.nonzero(np.append(wanted, -1)[place] == ids)
        matrix[place[here]] = matrix_on(marks[here], versions[calendar_id].sessions, calendar)
    matrix.setflags(write=False)
    return known(matrix, calendar)


def _marks(school_id: int, calendar: Calendar) -> dict[int, bytes]:
    """The marks of each enrolment, on this calendar: a sheet that lies on an older version is laid anew in memory."""
    versions = versions_of(school_id, calendar.year)
    return {
        enrolment_id: row.tobytes()
        if calendar_id == calendar.id
        else lay_anew(row.tobytes(), versions[calendar_id].sessions, calendar.sessions)
        for calendar_id, ids, marks in _sheets(school_id, calendar.year, versions)
        for enrolment_id, row in zip(ids.tolist(), marks, strict=True)
    }


def _previous(school_id: int, before: Calendar, last_year: engine.Calendar, enrolments: Sequence[Rolled]) -> Any:
    """The sheets of the year before, row for row; a pupil with two enrolments then has the marks of both."""
    marks = _marks(school_id, before)
    by_pupil: dict[int, bytearray] = {}
    pupils = {each.pupil_id for each in enrolments}
    for enrolment_id, pupil_id, begins_on, ends_on in _ever_rolled(school_id=school_id):
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


@statement
def _ever_rolled(school_id: Any) -> QuerySet[Enrolment, Any]:
    return Enrolment.objects.filter(school_id=school_id).values_list("id", "pupil_id", "begins_on", "ends_on")
