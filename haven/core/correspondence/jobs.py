"""Sends waiting messages, each minute."""

from collections import Counter
from datetime import datetime

from procrastinate.contrib.django import app

from haven.core.correspondence.actions import claim_message, record_delivery
from haven.core.correspondence.carriers import CarrierAway, CarrierRefuses, CarrierUnsure, Parcel, carrier_for
from haven.core.correspondence.models import Message
from haven.core.correspondence.queries import waiting_messages
from haven.platform import clock
from haven.platform.accounts.context import system_context

MOST_AT_ONCE = 500


def send_waiting(*, at: datetime) -> Counter[str]:
    """Send every message that is due; returns how many were "sent", "failed", "given_up" and "uncertain".

    Three steps for each message, each committed before the next: claim, send, record. Two runs at the same time are safe.
    """
    done: Counter[str] = Counter()
    with system_context(on=at.date()):
        waiting = waiting_messages(at=at, limit=MOST_AT_ONCE)
    for message in waiting:
        outcome = _send(message, at)
        if outcome:
            done[outcome] += 1
    return done


def _send(message: Message, at: datetime) -> str:
    carrier = carrier_for(message.channel)
    if carrier is None:
        return ""
    with system_context(on=at.date()) as viewer:
        if not claim_message(by=viewer, at=at, message=message):
            return ""
    state, detail, number = "sent", "", ""
    try:
        number = carrier.carry(Parcel(str(message.ref), message.recipient, message.subject, message.body))
    except CarrierAway as away:
        state, detail = "failed", str(away)
    except CarrierRefuses as refusal:
        state, detail = "given_up", f"the provider rejected it ({refusal})."
    except CarrierUnsure:
        return "uncertain"
    with system_context(on=at.date()) as viewer:
        record_delivery(by=viewer, at=at, message=message, state=state, detail=detail, carrier_ref=number)
    return state


@app.periodic(cron="* * * * *")
@app.task(name="correspondence.send_waiting", queueing_lock="correspondence.send_waiting")
def send_each_minute(timestamp: int) -> dict[str, int]:
    """Send the waiting messages; returns the counts."""
    return dict(send_waiting(at=clock.now()))
