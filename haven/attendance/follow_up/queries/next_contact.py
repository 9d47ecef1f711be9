"""The next contact to try for a pupil, and who may be sent the absence message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from haven.attendance.follow_up.loaders import AttemptLine, ContactLine
from haven.core.correspondence.permissions import address_for
from haven.rules.contact_ladder import Action, Attempt, LadderContact, next_step

_DO = {
    Action.CALL: "Call",
    Action.RECORD_REASON: "Record the reason",
    Action.ASK_A_PARENT: "Ask a parent",
    Action.VISIT: "Visit the home",
    Action.TELL_LEAD: "Tell the safeguarding lead",
    Action.ACCOUNT_FOR: "Record where the pupil is",
}


@dataclass(frozen=True)
class Next:
    """The next thing to do for a pupil: a sentence, the contact, and the earliest time (None: now)."""

    action: Action
    sentence: str
    contact: ContactLine | None
    not_before: datetime | None


def next_of(contacts: Sequence[ContactLine], today: Sequence[AttemptLine], at: datetime) -> Next:
    """The next step of the contact ladder after today's attempts, with its sentence."""
    ladder = [
        LadderContact(person.priority, person.has_parental_responsibility, person.safe_to_contact, bool(person.number))
        for person in contacts
    ]
    places = {str(contact.ref): index for index, contact in enumerate(contacts)}
    tried = [
        Attempt(places.get(attempt.contact_ref), attempt.outcome, attempt.at, attempt.next_at) for attempt in today
    ]
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


@dataclass(frozen=True)
class AbsenceMessage:
    """The recipient and the channel ("text", "email") of the absence message."""

    contact: ContactLine
    channel: str


def absence_message_for(contacts: Sequence[ContactLine], first: ContactLine | None) -> AbsenceMessage | None:
    """The first contact, starting with `first`, who may be written to, and the channel they prefer; None if there is none."""
    for contact in [first, *contacts] if first else contacts:
        if not contact.safe_to_contact or contact.needs_interpreter:
            continue
        for channel in ("email", "text") if contact.prefers == "email" else ("text", "email"):
            if address_for(contact, channel):
                return AbsenceMessage(contact, channel)
    return None
