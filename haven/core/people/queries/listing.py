"""The data of each pupil in a list: name, year group, class and dates at a school, on a day.

The row policy decides which pupils are included.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection


@dataclass(frozen=True)
class Listed:
    """A pupil in a list: with year group, class and dates at one school. `left_on` None: on the roll."""

    id: int
    ref: UUID
    name: str
    surname: str
    forename: str
    born_on: date | None
    year_group: str = ""
    group: str = ""
    begins_on: date | None = None
    left_on: date | None = None
    school_id: int = 0
    upn: str = ""
    sex: str = ""

    @property
    def sorted_name(self) -> str:
        """Surname first, as lists are read."""
        return f"{self.surname}, {self.forename}"

    @property
    def year_title(self) -> str:
        return year_title(self.year_group)


def year_title(year_group: str) -> str:
    """ "8" is "Year 8", "R" is "Reception", "N2" is "Nursery 2"; "" is ""."""
    if year_group.isdigit():
        return f"Year {year_group}"
    return {"R": "Reception", "N1": "Nursery 1", "N2": "Nursery 2"}.get(year_group, year_group)


# Three statements instead of one: under row-level security the planner underestimates rows and would nest loops. Of several rows: the last
# that has begun by the day, else the first that will.
ENROLLED_SQL = """
select distinct on (e.school_id, e.pupil_id) p.id, p.ref, coalesce(nullif(p.preferred_surname, ''), p.surname),
  coalesce(nullif(p.preferred_forename, ''), p.forename), p.born_on, p.sex, e.id, e.school_id, e.begins_on,
  case when e.ends_on < %(on)s then e.ends_on end
from people_enrolment e join people_pupil p on p.id = e.pupil_id
where e.school_id = any(%(schools)s) and e.pupil_id = any(%(pupils)s)
order by e.school_id, e.pupil_id, e.begins_on > %(on)s, abs(e.begins_on - %(on)s), e.id desc
"""
PLACED_SQL = """
select distinct on (x.enrolment_id) x.enrolment_id, x.year_group, coalesce(g.name, '')
from people_placement x left join people_registrationgroup g on g.id = x.group_id
where x.enrolment_id = any(%(enrolments)s)
order by x.enrolment_id, x.begins_on > %(on)s, abs(x.begins_on - %(on)s), case when x.begins_on > %(on)s then x.id else -x.id end
"""
# A UPN takes priority over a temporary one.
NUMBERED_SQL = """
select distinct on (school_id, pupil_id) school_id, pupil_id, value from people_identifier
where school_id = any(%(schools)s) and pupil_id = any(%(pupils)s) and ends_on is null and kind in ('upn', 'temporary_upn')
order by school_id, pupil_id, kind desc, id desc
"""


def listed_at(*, school_ids: Sequence[int], pupil_ids: Iterable[int], on: date) -> list[Listed]:
    """Pupils as lists show them, once for each of the schools at which they are or were, in no order; with year group and class on a day.
    Pupils of other schools, and pupils whom the user may not see, are left out. Three queries, whatever the number of pupils and
    schools."""
    ids = list(pupil_ids)
    if not ids or not school_ids:
        return []
    asked: dict[str, Any] = {"schools": list(school_ids), "pupils": ids, "on": on}
    with connection.cursor() as cursor:
        cursor.execute(ENROLLED_SQL, asked)
        enrolled = cursor.fetchall()
        cursor.execute(PLACED_SQL, {"enrolments": [row[6] for row in enrolled], "on": on})
        placed = {enrolment_id: (year_group, group) for enrolment_id, year_group, group in cursor.fetchall()}
        cursor.execute(NUMBERED_SQL, asked)
        numbered = {(school_id, pupil_id): value for school_id, pupil_id, value in cursor.fetchall()}
    return [_listed(row, *placed.get(row[6], ("", "")), numbered.get((row[7], row[0]), "")) for row in enrolled]


def _listed(row: tuple[Any, ...], year_group: str, group: str, upn: str) -> Listed:
    """A pupil from a row of ENROLLED_SQL."""
    id, ref, surname, forename, born_on, sex, _, school_id, begins_on, left_on = row
    name = f"{forename} {surname}"
    return Listed(id, ref, name, surname, forename, born_on, year_group, group, begins_on, left_on, school_id, upn, sex)


def listed(*, school_id: int, pupil_ids: Iterable[int], on: date) -> dict[int, Listed]:
    """As `listed_at` for one school, by pupil's id."""
    return {pupil.id: pupil for pupil in listed_at(school_ids=[school_id], pupil_ids=pupil_ids, on=on)}
