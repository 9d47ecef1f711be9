"""Who may write in the file, add to an entry, and do what with a task?

The wall in the database says which rows are seen and where one may write at all (rules/visibility.py); here are the sentences that
people read, and the state of the thing itself (a task that is done is not deferred).
"""

from datetime import date

from django.db.models import Q

from haven.access.models import Membership
from haven.access.viewer import Viewer
from haven.chronology.form_definitions import FormDefinition, library
from haven.chronology.models import Entry, Task
from haven.rules.decision import Decision, allow, refuse
from haven.rules.roles import ROLES
from haven.rules.visibility import Compartment, Grant, grants_of

STANDS_IN = {"deputy_dsl": ("dsl",)}
"""Whose tasks a role takes besides its own."""


class Refused(PermissionError):
    """Something that this viewer may not do, with the sentence that says why."""


def demand(decision: Decision) -> None:
    """Raise Refused unless the decision allows it."""
    if not decision:
        raise Refused(decision.because)


def grants_at(viewer: Viewer, school_id: int, compartment: Compartment) -> list[Grant]:
    """What the viewer's roles at a school open in one compartment."""
    place = viewer.place(school_id)
    held = place.roles if place else ()
    return [grant for role in held for grant in grants_of(role) if grant.compartment == compartment]


def may_write_in(viewer: Viewer, school_id: int, compartment: Compartment) -> Decision:
    if any(grant.may_write for grant in grants_at(viewer, school_id, compartment)):
        return allow()
    return refuse(f"Your role at this school does not write in the {compartment.name.lower()} part of the file.")


def reads_all(viewer: Viewer, school_id: int, compartment: Compartment) -> bool:
    """Whether a whole compartment of a school is open to the viewer."""
    return any(grant.scope == "all" for grant in grants_at(viewer, school_id, compartment))


def may_use_form(viewer: Viewer, school_id: int, definition: FormDefinition) -> Decision:
    if definition.verb and not viewer.may(definition.verb, school_id):
        return refuse(f"Your role at this school does not use the form “{definition.title}”.")
    return may_write_in(viewer, school_id, definition.compartment)


def usable_forms(viewer: Viewer, school_id: int, on: date) -> list[FormDefinition]:
    """The forms that this viewer may fill in at a school, by title; those with pages of their own left out."""
    return [form for form in library().all_current(on) if not form.page and may_use_form(viewer, school_id, form)]


def may_add_addendum(viewer: Viewer, entry: Entry, kind: str) -> Decision:
    """Whoever may write in the compartment may add; only the author or someone to whom the whole compartment is open may correct
    an entry or strike it out."""
    compartment = Compartment(entry.compartment)
    decision = may_write_in(viewer, entry.school_id, compartment)
    if not decision or kind == "addition":
        return decision
    if entry.author_id == viewer.user_id or reads_all(viewer, entry.school_id, compartment):
        return allow()
    return refuse(
        "Only the person who wrote an entry, or whoever keeps this part of the file, may correct it or strike it out."
    )


def roles_for_tasks(viewer: Viewer, school_id: int) -> set[str]:
    """The roles whose tasks are the viewer's at a school: those held, and those stood in for."""
    place = viewer.place(school_id)
    held = set(place.roles) if place else set()
    return held | {other for role in held for other in STANDS_IN.get(role, ())}


def may_do_task(viewer: Viewer, task: Task) -> Decision:
    """Take, hand over, defer or finish: while the task is open, by its owner or by the role that has it."""
    if task.done_at is not None:
        return refuse(f"This task is done already: {task.done_by_name} finished it.")
    if task.assignee_id == viewer.user_id:
        return allow()
    if task.assignee_id is None and task.assignee_role in roles_for_tasks(viewer, task.school_id):
        return allow()
    return refuse("This task is somebody else's: ask them to hand it over.")


def may_be_given(school_id: int, compartment: Compartment, user_id: int | None, role: str, *, on: date) -> Decision:
    """Whether a task of a compartment may go to a person or a role: only to those who can record there what came of it."""
    roles = _roles_of(user_id, school_id, on) if user_id is not None else {role}
    return (
        allow()
        if any(_works_in(held, compartment) for held in roles)
        else refuse("This task cannot go there: that role does not work in this part of the file.")
    )


def _roles_of(user_id: int, school_id: int, on: date) -> set[str]:
    in_force = Q(begins_on__lte=on) & (Q(ends_on__isnull=True) | Q(ends_on__gte=on))
    return set(Membership.objects.filter(in_force, user_id=user_id, school_id=school_id).values_list("role", flat=True))


def ends_elsewhere(task: Task) -> bool:
    """Whether the task was raised by a form with pages of its own: it ends when what it is about is dealt with there."""
    return any(form.id == task.source and form.page for form in library().all())


def may_end_task(viewer: Viewer, task: Task) -> Decision:
    """Finish or put off: like any step, but not what must be dealt with where it came from."""
    if ends_elsewhere(task):
        return refuse("Open it and deal with it there: this task then ends by itself.")
    return may_do_task(viewer, task)


def parts_to_plan_in(viewer: Viewer, school_id: int) -> list[Compartment]:
    """The parts of a school's file in which the viewer may plan a task, the one to prefer first; none for a role that writes in none."""
    parts = (Compartment.PASTORAL, Compartment.ATTENDANCE)
    return [
        part
        for part in parts
        if any(grant.may_write and grant.scope != "none" for grant in grants_at(viewer, school_id, part))
    ]


def receivers(compartment: Compartment) -> list[str]:
    """The roles at a school to which a task of a compartment may be handed, by title: those that read and write there."""
    found = [role for role in ROLES.values() if role.based_at_school and _works_in(role.name, compartment)]
    return [role.name for role in sorted(found, key=lambda role: role.title)]


def _works_in(role: str, compartment: Compartment) -> bool:
    return any(
        grant.may_write and grant.scope != "none" for grant in grants_of(role) if grant.compartment == compartment
    )
