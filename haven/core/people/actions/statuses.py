"""Dated statuses, and the entries of the vulnerable pupils list that follow from them.

A status is in the record category of its kind. Its requirements for first-day response (priority, instruction, time) are added to the list
in the same transaction. Users who make calls read them there: an instruction and never the cause (Working together to improve school
attendance: a social worker is told of an absence; Keeping children safe in education: information is shared with those who need it).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Q

from haven.core.people.errors import BadStatus
from haven.core.people.models import Status, VulnerableListing
from haven.core.people.rows import policy_columns
from haven.core.people.statuses import StatusKind, kinds_in_force
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.dates import in_words


@dataclass(frozen=True, kw_only=True)
class StatusRecord:
    """The facts of a new status of a kind of `definitions/statuses.toml`."""

    kind: str
    begins_on: date
    source: str = ""
    detail: str = ""
    review_on: date | None = None
    """None: the review date that the kind sets."""
    priority: int | None = None
    """The priority, the instruction and its time replace those of the kind."""
    instruction: str = ""
    instruction_due: time | None = None
    answers: Mapping[str, str | date] = field(default_factory=dict)
    """The answers to the further fields of the kind, by key."""


@action
def record_status(*, by: AccessContext, at: datetime, school_id: int, pupil_id: int, record: StatusRecord) -> Status:
    """Record a status, and put the pupil on the vulnerable pupils list where the kind asks for it.

    Raises BadStatus for an unknown kind, a day before the kind existed, a missing source or answer, and a kind that the pupil has already.
    """
    kind = _kind(record.kind, at.date())
    if kind.needs_source and not record.source.strip():
        raise BadStatus("Enter the source: who said so, or which document.")
    if kind.valid_from and record.begins_on < kind.valid_from:
        raise BadStatus(f"“{kind.title}” can begin on {in_words(kind.valid_from)} at the earliest.")
    answers = _answered(kind, record.answers)
    goes_on = Q(ends_on__isnull=True) | Q(ends_on__gt=record.begins_on)
    if Status.objects.filter(goes_on, pupil_id=pupil_id, school_id=school_id, kind=record.kind).exists():
        raise BadStatus(f"“{kind.title}” is already recorded. If it has changed, end it first.")
    priority = kind.priority if record.priority is None else record.priority
    listing = None
    if priority:
        listing = _listing(
            by, school_id, pupil_id, priority, record.instruction or kind.instruction,
            record.instruction_due or (None if record.instruction else kind.due), record.begins_on,
        )  # fmt: skip
    status = Status.objects.create(
        **policy_columns(by, school_id), record_category=kind.record_category, pupil_id=pupil_id, kind=record.kind,
        detail=record.detail.strip(), source=record.source.strip(), fields=answers, begins_on=record.begins_on,
        review_on=record.review_on or kind.review_after(record.begins_on),
        listing_ref=listing.ref if listing else None, author_name=by.name,
    )  # fmt: skip
    append_event(
        by=by, at=at, verb="people.record_status", about=("status", status.ref), school_id=school_id, access_scope=status.access_scope,
        pupil_ids=[pupil_id],
    )  # fmt: skip
    return status


@action
def end_status(*, by: AccessContext, at: datetime, status: Status, ends_on: date, reason: str = "") -> None:
    """End a status from a day on, and with it the line on the vulnerable pupils list that it holds. Other lines of the pupil,
    held by other statuses or written by hand, stay. Raises BadStatus for a day before it began."""
    if ends_on < status.begins_on:
        raise BadStatus("The end date must be on or after the start date.")
    Status.objects.filter(id=status.id).update(ends_on=ends_on)
    if status.listing_ref:
        VulnerableListing.objects.filter(ref=status.listing_ref, ends_on=None).update(ends_on=ends_on)
    append_event(
        by=by, at=at, verb="people.end_status", about=("status", status.ref), school_id=status.school_id,
        access_scope=status.access_scope, pupil_ids=[status.pupil_id], reason=reason,
    )  # fmt: skip


@action
def add_listing(
    *, by: AccessContext, at: datetime, school_id: int, pupil_id: int, priority: int, instruction: str, begins_on: date,
    instruction_due: time | None = None, replaces: UUID | None = None,
) -> VulnerableListing:  # fmt: skip
    """Put a pupil on the vulnerable pupils list by hand, or change a line of it (`replaces`): the line before ends on the day on which
    the new one begins, and the status that held it holds the new one. Raises BadStatus without an instruction or with a priority that is not 1, 2 or 3."""
    if priority not in (1, 2, 3):
        raise BadStatus("Choose the priority: 1, 2 or 3.")
    if not instruction.strip():
        raise BadStatus("Enter what to do if the pupil is missing.")
    listing = _listing(by, school_id, pupil_id, priority, instruction, instruction_due, begins_on)
    if replaces:
        VulnerableListing.objects.filter(ref=replaces, pupil_id=pupil_id, ends_on=None).update(ends_on=begins_on)
        Status.objects.filter(listing_ref=replaces).update(listing_ref=listing.ref)
    append_event(
        by=by, at=at, verb="people.add_listing", about=("listing", listing.ref), school_id=school_id, access_scope=listing.access_scope,
        pupil_ids=[pupil_id],
    )  # fmt: skip
    return listing


@action
def end_listing(*, by: AccessContext, at: datetime, listing: VulnerableListing, ends_on: date, reason: str) -> None:
    """Take a line off the vulnerable pupils list from a day on. Raises BadStatus without a reason."""
    if not reason.strip():
        raise BadStatus("Give a reason for taking the pupil off the list.")
    VulnerableListing.objects.filter(id=listing.id).update(ends_on=ends_on)
    append_event(
        by=by, at=at, verb="people.end_listing", about=("listing", listing.ref), school_id=listing.school_id, access_scope=listing.access_scope,
        pupil_ids=[listing.pupil_id], reason=reason,
    )  # fmt: skip


def _kind(name: str, on: date) -> StatusKind:
    kinds = kinds_in_force(on)
    if name not in kinds:
        raise BadStatus(f"“{name}” is not a status. The statuses are: {', '.join(kinds)}.")
    return kinds[name]


def _answered(kind: StatusKind, answers: Mapping[str, str | date]) -> dict[str, str]:
    """The answers as stored: trimmed, days in ISO form."""
    stored: dict[str, str] = {}
    for question in kind.fields:
        answer = answers.get(question.key, "")
        stored[question.key] = answer.isoformat() if isinstance(answer, date) else answer.strip()
        if not stored[question.key]:
            raise BadStatus(f"“{question.label}” is missing.")
    return stored


def _listing(
    by: AccessContext, school_id: int, pupil_id: int, priority: int, instruction: str, due: time | None, begins_on: date
) -> VulnerableListing:
    return VulnerableListing.objects.create(
        **policy_columns(by, school_id), pupil_id=pupil_id, priority=priority,
        instruction=instruction.strip(), instruction_due=due, begins_on=begins_on, author_name=by.name,
    )  # fmt: skip
