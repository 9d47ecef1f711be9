"""Who may raise a concern, and who may receive one? Everyone on the staff raises; the safeguarding leads and the head receive
(Keeping children safe in education, part one; the role of the lead: `lead_role` in rules/edition_table.py). Whoever may not receive cannot tell a concern from no concern."""

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
    """Say which child a concern is about: where its author named the child in words alone."""
    decision = may_acknowledge_concern(viewer, entry.school_id)
    if decision and not entry.fields.get(CHILD_NAME):
        return refuse(
            "This concern was raised about a pupil on roll. If it is the wrong pupil, mark it as entered in error, with the reason."
        )
    return decision
