"""Saved values of a form that came too late, for the script that puts them back into the form."""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest

from haven.core.records.unsaved_drafts import unsent_of


def kept_for(request: HttpRequest) -> dict[str, Any] | None:
    """The saved fields that `?kept=` names, if they belong to the user and to this page; else None."""
    found = unsent_of(ref=request.GET.get("kept", ""))
    if found is None or urlsplit(found.page).path != request.path:
        return None
    return {"ref": found.ref, "action": found.action, "fields": found.fields}
