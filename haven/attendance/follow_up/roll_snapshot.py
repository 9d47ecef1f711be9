"""The roll of a day with what registers, planned absences and staff record for each session.

One query reads a school's day: a row for each pupil on roll whose attendance the user may see (SI 2024/208 regulation 10: every registered
pupil, both sessions). `haven.rules.whereabouts` then gives each pupil's location status. Nothing derived is stored.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from haven.core.schools.queries import USUAL
from haven.platform.accounts.context import AccessContext
from haven.platform.sql_files import SqlFile, SqlValue
from haven.rules.attendance_codes import MISSING, from_byte, to_byte
from haven.rules.lateness import SessionHours
from haven.rules.sessions import Half, academic_year_of, session_key
from haven.rules.visibility import RecordCategory, access_scope_of, grants_of
from haven.rules.whereabouts import NOT_A_REGISTER, Known, Whereabouts, whereabouts, whereabouts_by_now

QUERIES = SqlFile(__file__)
TIMES = ("am_starts", "am_register_closes", "am_ends", "pm_starts", "pm_register_closes", "pm_ends")


@dataclass(frozen=True)
class DaySnapshot:
    """A school's day: the position of its sessions in the register rows (by version of the calendar), and its hours (by site; None: the
    whole school). `versions` is empty if the school has no calendar of the year."""

    school_id: int
    on: date
    versions: tuple[tuple[int, int | None, int | None], ...]
    hours: dict[int | None, tuple[SessionHours, ...]]

    @property
    def year(self) -> str:
        return academic_year_of(self.on)

    @cached_property
    def halves(self) -> tuple[Half, ...]:
        """The sessions of the day by the newest calendar; none if the school is closed."""
        if not self.versions:
            return ()
        _, am, pm = self.versions[0]
        return tuple(half for half, place in ((Half.AM, am), (Half.PM, pm)) if place is not None)

    def hours_of(self, half: Half, site_id: int | None = None) -> SessionHours:
        """The hours of one session; a site without hours of its own uses those of the school."""
        hours = self.hours.get(site_id) or self.hours[None]
        return hours[half.number]

    def half_at(self, at: datetime) -> Half | None:
        """The current or most recent session; the first one before it begins; None if the school is closed."""
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


class Mark(NamedTuple):
    """One session of one pupil. `taken`: the register of the pupil's class is in."""

    code: str | None = None
    planned: str | None = None
    said: bool | None = None
    has_words: bool = False
    taken: bool = False


class RollRow(NamedTuple):
    """One pupil on roll on the day. `version` is the number of changes of the register row, 0 if there is no row.

    `pupils`: the number of pupils that the row represents. It is more than one only in `whole_roll_of`: pupils of one class with equal
    marks, who cannot be missing and are not on the vulnerable pupils list. Reference and name are then those of one of them.
    """

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
    priority: int
    am: Mark
    pm: Mark
    pupils: int = 1

    def mark(self, half: Half) -> Mark:
        return self.am if half is Half.AM else self.pm


def sees_all(viewer: AccessContext, school_id: int) -> bool:
    """Whether the user may see every register of the school, and not only those of a class or a caseload."""
    return "all" in _scopes(viewer, school_id)


def sees_any(viewer: AccessContext, school_id: int) -> bool:
    """Whether a role of the user at the school gives access to any register."""
    return bool(_scopes(viewer, school_id) & {"all", "allocated"})


def _scopes(viewer: AccessContext, school_id: int) -> set[str]:
    place = viewer.place(school_id)
    grants = (grant for role in (place.roles if place else ()) for grant in grants_of(role))
    return {grant.scope for grant in grants if grant.record_category == RecordCategory.ATTENDANCE}


def frame_of(*, school_id: int, on: date) -> DaySnapshot:
    """The sessions and hours of a school's day, in one query. A school without hours has the usual ones."""
    (frame,) = QUERIES.rows(_FrameRow, "frame", **_keys(school_id, on))
    hours: list[list[Any]] = json.loads(frame.hours or "[]")
    versions: list[list[Any]] = json.loads(frame.versions or "[]")
    given = {site: _hours([time.fromisoformat(text) for text in texts]) for site, *texts in hours}
    given.setdefault(None, _hours([getattr(USUAL, name) for name in TIMES]))
    return DaySnapshot(school_id, on, tuple((row[0], row[1], row[2]) for row in versions), given)


class _FrameRow(NamedTuple):
    """Both as JSON: [[calendar, position of the morning, position of the afternoon]], [[site, six times]]."""

    versions: str | None
    hours: str | None


def _hours(times: Sequence[time]) -> tuple[SessionHours, ...]:
    return SessionHours(Half.AM, *times[:3]), SessionHours(Half.PM, *times[3:])


def _keys(school_id: int, on: date) -> dict[str, SqlValue]:
    return {
        "school": school_id,
        "on": on,
        "year": academic_year_of(on),
        "am": session_key(on, Half.AM),
        "pm": session_key(on, Half.PM),
    }


SILENT = sorted([MISSING, *map(to_byte, NOT_A_REGISTER)])
"""Bytes that do not show that a register was taken."""


def roll_of(*, viewer: AccessContext, frame: DaySnapshot, at: datetime, only_doubtful: bool = False) -> list[RollRow]:
    """The pupils on roll whose attendance the user may see, by name; empty if there are none. One query (two for a user with a class or a
    caseload alone). `only_doubtful` leaves out those who cannot be missing. Records made after `at` do not count."""
    rows = QUERIES.rows(_roll_row, "roll", **_asked(frame, at), only_doubtful=only_doubtful)
    return rows if sees_all(viewer, frame.school_id) else _with_registers(frame, rows)


def whole_roll_of(*, viewer: AccessContext, frame: DaySnapshot, at: datetime) -> list[RollRow]:
    """As `roll_of`, with each pupil once. For a user who sees the whole school, pupils of a class with equal marks share a row, unless they
    can be missing or are on the vulnerable pupils list. A school of 1,400 pupils then gives some 300 rows."""
    if not sees_all(viewer, frame.school_id):
        return each_once(roll_of(viewer=viewer, frame=frame, at=at))
    return QUERIES.rows(_alike_row, "roll_alike", **_asked(frame, at))


def _asked(frame: DaySnapshot, at: datetime) -> dict[str, SqlValue]:
    return _keys(frame.school_id, frame.on) | {
        "at": at,
        "access_scope": access_scope_of(frame.school_id, RecordCategory.ATTENDANCE),
        "calendars": [row[0] for row in frame.versions],
        "am_places": [row[1] for row in frame.versions],
        "pm_places": [row[2] for row in frame.versions],
        "silent": SILENT,
    }


def _roll_row(
    enrolment_id: int, pupil_id: int, ref: UUID, name: str, sort_key: str, group_id: int | None, form: str, year_group: str,
    site_id: int | None, tutor_id: int | None, tutor: str, sheet_id: int | None, version: int, priority: int,
    am_byte: int, pm_byte: int, am_plan: str | None, pm_plan: str | None, am_said: bool | None, pm_said: bool | None,
    am_taken: bool | None, pm_taken: bool | None, am_words: bool, pm_words: bool,
) -> RollRow:  # fmt: skip
    return RollRow(
        enrolment_id, pupil_id, ref, name, sort_key, group_id, form, year_group, site_id, tutor_id, tutor, sheet_id, version, priority,
        Mark(from_byte(am_byte), am_plan, am_said, am_words, bool(am_taken)),
        Mark(from_byte(pm_byte), pm_plan, pm_said, pm_words, bool(pm_taken)),
    )  # fmt: skip


def _alike_row(
    enrolment_id: int, pupil_id: int, ref: UUID, name: str, sort_key: str, group_id: int | None, form: str, year_group: str,
    site_id: int | None, tutor_id: int | None, tutor: str, sheet_id: int | None, version: int, priority: int,
    am_byte: int, pm_byte: int, am_plan: str | None, pm_plan: str | None, am_said: bool | None, pm_said: bool | None,
    am_taken: bool | None, pm_taken: bool | None, am_words: bool, pm_words: bool, pupils: int,
) -> RollRow:  # fmt: skip
    return RollRow(
        enrolment_id, pupil_id, ref, name, sort_key, group_id, form, year_group, site_id, tutor_id, tutor, sheet_id, version, priority,
        Mark(from_byte(am_byte), am_plan, am_said, am_words, bool(am_taken)),
        Mark(from_byte(pm_byte), pm_plan, pm_said, pm_words, bool(pm_taken)), pupils,
    )  # fmt: skip


def _with_registers(frame: DaySnapshot, rows: list[RollRow]) -> list[RollRow]:
    """Adds whether each register is in, with a separate query: a user who sees few pupils of a class cannot tell from their marks."""
    registers = QUERIES.rows(_Register, "registers_in", **_keys(frame.school_id, frame.on))
    by_group = {register.group_id: register for register in registers}
    nothing = _Register(None, am=False, pm=False)
    return [
        row._replace(
            am=row.am._replace(taken=bool(by_group.get(row.group_id, nothing).am)),
            pm=row.pm._replace(taken=bool(by_group.get(row.group_id, nothing).pm)),
        )
        for row in rows
    ]


class _Register(NamedTuple):
    group_id: int | None
    am: bool | None
    pm: bool | None


def known(frame: DaySnapshot, row: RollRow, half: Half, at: datetime) -> Known:
    """The facts about a pupil in one session of the day."""
    mark = row.mark(half)
    is_closed = frame.is_closed(half, at, row.site_id)
    return Known(mark.code, mark.planned, mark.said, mark.has_words, mark.taken, is_closed, row.priority > 0)


def box_in(frame: DaySnapshot, row: RollRow, half: Half, at: datetime) -> Whereabouts:
    """The location status of a pupil in one session by itself."""
    return whereabouts(known(frame, row, half, at), frame.on)


def box_by_now(frame: DaySnapshot, row: RollRow, half: Half, at: datetime) -> Whereabouts:
    """The location status of a pupil by the session `half`, with the morning taken into account."""
    before = [earlier for earlier in frame.halves if earlier.number < half.number]
    morning = known(frame, row, before[0], at) if before else None
    if half is Half.AM:
        return whereabouts_by_now(known(frame, row, half, at), None, frame.on)
    return whereabouts_by_now(morning, known(frame, row, half, at), frame.on)


def boxes_of(frame: DaySnapshot, rows: Iterable[RollRow], half: Half, at: datetime) -> dict[int, Whereabouts]:
    """The location status of each pupil by the session `half`. Equal facts are evaluated once: a school has few distinct combinations."""
    return _each(rows, lambda row: box_by_now(frame, row, half, at))


def each_box_in(frame: DaySnapshot, rows: Iterable[RollRow], half: Half, at: datetime) -> dict[int, Whereabouts]:
    """The location status of each pupil in one session by itself, as in `box_in`."""
    return _each(rows, lambda row: box_in(frame, row, half, at))


def _each(rows: Iterable[RollRow], box_of: Callable[[RollRow], Whereabouts]) -> dict[int, Whereabouts]:
    answers: dict[tuple[Mark, Mark, int | None, bool], Whereabouts] = {}
    boxes = {}
    for row in rows:
        kind = (row.am, row.pm, row.site_id, row.priority > 0)
        if kind not in answers:
            answers[kind] = box_of(row)
        boxes[row.pupil_id] = answers[kind]
    return boxes


def each_once(rows: Iterable[RollRow]) -> list[RollRow]:
    """The rows, one for each pupil. If a pupil has two enrolments at one school, the one with a register row is used."""
    by_pupil: dict[int, RollRow] = {}
    for row in rows:
        if row.pupil_id not in by_pupil or by_pupil[row.pupil_id].sheet_id is None:
            by_pupil[row.pupil_id] = row
    return list(by_pupil.values())
