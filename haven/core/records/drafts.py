"""Drafts: typed text that has not been sent yet. Only its writer can see it, and it is deleted when it is sent or discarded.

A draft is not a record and leaves no audit event, so these functions are not actions.
"""

from collections.abc import Mapping
from datetime import datetime

from haven.core.records.models import Draft
from haven.platform.accounts.context import AccessContext

LONGEST_KEY, MOST_FIELDS, LONGEST_WORDS = 200, 100, 50_000


class DraftTooLarge(ValueError):
    """The text is longer than a draft can be; nothing was saved."""


def keep_draft(*, by: AccessContext, at: datetime, key: str, words: Mapping[str, object]) -> None:
    """Save the text under a key, replacing the previous text. Raises DraftTooLarge."""
    size = sum(len(str(value)) for value in words.values())
    if not key or len(key) > LONGEST_KEY or len(words) > MOST_FIELDS or size > LONGEST_WORDS:
        raise DraftTooLarge("This draft is too long to save. Send it or shorten it.")
    Draft.objects.update_or_create(author_id=by.user_id, key=key, defaults={"words": dict(words), "saved_at": at})


def drop_drafts(*, by: AccessContext, prefix: str) -> int:
    """Delete every draft of the writer whose key begins with the prefix; returns how many."""
    return Draft.objects.filter(author_id=by.user_id, key__startswith=prefix).delete()[0]
