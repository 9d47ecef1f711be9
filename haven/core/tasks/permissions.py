"""Permissions to take, hand over, defer or finish a task, and to assign one."""

from datetime import date

from haven.core.records.form_definitions import every_form
from haven.core.tasks.models import Task
from haven.core.tasks.sources import TaskSource
from haven.platform.accounts.context import AccessContext
from haven.platform.accounts.models import Membership
from haven.platform.dated import in_force
from haven.rules.decision import Decision, allow, refuse
from haven.rules.roles import ROLES
from haven.rules.visibility import RecordCategory, grants_of

STANDS_IN = {"deputy_dsl": ("dsl",)}
"""The roles whose tasks a role takes besides its own."""


def roles_for_tasks(viewer: AccessContext, school_id: int) -> set[str]:
    """The roles whose tasks the user does at a school: their own, and those they deputise for."""
    place = viewer.place(school_id)
    held = set(place.roles) if place else set()
    return held | {other for role in held for other in STANDS_IN.get(role, ())}


def may_do_task(viewer: AccessContext, task: Task) -> Decision:
    """Take, hand over, defer or finish: while the task is open, by its assignee or a holder of its role."""
    if task.done_at is not None:
        return refuse(f"{task.done_by_name} has already finished this task.")
    if task.assignee_id == viewer.user_id:
        return allow()
    if task.assignee_id is None and task.assignee_role in roles_for_tasks(viewer, task.school_id):
        return allow()
    return refuse("This task belongs to someone else. Ask them to hand it over.")


def may_be_given(
    school_id: int, record_category: RecordCategory, user_id: int | None, role: str, *, on: date
) -> Decision:
    """Whether a task of a record category may be assigned to a person or a role: only to those who can record its outcome there."""
    roles = _roles_of(user_id, school_id, on) if user_id is not None else {role}
    return (
        allow()
        if any(_works_in(held, record_category) for held in roles)
        else refuse(
            "This task cannot be assigned to that role, because it does not have access to this part of the file."
        )
    )


def _roles_of(user_id: int, school_id: int, on: date) -> set[str]:
    return set(
        Membership.objects.filter(in_force(on), user_id=user_id, school_id=school_id).values_list("role", flat=True)
    )


def ends_elsewhere(task: Task) -> bool:
    """Whether the task was raised by a form with pages of its own, where it is completed."""
    return task.source_kind == TaskSource.FORM and any(
        form.id == task.source_ref and form.page for form in every_form()
    )


def may_end_task(viewer: AccessContext, task: Task) -> Decision:
    """Finish or defer: like any step, except for tasks that are completed on pages of their own."""
    if ends_elsewhere(task):
        return refuse("Open the linked page and complete the work there. This task will then close automatically.")
    return may_do_task(viewer, task)


def receivers(record_category: RecordCategory) -> list[str]:
    """The roles at a school to which a task of a record category may be handed, by title: those that read and write there."""
    fitting = [role for role in ROLES.values() if role.based_at_school and _works_in(role.name, record_category)]
    return [role.name for role in sorted(fitting, key=lambda role: role.title)]


def _works_in(role: str, record_category: RecordCategory) -> bool:
    return any(
        grant.may_write and grant.scope != "none"
        for grant in grants_of(role)
        if grant.record_category == record_category
    )
