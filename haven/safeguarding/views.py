"""The safeguarding leads' queue, and one concern. Other users get "not found" at these addresses."""

import contextlib
import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from haven.core.people.queries import pupil_by_ref
from haven.core.records.actions import add_addendum, note_reading
from haven.core.records.entry_lines import lines_of
from haven.core.records.forms import AddendumForm
from haven.core.records.queries import entries_of, pupils_by_id
from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.errors import ActionRejected
from haven.safeguarding.actions import (
    AlreadyAcknowledged,
    acknowledge_concern,
    link_concern,
    note_queue_reading,
)
from haven.safeguarding.definition_keys import CHILD_NAME, SAFE_NOW
from haven.safeguarding.forms import WhichChildForm
from haven.safeguarding.permissions import may_acknowledge_concern, may_link_concern
from haven.safeguarding.queries import (
    ConcernLine,
    acknowledgement_of,
    child_at,
    concern_by_ref,
    find_children,
    received_concerns,
    waiting_concerns,
    years_of_concerns,
)

NEWEST = 30
PAGE = 50


def _place(request: HttpRequest, urn: int) -> SchoolAccess:
    place = place_or_404(request, urn)
    if not may_acknowledge_concern(viewer_of(request), place.school_id):
        raise Http404
    return place


def _concern(request: HttpRequest, place: SchoolAccess, ref: uuid.UUID) -> Any:
    entry = concern_by_ref(viewer=viewer_of(request), school_id=place.school_id, ref=ref)
    if entry is None:
        raise Http404
    return entry


def queue(request: HttpRequest, urn: int) -> HttpResponse:
    """Show the waiting, overdue and received concerns."""
    place, viewer, at = _place(request, urn), viewer_of(request), clock.now()
    waiting = waiting_concerns(viewer=viewer, school_id=place.school_id)
    years = years_of_concerns(viewer=viewer, school_id=place.school_id, on=clock.today())
    year = request.GET.get("year") if request.GET.get("year") in years else years[0]
    received = received_concerns(viewer=viewer, school_id=place.school_id, year=str(year))
    paginator: Paginator[ConcernLine] = Paginator(received, PAGE)  # type: ignore[arg-type]  # only counted and sliced, never iterated
    page = paginator.get_page(request.GET.get("page"))
    shown = len(waiting) + len(page.object_list)
    note_queue_reading(by=viewer, at=at, school_id=place.school_id, shown=shown)
    return render(
        request, "safeguarding/queue.html",
        {"place": place, "at": at, "waiting": waiting, "page": page, "year": year, "years": years,
         "late": sum(bool(one.due_at and one.due_at < at) for one in waiting), "printed_at": at},
    )  # fmt: skip


def concern(request: HttpRequest, urn: int, ref: uuid.UUID) -> HttpResponse:
    """Show a concern: what was raised, what is known of the child, and who has acknowledged it."""
    place, viewer, at = _place(request, urn), viewer_of(request), clock.now()
    entry = _concern(request, place, ref)
    form = AddendumForm(
        request.POST if request.method == "POST" else None, kinds=("addition", "correction", "retraction")
    )
    if request.method == "POST" and form.is_valid():
        add_addendum(by=viewer, at=at, entry=entry, kind=form.cleaned_data["kind"], words=form.cleaned_data["words"])
        messages.success(request, "Added to the concern.")
        return redirect("safeguarding:concern", urn=urn, ref=ref)
    earlier = [one for one in entries_of(pupil_ids=entry.pupil_ids, limit=NEWEST, viewer=viewer) if one.id != entry.id]
    note_reading(
        by=viewer, at=at, school_id=place.school_id, pupil_ids=entry.pupil_ids, entries=[entry, *earlier], what="entry"
    )
    (line,) = lines_of(entries=[entry], urn=urn)
    return render(
        request, "safeguarding/concern.html",
        {"place": place, "line": line, "child_name": entry.fields.get(CHILD_NAME, ""),
            "safe_now": entry.fields.get(SAFE_NOW, ""), "received": acknowledgement_of(entry=entry),
         "children": list(pupils_by_id(pupil_ids=entry.pupil_ids).values()), "earlier": lines_of(entries=earlier, urn=urn),
         "form": form, "printed_at": at, **_which_child(request, place, entry)},
        status=422 if form.is_bound else 200,
    )  # fmt: skip


def _which_child(request: HttpRequest, place: SchoolAccess, entry: Any) -> dict[str, Any]:
    """Find the children on roll whom a concern may mean that names its child in words. The first word is searched
    without a click."""
    if not may_link_concern(viewer_of(request), entry):
        return {}
    asked = request.GET.get("letters")
    letters = entry.fields[CHILD_NAME].replace(",", " ").split(" ")[0] if asked is None else asked.strip()
    children = find_children(school_id=place.school_id, letters=letters[:100], on=clock.today())
    children = [child for child in children if child.id not in entry.pupil_ids]
    was = pupils_by_id(pupil_ids=entry.pupil_ids).values()
    return {
        "which": WhichChildForm(children=children, initial={"was": next((child.ref for child in was), None)}),
        "children": children, "letters": letters if asked is not None or children else "", "looked": asked is not None,
    }  # fmt: skip


@require_POST
def link(request: HttpRequest, urn: int, ref: uuid.UUID) -> HttpResponse:
    """Link the concern to this child: from now on it is in the child's file."""
    place, viewer, at = _place(request, urn), viewer_of(request), clock.now()
    entry = _concern(request, place, ref)
    child = was = None
    with contextlib.suppress(ValueError):
        child = child_at(school_id=place.school_id, ref=uuid.UUID(request.POST.get("pupil", "")), on=clock.today())
    with contextlib.suppress(ValueError):
        was = pupil_by_ref(school_id=place.school_id, ref=uuid.UUID(request.POST.get("was", "")))
    if child is None:
        messages.warning(request, "Choose the child first. Nothing was changed.")
        return redirect("safeguarding:concern", urn=urn, ref=ref)
    try:
        link_concern(by=viewer, at=at, entry=entry, child=child, was=[was.id] if was else [])
    except ActionRejected as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, f"This concern is now in {child.name}’s file.")
    return redirect("safeguarding:concern", urn=urn, ref=ref)


@require_POST
def acknowledge(request: HttpRequest, urn: int, ref: uuid.UUID) -> HttpResponse:
    """Acknowledge the concern. The first acknowledgement wins; the second user is told who was first."""
    place = _place(request, urn)
    try:
        acknowledge_concern(by=viewer_of(request), at=clock.now(), entry=_concern(request, place, ref))
    except AlreadyAcknowledged as first:
        messages.info(request, str(first))
    else:
        messages.success(request, "Concern acknowledged. The person who raised it can see this, but nothing more.")
    return redirect("safeguarding:concern", urn=urn, ref=ref)
