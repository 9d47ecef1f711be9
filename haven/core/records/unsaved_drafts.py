"""Forms that were sent after the session had ended: kept for their writer alone, until they are sent or discarded.

A separate kind of draft (see drafts.py): only its writer can see it, and it leaves no audit event, so these functions are not actions.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from haven.core.records.drafts import LONGEST_WORDS, drop_drafts, keep_draft
from haven.core.records.models import Draft
from haven.platform.accounts.context import AccessContext

PREFIX = "kept:"
MOST_UNSENT, KEPT_FOR = 20, timedelta(days=30)
_ROOM = LONGEST_WORDS - 4_000
"""The characters of typed text that fit into a draft besides the addresses and the names of the fields."""


@dataclass(frozen=True)
class UnsavedDraft:
    """One form that came too late. `page`: the page with the form; `action`: its target; `is_cut`: it was longer than a draft can be."""

    ref: str
    page: str
    action: str
    fields: dict[str, list[str]]
    is_cut: bool
    saved_at: datetime


def save_draft_of_request(
    *, by: AccessContext, at: datetime, page: str, action: str, fields: Mapping[str, Sequence[str]]
) -> None:
    """Save the fields of a form that came too late; text that is too long is cut. Drafts older than 30 days, and all but the latest twenty,
    are deleted."""
    kept, is_cut = _cut(fields)
    words: dict[str, object] = {"page": page[:1000], "action": action[:1000], "fields": kept, "is_cut": is_cut}
    keep_draft(by=by, at=at, key=f"{PREFIX}{uuid.uuid4()}", words=words)
    own = Draft.objects.filter(author_id=by.user_id, key__startswith=PREFIX)
    own.filter(saved_at__lt=at - KEPT_FOR).delete()
    latest = own.order_by("-saved_at", "-id").values_list("id", flat=True)[:MOST_UNSENT]
    own.exclude(id__in=list(latest)).delete()


def _cut(fields: Mapping[str, Sequence[str]]) -> tuple[dict[str, list[str]], bool]:
    """The fields cut to the limit, the short fields first: a long account is cut at its end and nothing else is lost."""
    room, kept, is_cut = _ROOM, {}, False
    for name in sorted(fields, key=lambda key: sum(map(len, fields[key]))):
        values = []
        for value in fields[name]:
            room -= len(name) + 8
            values.append(value[: max(room, 0)])
            is_cut = is_cut or len(value) > max(room, 0)
            room -= len(values[-1])
        kept[name] = values
        if room <= 0:
            break
    return {name: kept[name] for name in fields if name in kept}, is_cut or len(kept) < len(fields)


def unsaved_drafts() -> list[UnsavedDraft]:
    """All forms that the current user sent too late, latest first; empty if there are none."""
    rows = Draft.objects.filter(key__startswith=PREFIX).order_by("-saved_at", "-id")
    return [_read(row) for row in rows]


def unsent_of(*, ref: str) -> UnsavedDraft | None:
    """One of them; None if the current user has none with this reference."""
    row = Draft.objects.filter(key=PREFIX + ref).first()
    return _read(row) if row else None


def discard_draft(*, by: AccessContext, ref: uuid.UUID) -> bool:
    """Delete one; False if it does not exist."""
    return drop_drafts(by=by, prefix=f"{PREFIX}{ref}") > 0


def _read(row: Draft) -> UnsavedDraft:
    return UnsavedDraft(ref=row.key.removeprefix(PREFIX), saved_at=row.saved_at, **row.words)
