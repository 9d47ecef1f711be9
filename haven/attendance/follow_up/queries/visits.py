"""Who of the staff is on a visit now, since when, and when are they expected back?

Lone working (Health and Safety at Work etc. Act 1974, section 2, and the field's practice): somebody at school knows who is at which
door, and misses whoever does not come back in time. What came of a visit is an attempt in the pupil's file; here is only the way there
and back.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from haven.attendance.follow_up.models import DayStep
from haven.core.people.models import Pupil
from haven.core.tasks.models import Task
from haven.platform.accounts.models import User
from haven.platform.row_security.statements import statement
from haven.rules.visibility import RecordCategory, access_scope_of

VISIT = "visit"
"""The source of a visit's task."""


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
    """Visits of a day as far as the viewer may see the pupils: overdue returns first, then those under way, then those planned and
    not begun, each soonest first. A visit from which somebody came back is left out."""
    under_way = _under_way(school_id, on, at)
    begun = {(visit.pupil_id, visit.visitor_id) for visit in under_way}
    planned = [visit for visit in _planned(school_id, on) if (visit.pupil_id, visit.visitor_id) not in begun]
    by_time = sorted([*under_way, *planned], key=lambda visit: (visit.due_at is None, visit.due_at or at))
    return sorted(by_time, key=lambda visit: (not visit.is_overdue, visit.since is None))


def under_way_of(*, school_id: int, on: date, at: datetime, pupil_id: int, visitor_id: int) -> Visit | None:
    """The visit of one person to one pupil that is under way, or None."""
    found = _under_way(school_id, on, at)
    return next((each for each in found if (each.pupil_id, each.visitor_id) == (pupil_id, visitor_id)), None)


def _under_way(school_id: int, on: date, at: datetime) -> list[Visit]:
    newest: dict[tuple[int, int | None], DayStep] = {}
    for step in _ways(school_id=school_id, on=on, at=at):
        newest[step.pupil_id, step.to_user_id] = step
    return [
        Visit(step.pupil_id, step.pupil.ref, step.pupil.name, step.to_user_id or 0, step.to_name, step.at, step.next_at,
              is_overdue=step.next_at is not None and at > step.next_at)
        for step in newest.values() if step.kind == "set_off"
    ]  # fmt: skip


@statement
def _ways(school_id: Any, on: Any, at: Any) -> QuerySet[DayStep]:
    steps = DayStep.objects.filter(school_id=school_id, on=on, at__lte=at, kind__in=("set_off", "back"))
    return steps.select_related("pupil").order_by("id")


@statement
def _tasks(access_scope: Any, on: Any) -> QuerySet[Task]:
    return Task.objects.filter(access_scope=access_scope, source=VISIT, done_at=None, due_at__date=on)


def _planned(school_id: int, on: date) -> list[Visit]:
    tasks = _tasks(access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE), on=on)
    found = [task for task in tasks if task.assignee_id is not None]
    pupils = Pupil.objects.in_bulk([number for task in found for number in task.pupil_ids]) if found else {}
    names = _names({task.assignee_id for task in found if task.assignee_id})
    return [
        Visit(number, pupils[number].ref, pupils[number].name, task.assignee_id or 0, names.get(task.assignee_id or 0, ""),
              None, task.due_at, is_overdue=False)
        for task in found for number in task.pupil_ids if number in pupils
    ]  # fmt: skip


def _names(user_ids: set[int]) -> dict[int, str]:
    return dict(User.objects.filter(id__in=user_ids).values_list("id", "name")) if user_ids else {}
