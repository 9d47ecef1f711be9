"""Permissions of first-day response.

The capabilities of each role are in rules/roles.py; the database decides which pupils a user sees. Each answer carries the sentence that
the page shows beside the button and that a refusal gives.
"""

from haven.attendance.follow_up.models import DaySignOff
from haven.attendance.follow_up.roll_snapshot import sees_any
from haven.platform.accounts.context import AccessContext
from haven.rules.decision import Decision, allow, refuse


def _needs(viewer: AccessContext, school_id: int, verb: str, sentence: str) -> Decision:
    return allow() if viewer.may(verb, school_id) else refuse(sentence)


def may_log_attempt(viewer: AccessContext, school_id: int) -> Decision:
    """Call families and record the outcome, claim a pupil, plan a visit."""
    return _needs(
        viewer, school_id, "log_contact", "Only the attendance and support teams can record contact with families."
    )


def may_give_reason(viewer: AccessContext, school_id: int) -> Decision:
    """Enter the reason of an absence, which changes the mark."""
    return _needs(
        viewer, school_id, "amend_mark", "Only the attendance team can enter reasons. Pass the details to them."
    )


def may_account_for(viewer: AccessContext, school_id: int) -> Decision:
    """Record whether a pupil is accounted for, or that an instruction was carried out."""
    return _needs(
        viewer, school_id, "accounted_for", "Only tutors and the attendance and support teams can account for pupils."
    )


def may_pass_on(viewer: AccessContext, school_id: int) -> Decision:
    """Hand a pupil over to a colleague."""
    return _needs(viewer, school_id, "hand_over", "Only the attendance and support teams can pass on work.")


def may_sign_in_late(viewer: AccessContext, school_id: int) -> Decision:
    """Sign in pupils who come late."""
    return _needs(viewer, school_id, "late_gate", "Only the school office can sign in late pupils.")


def may_see_whole_list(viewer: AccessContext, school_id: int) -> Decision:
    """Take the lists of the day out as files."""
    return _needs(viewer, school_id, "export_lists", "Your role cannot export lists. You can print the page.")


def may_end_day(viewer: AccessContext, school_id: int, signed_off: DaySignOff | None) -> Decision:
    """Sign the day off: once, until it is opened again. `rules.morning.may_sign_off` decides which items may stay open."""
    if signed_off is not None:
        return refuse(f"{signed_off.author_name} has already signed off this day.")
    return _needs(viewer, school_id, "sign_off_day", "Only the attendance team can sign off the day.")


def may_sign_left(viewer: AccessContext, school_id: int, signed_off: DaySignOff | None, left: int) -> Decision:
    """Sign off items that the day's sign-off left out, while there are any."""
    if signed_off is None:
        return refuse("This day has not been signed off.")
    return may_end_day(viewer, school_id, None if left else signed_off)


def may_reopen_day(viewer: AccessContext, school_id: int, signed_off: DaySignOff | None) -> Decision:
    """Open a signed-off day again."""
    if signed_off is None:
        return refuse("This day has not been signed off.")
    return _needs(viewer, school_id, "sign_off_day", "Only the attendance team can reopen a day.")


def may_hand_over(viewer: AccessContext, school_id: int) -> Decision:
    """Write and read notes to the next person on duty."""
    return _needs(viewer, school_id, "hand_over", "Only the attendance and support teams can write handover notes.")


def may_see_day(viewer: AccessContext, school_id: int) -> Decision:
    """See the follow-up list: users with access to registers of the school, a class or a caseload."""
    if sees_any(viewer, school_id):
        return allow()
    return refuse("Your role at this school cannot see registers.")
