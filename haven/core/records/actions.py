"""Writes entries and their addenda. Nothing is ever edited; a mistake gets a correction or a retraction.

Sources: record-keeping guides (who, when it happened, when it was written, facts apart from opinion), and Haven's rule that each write
leaves an audit event with references alone.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from haven.core.records.form_definitions import form_in_force
from haven.core.records.forms_engine import FieldProblems, checked_fields
from haven.core.records.models import Addendum, Entry, EntryPupil
from haven.core.records.permissions import may_add_addendum, may_use_form, may_write_in
from haven.core.records.policy_columns import policy_columns
from haven.core.records.queries import pupils_by_id
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.errors import ActionRejected, check
from haven.rules.decision import refuse
from haven.rules.visibility import RecordCategory

PUPIL_ROLES = ("subject", "sibling", "harmed", "alleged", "witness", "named")


@dataclass(frozen=True, kw_only=True)
class NewEntry:
    """What happened, in the fields of a form, about pupils each with a role ("subject", "sibling", ...). The form decides the record category.

    `restricted_to`: the only people besides the author who may read it, by user id; None: everybody who may read that part of the file.
    `ref` may be chosen beforehand so that a repeated request is recognised.
    """

    form: str
    fields: Mapping[str, Any]
    happened_at: datetime
    pupils: Sequence[tuple[int, str]]
    restricted_to: Sequence[int] | None = None
    source: str = "person"
    ref: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def pupil_ids(self) -> list[int]:
        return [number for number, _ in self.pupils]


@action
def record_entry(*, by: AccessContext, at: datetime, school_id: int, entry: NewEntry) -> Entry:
    """Record an entry of the file; it may not have happened after `at`.

    Raises ActionRejected if the user may not write there or may not see a pupil, FieldProblems if an answer does not fit the form, KeyError
    for an unknown form.
    """
    definition = form_in_force(entry.form, at.date())
    category = definition.record_category
    is_by_hand = entry.source == "person"
    check(may_use_form(by, school_id, definition) if is_by_hand else may_write_in(by, school_id, category))
    if entry.happened_at > at:
        raise FieldProblems({"happened_at": ["The date and time must be in the past."]})
    know_all(school_id, entry.pupil_ids)
    columns = policy_columns(by=by, at=at, school_id=school_id, record_category=category, pupil_ids=entry.pupil_ids)
    columns["restricted_to"] = sorted(set(entry.restricted_to)) if entry.restricted_to is not None else None
    row = Entry.objects.create(
        **columns,
        ref=entry.ref,
        form=definition.id,
        form_version=str(definition.version),
        fields=checked_fields(definition, entry.fields),
        happened_at=entry.happened_at,
        needs_acknowledgement=definition.needs_acknowledgement,
        source=entry.source,
    )
    EntryPupil.objects.bulk_create(
        EntryPupil(**columns, entry=row, pupil_id=number, role=_role(role)) for number, role in entry.pupils
    )
    append_event(
        by=by, at=at, verb="records.record_entry", about=("entry", row.ref), school_id=school_id, access_scope=row.access_scope,
        pupil_ids=entry.pupil_ids, detail={"form": definition.id, "version": definition.version},
    )  # fmt: skip
    return row


def _role(role: str) -> str:
    if role not in PUPIL_ROLES:
        raise ValueError(f"{role!r} is not a role in an entry. The roles are {', '.join(PUPIL_ROLES)}.")
    return role


def know_all(school_id: int, pupil_ids: Sequence[int]) -> None:
    known = pupils_by_id(pupil_ids=pupil_ids)
    for number in pupil_ids:
        if number not in known or school_id not in known[number].school_ids:
            raise ActionRejected("Pupil not found at this school.")


@action
def add_addendum(*, by: AccessContext, at: datetime, entry: Entry, kind: str, words: str) -> Addendum:
    """Add to an entry: an "addition", a "correction", or a "retraction" with its reason, after which the entry no longer counts.

    Returns the addendum. Raises ActionRejected, and FieldProblems if there is no text.
    """
    if kind not in ("addition", "correction", "retraction"):
        check(refuse("An addendum is an addition, a correction or a retraction."))
    check(may_add_addendum(by, entry, kind))
    if not words.strip():
        raise FieldProblems({"words": ["Enter what you want to add." if kind != "retraction" else "Enter a reason."]})
    columns = policy_columns(
        by=by,
        at=at,
        school_id=entry.school_id,
        record_category=RecordCategory(entry.record_category),
        pupil_ids=entry.pupil_ids,
    )
    addendum = Addendum.objects.create(
        **columns, restricted_to=entry.restricted_to, entry=entry, kind=kind, words=words.strip()
    )
    append_event(
        by=by, at=at, verb=f"records.add_{kind}", about=("entry", entry.ref), school_id=entry.school_id, access_scope=entry.access_scope,
        pupil_ids=entry.pupil_ids,
    )  # fmt: skip
    return addendum


@action
def note_reading(
    *, by: AccessContext, at: datetime, school_id: int, pupil_ids: Sequence[int], entries: Sequence[Entry], what: str
) -> None:
    """Record that the user read a pupil's file or an entry: `what` is "file", "entry", "panel" or "print"."""
    kinds = sorted({RecordCategory(entry.record_category).name.lower() for entry in entries})
    about = ("entry", entries[0].ref) if what == "entry" and entries else (what, "")
    append_event(
        by=by, at=at, verb=f"records.read_{what}", about=about, school_id=school_id, pupil_ids=pupil_ids,
        access_scope=entries[0].access_scope if what == "entry" and entries else None,
        detail={"entries": len(entries), "record_categories": kinds},
    )  # fmt: skip
