"""Permissions to take a register, change a mark, plan an absence and approve a bulk correction.

The capabilities of each role are in rules/roles.py; the database decides which rows a user sees. A bulk correction is approved by a second
person: never by the person who prepared it.
"""

from haven.attendance.registers.models import BulkCorrection
from haven.core.schools.permissions import may_keep_school
from haven.core.schools.queries import ESTIMATE, is_on
from haven.platform.accounts.context import AccessContext
from haven.rules.decision import Decision, allow, refuse
from haven.rules.visibility import RecordCategory, grants_of


def may_see_registers(viewer: AccessContext, school_id: int) -> Decision:
    """Whether a role of the user at the school gives access to any register: all of them, or those of a class or a caseload."""
    place = viewer.place(school_id)
    grants = (grant for role in (place.roles if place else ()) for grant in grants_of(role))
    if any(grant.record_category is RecordCategory.ATTENDANCE and grant.scope != "none" for grant in grants):
        return allow()
    return refuse("Your role at this school cannot see registers.")


def sees_every_register(viewer: AccessContext, school_id: int) -> bool:
    """Whether a role of the user at the school gives access to every register of it."""
    place = viewer.place(school_id)
    grants = (grant for role in (place.roles if place else ()) for grant in grants_of(role))
    return any(grant.record_category is RecordCategory.ATTENDANCE and grant.scope == "all" for grant in grants)


def may_see_estimate(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the user may see who is likely to become persistently absent: if the school has switched it on, users who see every register
    of it, because the estimate uses all of them."""
    if sees_every_register(viewer, school_id) and is_on(school_id, ESTIMATE):
        return allow()
    return refuse("Page not found.")


def may_see_aggregates(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the viewer may see anonymised figures of the school."""
    if viewer.may("see_aggregates", school_id):
        return allow()
    return refuse("Your role at this school cannot see figures.")


def may_see_outside_figures(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the viewer may see the figures of groups as they may leave the school: those who see anonymised figures, and those who
    may take lists out."""
    return may_see_aggregates(viewer, school_id) or may_export_list(viewer, school_id)


def may_change_calendar(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the user may change a year that has registers: a user who manages the school and sees every register of it, so that no mark
    is withdrawn unseen."""
    allowed = may_keep_school(viewer, school_id)
    if not allowed:
        return allowed
    if sees_every_register(viewer, school_id):
        return allow()
    return refuse(
        "These sessions may have marks, and you cannot see registers. Ask the head teacher to change the year."
    )


def may_take_register(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the user may enter the marks of a session."""
    if viewer.may("take_register", school_id) or viewer.may("amend_mark", school_id):
        return allow()
    return refuse("Only teachers, tutors and the attendance team can take registers.")


def may_amend_mark(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the user may change an existing mark."""
    if viewer.may("amend_mark", school_id):
        return allow()
    return refuse("Only the attendance team can change marks. Ask them to correct it.")


def may_change_on_page(viewer: AccessContext, school_id: int, *, register_is_open: bool) -> Decision:
    """Whether the user may change an existing mark on a register page: the person who takes the register, while it is open; later the
    attendance team."""
    return may_take_register(viewer, school_id) if register_is_open else may_amend_mark(viewer, school_id)


def may_export_list(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the user may export a list as a file."""
    if viewer.may("export_lists", school_id):
        return allow()
    return refuse("Your role cannot export lists. You can print the page.")


def may_plan_absence(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the user may enter leave and other planned absence."""
    if viewer.may("plan_absence", school_id):
        return allow()
    return refuse("Only the attendance team can enter planned absence. Pass the details to them.")


def may_propose_correction(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the user may prepare a bulk correction."""
    return may_amend_mark(viewer, school_id)


def may_decide_correction(viewer: AccessContext, correction: BulkCorrection) -> Decision:
    """Whether the user may approve or refuse this bulk correction."""
    if correction.decided_at is not None:
        return refuse(f"This was already {correction.decision} by {correction.decided_by_name}.")
    if correction.author_id == viewer.user_id:
        return refuse("You prepared this, so someone else must approve it.")
    if viewer.may("approve_bulk", correction.school_id):
        return allow()
    return refuse("Only the head, the safeguarding leads and the attendance lead can approve bulk corrections.")
