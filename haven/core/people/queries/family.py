"""Contacts of a pupil, and brothers and sisters.

Contacts are in the attendance record category. A brother or sister at another school is shown only by name, year group and school; a
database function returns them (people/sql/allocated.sql), for pupils whom the user may see.
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
    """A brother or sister of `pupil_id`: name, year group and school. The row policy decides whether the user may open the child's page."""

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
    """The pupil's current contacts at the school, in order of priority; empty if there are none or the user may not see them."""
    return contacts_by_pupil(school_id=school_id, pupil_ids=[pupil_id]).get(pupil_id, [])


def contacts_by_pupil(*, school_id: int, pupil_ids: Iterable[int]) -> dict[int, list[Contact]]:
    """The contacts of several pupils, in order of priority; a pupil without any has no key."""
    contacts: dict[int, list[Contact]] = defaultdict(list)
    for contact in QUERIES.objects(Contact, "contacts", school_id=school_id, pupil_ids=list(pupil_ids)):
        contacts[contact.pupil_id].append(contact)
    return dict(contacts)


def contact_warnings(contacts: Iterable[Contact]) -> list[str]:
    """Warnings before a call: a sentence for each contact who is not safe to contact or has a note about it."""
    sentences = []
    for contact in contacts:
        note = contact.safe_contact_note.strip()
        if not contact.safe_to_contact:
            sentences.append(f"Do not contact {contact.name}. {note}".strip())
        elif note:
            sentences.append(f"{contact.name}: {note}")
    return sentences


def siblings_of(*, pupil_ids: Iterable[int]) -> dict[int, list[Sibling]]:
    """Brothers and sisters on a roll today, by pupil; a pupil without any has no key. A sibling at two schools is listed twice."""
    siblings: dict[int, list[Sibling]] = defaultdict(list)
    for sibling in QUERIES.rows(Sibling, "siblings", pupil_ids=list(pupil_ids)):
        siblings[sibling.pupil_id].append(sibling)
    return dict(siblings)


def household_of(*, school_id: int, pupil_id: int) -> list[int]:
    """Ids of the pupils of one household whom the user may see as such, including the pupil; empty without a household."""
    mine = HouseholdMember.objects.filter(school_id=school_id, pupil_id=pupil_id).values("household_id")
    return sorted(set(HouseholdMember.objects.filter(household_id__in=mine).values_list("pupil_id", flat=True)))
