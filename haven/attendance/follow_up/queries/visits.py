"""Home visits of a day: planned, under way, and due back.

Lone working (Health and Safety at Work etc. Act 1974, section 2, and usual practice): colleagues at school know where a visitor is and
notice if they are late back. The outcome of a visit is an attempt in the pupil's file; this module covers only departure and return.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from haven.attendance.task_sources import AttendanceTaskSource
from haven.platform.sql_files import SqlFile
from haven.rules.visibility import RecordCategory, access_scope_of

QUERIES = SqlFile(__file__)


@dataclass(frozen=True)
class Visit:
    """A visit to one pupil's home. Planned: `due_at`, and `since` is None. Under way: `since`, and when they are due back."""

    pupil_id: int
    ref: UUID
    name: str
    visitor_id: int
    visitor: str
    since: datetime | None
    due_at: datetime | None
    is_overdue: bool


def visits_of(*, school_id: int, on: date, at: datetime) -> list[Visit]:
    """Visits of a day to pupils whom the user may see: overdue returns first, then those under way, then those planned and not begun, each
    soonest first. Completed visits are left out."""
    steps = _steps(school_id, on, at)
    under_way = _under_way(steps, at)
    begun = {(visit.pupil_id, visit.visitor_id) for visit in under_way}
    planned = [
        Visit(
            step.pupil_id, step.ref, step.name, step.visitor_id or 0, step.visitor, None, step.due_at, is_overdue=False
        )
        for step in steps
        if step.kind == "planned" and (step.pupil_id, step.visitor_id) not in begun
    ]
    by_time = sorted([*under_way, *planned], key=lambda visit: (visit.due_at is None, visit.due_at or at))
    return sorted(by_time, key=lambda visit: (not visit.is_overdue, visit.since is None))


def under_way_of(*, school_id: int, on: date, at: datetime, pupil_id: int, visitor_id: int) -> Visit | None:
    """The visit of one person to one pupil that is under way, or None."""
    under_way = _under_way(_steps(school_id, on, at), at)
    return next((visit for visit in under_way if (visit.pupil_id, visit.visitor_id) == (pupil_id, visitor_id)), None)


class _Step(NamedTuple):
    """A departure ("set_off"), a return ("back"), or a planned visit ("planned", without `at`), oldest first."""

    kind: str
    pupil_id: int
    ref: UUID
    name: str
    visitor_id: int | None
    visitor: str
    at: datetime | None
    due_at: datetime | None


def _steps(school_id: int, on: date, at: datetime) -> list[_Step]:
    access_scope = access_scope_of(school_id, RecordCategory.ATTENDANCE)
    return QUERIES.rows(
        _Step, "visits", school_id=school_id, access_scope=access_scope, source=AttendanceTaskSource.VISIT, on=on, at=at
    )


def _under_way(steps: Iterable[_Step], at: datetime) -> list[Visit]:
    newest = {(step.pupil_id, step.visitor_id): step for step in steps if step.kind != "planned"}
    return [
        Visit(step.pupil_id, step.ref, step.name, step.visitor_id or 0, step.visitor, step.at, step.due_at,
              is_overdue=step.due_at is not None and at > step.due_at)
        for step in newest.values() if step.kind == "set_off"
    ]  # fmt: skip
