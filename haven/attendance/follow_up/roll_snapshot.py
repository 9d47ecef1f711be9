"""Who is on roll today, and what do register, plans and people's words say of each session of the day?

One query reads a school's day: a row for each pupil on roll whose attendance the viewer may see (SI 2024/208 regulation 10: every
registered pupil, both sessions). `haven.rules.whereabouts` then says in which box each pupil is. Nothing derived is stored.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone

from haven.core.schools.queries import USUAL
from haven.platform.accounts.context import AccessContext
from haven.rules.attendance_codes import MISSING, from_byte, to_byte
from haven.rules.lateness import SessionHours
from haven.rules.sessions import Half, academic_year_of, session_key
from haven.rules.visibility import RecordCategory, grants_of
from haven.rules.whereabouts import NOT_A_REGISTER, Known, Whereabouts, whereabouts, whereabouts_by_now

TIMES = ("am_starts", "am_register_closes", "am_ends", "pm_starts", "pm_register_closes", "pm_ends")


@dataclass(frozen=True)
class DaySnapshot:
    """A school's day: where its sessions stand in the sheets (by version of the calendar), and its hours (by site; None: the
    whole school). `versions` is empty where the school has no calendar of the year."""

    school_id: int
    on: date
    versions: tuple[tuple[int, int | None, int | None], ...]
    hours: dict[int | None, tuple[SessionHours, ...]]

    @property
    def year(self) -> str:
        return academic_year_of(self.on)

    @cached_property
    def halves(self) -> tuple[Half, ...]:
        """The sessions of the day by the newest calendar; none where the school is shut."""
        if not self.versions:
            return ()
        _, am, pm = self.versions[0]
        return tuple(half for half, place in ((Half.AM, am), (Half.PM, pm)) if place is not None)

    def hours_of(self, half: Half, site_id: int | None = None) -> SessionHours:
        """The hours of one session; a site without hours of its own keeps those of the school."""
        hours = self.hours.get(site_id) or self.hours[None]
        return hours[half.number]

    def half_at(self, at: datetime) -> Half | None:
        """The session that runs or ran last; the first one before it begins; None where the school is shut."""
        local = timezone.localtime(at)
        if not self.halves or local.date() != self.on:
            return (self.halves[-1] if local.date() > self.on else self.halves[0]) if self.halves else None
        begun = [half for half in self.halves if local.time() >= self.hours_of(half).starts]
        return begun[-1] if begun else self.halves[0]

    def is_closed(self, half: Half, at: datetime, site_id: int | None = None) -> bool:
        """Whether the register of a session has closed."""
        local = timezone.localtime(at)
        if local.date() != self.on:
            return local.date() > self.on
        return local.time() >= self.hours_of(half, site_id).closes


@dataclass(frozen=True)
class Mark:
    """What one session says of one pupil. `taken`: the register of the pupil's class is in."""

    code: str | None = None
    planned: str | None = None
    said: bool | None = None
    has_words: bool = False
    taken: bool = False


class RollRow(NamedTuple):
    """One pupil on roll on the day. `version` is the number of changes of the sheet, 0 without one."""

    enrolment_id: int
    pupil_id: int
    ref: UUID
    name: str
    sort_key: str
    group_id: int | None
    form: str
    year_group: str
    site_id: int | None
    tutor_id: int | None
    tutor: str
    sheet_id: int | None
    version: int
    tier: int
    am: Mark
    pm: Mark

    def mark(self, half: Half) -> Mark:
        return self.am if half is Half.AM else self.pm


def sees_all(viewer: AccessContext, school_id: int) -> bool:
    """Whether every register of the school is open to the viewer, and not only those of a class or a caseload."""
    return "all" in _scopes(viewer, school_id)


def sees_any(viewer: AccessContext, school_id: int) -> bool:
    """Whether a role of the viewer at the school opens any register at all."""
    return bool(_scopes(viewer, school_id) & {"all", "allocated"})


def _scopes(viewer: AccessContext, school_id: int) -> set[str]:
    place = viewer.place(school_id)
    grants = (grant for role in (place.roles if place else ()) for grant in grants_of(role))
    return {grant.scope for grant in grants if grant.record_category == RecordCategory.ATTENDANCE}


FRAME_SQL = f"""
select c.versions, t.hours from
  (select json_agg(json_build_array(id, array_position(sessions, %(am)s) - 1, array_position(sessions, %(pm)s) - 1)
                   order by version desc) as versions
   from schools_calendar where school_id = %(school)s and year = %(year)s) c,
  (select json_agg(json_build_array(site_id, {", ".join(TIMES)})) as hours
   from (select distinct on (site_id) * from schools_sessiontimes
         where school_id = %(school)s and begins_on <= %(on)s order by site_id, begins_on desc) times) t
"""


def frame_of(*, school_id: int, on: date) -> DaySnapshot:
    """The sessions and hours of a school's day, in one query. A school without hours has the usual ones."""
    with connection.cursor() as cursor:
        cursor.execute(FRAME_SQL, _keys(school_id, on))
        versions, hours = cursor.fetchone()
    given = {site: _hours([time.fromisoformat(text) for text in texts]) for site, *texts in _json(hours)}
    given.setdefault(None, _hours([getattr(USUAL, name) for name in TIMES]))
    return DaySnapshot(school_id, on, tuple((row[0], row[1], row[2]) for row in _json(versions)), given)


def _json(value: Any) -> list[Any]:
    import json

    return json.loads(value) if isinstance(value, str) else value or []


def _hours(times: Sequence[time]) -> tuple[SessionHours, ...]:
    return SessionHours(Half.AM, *times[:3]), SessionHours(Half.PM, *times[3:])


def _keys(school_id: int, on: date) -> dict[str, Any]:
    return {
        "school": school_id,
        "on": on,
        "year": academic_year_of(on),
        "am": session_key(on, Half.AM),
        "pm": session_key(on, Half.PM),
    }


SILENT = sorted([MISSING, *map(to_byte, NOT_A_REGISTER)])
"""Bytes that do not show that a register was taken."""

ROLL_SQL = """
select * from app.roll_of(%(school)s, %(on)s, %(year)s, %(am)s, %(pm)s, %(at)s, %(access_scope)s, %(calendars)s::int[],
  %(am_places)s::int[], %(pm_places)s::int[], %(silent)s::int[], %(only_doubtful)s)
"""
PLAIN = 14
"""Columns of ROLL_SQL before the pairs of morning and afternoon."""


def roll_of(*, viewer: AccessContext, frame: DaySnapshot, at: datetime, only_doubtful: bool = False) -> list[RollRow]:
    """The pupils on roll whose attendance the viewer may see, by name; empty where there are none. One query (two for a viewer who
    sees a class or a caseload alone). `only_doubtful` leaves out those who cannot be missing. Words said after `at` do not count."""
    keys = _keys(frame.school_id, frame.on) | {
        "at": at,
        "access_scope": frame.school_id * 8 + RecordCategory.ATTENDANCE,
        "calendars": [row[0] for row in frame.versions],
        "am_places": [row[1] for row in frame.versions],
        "pm_places": [row[2] for row in frame.versions],
        "silent": SILENT,
        "only_doubtful": only_doubtful,
    }
    marks: dict[tuple[Any, ...], Mark] = {}
    with connection.cursor() as cursor:
        cursor.execute(ROLL_SQL, keys)
        rows = [_row(values, marks) for values in cursor.fetchall()]
    return rows if sees_all(viewer, frame.school_id) else _with_registers(frame, rows)


def _row(values: tuple[Any, ...], marks: dict[tuple[Any, ...], Mark]) -> RollRow:
    """A row of ROLL_SQL, in its order; marks that are alike are one object."""
    am, pm = values[PLAIN::2], values[PLAIN + 1 :: 2]
    return RollRow(*(*values[:PLAIN], _mark(am, marks), _mark(pm, marks)))


def _mark(values: tuple[Any, ...], marks: dict[tuple[Any, ...], Mark]) -> Mark:
    """Byte, plan, said, taken, words."""
    if values not in marks:
        byte, planned, said, taken, has_words = values
        marks[values] = Mark(from_byte(byte), planned, said, has_words, bool(taken))
    return marks[values]


def _with_registers(frame: DaySnapshot, rows: list[RollRow]) -> list[RollRow]:
    """Who sees few pupils of a class cannot tell from them whether its register is in: ask for that alone."""
    keys = _keys(frame.school_id, frame.on)
    with connection.cursor() as cursor:
        cursor.execute("select * from app.registers_in(%(school)s, %(on)s, %(year)s, %(am)s, %(pm)s)", keys)
        registers = {group: (am, pm) for group, am, pm in cursor.fetchall()}
    nothing = (False, False)
    return [
        row._replace(
            am=replace(row.am, taken=registers.get(row.group_id, nothing)[0]),
            pm=replace(row.pm, taken=registers.get(row.group_id, nothing)[1]),
        )
        for row in rows
    ]


def known(frame: DaySnapshot, row: RollRow, half: Half, at: datetime) -> Known:
    """What is known of a pupil in one session of the day."""
    mark = row.mark(half)
    is_closed = frame.is_closed(half, at, row.site_id)
    return Known(mark.code, mark.planned, mark.said, mark.has_words, mark.taken, is_closed, row.tier > 0)


def box_in(frame: DaySnapshot, row: RollRow, half: Half, at: datetime) -> Whereabouts:
    """The box of a pupil in one session by itself."""
    return whereabouts(known(frame, row, half, at), frame.on)


def box_by_now(frame: DaySnapshot, row: RollRow, half: Half, at: datetime) -> Whereabouts:
    """The box of a pupil by the session `half`, the morning remembered."""
    before = [each for each in frame.halves if each.number < half.number]
    morning = known(frame, row, before[0], at) if before else None
    if half is Half.AM:
        return whereabouts_by_now(known(frame, row, half, at), None, frame.on)
    return whereabouts_by_now(morning, known(frame, row, half, at), frame.on)


def boxes_of(frame: DaySnapshot, rows: Iterable[RollRow], half: Half, at: datetime) -> dict[int, Whereabouts]:
    """The box of each pupil by the session `half`. What is alike is asked once: a school has few kinds of morning."""
    return _each(rows, lambda row: box_by_now(frame, row, half, at))


def each_box_in(frame: DaySnapshot, rows: Iterable[RollRow], half: Half, at: datetime) -> dict[int, Whereabouts]:
    """The box of each pupil in one session by itself, as `box_in`."""
    return _each(rows, lambda row: box_in(frame, row, half, at))


def _each(rows: Iterable[RollRow], box_of: Callable[[RollRow], Whereabouts]) -> dict[int, Whereabouts]:
    # Marks that are alike are one object, and an object's number is quicker to look up than what is in it. The row that is kept
    # beside the answer keeps its marks, so that no number is given to another.
    answers: dict[tuple[int, int, int | None, bool], tuple[Whereabouts, RollRow]] = {}
    boxes = {}
    for row in rows:
        kind = (id(row.am), id(row.pm), row.site_id, row.tier > 0)
        if kind not in answers:
            answers[kind] = (box_of(row), row)
        boxes[row.pupil_id] = answers[kind][0]
    return boxes


def pupils_of(rows: Iterable[RollRow]) -> dict[int, RollRow]:
    """The rows by pupil; where a pupil has two enrolments at one school, the one that has a sheet."""
    found: dict[int, RollRow] = {}
    for row in rows:
        if row.pupil_id not in found or found[row.pupil_id].sheet_id is None:
            found[row.pupil_id] = row
    return found
