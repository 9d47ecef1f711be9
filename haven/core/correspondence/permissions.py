"""Permissions to send a message to a family, to write to a contact, and to see the outbox.

A user who may record an attempt to reach a family may send a message. Safe-contact flags apply before anything is sent.
"""

from datetime import date
from typing import Protocol

import phonenumbers

from haven.core.correspondence.templates_of_messages import MessageTemplate
from haven.core.people.models import Contact
from haven.platform.accounts.context import AccessContext
from haven.platform.dated import has_ended
from haven.rules.decision import Decision, allow, refuse


def may_send_message(viewer: AccessContext, school_id: int) -> Decision:
    if viewer.may("log_contact", school_id):
        return allow()
    return refuse("Your role at this school cannot send messages to families. Ask the attendance officer.")


def may_see_outbox(viewer: AccessContext, school_id: int) -> Decision:
    return may_send_message(viewer, school_id)


def may_be_written_to(contact: Contact, template: MessageTemplate, on: date) -> Decision:
    """Whether this message may go to this contact on a day: safe, still a contact, in a language they read, with an address to send to."""
    if has_ended(contact.ends_on, on):
        return refuse(f"{contact.name} is no longer a contact of this pupil. Choose another contact.")
    if not contact.safe_to_contact:
        return refuse(f"{contact.name} is not safe to contact. Ask the safeguarding lead.")
    if contact.needs_interpreter and contact.language.casefold() not in ("", "english", template.language):
        return refuse(f"{contact.name} needs an interpreter, and this message is in English. Call with an interpreter.")
    if not address_for(contact, template.channel):
        kind = "mobile number" if template.channel == "text" else "email address"
        return refuse(f"{contact.name} has no {kind}. Add one to their contact details, or call them.")
    return allow()


class Addresses(Protocol):
    """What a message can be sent to: a contact, or a line of one."""

    @property
    def email(self) -> str: ...
    @property
    def telephone(self) -> str: ...
    @property
    def other_telephone(self) -> str: ...


def address_for(contact: Addresses, channel: str) -> str:
    """Where a message goes: the email address, or the first mobile number in international form; "" where there is none."""
    if channel == "email":
        return contact.email.strip() if "@" in contact.email else ""
    return next(filter(None, map(_mobile, (contact.telephone, contact.other_telephone))), "")


def _mobile(number: str) -> str:
    """A mobile number as carriers need it; "" for a landline and for an invalid number. For other countries, any possible number."""
    try:
        read = phonenumbers.parse(number, "GB")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(read):
        return ""
    if read.country_code == 44 and not str(read.national_number).startswith("7"):
        return ""
    return str(phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164))
