"""Reads messages and their states. The state is computed from the attempts and never stored."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from haven.core.correspondence.carriers import carrier_for
from haven.core.correspondence.models import Delivery, Message
from haven.core.correspondence.templates_of_messages import CHANNELS, latest_template
from haven.core.people.models import Pupil

UNCERTAIN_AFTER = timedelta(minutes=10)
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""The delays after the first, second, third and every later failed attempt."""


@dataclass(frozen=True)
class State:
    """The state of a message. `name`: "waiting", "no_carrier", "sending", "uncertain", "retry", "sent", "given_up"; `next_at` for a retry.
    `attempts`: how often it was given to a carrier."""

    name: str
    sentence: str
    at: datetime | None = None
    next_at: datetime | None = None
    attempts: int = 0


def state_of(message: Message, attempts: Sequence[Delivery], *, at: datetime) -> State:
    """The state of a message at a moment, from its attempts in order of time."""
    tried = sum(attempt.state == "sending" for attempt in attempts)
    if not attempts:
        if carrier_for(message.channel) is None:
            kind = "SMS" if message.channel == "text" else "email"
            return State("no_carrier", f"Not sent: no {kind} provider is configured.")
        return State("waiting", "Queued.")
    last = attempts[-1]
    if last.state in ("sent", "delivered"):
        return State("sent", "Sent.", last.at, attempts=tried)
    if last.state == "given_up":
        return State("given_up", f"Not sent: {last.detail}", last.at, attempts=tried)
    if last.state == "failed":
        next_at = last.at + WAITS[min(tried, len(WAITS)) - 1]
        return State("retry", "Not sent yet: the provider could not be reached.", last.at, next_at, tried)
    if at - last.at >= UNCERTAIN_AFTER:
        return State("uncertain", "Delivery could not be confirmed.", last.at, attempts=tried)
    return State("sending", "Being sent.", last.at, attempts=tried)


def attempts_of(messages: Iterable[Message]) -> dict[int, list[Delivery]]:
    """The attempts of each message in order of time; a message without any has no key."""
    deliveries: dict[int, list[Delivery]] = {}
    for delivery in Delivery.objects.filter(message__in=list(messages)).order_by("id"):
        deliveries.setdefault(delivery.message_id, []).append(delivery)
    return deliveries


@dataclass(frozen=True)
class MessageLine:
    """A message as the outbox shows it."""

    ref: uuid.UUID
    queued_at: datetime
    pupil: str
    pupil_ref: uuid.UUID
    recipient_name: str
    recipient: str
    title: str
    subject: str
    body: str
    author_name: str
    state: State

    @property
    def state_sentence(self) -> str:
        return self.state.sentence


def outbox(
    *, school_id: int, at: datetime, pupil_ids: Sequence[int] | None = None, limit: int = 1000
) -> list[MessageLine]:
    """Messages of a school (of some pupils, if given), newest first; empty if there are none that the user may see."""
    visible = Message.objects.filter(school_id=school_id)
    if pupil_ids is not None:
        visible = visible.filter(pupil_id__in=list(pupil_ids))
    # The index alone selects the messages; the rest of their rows is read afterwards.
    newest = visible.order_by("-queued_at", "-id").values("id")[:limit]
    messages = list(Message.objects.filter(id__in=newest).order_by("-queued_at", "-id"))
    attempts = attempts_of(messages)
    pupils = Pupil.objects.in_bulk([message.pupil_id for message in messages])
    return [
        _line(message, pupils[message.pupil_id], state_of(message, attempts.get(message.id, []), at=at))
        for message in messages
        if message.pupil_id in pupils
    ]


def _line(message: Message, pupil: Pupil, state: State) -> MessageLine:
    known = latest_template(message.template)
    return MessageLine(
        ref=message.ref, queued_at=message.queued_at, pupil=pupil.name, pupil_ref=pupil.ref,
        recipient_name=message.recipient_name, recipient=message.recipient, title=known.title if known else message.template,
        subject=message.subject, body=message.body, author_name=message.author_name, state=state,
    )  # fmt: skip


def message_by_ref(*, school_id: int, ref: uuid.UUID) -> Message | None:
    """The message, or None if it does not exist or the user may not see it."""
    return Message.objects.filter(school_id=school_id, ref=ref).first()


def message_by_key(*, school_id: int, once_key: str) -> Message | None:
    """The message that was sent with a key, or None."""
    return Message.objects.filter(school_id=school_id, once_key=once_key).first()


def waiting_messages(*, at: datetime, limit: int) -> list[Message]:
    """Messages that are due to be sent now, oldest first; none of a channel that has no carrier."""
    carried = [channel for channel in CHANNELS if carrier_for(channel)]
    open_ones = Message.objects.filter(channel__in=carried).exclude(Exists(_finished())).order_by("queued_at", "id")
    messages = list(open_ones.iterator(chunk_size=500))
    attempts = attempts_of(messages)
    return [message for message in messages if is_due(state_of(message, attempts.get(message.id, []), at=at), at)][
        :limit
    ]


def _finished() -> QuerySet[Delivery]:
    """The attempts that completed the message of the outer query."""
    return Delivery.objects.filter(message_id=OuterRef("id"), state__in=("sent", "delivered", "given_up"))


def is_due(state: State, at: datetime) -> bool:
    """Whether a message in this state is to be sent at this moment."""
    return state.name == "waiting" or (state.name == "retry" and state.next_at is not None and state.next_at <= at)
