"""Views to record and end statuses of a pupil and entries of the vulnerable pupils list."""

from datetime import date
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from haven.core.people import actions, permissions, queries
from haven.core.people.forms import EndForm, ListingForm, StatusForm
from haven.core.people.lookup import crumbs, form_page, is_saved, pupil_or_404
from haven.core.people.statuses import StatusKind, answers_of, every_kind, kinds_in_force, title_of
from haven.platform import clock
from haven.platform.accounts.context import AccessContext
from haven.platform.accounts.lookup import viewer_of
from haven.platform.errors import check
from haven.rules.decision import Decision, refuse

NOT_YOURS = refuse("Your role cannot record pupil statuses. Ask the pastoral co-ordinator.")


def _kinds(viewer: AccessContext, school_id: int, on: date) -> list[StatusKind]:
    return [kind for kind in kinds_in_force(on).values() if permissions.may_record_status(viewer, school_id, kind)]


def _may_end(viewer: AccessContext, school_id: int, kind: str) -> Decision:
    definition = every_kind().get(kind)
    return permissions.may_record_status(viewer, school_id, definition) if definition else NOT_YOURS


def statuses(request: HttpRequest, urn: int, ref: UUID) -> HttpResponse:
    """The pupil's statuses: since when, the source, and the review date."""
    (place, pupil), viewer, on = pupil_or_404(request, urn, ref), viewer_of(request), clock.today()
    kinds = _kinds(viewer, place.school_id, on)
    may_change_listings = permissions.may_change_listings(viewer, place.school_id)
    if not (kinds or may_change_listings):
        check(NOT_YOURS)
    form = StatusForm(request.POST or None, kinds=kinds, initial={"begins_on": on, "kind": request.GET.get("kind", "")})
    if request.method == "POST" and form.is_valid():
        record_status = partial(
            actions.record_status, by=viewer, at=clock.now(), school_id=place.school_id, pupil_id=pupil.id,
            record=actions.StatusRecord(**form.facts),
        )  # fmt: skip
        if is_saved(form, record_status):
            messages.success(request, "Status recorded.")
            return redirect("people:statuses", urn, ref)
    now = queries.statuses_of(school_id=place.school_id, pupil_id=pupil.id, on=on)
    past = queries.statuses_past(school_id=place.school_id, pupil_id=pupil.id, on=on)
    context = {
        "place": place, "pupil": pupil, "form": form, "kinds": kinds,
        "now": [
            (title_of(row.kind), row, answers_of(row.kind, row.fields), bool(_may_end(viewer, place.school_id, row.kind)))
            for row in now
        ],
        "past": [(title_of(row.kind), row) for row in past],
        "listing": queries.listing_lines(school_id=place.school_id, pupil_id=pupil.id, on=on), "may_change_listings": may_change_listings,
        "breadcrumbs": crumbs(place, pupil, "Needs and plans"), "today": on,
    }  # fmt: skip
    return render(request, "people/statuses.html", context, status=422 if form.errors else 200)


def end(request: HttpRequest, urn: int, ref: UUID, status_ref: UUID) -> HttpResponse:
    """End a status, with the reason."""
    (place, pupil), viewer = pupil_or_404(request, urn, ref), viewer_of(request)
    status = queries.status_by_ref(school_id=place.school_id, ref=status_ref)
    if status is None or status.pupil_id != pupil.id:
        raise Http404
    check(_may_end(viewer, place.school_id, status.kind))
    form = EndForm(request.POST or None, initial={"ends_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        end_status = partial(actions.end_status, by=viewer, at=clock.now(), status=status, **form.cleaned_data)
        if is_saved(form, end_status, "ends_on"):
            messages.success(
                request, "Status ended. The pupil's entry for it on the vulnerable pupils list has ended too."
            )
            return redirect("people:statuses", urn, ref)
    title = title_of(status.kind)
    context = {
        "place": place,
        "pupil": pupil,
        "form": form,
        "heading": f"{pupil.name}: end {title}",
        "button": "End status",
    }
    return form_page(request, context, crumbs(place, pupil, f"End {title}"))


def listing(request: HttpRequest, urn: int, ref: UUID, listing_ref: UUID | None = None) -> HttpResponse:
    """An entry of the vulnerable pupils list: the instruction if the pupil is missing."""
    (place, pupil), viewer = pupil_or_404(request, urn, ref), viewer_of(request)
    check(permissions.may_change_listings(viewer, place.school_id))
    line = queries.listing_by_ref(school_id=place.school_id, ref=listing_ref) if listing_ref else None
    if listing_ref and (line is None or line.pupil_id != pupil.id):
        raise Http404
    start = {"priority": "1"}
    if line:
        start = {"priority": str(line.priority), "instruction": line.instruction}
        start |= {"instruction_due": f"{line.instruction_due:%H:%M}"} if line.instruction_due else {}
    form = ListingForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        actions.add_listing(
            by=viewer, at=clock.now(), school_id=place.school_id, pupil_id=pupil.id, priority=int(data["priority"]),
            instruction=data["instruction"], instruction_due=data["instruction_due"], begins_on=clock.today(),
            replaces=listing_ref,
        )  # fmt: skip
        messages.success(request, "Instruction saved on the vulnerable pupils list.")
        return redirect("people:statuses", urn, ref)
    context = {"place": place, "pupil": pupil, "form": form, "heading": f"{pupil.name}: if missing"}
    return form_page(request, context, crumbs(place, pupil, "If missing"))


def end_listing_line(request: HttpRequest, urn: int, ref: UUID, listing_ref: UUID) -> HttpResponse:
    """Take an entry off the vulnerable pupils list, with the reason."""
    (place, pupil), viewer = pupil_or_404(request, urn, ref), viewer_of(request)
    check(permissions.may_change_listings(viewer, place.school_id))
    line = queries.listing_by_ref(school_id=place.school_id, ref=listing_ref)
    if line is None or line.pupil_id != pupil.id:
        raise Http404
    form = EndForm(request.POST or None, initial={"ends_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        actions.end_listing(by=viewer, at=clock.now(), listing=line, **form.cleaned_data)
        messages.success(request, "Removed from the vulnerable pupils list.")
        return redirect("people:statuses", urn, ref)
    context = {
        "place": place,
        "pupil": pupil,
        "form": form,
        "heading": f"{pupil.name}: remove from the vulnerable pupils list",
        "button": "Remove from list",
    }
    return form_page(request, context, crumbs(place, pupil, "Remove from list"))
