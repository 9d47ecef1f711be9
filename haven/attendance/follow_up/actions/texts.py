"""Sends the usual text or e-mail to a family from a row of the list. The message and the recorded attempt are written in one transaction.

Working together to improve school attendance: contact with the family on the first day of an absence without a reason.
"""

from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied

from haven.attendance.follow_up.actions.pupils import OutcomeReport, log_attempt
from haven.attendance.follow_up.definition_keys import ABSENCE_EMAIL, ABSENCE_TEXT
from haven.attendance.follow_up.items import SeenVersion
from haven.core.correspondence.actions import AlreadySent, queue_message
from haven.core.correspondence.permissions import address_for
from haven.core.people.models import Contact
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.errors import ActionRejected
from haven.rules.contact_ladder import Outcome

TEMPLATES = {"text": (ABSENCE_TEXT, Outcome.TEXT_SENT), "email": (ABSENCE_EMAIL, Outcome.EMAIL_SENT)}


@action
def send_usual(
    *, by: AccessContext, at: datetime, school_id: int, on: date, pupil_id: int, contact_ref: UUID, channel: str,
    seen: SeenVersion | None = None,
) -> str:  # fmt: skip
    """Queue the usual message to a contact and record it as an attempt; once a day for each contact. Returns the contact's name.

    Raises PermissionDenied, ActionRejected (why this contact may not be written to, or that it was sent already), StaleDataError.
    """
    if channel not in TEMPLATES:
        raise ActionRejected("Choose text or email.")
    template, outcome = TEMPLATES[channel]
    contact = Contact.objects.filter(ref=contact_ref, pupil_id=pupil_id, school_id=school_id).first()
    if contact is None:
        raise ActionRejected("That person is no longer a contact of the pupil. Choose another contact.")
    number = address_for(contact, channel)
    log_attempt(
        by=by, at=at, school_id=school_id, on=on, pupil_id=pupil_id, outcome=outcome,
        report=OutcomeReport(contact.ref, number=number), seen=seen,
    )  # fmt: skip
    key = f"{template}:{on.isoformat()}:{pupil_id}:{contact.ref}"
    try:
        message = queue_message(
            by=by, at=at, school_id=school_id, pupil_id=pupil_id, contact=contact, template=template, once_key=key
        )
    except (AlreadySent, PermissionDenied, ActionRejected) as problem:
        raise ActionRejected(str(problem)) from None
    append_event(
        by=by, at=at, verb="follow_up.send_usual", about=("message", message.ref), school_id=school_id, access_scope=message.access_scope,
        pupil_ids=[pupil_id],
    )  # fmt: skip
    return str(contact.name)
