"""Who may take a register, change a mark, plan an absence and approve a change of many marks?

The verbs of each role are in rules/roles.py; whose rows may be seen is the database's business. A second person decides on a change of
many marks: never the one who prepared it.
"""

from haven.access.viewer import Viewer
from haven.attendance.models import BulkCorrection
from haven.rules.decision import Decision, allow, refuse


def may_take_register(viewer: Viewer, school_id: int) -> Decision:
    """Whether the viewer may enter the marks of a session."""
    if viewer.may("take_register", school_id) or viewer.may("amend_mark", school_id):
        return allow()
    return refuse("Teachers, tutors and the attendance team take registers.")


def may_amend_mark(viewer: Viewer, school_id: int) -> Decision:
    """Whether the viewer may change a mark that stands."""
    if viewer.may("amend_mark", school_id):
        return allow()
    return refuse("The attendance team changes marks. Tell them what is right.")


def may_plan_absence(viewer: Viewer, school_id: int) -> Decision:
    """Whether the viewer may enter leave and other absence that is known beforehand."""
    if viewer.may("plan_absence", school_id):
        return allow()
    return refuse("The attendance team enters planned absence. Tell them what you know.")


def may_propose_correction(viewer: Viewer, school_id: int) -> Decision:
    """Whether the viewer may prepare a change of many marks."""
    return may_amend_mark(viewer, school_id)


def may_decide_correction(viewer: Viewer, correction: BulkCorrection) -> Decision:
    """Whether the viewer may approve or refuse this change of many marks."""
    if correction.decided_at is not None:
        return refuse(f"This was {correction.decision} by {correction.decided_by_name} already.")
    if correction.author_id == viewer.user_id:
        return refuse("You prepared this, so somebody else approves it.")
    if viewer.may("approve_bulk", correction.school_id):
        return allow()
    return refuse("The head, the safeguarding leads and the attendance lead approve changes of many marks.")
