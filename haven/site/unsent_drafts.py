"""Saved values of a form that came too late, for the script that puts them back into the form."""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest

from haven.core.records.unsaved_drafts import unsent_of


def unsent_draft_for(request: HttpRequest) -> dict[str, Any] | None:
    """The saved fields that `?draft=` names, if they belong to the user and to this page; else None."""
    draft = unsent_of(ref=request.GET.get("draft", ""))
    if draft is None or urlsplit(draft.page).path != request.path:
        return None
    return {"ref": draft.ref, "action": draft.action, "fields": draft.fields}
