"""Raising and acknowledging a concern.

Keeping children safe in education, part one: anyone with a concern about a child tells the safeguarding lead at once,
in writing and first hand. The author can still see the receipt. The audit record contains references and never the
text.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from haven.core.records.actions import NewEntry, add_addendum, record_entry
from haven.core.records.definition_keys import CONCERN
from haven.core.records.form_definitions import form_in_version
from haven.core.records.models import Acknowledgement, Entry
from haven.core.records.policy_columns import policy_columns
from haven.core.tasks.actions import NewTask, raise_task, settle_tasks
from haven.core.tasks.sources import Source, TaskSource
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.errors import ActionRejected, StaleDataError, check
from haven.rules.visibility import SAFEGUARDING, access_scope_of
from haven.safeguarding.models import Receipt
from haven.safeguarding.permissions import may_acknowledge_concern, may_link_concern, may_raise_concern
from haven.safeguarding.queries import ChildFound

TEAM = "the safeguarding team"
WAITS = "New safeguarding concern"
CONCERN_TASK = Source(TaskSource.FORM, CONCERN)


class AlreadyAcknowledged(StaleDataError):
    """Another lead has acknowledged the concern first. The message says who, and nothing was changed."""


@action
def raise_concern(
    *,
    by: AccessContext,
    at: datetime,
    school_id: int,
    pupil_id: int | None,
    fields: Mapping[str, Any],
    happened_at: datetime,
) -> Receipt:
    """Record a concern: the entry, the author's receipt and the safeguarding leads' task, all or nothing.

    `pupil_id` None: a child whom the author cannot find, named in `fields[CHILD_NAME]`. Returns the receipt. Raises
    ActionRejected, and FieldProblems where an answer is missing.
    """
    check(may_raise_concern(by, school_id))
    pupils = [] if pupil_id is None else [pupil_id]
    entry = record_entry(
        by=by,
        at=at,
        school_id=school_id,
        entry=NewEntry(
            form=CONCERN, fields=fields, happened_at=happened_at, pupils=[(number, "subject") for number in pupils]
        ),
    )
    receipt = Receipt.objects.create(
        school_id=school_id,
        for_user_id=by.user_id,
        pupil_ids=pupils,
        entry_ref=entry.ref,
        raised_at=at,
    )
    definition = form_in_version(entry.form, entry.form_version)
    raise_task(
        by=by,
        at=at,
        school_id=school_id,
        task=NewTask(
            record_category=SAFEGUARDING,
            title=WAITS,
            pupil_ids=pupils,
            source=CONCERN_TASK,
            assignee_role="dsl",
            due_at=definition.due_at(entry.fields, at),
            about_entry=entry,
        ),
    )
    append_event(
        by=by, at=at, verb="safeguarding.raise_concern", about=("entry", entry.ref), school_id=school_id, access_scope=entry.access_scope,
        pupil_ids=pupils,
    )  # fmt: skip
    return receipt


@action
def acknowledge_concern(*, by: AccessContext, at: datetime, entry: Entry) -> Acknowledgement:
    """Acknowledge a concern: the first acknowledgement wins. It marks the author's receipt as received and the leads'
    task as done.

    Raises ActionRejected, and AlreadyAcknowledged when another lead was first.
    """
    check(may_acknowledge_concern(by, entry.school_id))
    columns = policy_columns(
        by=by, at=at, school_id=entry.school_id, record_category=SAFEGUARDING, pupil_ids=entry.pupil_ids
    )
    try:
        with transaction.atomic():
            seen = Acknowledgement.objects.create(**columns, restricted_to=entry.restricted_to, entry=entry)
    except IntegrityError:
        first = Acknowledgement.objects.get(entry=entry)
        raise AlreadyAcknowledged(f"{first.author_name} has already acknowledged this concern.") from None
    Receipt.objects.filter(entry_ref=entry.ref, access_scope=entry.access_scope).update(
        received_at=at, received_by_name=TEAM
    )
    settle_tasks(by=by, at=at, entry=entry, source=CONCERN_TASK, outcome="Received")
    append_event(
        by=by, at=at, verb="safeguarding.acknowledge_concern", about=("entry", entry.ref), school_id=entry.school_id,
        access_scope=entry.access_scope, pupil_ids=entry.pupil_ids,
    )  # fmt: skip
    return seen


class ConcernLinked(StaleDataError):
    """Another user has linked the concern to a child meanwhile. Nothing was changed."""

    def __init__(self) -> None:
        super().__init__(
            "Someone else has just identified this child. Your change was not saved. Check the concern again."
        )


@action
def link_concern(*, by: AccessContext, at: datetime, entry: Entry, child: ChildFound, was: Sequence[int]) -> None:
    """Link a concern that names its child in words to a child on roll; a repeated call corrects a mistaken link.

    The text of the concern does not change; an addendum says who the child is. From then on the concern is in the
    child's file, and people with a conflict of interest about that child do not see it. Receipts do not change. `was`:
    the ids of the children linked when the page was shown. Raises ActionRejected, ConcernLinked.
    """
    check(may_link_concern(by, entry))
    with connection.cursor() as cursor:
        cursor.execute("select app.link_concern(%s, %s, %s)", [entry.ref, child.id, list(was)])
        done = cursor.fetchone()[0]
    if done is None:
        raise ActionRejected("The child or the concern was not found at this school.")
    if not done:
        raise ConcernLinked
    entry.refresh_from_db()
    words = f"Corrected: this is {child.described}." if was else f"This is {child.described}."
    add_addendum(by=by, at=at, entry=entry, kind="correction" if was else "addition", words=words)
    append_event(
        by=by, at=at, verb="safeguarding.link_concern", about=("entry", entry.ref), school_id=entry.school_id, access_scope=entry.access_scope,
        pupil_ids=entry.pupil_ids,
    )  # fmt: skip


@action
def note_queue_reading(*, by: AccessContext, at: datetime, school_id: int, shown: int) -> None:
    """Record that a lead viewed the queue of concerns, and how many it contained."""
    append_event(
        by=by, at=at, verb="safeguarding.read_queue", about=("queue", ""), school_id=school_id,
        access_scope=access_scope_of(school_id, SAFEGUARDING), detail={"concerns": shown},
    )  # fmt: skip
