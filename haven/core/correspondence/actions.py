"""Actions on messages to families. A message is a row, and each attempt to send it is another row.

A text or an e-mail never contains anything confidential: only the fixed words of its definition. Before a carrier gets a message, a row
with the state "sending" is committed. If Haven stops at that point, the message is uncertain and a person decides, so that nothing is sent
twice automatically.
"""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from haven.core.correspondence.models import Delivery, Message
from haven.core.correspondence.permissions import address_for, may_be_written_to, may_send_message
from haven.core.correspondence.queries import attempts_of, is_due, message_by_key, state_of
from haven.core.correspondence.templates_of_messages import WORDS, latest_template, template_in_force
from haven.core.people.models import Contact, Pupil
from haven.core.schools.models import School
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.dates import weekday_without_year
from haven.platform.errors import ActionRejected, check, reject_unless
from haven.platform.locks import Lock, lock


class AlreadySent(Exception):
    """A message with this key is in the outbox already; `message` is that message."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(f"{message.author_name} has already sent this message.")


@action
def queue_message(
    *,
    by: AccessContext,
    at: datetime,
    school_id: int,
    pupil_id: int,
    contact: Contact,
    template: str,
    once_key: str,
    extra: Mapping[str, str] | None = None,
) -> Message:
    """Put a message to a contact into the outbox, filled from its template; `extra` replaces single words of it.

    Once for each `once_key` and school, whoever calls it. Raises ActionRejected (role, contact of another pupil, not safe, no address,
    needs an interpreter), AlreadySent, KeyError for an unknown template or word.
    """
    chosen = template_in_force(template, at.date())
    if strange := set(extra or {}) - set(WORDS):
        raise KeyError(f"Unknown placeholders: {', '.join(sorted(strange))}")
    check(may_send_message(by, school_id))
    pupil = Pupil.objects.filter(id=pupil_id, school_ids__contains=[school_id]).first()
    if pupil is None or contact.pupil_id != pupil_id or contact.school_id != school_id:
        raise ActionRejected("This person is not a contact of the pupil at this school.")
    reject_unless(may_be_written_to(contact, chosen, at.date()))
    lock(Lock.MESSAGE_KEY, f"{school_id}:{once_key}")
    if before := message_by_key(school_id=school_id, once_key=once_key):
        raise AlreadySent(before)
    subject, body = chosen.fill({**_words(by, at, school_id, pupil, contact), **(extra or {})})
    message = Message.objects.create(
        school_id=school_id, author_id=by.user_id, author_name=by.name, pupil_id=pupil_id,
        contact_ref=contact.ref, channel=chosen.channel, template=chosen.id, recipient=address_for(contact, chosen.channel),
        recipient_name=contact.name, subject=subject, body=body, once_key=once_key, queued_at=at,
    )  # fmt: skip
    _note(message, by=by, at=at, verb="queue_message", detail={"template": chosen.id})
    return message


def _words(by: AccessContext, at: datetime, school_id: int, pupil: Pupil, contact: Contact) -> dict[str, str]:
    school = School.objects.get(id=school_id)
    day = timezone.localtime(at)
    return {
        "pupil": pupil.preferred_forename or pupil.forename,
        "contact": contact.name,
        "school": school.name,
        "telephone": school.telephone or "the school office",
        "day": weekday_without_year(day),
        "sender": by.name,
    }


def _note(
    message: Message, *, by: AccessContext, at: datetime, verb: str, detail: dict[str, str] | None = None
) -> None:
    append_event(
        by=by, at=at, verb=f"correspondence.{verb}", about=("message", message.ref), school_id=message.school_id,
        access_scope=message.access_scope, pupil_ids=[message.pupil_id], detail=detail,
    )  # fmt: skip


def _attempt(
    message: Message, *, by: AccessContext, at: datetime, state: str, detail: str = "", carrier_ref: str = ""
) -> None:
    Delivery.objects.create(
        school_id=message.school_id, author_id=by.user_id, pupil_id=message.pupil_id, message=message,
        state=state, detail=detail, carrier_ref=carrier_ref, at=at,
    )  # fmt: skip
    _note(message, by=by, at=at, verb=f"message_{state}", detail={"detail": detail})


@action
def claim_message(*, by: AccessContext, at: datetime, message: Message) -> bool:
    """Claim a message before it is sent: the caller commits, then sends it. False if there is nothing to send: another worker has it, it is
    completed, or it expired and was given up."""
    lock(Lock.MESSAGE, str(message.id))
    state = state_of(message, attempts_of([message]).get(message.id, []), at=at)
    if not is_due(state, at):
        _note(message, by=by, at=at, verb="message_left")
        return False
    template = latest_template(message.template)
    if template is None:
        _attempt(message, by=by, at=at, state="given_up", detail="this kind of message no longer exists.")
        return False
    if at > message.queued_at + template.useful:
        _attempt(message, by=by, at=at, state="given_up", detail="it was too late to be useful.")
        return False
    _attempt(message, by=by, at=at, state="sending")
    return True


@action
def record_delivery(
    *, by: AccessContext, at: datetime, message: Message, state: str, detail: str = "", carrier_ref: str = ""
) -> None:
    """Record the result of sending a claimed message: "sent", "failed" (to be tried again) or "given_up" with the reason."""
    if state not in ("sent", "failed", "given_up"):
        raise ValueError(f"{state!r} is not an outcome of an attempt.")
    _attempt(message, by=by, at=at, state=state, detail=detail, carrier_ref=carrier_ref)


@action
def settle_uncertain(*, by: AccessContext, at: datetime, message: Message, was_sent: bool) -> None:
    """Record a person's decision on an uncertain message: it was sent, or it is sent again. Raises ActionRejected."""
    check(may_send_message(by, message.school_id))
    lock(Lock.MESSAGE, str(message.id))
    if state_of(message, attempts_of([message]).get(message.id, []), at=at).name != "uncertain":
        raise ActionRejected("The delivery status of this message has already been confirmed. Check it again.")
    state, detail = (
        ("sent", f"confirmed by {by.name}") if was_sent else ("failed", f"{by.name} asked for it to be sent again")
    )
    _attempt(message, by=by, at=at, state=state, detail=detail)
