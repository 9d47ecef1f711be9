"""Reads who has confirmed an edition of Part One. Row policies decide which receipts are visible; each query also states its scope."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from haven.platform.accounts.queries import colleagues
from haven.rules.editions import Edition
from haven.rules.visibility import SAFEGUARDING, access_scope_of
from haven.workforce.models import ReadingReceipt
from haven.workforce.permissions import STAFF_ROLES


@dataclass(frozen=True, slots=True)
class StaffReading:
    """A member of staff, and when they read the edition (None: not confirmed)."""

    name: str
    read_on: date | None
    recorded_at: datetime | None


def own_receipt(*, school_id: int, user_id: int, edition: Edition) -> ReadingReceipt | None:
    """The user's receipt for an edition at the school, or None."""
    return _receipts(school_id, edition).filter(author_id=user_id).first()


def own_receipts(*, school_id: int, user_id: int) -> list[ReadingReceipt]:
    """All receipts of the user at the school, newest first; empty if there are none."""
    rows = ReadingReceipt.objects.filter(school_id=school_id, author_id=user_id)
    return list(rows.order_by("-read_on", "-id"))


def readings_of_staff(*, school_id: int, edition: Edition, on: date) -> list[StaffReading]:
    """Everybody who works at the school on a day, with their reading of an edition: unconfirmed first, then by name.

    Viewers who may see the readings of all staff get them all. Others get only their own receipt beside the names.
    """
    receipts = {row.author_id: row for row in _receipts(school_id, edition)}
    staff = [
        StaffReading(
            user.name,
            receipts[user.id].read_on if user.id in receipts else None,
            receipts[user.id].recorded_at if user.id in receipts else None,
        )
        for user in colleagues(school_id=school_id, on=on, roles=STAFF_ROLES)
    ]
    return sorted(staff, key=lambda person: (person.read_on is not None, person.name))


def _receipts(school_id: int, edition: Edition) -> QuerySet[ReadingReceipt]:
    return ReadingReceipt.objects.filter(
        school_id=school_id,
        access_scope=access_scope_of(school_id, SAFEGUARDING),
        guidance=edition.guidance,
        edition=edition.edition,
    )
