"""Permissions to write in the file and to add to an entry.

Row policies decide which rows a user reads and where they may write (rules/visibility.py); this module has the sentences that users read.
"""

from datetime import date

from haven.core.records.form_definitions import FormDefinition, forms_in_force
from haven.core.records.models import Entry
from haven.platform.accounts.context import AccessContext
from haven.rules.decision import Decision, allow, refuse
from haven.rules.visibility import Grant, RecordCategory, grants_of


def grants_at(viewer: AccessContext, school_id: int, record_category: RecordCategory) -> list[Grant]:
    """The access of the user's roles at a school to one record category."""
    place = viewer.place(school_id)
    held = place.roles if place else ()
    return [grant for role in held for grant in grants_of(role) if grant.record_category == record_category]


def may_write_in(viewer: AccessContext, school_id: int, record_category: RecordCategory) -> Decision:
    if any(grant.may_write for grant in grants_at(viewer, school_id, record_category)):
        return allow()
    return refuse(
        f"Your role at this school cannot write in the {record_category.name.lower()} part of the file. Ask the head teacher."
    )


def reads_all(viewer: AccessContext, school_id: int, record_category: RecordCategory) -> bool:
    """Whether the user may read a whole record category of a school."""
    return any(grant.scope == "all" for grant in grants_at(viewer, school_id, record_category))


def may_use_form(viewer: AccessContext, school_id: int, definition: FormDefinition) -> Decision:
    if definition.verb and not viewer.may(definition.verb, school_id):
        return refuse(f"Your role at this school cannot use the form “{definition.title}”. Ask the head teacher.")
    return may_write_in(viewer, school_id, definition.record_category)


def usable_forms(viewer: AccessContext, school_id: int, on: date) -> list[FormDefinition]:
    """The forms that this user may fill in at a school, by title, without those that have pages of their own."""
    return [form for form in forms_in_force(on) if not form.page and may_use_form(viewer, school_id, form)]


def may_add_addendum(viewer: AccessContext, entry: Entry, kind: str) -> Decision:
    """A user who may write in the record category may add. Only the author, or a user with access to the whole record category, may correct
    or retract an entry."""
    record_category = RecordCategory(entry.record_category)
    decision = may_write_in(viewer, entry.school_id, record_category)
    if not decision or kind == "addition":
        return decision
    if entry.author_id == viewer.user_id or reads_all(viewer, entry.school_id, record_category):
        return allow()
    return refuse(
        "Only the author, or a lead for this part of the file, can correct an entry or mark it as entered in error."
    )


def parts_to_plan_in(viewer: AccessContext, school_id: int) -> list[RecordCategory]:
    """The record categories of a school in which the user may plan a task, the preferred one first; none for a role that writes in none."""
    parts = (RecordCategory.PASTORAL, RecordCategory.ATTENDANCE)
    return [
        part
        for part in parts
        if any(grant.may_write and grant.scope != "none" for grant in grants_at(viewer, school_id, part))
    ]
