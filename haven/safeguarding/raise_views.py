"""The pages for raising a concern: one question a page, for everyone on the staff."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from haven.core.records.definition_keys import CONCERN
from haven.core.records.drafts import drop_drafts, keep_draft
from haven.core.records.form_definitions import FormDefinition, form_in_force
from haven.core.records.form_steps import answer_rows, step_form
from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.errors import check
from haven.safeguarding.actions import raise_concern
from haven.safeguarding.definition_keys import CHILD_NAME, SAFE, SAFE_NOW
from haven.safeguarding.forms import OTHER, WhoForm
from haven.safeguarding.permissions import may_raise_concern
from haven.safeguarding.queries import child_at, find_children, own_receipts, safeguarding_contacts
from haven.safeguarding.raising import CHECK, WHO, Gathered, Page, Pages, gather, prefix_of, words_so_far


def _place(request: HttpRequest, urn: int) -> SchoolAccess:
    place = place_or_404(request, urn)
    check(may_raise_concern(viewer_of(request), place.school_id))
    return place


def start(request: HttpRequest, urn: int) -> HttpResponse:
    """Show the first question: which child. `?pupil=` names the child whose page the user comes from."""
    place = _place(request, urn)
    pages = Pages.of(form_in_force(CONCERN, clock.today()))
    words = words_so_far(place.school_id)
    asked = _uuid(request.GET.get("pupil", ""))
    posted = request.POST if request.method == "POST" else None
    if posted is not None and "begin_new" in posted:
        drop_drafts(by=viewer_of(request), prefix=prefix_of(place.school_id))
        return redirect(request.get_full_path())
    kept = words.get("who", {})
    child = child_at(school_id=place.school_id, ref=asked, on=clock.today()) if asked else None
    source: Any = posted if posted is not None else kept
    letters = str(source.get("letters") or "")
    children = find_children(school_id=place.school_id, letters=letters, on=clock.today()) if letters else []
    chosen = child or _child(place, str(source.get("pupil") or ""))
    if chosen and chosen not in children:
        children = [chosen, *children]
    looks = posted is None or "find" in posted
    start_with = {**kept, "letters": letters, "pupil": str(chosen.ref) if chosen else kept.get("pupil", "")}
    form = WhoForm(None if looks else posted, initial=start_with, children=children)
    if posted is not None:
        keep_draft(by=viewer_of(request), at=clock.now(), key=prefix_of(place.school_id) + "who", words=_typed(posted))
        if not looks and form.is_valid():
            return redirect(_address(urn, pages.after(WHO)))
    return render(
        request, "safeguarding/who.html",
        {"place": place, "form": form, "step": WHO, "number": 1, "of": len(pages), "looked": bool(letters), "children": children,
         "began": sorted(words) if posted is None and set(words) - {"who"} else [], "draft_key": prefix_of(place.school_id) + "who"},
        status=422 if form.is_bound else 200,
    )  # fmt: skip


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _child(place: SchoolAccess, ref: str) -> Any:
    number = _uuid(ref) if ref != OTHER else None
    return child_at(school_id=place.school_id, ref=number, on=clock.today()) if number else None


def _typed(posted: Any) -> dict[str, Any]:
    return {key: value for key, value in posted.items() if key not in ("csrfmiddlewaretoken", "find")}


def step(request: HttpRequest, urn: int, step: str) -> HttpResponse:
    """Show one question. Typed text is kept as a draft, and shown when the user returns to the question."""
    place, at = _place(request, urn), clock.now()
    definition = form_in_force(CONCERN, at.date())
    pages = Pages.of(definition)
    this = pages.named(step)
    if this == CHECK:
        return _check(request, place, definition)
    if this is None or this.step is None:
        raise Http404
    key = prefix_of(place.school_id) + this.slug
    posted = request.POST if request.method == "POST" else None
    form = step_form(this.step, definition, at, posted, words_so_far(place.school_id).get(this.slug))
    if posted is not None:
        keep_draft(by=viewer_of(request), at=at, key=key, words=_typed(posted))
        if form.is_valid():
            return redirect(_address(urn, CHECK if "to_check" in request.GET else pages.after(this)))
    asks_safe = SAFE_NOW in this.step.fields
    return render(
        request, "safeguarding/question.html",
        {"place": place, "form": form, "step": this, "number": pages.index(this) + 1, "of": len(pages), "draft_key": key,
         "back_link": _back(urn, pages.before(this)), "asks_safe": asks_safe,
         "contacts": safeguarding_contacts(school_id=place.school_id, on=clock.today()) if asks_safe else None},
        status=422 if posted is not None else 200,
    )  # fmt: skip


def _back(urn: int, earlier: Page | None) -> dict[str, str]:
    return {"url": _address(urn, earlier), "text": "Back"} if earlier else {}


def _address(urn: int, page: Page) -> str:
    if page == WHO:
        return reverse("safeguarding:raise", args=[urn])
    return reverse("safeguarding:raise_step", args=[urn, page.slug])


def _check(request: HttpRequest, place: SchoolAccess, definition: FormDefinition) -> HttpResponse:
    """Show all answers for checking before they are sent."""
    at = clock.now()
    pages, words = Pages.of(definition), words_so_far(place.school_id)
    if not words:
        return redirect("safeguarding:raise", urn=place.urn)
    gathered = gather(words, definition, at)
    child = _child(place, gathered.pupil)
    missing = pages.named(gathered.missing or (WHO.slug if gathered.pupil and child is None else ""))
    if missing is not None:
        messages.info(request, f"One answer is still needed: {missing.title.rstrip('?').lower()}.")
        return redirect(_address(place.urn, missing))
    if request.method == "POST":
        return _send(request, place, gathered, child)
    rows = [_row(place.urn, WHO, child.described if child else gathered.fields[CHILD_NAME])]
    rows += [
        _row(place.urn, Page(step.id, step.title, step), words, at=happened_at)
        for step, words, happened_at in answer_rows(definition, gathered.answers)
    ]
    return render(
        request, "safeguarding/check.html",
        {"place": place, "rows": rows, "step": CHECK, "number": len(pages), "of": len(pages), "back_link": _back(place.urn, pages.before(CHECK)),
         "is_safe": gathered.fields[SAFE_NOW] == SAFE, "contacts": safeguarding_contacts(school_id=place.school_id, on=clock.today())},
    )  # fmt: skip


def _row(urn: int, page: Page, value: str, **more: Any) -> dict[str, Any]:
    return {"title": page.title, "value": value, "url": _address(urn, page) + "?to_check=1", **more}


def _send(request: HttpRequest, place: SchoolAccess, gathered: Gathered, child: Any) -> HttpResponse:
    """Send the concern. The drafts are deleted first: of two simultaneous submissions, the second finds none and sends
    nothing."""
    viewer = viewer_of(request)
    if not drop_drafts(by=viewer, prefix=prefix_of(place.school_id)):
        messages.info(request, "Your concern was sent already.")
        return redirect("safeguarding:mine", urn=place.urn)
    at = clock.now()
    receipt = raise_concern(
        by=viewer, at=at, school_id=place.school_id, fields=gathered.fields, happened_at=gathered.answers.happened_at or at,
        pupil_id=child.id if child else None,
    )  # fmt: skip
    return redirect("safeguarding:sent", urn=place.urn, ref=receipt.ref)


def sent(request: HttpRequest, urn: int, ref: uuid.UUID) -> HttpResponse:
    """Show what happens next, and where the user can see that the concern was received."""
    place = _place(request, urn)
    receipt = next(
        (one for one in own_receipts(viewer=viewer_of(request), school_id=place.school_id) if one.ref == ref), None
    )
    if receipt is None:
        raise Http404
    return render(
        request, "safeguarding/sent.html",
        {"place": place, "receipt": receipt, "contacts": safeguarding_contacts(school_id=place.school_id, on=clock.today())},
    )  # fmt: skip


def mine(request: HttpRequest, urn: int) -> HttpResponse:
    """List the user's own concerns and whether they were received."""
    place = _place(request, urn)
    receipts = own_receipts(viewer=viewer_of(request), school_id=place.school_id)
    return render(request, "safeguarding/mine.html", {"place": place, "receipts": receipts})
