"""Carriers of messages: one small interface, one class for each carrier, selected in the settings.

`none` for texts and e-mail (messages wait, and the pages say so), `smtp` for e-mail. Another carrier is another class here.
"""

import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection

SECONDS = 20
"""The time limit of a carrier in seconds."""


@dataclass(frozen=True)
class Parcel:
    """What a carrier gets. `ref` is the message's reference, so that a carrier can recognise a message it already has."""

    ref: str
    recipient: str
    subject: str
    body: str


class CarrierAway(Exception):
    """The carrier cannot be reached or asks to wait: nothing was sent, try again later."""


class CarrierRefuses(Exception):
    """The carrier rejects the message: do not try again."""


class CarrierUnsure(Exception):
    """The connection failed while the carrier had the message: it may have been sent, so it is not tried again automatically."""


class Carrier(Protocol):
    def carry(self, parcel: Parcel) -> str:
        """Send the message; returns the carrier's own reference. Raises CarrierAway, CarrierRefuses, CarrierUnsure."""


class Smtp:
    """The mail server of the settings."""

    def carry(self, parcel: Parcel) -> str:
        number = f"<{parcel.ref}@haven>"
        try:
            line = get_connection(timeout=SECONDS)
            line.open()
        except (OSError, smtplib.SMTPException) as problem:
            raise CarrierAway(type(problem).__name__) from None
        mail = EmailMessage(
            parcel.subject, parcel.body, settings.DEFAULT_FROM_EMAIL, [parcel.recipient], connection=line,
            headers={"Message-ID": number, "Auto-Submitted": "auto-generated"},
        )  # fmt: skip
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as problem:
            codes = [code for code, _ in problem.recipients.values()]
            raise (CarrierRefuses if all(code >= 500 for code in codes) else CarrierAway)(
                f"answer {codes[0]}"
            ) from None
        except smtplib.SMTPResponseException as problem:
            raise (CarrierRefuses if problem.smtp_code >= 500 else CarrierAway)(f"answer {problem.smtp_code}") from None
        except (OSError, smtplib.SMTPException) as problem:
            raise CarrierUnsure(type(problem).__name__) from None
        finally:
            line.close()
        return number


_BY_NAME: Mapping[str, Mapping[str, type[Carrier] | None]] = {
    "email": {"none": None, "smtp": Smtp},
    "text": {"none": None},
}


def carrier_for(channel: str) -> Carrier | None:
    """The carrier of a channel ("email", "text"), or None if none is set up. Raises ImproperlyConfigured for an unknown one."""
    name = settings.EMAIL_CARRIER if channel == "email" else settings.TEXT_CARRIER
    if name not in _BY_NAME[channel]:
        known = ", ".join(_BY_NAME[channel])
        raise ImproperlyConfigured(
            f"{name!r} is not a {channel} carrier: HAVEN_{channel.upper()}_CARRIER is one of {known}."
        )
    kind = _BY_NAME[channel][name]
    return kind() if kind else None


def check_settings() -> None:
    """Raises ImproperlyConfigured if the settings name a carrier that does not exist."""
    for channel in _BY_NAME:
        carrier_for(channel)
