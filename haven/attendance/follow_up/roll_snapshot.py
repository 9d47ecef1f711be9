"""The roll of a day with what registers, planned absences and staff record for each session.

One query reads a school's day: a row for each pupil on roll whose attendance the user may see (SI 2024/208 regulation 10: every registered
pupil, both sessions). `haven.rules.whereabouts` then gives each pupil's location status. Nothing derived is stored.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import NamedTuple
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
    """One session of one pupil. `is_taken`: the register of the pupil's class is in."""

    code: str | None
    planned: str | None
    said: bool | None
    is_taken: bool


class RollRow(NamedTuple):
    """One pupil on roll on the day, as the query gives it. `version`: the number of changes of the register row, 0 if there is no row.

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
    am_byte: int
    pm_byte: int
    am_plan: str | None
    pm_plan: str | None
    am_said: bool | None
    pm_said: bool | None
    am_taken: bool | None
    pm_taken: bool | None
    pupils: int

    def mark(self, half: Half) -> Mark:
        if half is Half.AM:
            return Mark(from_byte(self.am_byte), self.am_plan, self.am_said, bool(self.am_taken))
        return Mark(from_byte(self.pm_byte), self.pm_plan, self.pm_said, bool(self.pm_taken))


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
    (frame,) = QUERIES.rows(_Frame, "frame", **_keys(school_id, on))
    times: dict[int | None, list[time]] = {None: [getattr(USUAL, name) for name in TIMES]}
    times |= {site: list(map(time.fromisoformat, texts)) for site, *texts in json.loads(frame.hours or "[]")}
    hours: dict[int | None, tuple[SessionHours, ...]] = {
        site: (SessionHours(Half.AM, *six[:3]), SessionHours(Half.PM, *six[3:])) for site, six in times.items()
    }
    return DaySnapshot(school_id, on, tuple(map(tuple, json.loads(frame.versions or "[]"))), hours)


class _Frame(NamedTuple):
    """Both as JSON: [[calendar, position of the morning, position of the afternoon]], [[site, six times]]."""

    versions: str | None
    hours: str | None


def _keys(school_id: int, on: date) -> dict[str, SqlValue]:
    am, pm = session_key(on, Half.AM), session_key(on, Half.PM)
    return {"school": school_id, "on": on, "year": academic_year_of(on), "am": am, "pm": pm}


SILENT = sorted([MISSING, *map(to_byte, NOT_A_REGISTER)])
"""Bytes that do not show that a register was taken."""


def roll_of(*, viewer: AccessContext, frame: DaySnapshot, at: datetime, only_doubtful: bool = False) -> list[RollRow]:
    """The pupils on roll whose attendance the user may see, each once, by name; empty if there are none. One query. `only_doubtful` leaves
    out those who cannot be missing. Records made after `at` do not count."""
    query = "roll" if sees_all(viewer, frame.school_id) else "roll_of_some"
    return QUERIES.rows(RollRow, query, **_asked(frame, at), only_doubtful=only_doubtful)


def whole_roll_of(*, viewer: AccessContext, frame: DaySnapshot, at: datetime) -> list[RollRow]:
    """As `roll_of`. For a user who sees the whole school, pupils of a class with equal marks share a row, unless they can be missing or are
    on the vulnerable pupils list. A school of 1,400 pupils then gives some 300 rows."""
    if not sees_all(viewer, frame.school_id):
        return roll_of(viewer=viewer, frame=frame, at=at)
    return QUERIES.rows(RollRow, "roll_alike", **_asked(frame, at))


def _asked(frame: DaySnapshot, at: datetime) -> dict[str, SqlValue]:
    return _keys(frame.school_id, frame.on) | {
        "at": at,
        "access_scope": access_scope_of(frame.school_id, RecordCategory.ATTENDANCE),
        "calendars": [row[0] for row in frame.versions],
        "am_places": [row[1] for row in frame.versions],
        "pm_places": [row[2] for row in frame.versions],
        "silent": SILENT,
    }


def statuses_in(frame: DaySnapshot, rows: Sequence[RollRow], half: Half, at: datetime) -> dict[int, Whereabouts]:
    """The location status of each pupil in one session by itself."""
    return {pupil_id: whereabouts(known, frame.on) for pupil_id, known in _known(frame, rows, half, at)}


def statuses_by_now(frame: DaySnapshot, rows: Sequence[RollRow], half: Half, at: datetime) -> dict[int, Whereabouts]:
    """The location status of each pupil by the session `half`, with the morning taken into account."""
    if half is Half.AM or Half.AM not in frame.halves:
        return statuses_in(frame, rows, half, at)
    by_half = zip(_known(frame, rows, Half.AM, at), _known(frame, rows, Half.PM, at), strict=True)
    return {pupil_id: whereabouts_by_now(am, pm, frame.on) for (pupil_id, am), (_, pm) in by_half}


def _known(frame: DaySnapshot, rows: Sequence[RollRow], half: Half, at: datetime) -> Iterator[tuple[int, Known]]:
    """The facts about each pupil in one session."""
    is_closed = {site: frame.is_closed(half, at, site) for site in {row.site_id for row in rows}}
    for row in rows:
        yield row.pupil_id, Known(*row.mark(half), is_closed[row.site_id], row.priority > 0)
