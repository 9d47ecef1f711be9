"""Words that came too late, for the script that puts them back into their form."""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest

from haven.core.records.unsaved_drafts import unsent_of


def kept_for(request: HttpRequest) -> dict[str, Any] | None:
    """The kept fields that `?kept=` names, if they are the viewer's and belong to this page; else None."""
    found = unsent_of(ref=request.GET.get("kept", ""))
    if found is None or urlsplit(found.page).path != request.path:
        return None
    return {"ref": found.ref, "action": found.action, "fields": found.fields}
