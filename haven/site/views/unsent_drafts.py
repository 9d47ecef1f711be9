"""Forms that were sent too late: read, copy, return to the form, or discard."""

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from haven.core.records.unsaved_drafts import UnsavedDraft, discard_draft, unsaved_drafts
from haven.platform.accounts.lookup import viewer_of
from haven.site.context import PARTS

_REFERENCE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")


@require_GET
def unsent_drafts(request: HttpRequest) -> HttpResponse:
    """The user's forms that were sent too late. Without any: redirect to the landing page."""
    drafts = unsaved_drafts()
    if not drafts:
        return redirect("site:front")
    return render(request, "site/unsent_drafts.html", {"drafts": [_card(draft) for draft in drafts]})


@require_POST
def discard(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Discard one draft. Another user's form gets the same answer as one that does not exist."""
    if not discard_draft(by=viewer_of(request), ref=ref):
        raise Http404
    messages.success(request, "Draft discarded.")
    return redirect("site:unsent_drafts" if unsaved_drafts() else "site:front")


def _card(draft: UnsavedDraft) -> dict[str, Any]:
    """The draft for the page: long answers in full, ready to copy; short ones (names, days, choices) in one list."""
    texts = [(_label(name), value) for name, values in draft.fields.items() for value in values if _is_text(value)]
    short = [
        (_label(name), ", ".join(values).replace("_", " ")) for name, values in draft.fields.items()
        if not any(map(_is_text, values)) and not all(_REFERENCE.fullmatch(value) for value in values)
    ]  # fmt: skip
    return {
        "ref": draft.ref, "saved_at": draft.saved_at, "is_cut": draft.is_cut, "part": _part(draft.page), "texts": texts,
        "short": short if len(short) <= 12 else [], "short_count": len(short) if len(short) > 12 else 0, "back": _address_of_form(draft),
    }  # fmt: skip


def _is_text(value: str) -> bool:
    """Whether the value is the user's own text, and not a name, a day or a choice."""
    return len(value) > 40 or (len(value.split()) > 2 and not value.strip()[0].isdigit())


def _label(name: str) -> str:
    return re.sub(r"[_-]+", " ", re.sub(r"_(on|at)$", "", name)).strip().capitalize()


def _part(page: str) -> str:
    """The part of Haven with the form, in the words of the navigation."""
    path = re.sub(r"^/s/\d+/", "/", urlsplit(page).path)
    fits = [
        (len(under), part.title)
        for part in PARTS
        for under in part.under
        if path.startswith("/" + under.strip("/") + "/")
    ]
    return max(fits)[1] if fits else "Haven"


def _address_of_form(draft: UnsavedDraft) -> str:
    """The address of the form, with the draft to put back into it."""
    parts = urlsplit(draft.page)
    queries = [query for query in parts.query.split("&") if query and not query.startswith("draft=")]
    return f"{parts.path}?{'&'.join([*queries, f'draft={draft.ref}'])}"
