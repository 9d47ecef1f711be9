"""Which pupils are on the roll in these sessions, and what does the register say of each?

Every registered pupil has a mark for both sessions of a day (SI 2024/208 regulation 10). Pupils whose register the viewer may not see
are not there, although the roll itself is seen by everyone on the staff.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from haven.attendance.registers.calendars import key_of, place_in, versions_of
from haven.attendance.registers.models import MarkNote, PlannedAbsence
from haven.attendance.registers.queries.visibility_key import pupils_in_sight
from haven.core.people.models import Enrolment, Placement
from haven.platform.row_security.planner import without_nested_loops
from haven.platform.row_security.statements import statement
from haven.rules.attendance_codes import from_byte
from haven.rules.sessions import session_of


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a mark."""

    minutes_late: int | None
    comment: str


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One enrolment over the sessions asked for. Dictionaries by session key; a session off roll is in none of them.

    `marks`: the code, "" for none. `plans`: the code of a planned absence. `beside`: minutes late or a comment.
    """

    enrolment_id: int
    enrolment_ref: UUID
    pupil_id: int
    ref: UUID
    forename: str
    surname: str
    group_id: int | None
    group: str
    year_group: str
    sheet_id: int | None
    version: int
    marks: dict[int, str] = field(default_factory=dict)
    plans: dict[int, str] = field(default_factory=dict)
    beside: dict[int, Beside] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.forename} {self.surname}"


SEVERAL_CLASSES = 150
"""Of so many pupils in sight, the registers are looked up one by one; of more, the school's are read at once."""
A_CLASS = 60
"""Up to so many sheets are named one by one; beyond, the school's are read and those not asked for left aside."""

# The pupils are looked up by number: their table is an authority's, and a hash join would read it whole.
ROWS = """
with roll as (
  select e.id, e.ref, e.pupil_id, e.begins_on, e.ends_on from people_enrolment e
  where e.school_id = %(school)s and e.begins_on <= %(last)s and (e.ends_on is null or e.ends_on >= %(first)s)
    and (%(some)s::int[] is null or e.id = any(%(some)s))
    and (%(everybody)s or e.pupil_id = any(%(sight)s))
)
select e.id, e.ref, e.pupil_id, p.ref, coalesce(nullif(p.preferred_forename, ''), p.forename),
  coalesce(nullif(p.preferred_surname, ''), p.surname), g.id, coalesce(g.name, ''),
  coalesce(nullif(pl.year_group, ''), g.year_group, ''), s.id, coalesce(s.version, 0), e.begins_on, e.ends_on, s.calendar_id, s.marks
from roll e
join people_pupil p on p.id = e.pupil_id and p.id = any(array(select pupil_id from roll))
left join (
  select distinct on (enrolment_id) enrolment_id, group_id, year_group from people_placement
  where school_id = %(school)s and begins_on <= %(last)s and (ends_on is null or ends_on >= %(first)s)
    and (%(some)s::int[] is null or enrolment_id = any(%(some)s))
  order by enrolment_id, begins_on desc) pl on pl.enrolment_id = e.id
left join people_registrationgroup g on g.id = pl.group_id and g.school_id = %(school)s
left join (
  select s.id, s.enrolment_id, s.version, s.calendar_id, substr(s.marks, v.first, v.many) as marks from registers_sheet s
  left join unnest(%(calendars)s::int[], %(firsts)s::int[], %(lengths)s::int[]) as v(calendar_id, first, many)
    on v.calendar_id = s.calendar_id
  where s.school_id = %(school)s and s.year = %(year)s and (%(some)s::int[] is null or s.enrolment_id = any(%(some)s)) offset 0
) s on s.enrolment_id = e.id
where %(group)s::int is null or pl.group_id = %(group)s
order by p.surname_key, p.forename_key, e.id
"""

Places = Mapping[int, Mapping[int, int]]
"""Where sessions stand in the sheets: calendar -> session key -> place."""


def register_rows(*, school_id: int, year: str, keys: Iterable[int], group_id: int | None = None) -> list[RegisterRow]:
    """The register of a school, or one class, in the sessions of one academic year named by `keys` (session keys), by name.

    Sessions that are in no calendar stay without marks. No keys give no rows. Three queries more or less, whatever the number of
    pupils; of a sheet no more is read than from the first of the sessions to the last, and minutes only where there are any.
    """
    wanted = sorted(set(keys))
    if not wanted:
        return []
    first, last = session_of(wanted[0]).on, session_of(wanted[-1]).on
    places: Places = {
        calendar_id: {key: place for key in wanted if (place := place_in(calendar.sessions, key)) is not None}
        for calendar_id, calendar in versions_of(school_id, year).items()
    }
    in_sight = pupils_in_sight(school_id)
    some = _some(school_id, group_id, in_sight)
    asked = {"school": school_id, "year": year, "first": first, "last": last, "group": group_id, "some": some,
             "everybody": in_sight is None, "sight": list(in_sight or ())}  # fmt: skip
    with without_nested_loops():  # a class as well: of each table its rows are read once, and not once for each pupil
        found = _read(asked, places)
    days = {key: session_of(key).on for key in wanted}
    begins = {calendar_id: min(here.values(), default=0) for calendar_id, here in places.items()}
    rows = [_row(each, days, places, begins) for each in found]
    _add_plans(school_id, rows, wanted)
    _add_beside(school_id, rows, first, last)
    return rows


def _some(school_id: int, group_id: int | None, in_sight: Collection[int] | None) -> list[int] | None:
    """The enrolments that are looked up one by one, where they are few: those that are or were in a class, or those of the pupils whom
    a viewer sees who does not see everybody. None: the whole school is read at once."""
    if group_id is not None:
        return _placed(group_id=group_id)
    if in_sight is None or len(in_sight) > SEVERAL_CLASSES:
        return None
    theirs = Enrolment.objects.filter(school_id=school_id, pupil_id__in=list(in_sight))
    return list(theirs.values_list("id", flat=True))


def _read(asked: dict[str, Any], places: Places) -> Sequence[Sequence[Any]]:
    held = {calendar_id: sorted(here.values()) for calendar_id, here in places.items() if here}
    spans = {
        "calendars": list(held),
        "firsts": [here[0] + 1 for here in held.values()],
        "lengths": [here[-1] - here[0] + 1 for here in held.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(ROWS, asked | spans)
        found: Sequence[Sequence[Any]] = cursor.fetchall()
    return found


def _row(found: Sequence[Any], days: Mapping[int, date], places: Places, begins: Mapping[int, int]) -> RegisterRow:
    *facts, begins_on, ends_on, calendar_id, marks = found
    sheet = bytes(marks) if marks is not None else b""
    here, begin = places.get(calendar_id, {}), begins.get(calendar_id, 0)
    row = RegisterRow(*facts)
    for key, on in days.items():
        if begins_on <= on and (ends_on is None or on <= ends_on):
            row.marks[key] = (from_byte(sheet[here[key] - begin]) or "") if key in here else ""
    return row


def _add_plans(school_id: int, rows: list[RegisterRow], keys: list[int]) -> None:
    by_pupil: dict[int, list[RegisterRow]] = {}
    for row in rows:
        by_pupil.setdefault(row.pupil_id, []).append(row)
    for pupil_id, first_key, last_key, code in _plans(school_id=school_id, first=keys[0], last=keys[-1]):
        for row in by_pupil.get(pupil_id, ()):
            row.plans.update({key: code for key in keys if first_key <= key <= last_key and key in row.marks})


def _add_beside(school_id: int, rows: list[RegisterRow], first: date, last: date) -> None:
    by_sheet = {row.sheet_id: row for row in rows if row.sheet_id is not None}
    named = {"sheet_ids": list(by_sheet)} if len(by_sheet) <= A_CLASS else {}
    for sheet_id, on, half, minutes, comment in _notes(school_id=school_id, first=first, last=last, **named):
        if sheet_id in by_sheet:
            by_sheet[sheet_id].beside[key_of(on, half)] = Beside(minutes, comment)


@statement
def _placed(group_id: Any) -> QuerySet[Placement, int]:
    return Placement.objects.filter(group_id=group_id).values_list("enrolment_id", flat=True)


@statement
def _plans(school_id: Any, first: Any, last: Any) -> QuerySet[PlannedAbsence, Any]:
    plans = PlannedAbsence.objects.filter(
        school_id=school_id, withdrawn_at__isnull=True, first_key__lte=last, last_key__gte=first
    )
    return plans.order_by("id").values_list("pupil_id", "first_key", "last_key", "code")


@statement
def _notes(school_id: Any, first: Any, last: Any, sheet_ids: Any = None) -> QuerySet[MarkNote, Any]:
    notes = MarkNote.objects.filter(school_id=school_id, on__range=(first, last)).order_by("id")
    notes = notes if sheet_ids is None else notes.filter(sheet_id__any=sheet_ids)
    return notes.values_list("sheet_id", "on", "half", "minutes_late", "comment")
