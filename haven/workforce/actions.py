"""Records that a member of staff has read Part One: one dated receipt for each school and edition, which is never changed.

Source: Keeping children safe in education; haven.rules.staff_reading.
"""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.rules.editions import Edition
from haven.rules.staff_reading import may_count_as_read
from haven.workforce.models import ReadingReceipt
from haven.workforce.permissions import may_record_reading


class ReadingRejected(ValueError):
    """The reading cannot be confirmed. The message is for the user, and nothing was saved."""


@action
def record_reading(
    *, by: AccessContext, at: datetime, today: date, edition: Edition, read_on: date
) -> list[ReadingReceipt]:
    """Record that `by` has read Part One of an edition in full, at every school where they work and have no receipt yet.

    Returns the new receipts, one for each of those schools. Raises ReadingRejected for an impossible day, for a user who works at no
    school, and if the edition is already confirmed everywhere.
    """
    counts = may_count_as_read(read_on, edition, today)
    if not counts:
        raise ReadingRejected(counts.because)
    places = [place for place in by.places if may_record_reading(by, place.school_id)]
    if not places:
        raise ReadingRejected("Only staff of a school can confirm that they have read Part One.")
    confirmed = set(
        ReadingReceipt.objects.filter(
            author_id=by.user_id, guidance=edition.guidance, edition=edition.edition
        ).values_list("school_id", flat=True)
    )
    try:
        with transaction.atomic():
            receipts = [
                ReadingReceipt.objects.create(
                    school_id=place.school_id, author_id=by.user_id,
                    author_name=by.name, author_role=by.role_title(place.school_id), guidance=edition.guidance,
                    edition=edition.edition, read_on=read_on, recorded_at=at,
                )
                for place in places
                if place.school_id not in confirmed
            ]  # fmt: skip
    except IntegrityError:
        receipts = []
    if not receipts:
        raise ReadingRejected("You have already confirmed this edition.")
    for receipt in receipts:
        append_event(
            by=by, at=at, verb="workforce.record_reading", about=("reading_receipt", receipt.ref),
            school_id=receipt.school_id, access_scope=receipt.access_scope, detail={"edition": edition.edition},
        )  # fmt: skip
    return receipts
