"""A pupil's file, an entry, a new entry, and drafts."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from haven.core.people.queries import pupil_by_ref
from haven.core.records.actions import NewEntry, add_addendum, note_reading, record_entry
from haven.core.records.drafts import DraftTooLarge, drop_drafts, keep_draft
from haven.core.records.entry_hooks import entry_hooks
from haven.core.records.entry_lines import lines_of
from haven.core.records.form_definitions import forms_in_force
from haven.core.records.forms import AddendumForm, HappenedForm
from haven.core.records.forms_engine import form_class
from haven.core.records.permissions import may_add_addendum, parts_to_plan_in, usable_forms
from haven.core.records.queries import draft_of, entries_of, entry_by_ref
from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of

MOST_SHOWN = 500


def _pupil_or_404(place: SchoolAccess, ref: uuid.UUID) -> Any:
    pupil = pupil_by_ref(school_id=place.school_id, ref=ref)
    if pupil is None:
        raise Http404
    return pupil


def file(request: HttpRequest, urn: int, ref: uuid.UUID) -> HttpResponse:
    """The entries of the pupil's file that the user may see."""
    place, viewer, at = place_or_404(request, urn), viewer_of(request), clock.now()
    pupil = _pupil_or_404(place, ref)
    entries = entries_of(pupil_ids=[pupil.id], limit=MOST_SHOWN, viewer=viewer)
    kinds = _kinds(entries)
    asked = request.GET.get("form", "")
    shown = [entry for entry in entries if not asked or entry.form == asked]
    note_reading(by=viewer, at=at, school_id=place.school_id, pupil_ids=[pupil.id], entries=shown, what="file")
    return render(
        request,
        "records/file.html",
        {
            "place": place, "pupil": pupil, "lines": lines_of(entries=shown, urn=urn), "kinds": kinds, "asked": asked,
            "most": MOST_SHOWN, "is_cut": len(entries) == MOST_SHOWN, "forms": usable_forms(viewer, place.school_id, clock.today()),
            "may_plan": bool(parts_to_plan_in(viewer, place.school_id)), "printed_at": at,
            "breadcrumbs": _crumbs(place, pupil, {"title": "File", "url": ""}),
        },
    )  # fmt: skip


def _kinds(entries: Any) -> list[tuple[str, str, int]]:
    """The forms of the entries, with their titles and counts."""
    counted: dict[str, int] = {}
    titles = {form.id: form.title for form in forms_in_force(clock.today())}
    for entry in entries:
        counted[entry.form] = counted.get(entry.form, 0) + 1
    return sorted(((form, titles.get(form, form), count) for form, count in counted.items()), key=lambda row: row[1])


def _crumbs(place: SchoolAccess, pupil: Any, *more: dict[str, str]) -> list[dict[str, str]]:
    return [{"title": pupil.name, "url": reverse("site:pupil", args=[place.urn, pupil.ref])}, *more]


def choose_form(request: HttpRequest, urn: int, ref: uuid.UUID) -> HttpResponse:
    """Choose the form of a new entry."""
    place = place_or_404(request, urn)
    pupil = _pupil_or_404(place, ref)
    forms = usable_forms(viewer_of(request), place.school_id, clock.today())
    if not forms:
        raise PermissionDenied("Your role at this school cannot add entries to the file. Ask the head teacher.")
    return render(request, "records/choose_form.html", {"place": place, "pupil": pupil, "forms": forms})


def new_entry(request: HttpRequest, urn: int, ref: uuid.UUID, form: str) -> HttpResponse:
    """Write an entry in the fields of its form; a draft is kept until it is sent."""
    place, viewer, at = place_or_404(request, urn), viewer_of(request), clock.now()
    pupil = _pupil_or_404(place, ref)
    definition = next((one for one in usable_forms(viewer, place.school_id, clock.today()) if one.id == form), None)
    if definition is None:
        raise Http404
    key = f"entry:{urn}:{ref}:{form}"
    draft = draft_of(key=key)
    data = request.POST if request.method == "POST" else None
    start = {"happened_at": at, **draft}
    happened = HappenedForm(data, initial=start, at=at)
    asked = form_class(definition)(data, initial=start)
    if data is not None and happened.is_valid() and asked.is_valid():
        written = record_entry(
            by=viewer,
            at=at,
            school_id=place.school_id,
            entry=NewEntry(
                form=form,
                fields=asked.cleaned_data,
                happened_at=happened.cleaned_data["happened_at"],
                pupils=[(pupil.id, "subject")],
            ),
        )
        for after in entry_hooks():
            after(by=viewer, at=at, entry=written, definition=definition)
        drop_drafts(by=viewer, prefix=key)
        messages.success(request, f"{definition.title}: added to {pupil.name}'s file.")
        return redirect("records:file", urn=urn, ref=ref)
    return render(
        request, "records/new_entry.html",
        {"place": place, "pupil": pupil, "definition": definition, "happened": happened, "form": asked, "draft_key": key,
         "is_draft": bool(draft) and data is None},
        status=422 if data is not None else 200,
    )  # fmt: skip


def entry(request: HttpRequest, urn: int, ref: uuid.UUID) -> HttpResponse:
    """One entry with its addenda."""
    place, viewer, at = place_or_404(request, urn), viewer_of(request), clock.now()
    record = entry_by_ref(ref=ref, viewer=viewer)
    if record is None or record.school_id != place.school_id:
        raise Http404
    kinds = [kind for kind in ("addition", "correction", "retraction") if may_add_addendum(viewer, record, kind)]
    form = AddendumForm(request.POST if request.method == "POST" else None, kinds=kinds)
    if request.method == "POST" and not kinds:
        raise PermissionDenied(may_add_addendum(viewer, record, "addition").because)
    if request.method == "POST" and form.is_valid():
        add_addendum(by=viewer, at=at, entry=record, kind=form.cleaned_data["kind"], words=form.cleaned_data["words"])
        messages.success(request, "Added to the entry.")
        return redirect(request.path)
    note_reading(
        by=viewer, at=at, school_id=place.school_id, pupil_ids=record.pupil_ids, entries=[record], what="entry"
    )
    (line,) = lines_of(entries=[record], urn=urn)
    return render(
        request, "records/entry.html", {"place": place, "line": line, "form": form if kinds else None, "printed_at": at},
        status=422 if form.is_bound else 200,
    )  # fmt: skip


@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Save a draft for its writer alone."""
    words = {
        key: values[0] if len(values) == 1 else values
        for key, values in request.POST.lists()
        if key not in ("draft_key", "csrfmiddlewaretoken")
    }
    try:
        keep_draft(by=viewer_of(request), at=clock.now(), key=request.POST.get("draft_key", ""), words=words)
    except DraftTooLarge as problem:
        return JsonResponse({"problem": str(problem)}, status=413)
    return JsonResponse({"kept_at": timezone.localtime(clock.now()).isoformat()})
