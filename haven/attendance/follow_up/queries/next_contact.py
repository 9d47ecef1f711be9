"""The next contact to try for a pupil."""

from collections.abc import Sequence
from datetime import datetime

from haven.attendance.follow_up.items import (
    Next,
)
from haven.attendance.follow_up.loaders import AttemptLine, ContactLine
from haven.rules.contact_ladder import Action, Attempt, LadderContact, next_step

_DO = {
    Action.CALL: "Call",
    Action.RECORD_REASON: "Record the reason",
    Action.ASK_A_PARENT: "Ask a parent",
    Action.VISIT: "Visit the home",
    Action.TELL_LEAD: "Tell the safeguarding lead",
    Action.ACCOUNT_FOR: "Record where the pupil is",
}


def next_of(contacts: Sequence[ContactLine], today: Sequence[AttemptLine], at: datetime) -> Next:
    """The next step of the contact ladder after today's attempts, with its sentence."""
    ladder = [
        LadderContact(
            contact.priority, contact.has_parental_responsibility, contact.safe_to_contact, bool(contact.number)
        )
        for contact in contacts
    ]
    places = {str(contact.ref): index for index, contact in enumerate(contacts)}
    tried = [Attempt(places.get(attempt.contact_ref), attempt.outcome, attempt.at) for attempt in today]
    step = next_step(ladder, tried, at)
    contact = None if step.contact_index is None else contacts[step.contact_index]
    return Next(step.action, _sentence(step.action, contact, step.because), contact, step.not_before)


def _sentence(action: Action, contact: ContactLine | None, because: str) -> str:
    if contact is None:
        return f"{_DO[action]}. {because}"
    if action is Action.RECORD_REASON:
        return f"Record the reason that {contact.name} gave"
    prefers = {"text": "prefers text", "email": "prefers email"}.get(contact.prefers, "")
    speaks = f"needs an interpreter ({contact.language or 'language not known'})" if contact.needs_interpreter else ""
    asked = "Ask a parent: " if action is Action.ASK_A_PARENT else ""
    return asked + ", ".join(part for part in (contact.described, contact.number, prefers, speaks) if part)
