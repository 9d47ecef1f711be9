"""Everything that may be read about pupils and families. Every read goes through the wall, and names its school besides.

`roll` who is there and who is meant, `known` statuses, the vulnerable list, details and numbers, `family` contacts and siblings,
`quality` what is missing or doubtful.
"""

from haven.people.queries.family import (
    Sibling,
    contact_warnings,
    contacts_by_pupil,
    contacts_of,
    household_of,
    siblings_of,
)
from haven.people.queries.known import (
    Watch,
    details_of,
    identifiers_of,
    status_by_ref,
    status_kinds_seen,
    statuses_of,
    statuses_past,
    upns_of,
    watch_by_ref,
    watch_lines,
    watch_of,
)
from haven.people.queries.roll import (
    Asked,
    Listed,
    enrolment_on,
    find_pupils,
    groups_of,
    listed,
    pupil_by_ref,
    pupil_by_upn,
    pupils_of_school,
    year_order,
    year_title,
)

__all__ = [
    "Asked",
    "Listed",
    "Sibling",
    "Watch",
    "contact_warnings",
    "contacts_by_pupil",
    "contacts_of",
    "details_of",
    "enrolment_on",
    "find_pupils",
    "groups_of",
    "household_of",
    "identifiers_of",
    "listed",
    "pupil_by_ref",
    "pupil_by_upn",
    "pupils_of_school",
    "siblings_of",
    "status_by_ref",
    "status_kinds_seen",
    "statuses_of",
    "statuses_past",
    "upns_of",
    "watch_by_ref",
    "watch_lines",
    "watch_of",
    "year_order",
    "year_title",
]
