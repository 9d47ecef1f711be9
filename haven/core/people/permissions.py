"""Permissions to edit pupils, contacts, statuses and the vulnerable pupils list.

Names, contacts and details: users with `manage_people` (rules/roles.py). A status: users whose role reads and writes its record category in
full, so that nobody records what they cannot read afterwards. The list: users with `manage_vulnerable_list`.
"""

from haven.core.people.statuses import StatusKind
from haven.platform.accounts.context import AccessContext
from haven.rules.decision import Decision, allow, refuse
from haven.rules.visibility import RecordCategory, grants_of

_KEEPERS = {
    RecordCategory.PASTORAL: "Only the pastoral co-ordinator, the safeguarding leads and the head teacher can record this.",
    RecordCategory.SAFEGUARDING: "Only the safeguarding leads and the head teacher can record this.",
}


def may_keep_people(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the user may change names, classes, contacts and details of the school's pupils."""
    if viewer.may("manage_people", school_id):
        return allow()
    return refuse("Only attendance staff, the safeguarding leads and the head teacher can change pupils and contacts.")


def may_see_parent_gaps(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the user may see which parents have no emergency number: users who edit contacts and read those of every pupil, so that the
    list is never incomplete without notice."""
    if viewer.may("manage_people", school_id) and reads_record_category(viewer, school_id, RecordCategory.ATTENDANCE):
        return allow()
    return refuse("Attendance staff, the safeguarding leads and the head teacher see which parents have no number.")


def may_record_status(viewer: AccessContext, school_id: int, kind: StatusKind) -> Decision:
    """Whether the user may record or end a status of that kind at the school."""
    if kind.record_category is RecordCategory.ATTENDANCE:
        return may_keep_people(viewer, school_id)
    if keeps_record_category(viewer, school_id, kind.record_category):
        return allow()
    return refuse(_KEEPERS[kind.record_category])


def may_change_listings(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the user may put pupils on the vulnerable pupils list and write the instructions."""
    if viewer.may("manage_vulnerable_list", school_id):
        return allow()
    return refuse("Only the safeguarding leads and the head teacher can change the vulnerable pupils' list.")


def may_see_roll(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the user's role at the school sees any pupils: all of them, or those of a caseload."""
    place = viewer.place(school_id)
    grants = [grant for role in place.roles for grant in grants_of(role)] if place else []
    if any(grant.record_category is RecordCategory.ROLL and grant.scope != "none" for grant in grants):
        return allow()
    return refuse("Your role at this school does not show individual pupils. If you need them, ask the head teacher.")


def may_export_pupils(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the user may export the list of pupils as a file."""
    if viewer.may("export_lists", school_id):
        return allow()
    return refuse("Your role cannot export lists. Ask the attendance officer.")


def keeps_record_category(viewer: AccessContext, school_id: int, record_category: RecordCategory) -> bool:
    """Whether one of the user's roles at the school reads and writes the whole record category."""
    place = viewer.place(school_id)
    return place is not None and any(
        grant.record_category is record_category and grant.scope == "all" and grant.may_write
        for role in place.roles
        for grant in grants_of(role)
    )


def reads_record_category(viewer: AccessContext, school_id: int, record_category: RecordCategory) -> bool:
    """Whether one of the user's roles at the school reads the whole record category."""
    place = viewer.place(school_id)
    return place is not None and any(
        grant.record_category is record_category and grant.scope == "all"
        for role in place.roles
        for grant in grants_of(role)
    )
