"""The safeguarding lead's queue, and one concern. Everyone else finds nothing at these addresses."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from haven import clock
from haven.access.entrance import place_or_404, viewer_of
from haven.access.viewer import Place
from haven.chronology.actions import add_addendum, note_reading
from haven.chronology.entry_lines import lines_of
from haven.chronology.forms import AddendumForm
from haven.chronology.queries import entries_of, pupils_by_id
from haven.safeguarding.actions import AlreadyReceived, acknowledge_concern, note_queue_reading
from haven.safeguarding.permissions import may_acknowledge_concern
from haven.safeguarding.queries import acknowledgement_of, concern_by_ref, concerns_at

NEWEST = 30


def _place(request: HttpRequest, urn: int) -> Place:
    place = place_or_404(request, urn)
    if not may_acknowledge_concern(viewer_of(request), place.school_id):
        raise Http404
    return place


def _concern(request: HttpRequest, place: Place, ref: uuid.UUID) -> Any:
    entry = concern_by_ref(viewer=viewer_of(request), school_id=place.school_id, ref=ref)
    if entry is None:
        raise Http404
    return entry


def queue(request: HttpRequest, urn: int) -> HttpResponse:
    """What waits, what is late?"""
    place, at = _place(request, urn), clock.now()
    concerns = concerns_at(viewer=viewer_of(request), school_id=place.school_id)
    note_queue_reading(by=viewer_of(request), at=at, school_id=place.school_id, shown=len(concerns))
    waiting = [one for one in concerns if one.received_at is None]
    return render(
        request, "safeguarding/queue.html",
        {"place": place, "at": at, "waiting": waiting, "received": [one for one in concerns if one.received_at is not None],
         "late": sum(bool(one.due_at and one.due_at < at) for one in waiting), "printed_at": at},
    )  # fmt: skip


def concern(request: HttpRequest, urn: int, ref: uuid.UUID) -> HttpResponse:
    """What was raised, what is known of the child, and who has received it?"""
    place, viewer, at = _place(request, urn), viewer_of(request), clock.now()
    entry = _concern(request, place, ref)
    form = AddendumForm(
        request.POST if request.method == "POST" else None, kinds=("addition", "correction", "tombstone")
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
        {"place": place, "line": line, "child_name": entry.fields.get("child_name", ""),
            "safe_now": entry.fields.get("safe_now", ""), "received": acknowledgement_of(entry=entry),
         "children": list(pupils_by_id(pupil_ids=entry.pupil_ids).values()), "earlier": lines_of(entries=earlier, urn=urn),
         "form": form, "printed_at": at},
        status=422 if form.is_bound else 200,
    )  # fmt: skip


@require_POST
def acknowledge(request: HttpRequest, urn: int, ref: uuid.UUID) -> HttpResponse:
    """Receive it: the first one holds, the second is told who was first."""
    place = _place(request, urn)
    try:
        acknowledge_concern(by=viewer_of(request), at=clock.now(), entry=_concern(request, place, ref))
    except AlreadyReceived as first:
        messages.info(request, str(first))
    else:
        messages.success(request, "Received. Whoever raised it can see that it was received, and nothing more.")
    return redirect("safeguarding:concern", urn=urn, ref=ref)
