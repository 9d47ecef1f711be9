"""Missing or doubtful data about a school's pupils and families.

Personal data is accurate and, where necessary, kept up to date (UK GDPR, article 5(1)(d)); Keeping children safe in education asks for at
least two emergency contacts; each parent's number: haven.rules.emergency_contacts. Only data that the user may see are checked.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from haven.core.people.models import Contact
from haven.core.people.names import fold
from haven.core.people.queries.family import contacts_by_pupil
from haven.core.people.queries.roll import Listed, pupils_of_school
from haven.core.people.telephones import is_number
from haven.platform.dates import in_words
from haven.rules.emergency_contacts import ContactNumber, parents_without_number

CHECKED_WITHIN = timedelta(days=365)
PARENT_NUMBER = "parent-number"
"""The list of pupils without an emergency number for each parent: it has its own permission."""


@dataclass(frozen=True)
class Fault:
    """One kind of problem to correct, and its pupils; `about[pupil id]` has the details, if there are any."""

    key: str
    title: str
    why: str
    pupils: tuple[Listed, ...]
    about: Mapping[int, str]


def faults_of(*, school_id: int, on: date, without: Collection[str] = ()) -> list[Fault]:
    """Every kind of problem among the pupils on the roll on a day, the most serious first; kinds without a problem have no pupils.

    The kinds whose keys are in `without` are left out.
    """
    pupils = pupils_of_school(school_id=school_id, on=on)
    contacts = contacts_by_pupil(school_id=school_id, pupil_ids=[pupil.id for pupil in pupils])
    return [
        _fault(pupils, key, title, why, find(pupils, contacts, on))
        for key, title, why, find in _KINDS
        if key not in without
    ]


def _fault(pupils: list[Listed], key: str, title: str, why: str, about: dict[int, str]) -> Fault:
    return Fault(key, title, why, tuple(pupil for pupil in pupils if pupil.id in about), about)


Contacts = Mapping[int, list[Contact]]


def _no_contact(pupils: Iterable[Listed], contacts: Contacts, on: date) -> dict[int, str]:
    return {pupil.id: "" for pupil in pupils if not contacts.get(pupil.id)}


def _one_contact(pupils: Iterable[Listed], contacts: Contacts, on: date) -> dict[int, str]:
    return {pupil.id: contacts[pupil.id][0].name for pupil in pupils if len(contacts.get(pupil.id, ())) == 1}


def _no_responsibility(pupils: Iterable[Listed], contacts: Contacts, on: date) -> dict[int, str]:
    return {
        pupil.id: ""
        for pupil in pupils
        if contacts.get(pupil.id) and not any(contact.parental_responsibility for contact in contacts[pupil.id])
    }


def _parent_number(pupils: Iterable[Listed], contacts: Contacts, on: date) -> dict[int, str]:
    problems: dict[int, str] = {}
    for pupil in pupils:
        missing = parents_without_number(
            ContactNumber(
                contact.name,
                contact.relationship,
                contact.parental_responsibility,
                any(map(is_number, _to_check(contact))),
            )
            for contact in contacts.get(pupil.id, ())
        )
        if missing is None or missing:
            problems[pupil.id] = ", ".join(missing) if missing else "no parent among the contacts"
    return problems


def _bad_number(pupils: Iterable[Listed], contacts: Contacts, on: date) -> dict[int, str]:
    problems: dict[int, str] = {}
    for pupil in pupils:
        wrong = [
            f"{contact.name}: {number or 'no number'}"
            for contact in contacts.get(pupil.id, ())
            for number in _to_check(contact)
            if not is_number(number)
        ]
        if wrong:
            problems[pupil.id] = "; ".join(wrong)
    return problems


def _to_check(contact: Contact) -> list[str]:
    return [contact.telephone, *filter(None, [contact.other_telephone])]


def _unchecked(pupils: Iterable[Listed], contacts: Contacts, on: date) -> dict[int, str]:
    problems: dict[int, str] = {}
    for pupil in pupils:
        checked = [contact.checked_on for contact in contacts.get(pupil.id, ())]
        if checked and any(day is None or day < on - CHECKED_WITHIN for day in checked):
            days = [day for day in checked if day]
            problems[pupil.id] = in_words(min(days)) if days else "never"
    return problems


def _no_upn(pupils: Iterable[Listed], contacts: Contacts, on: date) -> dict[int, str]:
    return {pupil.id: "" for pupil in pupils if not pupil.upn}


def _temporary_upn(pupils: Iterable[Listed], contacts: Contacts, on: date) -> dict[int, str]:
    return {pupil.id: pupil.upn for pupil in pupils if pupil.upn and pupil.upn[-1].isalpha()}


def _no_birthday(pupils: Iterable[Listed], contacts: Contacts, on: date) -> dict[int, str]:
    return {pupil.id: "" for pupil in pupils if pupil.born_on is None}


def _alike(pupils: Iterable[Listed], contacts: Contacts, on: date) -> dict[int, str]:
    """Pairs of pupils with the same birthday whose names begin alike in either order."""
    alike: dict[tuple[object, ...], list[Listed]] = defaultdict(list)
    for pupil in pupils:
        if pupil.born_on:
            alike[pupil.born_on, *sorted((fold(pupil.surname)[:5], fold(pupil.forename)[:3]))].append(pupil)
    return {
        pupil.id: ", ".join(other.name for other in twins if other.id != pupil.id)
        for twins in alike.values()
        if len(twins) > 1
        for pupil in twins
    }


def _no_class(pupils: Iterable[Listed], contacts: Contacts, on: date) -> dict[int, str]:
    return {pupil.id: "" for pupil in pupils if not pupil.group}


_KINDS = (
    ("no-contact", "No contacts", "Add at least two emergency contacts.", _no_contact),
    (PARENT_NUMBER, "No emergency number for each parent", "Ask for a number for each parent. The admission register must have one.",
     _parent_number),
    ("number", "Invalid telephone number", "Ask the family for the right number.", _bad_number),
    ("responsibility", "No contact with parental responsibility", "Find out who has it, and record it on the contact.",
     _no_responsibility),
    ("one-contact", "Only one contact", "Ask the family for a second emergency contact.", _one_contact),
    ("unchecked", "Contacts not checked for a year", "Check them with the family and mark them as checked.", _unchecked),
    ("alike", "Possible duplicate pupil", "Open both records and check whether they are the same child.", _alike),
    ("no-upn", "No unique pupil number", "Ask the previous school, or assign a temporary number.", _no_upn),
    ("temporary-upn", "Temporary unique pupil number", "Find the permanent number.", _temporary_upn),
    ("no-birthday", "No date of birth", "Copy it from the birth certificate or passport.", _no_birthday),
    ("no-class", "Not in a class", "Add the pupil to a class, so that they are on a register.", _no_class),
)  # fmt: skip
