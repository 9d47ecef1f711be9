"""All actions on pupils and families, one function each, with its audit event.

`roll` who is on the roll and in which class, `contacts` the contacts, `details` address, languages and numbers, `statuses` dated statuses
and the vulnerable pupils list, `households` brothers and sisters, `importing` a whole file of pupils, `reading` audit events for opening
and exporting.
"""

from haven.core.people.actions.contacts import check_contacts, keep_contacts
from haven.core.people.actions.details import keep_detail, record_identifier
from haven.core.people.actions.households import keep_household, leave_household
from haven.core.people.actions.importing import import_pupils
from haven.core.people.actions.reading import export_pupils, open_pupil
from haven.core.people.actions.roll import (
    Admission,
    Admitted,
    admit_pupil,
    change_names,
    end_enrolment,
    keep_group,
    move_group,
)
from haven.core.people.actions.statuses import StatusRecord, add_listing, end_listing, end_status, record_status

__all__ = [
    "Admission",
    "Admitted",
    "StatusRecord",
    "admit_pupil",
    "change_names",
    "check_contacts",
    "end_enrolment",
    "end_status",
    "end_listing",
    "export_pupils",
    "import_pupils",
    "keep_contacts",
    "keep_detail",
    "keep_group",
    "keep_household",
    "add_listing",
    "leave_household",
    "move_group",
    "open_pupil",
    "record_identifier",
    "record_status",
]
