"""Contacts, details and household of a pupil."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from haven.core.people import actions, permissions, queries
from haven.core.people.actions.contacts import ContactFacts
from haven.core.people.actions.details import DETAILS
from haven.core.people.forms import ContactForm, DetailForm
from haven.core.people.lookup import crumbs, form_page, pupil_or_404, pupil_to_change, pupil_url
from haven.core.people.panels import siblings_for
from haven.core.people.telephones import dial
from haven.platform import clock
from haven.platform.accounts.lookup import viewer_of
from haven.platform.errors import ActionRejected, check

FACTS = tuple(ContactFacts.__dataclass_fields__)


def contacts(request: HttpRequest, urn: int, ref: UUID) -> HttpResponse:
    """The pupil's contacts in order of priority, and when they were last confirmed."""
    (place, pupil), viewer = pupil_or_404(request, urn, ref), viewer_of(request)
    may_keep = permissions.may_keep_people(viewer, place.school_id)
    pupil_contacts = queries.contacts_of(school_id=place.school_id, pupil_id=pupil.id)
    if not (pupil_contacts or may_keep):
        raise Http404
    if request.method == "POST":
        check(may_keep)
        actions.check_contacts(
            by=viewer, at=clock.now(), on=clock.today(), school_id=place.school_id, pupil_id=pupil.id
        )
        messages.success(request, "Contacts marked as checked with the family today.")
        return redirect("people:contacts", urn, ref)
    context = {
        "place": place, "pupil": pupil, "lines": [(contact, dial(contact.telephone), dial(contact.other_telephone)) for contact in pupil_contacts],
        "may_keep": may_keep, "breadcrumbs": crumbs(place, pupil, "Contacts"), "printed_at": clock.now(),
    }  # fmt: skip
    return render(request, "people/contacts.html", context)


def contact(request: HttpRequest, urn: int, ref: UUID, contact_ref: UUID | None = None) -> HttpResponse:
    """One contact: add, change or end it."""
    place, pupil, viewer = pupil_to_change(request, urn, ref)
    pupil_contacts = queries.contacts_of(school_id=place.school_id, pupil_id=pupil.id)
    here = next((candidate for candidate in pupil_contacts if candidate.ref == contact_ref), None)
    if contact_ref and here is None:
        raise Http404
    others = [_facts(other) for other in pupil_contacts if other is not here]
    start = (
        {key: getattr(here, key) for key in FACTS}
        if here
        else {"priority": len(pupil_contacts) + 1, "safe_to_contact": True}
    )
    form = ContactForm(request.POST or None, initial=start)
    goes = here is not None and request.method == "POST" and "ends" in request.POST
    if goes or (request.method == "POST" and form.is_valid()):
        actions.keep_contacts(
            by=viewer, at=clock.now(), on=clock.today(), school_id=place.school_id, pupil_id=pupil.id,
            contacts=others if goes else [*others, form.facts],
        )  # fmt: skip
        messages.success(request, "Contact removed." if goes else "Contact saved.")
        return redirect("people:contacts", urn, ref)
    context = {
        "place": place, "pupil": pupil, "form": form, "ends": "Remove contact" if here else "",
        "heading": f"{pupil.name}: {here.name}" if here else f"{pupil.name}: add a contact",
    }  # fmt: skip
    way = crumbs(place, pupil, here.name if here else "Add a contact")
    return form_page(request, context, way)


def _facts(contact: Any) -> ContactFacts:
    return ContactFacts(**{key: getattr(contact, key) for key in FACTS})


def details(request: HttpRequest, urn: int, ref: UUID) -> HttpResponse:
    """The pupil's address, languages and notes for conversations."""
    place, pupil, viewer = pupil_to_change(request, urn, ref)
    there = queries.details_of(school_id=place.school_id, pupil_id=pupil.id)
    form = DetailForm(request.POST or None, initial={key: getattr(there, key) for key in DETAILS} if there else None)
    if request.method == "POST" and form.is_valid():
        actions.keep_detail(
            by=viewer, at=clock.now(), school_id=place.school_id, pupil_id=pupil.id, **form.cleaned_data
        )
        messages.success(request, "Details saved. The previous details are kept in the history.")
        return redirect(pupil_url(urn, ref))
    context = {"place": place, "pupil": pupil, "form": form, "heading": f"{pupil.name}: useful information"}
    return form_page(request, context, crumbs(place, pupil, "Useful information"))


def household(request: HttpRequest, urn: int, ref: UUID) -> HttpResponse:
    """The pupil's brothers and sisters."""
    place, pupil, viewer = pupil_to_change(request, urn, ref)
    schools = [access.school_id for access in viewer.places if viewer.may("manage_people", access.school_id)]
    if request.method == "POST":
        try:
            _keep_household(request, pupil, schools)
        except ActionRejected as problem:
            messages.error(request, str(problem))
        return redirect("people:household", urn, ref)
    text = request.GET.get("who", "")
    pupils = queries.find_pupils(school_ids=schools, text=text, on=clock.today())
    context = {
        "place": place, "pupil": pupil, "siblings": siblings_for(viewer, pupil), "text": text,
        "candidates": [candidate for candidate in pupils if candidate.id != pupil.id], "breadcrumbs": crumbs(place, pupil, "Brothers and sisters"),
    }  # fmt: skip
    return render(request, "people/household.html", context)


def _keep_household(request: HttpRequest, pupil: Any, schools: list[int]) -> None:
    viewer, at = viewer_of(request), clock.now()
    if "apart" in request.POST:
        actions.leave_household(by=viewer, at=at, pupil_id=pupil.id)
        messages.success(request, f"{pupil.name} no longer shares a household.")
        return
    try:
        other = queries.pupil_at_any(school_ids=schools, ref=UUID(request.POST.get("pupil", "")))
    except ValueError:
        other = None
    if other is None:
        raise ActionRejected("Choose the brother or sister.")
    actions.keep_household(by=viewer, at=at, pupil_ids=[pupil.id, other.id])
    messages.success(request, f"{pupil.name} and {other.name} are now in the same household.")
