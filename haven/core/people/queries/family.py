"""Whom to ring about a pupil, and who the brothers and sisters are.

Contacts lie in the attendance record category. A brother or sister at another school is shown by name, year group and school and nothing
more; the database's own function gives them (people/sql/allocated.sql), for pupils whom the viewer may see.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from haven.core.people.models import Contact, HouseholdMember
from haven.core.people.queries.roll import year_title
from haven.platform.sql_files import SqlFile

QUERIES = SqlFile(__file__)


@dataclass(frozen=True)
class Sibling:
    """A brother or sister of `pupil_id`: name, year group and school. Whether the viewer may open the child is for the row policy to say."""

    pupil_id: int
    sibling_id: int
    name: str
    year_group: str
    school_id: int
    school_name: str
    urn: int

    @property
    def year_title(self) -> str:
        return year_title(self.year_group)


def contacts_of(*, school_id: int, pupil_id: int) -> list[Contact]:
    """The pupil's contacts at the school as they stand, first to ring first; empty where there are none or they may not be seen."""
    return contacts_by_pupil(school_id=school_id, pupil_ids=[pupil_id]).get(pupil_id, [])


def contacts_by_pupil(*, school_id: int, pupil_ids: Iterable[int]) -> dict[int, list[Contact]]:
    """The contacts of several pupils, first to ring first; a pupil without any is not there."""
    found: dict[int, list[Contact]] = defaultdict(list)
    for contact in QUERIES.objects(Contact, "contacts", school_id=school_id, pupil_ids=list(pupil_ids)):
        found[contact.pupil_id].append(contact)
    return dict(found)


def contact_warnings(contacts: Iterable[Contact]) -> list[str]:
    """What to know before ringing, a sentence for each contact who is not safe to reach or who has a note about it."""
    sentences = []
    for contact in contacts:
        note = contact.safe_contact_note.strip()
        if not contact.safe_to_contact:
            sentences.append(f"Do not contact {contact.name}. {note}".strip())
        elif note:
            sentences.append(f"{contact.name}: {note}")
    return sentences


def siblings_of(*, pupil_ids: Iterable[int]) -> dict[int, list[Sibling]]:
    """Brothers and sisters on a roll today, by pupil; a pupil without any is not there. One at two schools stands there twice."""
    found: dict[int, list[Sibling]] = defaultdict(list)
    for sibling in QUERIES.rows(Sibling, "siblings", pupil_ids=list(pupil_ids)):
        found[sibling.pupil_id].append(sibling)
    return dict(found)


def household_of(*, school_id: int, pupil_id: int) -> list[int]:
    """Ids of the pupils of one household whom the viewer may see as such, the pupil among them; empty without a household."""
    mine = HouseholdMember.objects.filter(school_id=school_id, pupil_id=pupil_id).values("household_id")
    return sorted(set(HouseholdMember.objects.filter(household_id__in=mine).values_list("pupil_id", flat=True)))
