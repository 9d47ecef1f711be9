"""Actions on tasks. Each step of a task is a row and an audit event. Optimistic locking: the first update of a task wins."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from haven.core.records.actions import know_all
from haven.core.records.form_definitions import form_in_version
from haven.core.records.forms_engine import FieldProblems
from haven.core.records.models import Entry
from haven.core.records.permissions import may_write_in, parts_to_plan_in
from haven.core.records.policy_columns import policy_columns
from haven.core.tasks.models import Task, TaskStep
from haven.core.tasks.permissions import may_be_given, may_do_task, may_end_task
from haven.core.tasks.sources import Source, TaskSource
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.errors import ActionRejected, StaleDataError, check
from haven.rules.visibility import RecordCategory, access_scope_of


class TaskChanged(StaleDataError):
    """Another user changed the task first; nothing was changed."""

    def __init__(self) -> None:
        super().__init__(
            "Someone else has just changed this task. Your change was not saved. Check the task and try again."
        )


@dataclass(frozen=True, kw_only=True)
class NewTask:
    """A task to be given to one user or to the holders of one role. The title must not contain a confidential fact.

    Raises ValueError if neither or both of `assignee_id` and `assignee_role` are given.
    """

    record_category: RecordCategory
    title: str
    pupil_ids: Sequence[int]
    source: Source
    assignee_id: int | None = None
    assignee_role: str = ""
    due_at: datetime | None = None
    about_entry: Entry | None = None

    def __post_init__(self) -> None:
        if (self.assignee_id is None) == (not self.assignee_role):
            raise ValueError("A task is for one person or for one role.")


@action
def raise_task(*, by: AccessContext, at: datetime, school_id: int, task: NewTask) -> uuid.UUID:
    """Give a task to a user, or to the holders of a role, who must work at the school in a role that writes in the record category.

    Returns the task's reference (under row-level security the user who passes a task on may not see it any more). Raises ActionRejected.
    """
    category, entry = task.record_category, task.about_entry
    check(may_write_in(by, school_id, category))
    check(may_be_given(school_id, category, task.assignee_id, task.assignee_role, on=at.date()))
    know_all(school_id, task.pupil_ids)
    row = Task(
        **policy_columns(by=by, at=at, school_id=school_id, record_category=category, pupil_ids=task.pupil_ids),
        restricted_to=entry.restricted_to if entry else None,
        title=task.title,
        about_entry=entry,
        assignee_id=task.assignee_id,
        assignee_role=task.assignee_role,
        due_at=task.due_at,
        **task.source.columns(),
    )
    _insert_unseen(row)
    _step(row, by=by, at=at, verb="raised")
    return row.ref


def _insert_unseen(task: Task) -> None:
    """Insert a row that its writer may not read: `insert ... returning` would be refused, so the id is taken from the sequence
    beforehand."""
    fields = [field for field in Task._meta.concrete_fields if not field.primary_key and not field.generated]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = [field.get_db_prep_save(getattr(task, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence('tasks_task', 'id'))")
        task.id = cursor.fetchone()[0]
        cursor.execute(f"insert into tasks_task (id, {columns}) values (%s{', %s' * len(values)})", [task.id, *values])


def _step(
    task: Task, *, by: AccessContext, at: datetime, verb: str, reason: str = "", minutes: int | None = None
) -> None:
    columns = policy_columns(
        by=by,
        at=at,
        school_id=task.school_id,
        record_category=RecordCategory(task.record_category),
        pupil_ids=task.pupil_ids,
    )
    TaskStep.objects.create(
        **columns, restricted_to=task.restricted_to, task_id=task.id, verb=verb, reason=reason, due_at=task.due_at,
        assignee_id=task.assignee_id, minutes=minutes,
    )  # fmt: skip
    append_event(
        by=by, at=at, verb=f"tasks.task_{verb}", about=("task", task.ref), school_id=task.school_id,
        access_scope=access_scope_of(task.school_id, RecordCategory(task.record_category)), pupil_ids=task.pupil_ids,
    )  # fmt: skip


def _change(
    task: Task,
    *,
    by: AccessContext,
    at: datetime,
    verb: str,
    version: int,
    reason: str = "",
    minutes: int | None = None,
    **changes: Any,
) -> None:
    """Change an open task if it still has the version that the user saw. Raises ActionRejected, TaskChanged."""
    check(may_do_task(by, task))
    changed = Task.objects.filter(id=task.id, version=version, done_at=None).update(version=version + 1, **changes)
    if not changed:
        raise TaskChanged
    for name, value in changes.items():
        setattr(task, name, value)
    _step(task, by=by, at=at, verb=verb, reason=reason, minutes=minutes)


@action
def take_task(*, by: AccessContext, at: datetime, task: Task, version: int) -> None:
    """Assign a role's task to the user. Raises ActionRejected, TaskChanged."""
    _change(task, by=by, at=at, verb="taken", version=version, assignee_id=by.user_id)


@action
def hand_over_task(
    *,
    by: AccessContext,
    at: datetime,
    task: Task,
    version: int,
    reason: str,
    to_id: int | None = None,
    to_role: str = "",
) -> None:
    """Give a task to another person or role of the school, with a word why: it ends here, and one of the same title begins there
    (so that whoever gives it away need not be able to see it afterwards). Raises ActionRejected, FieldProblems, TaskChanged."""
    _needs(reason, "Enter what the next person needs to know.")
    if (to_id is None) == (not to_role):
        raise FieldProblems({"to": ["Choose who will do the task."]})
    check(may_be_given(task.school_id, RecordCategory(task.record_category), to_id, to_role, on=at.date()))
    _change(
        task, by=by, at=at, verb="handed_over", version=version, reason=reason, done_at=at, done_by_name=by.name,
        outcome=f"Handed over: {reason.strip()}",
    )  # fmt: skip
    following = Task(
        **policy_columns(
            by=by,
            at=at,
            school_id=task.school_id,
            record_category=RecordCategory(task.record_category),
            pupil_ids=task.pupil_ids,
        ),
        restricted_to=task.restricted_to,
        title=task.title,
        about_entry_id=task.about_entry_id,
        assignee_id=to_id,
        assignee_role=to_role,
        due_at=task.due_at,
        **Source(TaskSource.TASK, str(task.ref)).columns(),
    )
    _insert_unseen(following)
    _step(following, by=by, at=at, verb="raised", reason=reason)


@action
def defer_task(*, by: AccessContext, at: datetime, task: Task, version: int, reason: str, due_at: datetime) -> None:
    """Put a task off until later, with a reason. Raises ActionRejected, FieldProblems (no reason, or not later than now), TaskChanged."""
    _needs(reason, "Enter the reason for the delay.")
    check(may_end_task(by, task))
    if due_at <= at:
        raise FieldProblems({"due_at": ["Choose a time in the future."]})
    _change(task, by=by, at=at, verb="deferred", version=version, reason=reason, due_at=due_at)


@action
def finish_task(
    *, by: AccessContext, at: datetime, task: Task, version: int, outcome: str, minutes: int | None = None
) -> None:
    """Finish a task, with the outcome and, for the user's own time log, the minutes it took. Raises ActionRejected, FieldProblems,
    TaskChanged."""
    _needs(outcome, "Enter the outcome.")
    check(may_end_task(by, task))
    _change(
        task, by=by, at=at, verb="done", version=version, minutes=minutes, done_at=at, done_by_name=by.name,
        outcome=outcome.strip(),
    )  # fmt: skip


def _needs(words: str, sentence: str) -> None:
    if not words.strip():
        raise FieldProblems({"reason": [sentence]})


@action
def plan_task(
    *, by: AccessContext, at: datetime, school_id: int, title: str, due_at: datetime, pupil_ids: Sequence[int] = (),
    to_id: int | None = None, to_role: str = "",
) -> uuid.UUID:  # fmt: skip
    """Plan a task for the user, a colleague or a role, with a due time in the future; the default is the user.

    It is in the first record category in which both may work, pastoral before attendance. Returns the task's reference. Raises
    FieldProblems (a time in the past), ActionRejected (a role that may not plan tasks, or an assignee who works in neither category).
    """
    if due_at <= at:
        raise FieldProblems({"due_at": ["Choose a time in the future."]})
    whose = to_id if to_id or to_role else by.user_id
    parts = parts_to_plan_in(by, school_id)
    fitting = [part for part in parts if may_be_given(school_id, part, whose, to_role, on=at.date())]
    if not fitting:
        raise ActionRejected(
            "This cannot be assigned to that person or role. They do not have access to this part of the file."
        )
    ref: uuid.UUID = raise_task(
        by=by,
        at=at,
        school_id=school_id,
        task=NewTask(
            record_category=fitting[0],
            title=title.strip(),
            pupil_ids=pupil_ids,
            source=Source(TaskSource.PLAN),
            assignee_id=whose,
            assignee_role=to_role,
            due_at=due_at,
        ),
    )
    append_event(
        by=by, at=at, verb="tasks.plan_task", about=("task", ref), school_id=school_id, pupil_ids=list(pupil_ids)
    )
    return ref


@action
def raise_follow_up(*, by: AccessContext, at: datetime, entry: Entry, due_at: datetime) -> uuid.UUID:
    """Create the task for the writer on a later day that an entry's form defines (`follow_up` of the definition). Raises ActionRejected."""
    definition = form_in_version(entry.form, entry.form_version)
    ref: uuid.UUID = raise_task(
        by=by,
        at=at,
        school_id=entry.school_id,
        task=NewTask(
            record_category=RecordCategory(entry.record_category),
            title=definition.follow_up_title,
            pupil_ids=entry.pupil_ids,
            source=Source(TaskSource.FORM, entry.form),
            assignee_id=by.user_id,
            due_at=due_at,
            about_entry=entry,
        ),
    )
    append_event(
        by=by,
        at=at,
        verb="tasks.follow_up",
        about=("task", ref),
        school_id=entry.school_id,
        access_scope=entry.access_scope,
    )
    return ref


@action
def settle_tasks(*, by: AccessContext, at: datetime, entry: Entry, source: Source, outcome: str) -> int:
    """Finish every open task that `source` raised about an entry, because it was dealt with elsewhere; returns how many. The caller has
    checked the permission of `by`."""
    tasks = list(Task.objects.filter(about_entry=entry, **source.columns(), done_at=None))
    for task in tasks:
        Task.objects.filter(id=task.id).update(
            done_at=at, done_by_name=by.name, outcome=outcome, version=task.version + 1
        )
        _step(task, by=by, at=at, verb="done")
    append_event(
        by=by, at=at, verb="tasks.settle_tasks", about=("entry", entry.ref), school_id=entry.school_id, access_scope=entry.access_scope,
        pupil_ids=entry.pupil_ids, detail={"tasks": len(tasks)},
    )  # fmt: skip
    return len(tasks)
