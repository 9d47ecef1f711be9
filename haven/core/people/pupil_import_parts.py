"""The changes of one row of a file to a pupil's details, contacts and statuses. Pure comparison: nothing is read or written here."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from haven.core.people.definition_keys import EHCP, SEN_SUPPORT
from haven.core.people.matching import Standing, said
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


def changed_contacts(row: Any, standing: Standing | None) -> tuple[list[dict[str, Any]], list[int]]:
    """The contacts that begin (their facts) and those that end (ids). Contacts with the same folded name are the same person."""
    known = {fold(contact.name): contact for contact in (standing.contacts if standing else ())}
    begun: list[dict[str, Any]] = []
    ended: list[int] = []
    for place, given in enumerate(getattr(row, "contacts", None) or (), start=1):
        name = said(given, "name")
        if not name:
            continue
        facts = {here: said(given, there) for there, here in FACTS.items()}
        facts = {key: value for key, value in facts.items() if value is not None}
        there = known.get(fold(name))
        if there is None:
            begun.append({"name": name, **{"priority": place, **facts}})
        elif any(getattr(there, key) != value for key, value in facts.items()):
            begun.append({**_carried(there), **facts})
            ended.append(there.id)
    return begun, ended


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
