"""Decides who confirms having read Part One, and who sees the readings of all staff.

Staff who work at the school confirm for themselves. The head and the safeguarding leads see everybody's (Keeping
children safe in education: the school makes sure that staff read it).
"""

from haven.platform.accounts.context import AccessContext
from haven.rules.decision import Decision, allow, refuse
from haven.rules.roles import ROLES

STAFF_ROLES = tuple(name for name, role in ROLES.items() if "confirm_reading" in role.capabilities)
"""Roles of people who work at a school and read Part One."""


def may_record_reading(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the viewer works at the school, and so may confirm their own reading there."""
    if viewer.may("confirm_reading", school_id):
        return allow()
    return refuse("The staff of the school confirm here that they have read Part One.")


def may_see_readings(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the viewer may see who has read Part One."""
    if viewer.may("see_readings", school_id):
        return allow()
    return refuse("The head teacher and the safeguarding leads see who has read Part One.")
