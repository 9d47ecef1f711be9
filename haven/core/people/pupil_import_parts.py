"""The changes of one row of a file to a pupil's details, contacts and statuses. Pure comparison: nothing is read or written here."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from haven.core.people.definition_keys import EHCP, SEN_SUPPORT
from haven.core.people.matching import RowProblem, Standing, said
from haven.core.people.models import Contact, Status
from haven.core.people.names import fold
from haven.core.people.statuses import FREE_MEALS, StatusKind, every_kind
from haven.rules.editions import reading_on

DETAILS = ("address", "postcode", "ethnicity", "first_language")
CARRIED = (*DETAILS, "needs_interpreter", "nationality", "trusted_adult", "good_to_know")
FACTS = {
    "relationship": "relationship", "phone": "telephone", "email": "email", "priority": "priority",
    "parental_responsibility": "parental_responsibility", "safe_to_contact": "safe_to_contact",
    "lives_with_pupil": "lives_with_pupil", "language": "language", "interpreter": "needs_interpreter",
}  # fmt: skip
"""The fields of a contact in a file, and their names in Haven."""
CARRIED_OVER = ("name", *FACTS.values(), "other_telephone", "address", "safe_contact_note", "prefers")
SEN = {"K": SEN_SUPPORT, "E": EHCP}
ENROLMENTS = {"C": "single", "M": "main", "S": "subsidiary", "G": "guest"}
"""Codes of the school census, and the kinds of enrolment in Haven."""
YES = {True, "Y", "y", "yes", "Yes", "YES", "true", "True", "1"}


def changed_detail(row: Any, standing: Standing | None) -> dict[str, Any]:
    """The whole next row of details if the file has a new value, else an empty dict."""
    wanted = {**{key: said(row, key) for key in DETAILS}, "address": address_of(row)}
    there = standing.detail if standing else None
    before = {key: getattr(there, key) for key in CARRIED} if there else {}
    after = {key: value for key, value in wanted.items() if value is not None and before.get(key, "") != value}
    return {**before, **after} if after else {}


def address_of(row: Any) -> str | None:
    """The lines of an address with town and county, one below the other; None if the file has none."""
    given = getattr(row, "address", None) or ()
    lines = [given] if isinstance(given, str) else list(given)
    lines += [said(row, "town") or "", said(row, "county") or ""]
    return "\n".join(" ".join(line.split()) for line in lines if line.strip()) or None


def kind_of(row: Any) -> str | None:
    """The kind of enrolment in the file, by its census code or its name; None if the file has none."""
    given = said(row, "enrolment")
    return ENROLMENTS.get(given, given) if given else None


@dataclass
class ContactChanges:
    """The contacts that begin (their facts), those that end (ids), and what a person should look at."""

    begun: list[dict[str, Any]] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    questions: list[RowProblem] = field(default_factory=list)


def changed_contacts(row: Any, standing: Standing | None) -> ContactChanges:
    """The changes of a row's contacts. A contact of the file is the one in Haven with the same folded name; of several with one name, the
    one with the same relationship, else the same number.

    A number of a contact who is not safe to contact is not taken under another name: a query asks a person. A contact of Haven whom a row
    with contacts does not name is kept, after the others, and a query says so.
    """
    changes = ContactChanges()
    given = [contact for contact in getattr(row, "contacts", None) or () if said(contact, "name")]
    known = list(standing.contacts) if standing else []
    pairs = _same_people(given, known)
    unsafe = _unsafe_ways(given, known)
    used: set[int] = set()
    for place, contact in enumerate(given, start=1):
        facts = {here: said(contact, there) for there, here in FACTS.items()}
        facts = {key: value for key, value in facts.items() if value is not None}
        there = pairs.get(id(contact))
        is_safe = facts.get("safe_to_contact", there.safe_to_contact if there else True)
        if is_safe and (reused := [key for key in WAYS if _way(facts.get(key, "")) in unsafe]):
            changes.questions.append(_unsafe_number(contact))
            if there is None:
                continue
            facts = {key: value for key, value in facts.items() if key not in reused}
        if there is None:
            changes.begun.append({"name": said(contact, "name"), **{"priority": place, **facts}})
        elif any(getattr(there, key) != value for key, value in facts.items()):
            changes.begun.append({**_carried(there), **facts})
            changes.ended.append(there.id)
        used.add(facts.get("priority", there.priority if there else place))
    if given:
        named = {contact.id for contact in pairs.values()}
        _keep_after(changes, [contact for contact in known if contact.id not in named], used)
    return changes


def _same_people(given: Sequence[Any], known: Sequence[Contact]) -> dict[int, Contact]:
    """The contact in Haven of each contact of a row, by the identity of the latter; new people have none."""
    by_name: dict[str, list[Contact]] = defaultdict(list)
    for contact in known:
        by_name[fold(contact.name)].append(contact)
    pairs: dict[int, Contact] = {}
    left = list(given)
    for is_same in (_is_same_relationship, _is_same_number, _is_same_name):
        for contact in list(left):
            namesakes = by_name[fold(said(contact, "name"))]
            among = sum(fold(said(other, "name")) == fold(said(contact, "name")) for other in left)
            if is_same is _is_same_name and (len(namesakes) > 1 or among > 1):
                continue
            there = next((other for other in namesakes if is_same(contact, other)), None)
            if there is not None:
                pairs[id(contact)] = there
                namesakes.remove(there)
                left.remove(contact)
    return pairs


def _is_same_relationship(given: Any, contact: Contact) -> bool:
    return fold(said(given, "relationship") or "") == fold(contact.relationship)


def _is_same_number(given: Any, contact: Contact) -> bool:
    return _digits(said(given, "phone") or "") in _numbers(contact)


def _is_same_name(given: Any, contact: Contact) -> bool:
    return True


WAYS = ("telephone", "email")


def _unsafe_ways(given: Sequence[Any], known: Sequence[Contact]) -> set[str]:
    """The numbers and addresses of contacts who are not safe to contact, in Haven or by the row itself."""
    in_haven = [
        way
        for contact in known
        if not contact.safe_to_contact
        for way in (contact.telephone, contact.other_telephone, contact.email)
    ]
    in_row = [
        said(contact, key) or ""
        for contact in given
        if said(contact, "safe_to_contact") is False
        for key in ("phone", "email")
    ]
    return {_way(way) for way in (*in_haven, *in_row)} - {""}


def _way(text: str) -> str:
    """A telephone number or an email address in the form in which two are compared."""
    return text.strip().casefold() if "@" in text else _digits(text)


def _numbers(contact: Contact) -> set[str]:
    return {_digits(number) for number in (contact.telephone, contact.other_telephone)} - {""}


def _digits(number: str) -> str:
    """A telephone number without marks and blanks, with 0 for the code of the United Kingdom; "" for none."""
    digits = "".join(sign for sign in number if sign.isdigit())
    for code in ("0044", "44"):
        if digits.startswith(code) and (number.strip().startswith("+") or code == "0044"):
            digits = "0" + digits.removeprefix(code).removeprefix("0")
    return digits


def _unsafe_number(contact: Any) -> RowProblem:
    return RowProblem(
        0, "This number or email address belongs to a contact who is not safe to contact, under another name. It was left out. "
        "Ask the safeguarding lead, then change the contacts on the pupil's page.",
        "unsafe_number", f"contact{getattr(contact, 'number', 1)}_phone", is_question=True,
    )  # fmt: skip


def _keep_after(changes: ContactChanges, missing: Sequence[Contact], used: set[int]) -> None:
    """Keep the contacts whom the row does not name, with a query, and give each a priority that no other contact has."""
    for contact in sorted(missing, key=lambda contact: (contact.priority, contact.id)):
        priority = contact.priority
        if priority in used:
            priority = max(*used, contact.priority) + 1
            changes.begun.append({**_carried(contact), "priority": priority})
            changes.ended.append(contact.id)
        used.add(priority)
        changes.questions.append(RowProblem(
            0, "A contact in Haven is not in this row. They were kept, after the others. "
            "If they are no longer a contact, remove them on the pupil's page.",
            "contact_not_in_row", "contact1_name", is_question=True,
        ))  # fmt: skip


def _carried(contact: Contact) -> dict[str, Any]:
    return {key: getattr(contact, key) for key in CARRIED_OVER}


def changed_statuses(row: Any, standing: Standing | None, on: date) -> tuple[list[StatusKind], list[Status]]:
    """The kinds of status that begin and the statuses that end, for the kinds in files of pupils: SEN and free school meals.

    A plain yes about free school meals leaves a pupil unchanged who has them of either kind; for others it means the kind that
    `meals_plain_yes` in rules/edition_table.py gives for the day. A plain no ends both kinds.
    """
    there = dict(standing.statuses) if standing else {}
    wanted: dict[str, bool] = {}
    if (sen := said(row, "sen")) is not None:
        wanted |= {kind: SEN.get(str(sen).upper()) == kind for kind in SEN.values()}
    if (fsm := said(row, "fsm")) is not None:
        wanted |= _meals(fsm in YES, there, on)
    kinds = every_kind()
    begun = [kinds[kind] for kind, holds in wanted.items() if holds and kind not in there]
    ended = [there[kind] for kind, holds in wanted.items() if not holds and kind in there]
    return begun, ended


def _meals(has_meals: bool, there: Mapping[str, Status], on: date) -> dict[str, bool]:
    """The kinds of free school meals after a plain yes or no."""
    if not has_meals:
        return dict.fromkeys(FREE_MEALS, False)
    meant = reading_on("meals_plain_yes", on).value
    if meant is None or any(kind in there for kind in FREE_MEALS):
        return {}
    return {meant: True}
