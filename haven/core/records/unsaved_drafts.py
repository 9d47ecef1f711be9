"""What somebody typed into a form and sent too late, after the session had ended: kept for its writer alone, until it is sent or
thrown away.

A draft of its own kind (see drafts.py): nobody but its writer can see it, and it leaves no audit event, so these are no actions.
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
"""Characters of typed text that fit into a draft beside the addresses and the names of the fields."""


@dataclass(frozen=True)
class UnsavedDraft:
    """One form that came too late. `page`: where it stood; `action`: where it was sent; `is_cut`: longer than can be kept."""

    ref: str
    page: str
    action: str
    fields: dict[str, list[str]]
    is_cut: bool
    saved_at: datetime


def save_draft_of_request(
    *, by: AccessContext, at: datetime, page: str, action: str, fields: Mapping[str, Sequence[str]]
) -> None:
    """Keep the fields of a form that came too late; text that is too long is cut. What is older than 30 days, and all but the
    latest twenty, goes."""
    kept, is_cut = _cut(fields)
    words: dict[str, object] = {"page": page[:1000], "action": action[:1000], "fields": kept, "is_cut": is_cut}
    keep_draft(by=by, at=at, key=f"{PREFIX}{uuid.uuid4()}", words=words)
    own = Draft.objects.filter(author_id=by.user_id, key__startswith=PREFIX)
    own.filter(saved_at__lt=at - KEPT_FOR).delete()
    latest = own.order_by("-saved_at", "-id").values_list("id", flat=True)[:MOST_UNSENT]
    own.exclude(id__in=list(latest)).delete()


def _cut(fields: Mapping[str, Sequence[str]]) -> tuple[dict[str, list[str]], bool]:
    """As much as fits, the short fields first: a long account is cut at its end and nothing else is lost."""
    room, kept, is_cut = _ROOM, {}, False
    for name in sorted(fields, key=lambda each: sum(map(len, fields[each]))):
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
    """All that the entered viewer sent too late, latest first; empty where there is nothing."""
    rows = Draft.objects.filter(key__startswith=PREFIX).order_by("-saved_at", "-id")
    return [_read(row) for row in rows]


def unsent_of(*, ref: str) -> UnsavedDraft | None:
    """One of them; None where the entered viewer has no such."""
    row = Draft.objects.filter(key=PREFIX + ref).first()
    return _read(row) if row else None


def discard_draft(*, by: AccessContext, ref: uuid.UUID) -> bool:
    """Throw one away; False where there was none."""
    return drop_drafts(by=by, prefix=f"{PREFIX}{ref}") > 0


def _read(row: Draft) -> UnsavedDraft:
    return UnsavedDraft(ref=row.key.removeprefix(PREFIX), saved_at=row.saved_at, **row.words)
