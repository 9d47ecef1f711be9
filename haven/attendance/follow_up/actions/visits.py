"""Records departures to home visits and returns. The visitor or a colleague on the phone to the visitor can record them.

Lone working (Health and Safety at Work etc. Act 1974, section 2): from departure until the recorded return, colleagues see where the
visitor is and when they are due back.
"""

from datetime import date, datetime

from haven.attendance.follow_up.concurrency import add_step, take_pupil, visitor_at
from haven.attendance.follow_up.models import DayStep
from haven.attendance.follow_up.permissions import may_log_attempt
from haven.attendance.follow_up.queries.visits import under_way_of
from haven.attendance.task_sources import AttendanceTaskSource
from haven.core.tasks.actions import finish_task
from haven.core.tasks.models import Task
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.errors import ActionRejected, check
from haven.rules.visibility import RecordCategory, access_scope_of


@action
def set_off(
    *, by: AccessContext, at: datetime, school_id: int, on: date, pupil_id: int, visitor_id: int, back_by: datetime, words: str = ""
) -> DayStep:  # fmt: skip
    """Record that a member of staff leaves for a pupil's home now, and when they are due back. A second call changes the due time.

    Raises PermissionDenied, ActionRejected (a time in the past, no such user at the school).
    """
    check(may_log_attempt(by, school_id))
    target = take_pupil(by=by, at=at, school_id=school_id, on=on, pupil_id=pupil_id, seen=None)
    if back_by <= at:
        raise ActionRejected("Choose a return time later today.")
    visitor = visitor_at(school_id, visitor_id, on)
    return add_step(target, "set_off", verb="set_off_on_visit", to_user_id=visitor.id, to_name=visitor.name,
        next_at=back_by, words=words.strip(),
    )  # fmt: skip


@action
def come_back(
    *, by: AccessContext, at: datetime, school_id: int, on: date, pupil_id: int, visitor_id: int, words: str = ""
) -> DayStep:
    """Record that a visitor is back safely. Raises PermissionDenied, ActionRejected if no such visit is under way."""
    check(may_log_attempt(by, school_id))
    target = take_pupil(by=by, at=at, school_id=school_id, on=on, pupil_id=pupil_id, seen=None)
    visit = under_way_of(school_id=school_id, on=on, at=at, pupil_id=pupil_id, visitor_id=visitor_id)
    if visit is None:
        raise ActionRejected("This visit has already ended. Somebody has recorded that the visitor is back.")
    return add_step(target, "back", verb="come_back_from_visit", to_user_id=visit.visitor_id,
        to_name=visit.visitor, words=words.strip(),
    )  # fmt: skip


@action
def finish_planned_visit(*, by: AccessContext, at: datetime, school_id: int, pupil_id: int, outcome: str) -> int:
    """Close the visitor's tasks for a visit whose outcome is recorded. Returns how many were closed."""
    tasks = Task.objects.filter(
        access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE), source_kind=AttendanceTaskSource.VISIT, done_at=None, assignee_id=by.user_id,
        pupil_ids__contains=[pupil_id],
    )  # fmt: skip
    planned = list(tasks)
    for task in planned:
        finish_task(by=by, at=at, task=task, version=task.version, outcome=outcome)
    append_event(
        by=by, at=at, verb="attendance.finish_planned_visit", about=("visit", ""), school_id=school_id,
        access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE), pupil_ids=[pupil_id], detail={"tasks": len(planned)},
    )  # fmt: skip
    return len(planned)
