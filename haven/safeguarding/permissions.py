"""Decides who may raise a concern and who may acknowledge one.

Everyone on the staff may raise one; the safeguarding leads and the head acknowledge them (Keeping children safe in
education, part one; the role of the lead: `lead_role` in rules/edition_table.py). Others cannot tell whether a concern
exists.
"""

from haven.core.records.models import Entry
from haven.platform.accounts.context import AccessContext
from haven.rules.decision import Decision, allow, refuse
from haven.safeguarding.definition_keys import CHILD_NAME


def may_raise_concern(viewer: AccessContext, school_id: int) -> Decision:
    if viewer.may("raise_concern", school_id):
        return allow()
    return refuse(
        "Only staff of the school can raise a concern here. Call the school and ask for the safeguarding lead."
    )


def may_acknowledge_concern(viewer: AccessContext, school_id: int) -> Decision:
    if viewer.may("acknowledge_concern", school_id):
        return allow()
    return refuse("Only the safeguarding leads and the head teacher can acknowledge concerns.")


def may_link_concern(viewer: AccessContext, entry: Entry) -> Decision:
    """Whether the viewer may say which child a concern is about, when its author named the child only in words."""
    decision = may_acknowledge_concern(viewer, entry.school_id)
    if decision and not entry.fields.get(CHILD_NAME):
        return refuse(
            "This concern was raised about a pupil on roll. If it is the wrong pupil, mark it as entered in error, with the reason."
        )
    return decision
