"""The roles and the capabilities of each, with one sentence for each.

The five main roles and related ones, as schools, trusts and authorities in England name them. Sources: Keeping children
safe in education for the safeguarding lead and deputies (the place differs from edition to edition; see the reading
`lead_role` in `edition_table`), Working together to improve school attendance for attendance work. `visibility` defines
what a role may see. This module defines the capabilities that pages and actions check.
"""

from dataclasses import dataclass
from types import MappingProxyType

REGISTER = frozenset({"take_register"})
MORNING = frozenset({"log_contact", "accounted_for", "hand_over"})
OFFICE = REGISTER | MORNING | {"amend_mark", "plan_absence", "sign_off_day", "late_gate"}
LEAD = OFFICE | {"approve_bulk", "export_lists", "see_aggregates"}
CONCERN = frozenset({"raise_concern"})
STAFF = CONCERN | {"confirm_reading"}
SAFEGUARDING_LEAD = frozenset({"acknowledge_concern", "manage_vulnerable_list", "read_audit", "see_readings"})
PEOPLE = frozenset({"manage_people"})

CAPABILITIES = MappingProxyType(
    {
        "accounted_for": "Record that a pupil on the vulnerable pupils list is accounted for",
        "acknowledge_concern": "Acknowledge a safeguarding concern",
        "amend_mark": "Change a mark, with a reason",
        "approve_bulk": "Approve a bulk correction that someone else prepared",
        "confirm_reading": "Confirm having read Part One of Keeping children safe in education",
        "export_lists": "Export lists",
        "hand_over": "Hand work over to the next person on duty",
        "import_files": "Import files of pupils, calendars and marks",
        "late_gate": "Sign in late pupils",
        "log_contact": "Record a contact attempt",
        "manage_accounts": "Give people accounts and roles",
        "manage_people": "Keep pupils, contacts and staff up to date",
        "manage_school": "Keep the school, its years, sessions and sites up to date",
        "manage_vulnerable_list": "Add pupils to the vulnerable pupils list, with an instruction",
        "plan_absence": "Enter leave of absence and other planned absence",
        "raise_concern": "Raise a safeguarding concern",
        "read_audit": "View the audit record",
        "see_aggregates": "See anonymised figures",
        "see_readings": "See which staff have read Part One",
        "sign_off_day": "Sign off the day",
        "take_register": "Take a register",
    }
)


@dataclass(frozen=True, slots=True)
class Role:
    """A role that a person holds at a school, a trust or an authority."""

    name: str
    title: str
    sentence: str
    capabilities: frozenset[str]
    based_at_school: bool = True


_ROLES = (
    Role("head", "Head teacher", "Sees everything in the school, including concerns about staff.",
         LEAD | STAFF | SAFEGUARDING_LEAD | PEOPLE | {"import_files", "manage_school", "manage_accounts"}),
    Role("attendance_officer", "Attendance officer",
         "Sees every register and contact. Sees instructions for vulnerable pupils, but not the confidential reasons.",
         OFFICE | STAFF | PEOPLE | {"import_files", "export_lists"}),
    Role("attendance_coordinator", "Attendance support co-ordinator",
         "Leads attendance: sees every register and contact, and support for pupils on their caseload.",
         LEAD | STAFF | PEOPLE | {"import_files"}),
    Role("family_support_worker", "Family support worker",
         "Sees attendance, contacts and support for the families on their caseload.",
         MORNING | STAFF),
    Role("pastoral_coordinator", "Pastoral support co-ordinator",
         "Sees attendance and support for every pupil, but no safeguarding records.",
         OFFICE | STAFF | {"see_aggregates", "export_lists"}),
    Role("pupil_support_worker", "Pupil support worker",
         "Sees attendance, contacts and support for the pupils on their caseload.",
         REGISTER | MORNING | STAFF | {"late_gate"}),
    Role("dsl", "Designated safeguarding lead",
         "Sees every pupil's attendance, support and safeguarding records, but not concerns about staff.",
         LEAD | STAFF | SAFEGUARDING_LEAD | PEOPLE),
    Role("deputy_dsl", "Deputy designated safeguarding lead",
         "Deputises for the safeguarding lead, and sees what the lead sees.",
         LEAD | STAFF | SAFEGUARDING_LEAD | PEOPLE),
    Role("form_tutor", "Form tutor", "Sees attendance and contacts for their own form, and may add a pastoral note.",
         REGISTER | STAFF | {"log_contact", "accounted_for"}),
    Role("teacher", "Teacher", "Sees attendance for their own classes, and may raise a concern about any pupil.",
         REGISTER | STAFF),
    Role("governor", "Governor", "Sees anonymised figures, with small numbers suppressed.",
         frozenset({"see_aggregates"}), based_at_school=False),
    Role("trust_lead", "Trust lead", "Sees figures for every school in the trust, but no pupil records.",
         frozenset({"see_aggregates"}), based_at_school=False),
    Role("authority_practitioner", "Local authority practitioner",
         "Sees attendance and support for the pupils referred to them.",
         CONCERN | {"log_contact", "see_aggregates"}, based_at_school=False),
    Role("data_protection_officer", "Data protection officer", "Sees the audit record, but not the records themselves.",
         frozenset({"read_audit"}), based_at_school=False),
    Role("system_administrator", "System administrator", "Manages accounts and settings, but sees no pupil records.",
         frozenset({"manage_accounts", "manage_school"}), based_at_school=False),
    Role("service", "Haven itself", "Runs Haven's imports and night run. Sees rolls and registers, but nothing that staff write.",
         frozenset({"import_files", "manage_people", "manage_school", "amend_mark"}), based_at_school=False),
)  # fmt: skip

ROLES: MappingProxyType[str, Role] = MappingProxyType({role.name: role for role in _ROLES})
"""Every role by its name, in the order in which people are shown them."""


def may(role: str, capability: str) -> bool:
    """Whether a role has a capability. Raises KeyError for a role or a capability that is not in the tables."""
    if capability not in CAPABILITIES:
        raise KeyError(capability)
    return capability in ROLES[role].capabilities
