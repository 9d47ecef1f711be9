"""Pupils: the list, the search, admission and leaving, and data quality."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from haven.core.people import actions, permissions, queries
from haven.core.people.forms import AdmissionForm, ClassForm, FilterForm, LeavingForm, NamesForm
from haven.core.people.lookup import crumbs, form_page, is_saved, pupil_to_change, pupil_url
from haven.core.people.names import fold
from haven.core.people.statuses import title_of
from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.errors import ActionRejected, check
from haven.platform.ordering import natural_order
from haven.platform.ui.tables import Column, Sorting, Table, export
from haven.rules.sessions import academic_year_of

PAGE = 50
FOUND = 20


def pupils(request: HttpRequest, urn: int) -> HttpResponseBase:
    """The pupils of the roll."""
    place, viewer, at = place_or_404(request, urn), viewer_of(request), clock.now()
    check(permissions.may_see_roll(viewer, place.school_id))
    listing = queries.listing_of(school_id=place.school_id, on=clock.today())
    form = _filters(request, place, is_listed=bool(listing))
    asked = _asked(form)
    columns = _columns(place, asked, listing)
    may_export = permissions.may_export_pupils(viewer, place.school_id)
    if wanted := request.GET.get("format"):
        check(may_export)
        listed = _matching_pupils(request, place, asked)
        name = f"pupils-{place.urn}-{clock.today():%Y-%m-%d}"
        if answer := export(listed, columns, form=wanted, name=name):
            actions.export_pupils(
                by=viewer, at=at, school_id=place.school_id, pupil_ids=[pupil.id for pupil in listed], form=wanted
            )
            return answer
    page, rows = _page(request, place, asked)
    table = Table(
        {"now": "On roll", "left": "Have left"}.get(asked.on_roll, "On roll and left"), columns, rows, total=page.paginator.count, sorted_by=str(_sorting(request)),
        exports=bool(may_export), nothing="No pupils match. Remove a filter.",
    )  # fmt: skip
    context = {
        "place": place, "form": form, "table": table, "page": page, "total": page.paginator.count,
        "may_keep": permissions.may_keep_people(viewer, place.school_id), "printed_at": at,
    }  # fmt: skip
    return render(request, "people/pupils.html", context)


def _matching_pupils(request: HttpRequest, place: SchoolAccess, asked: queries.Asked) -> list[queries.Listed]:
    return _sorted(queries.pupils_of_school(school_id=place.school_id, on=clock.today(), asked=asked), request)


def _page(request: HttpRequest, place: SchoolAccess, asked: queries.Asked) -> tuple[Page[Any], list[queries.Listed]]:
    """The requested page of the list. In the default order no more than that page is read."""
    number, on = request.GET.get("page"), clock.today()
    if str(_sorting(request)) != "name" or asked.year_group or asked.group:
        page: Page[Any] = Paginator(_matching_pupils(request, place, asked), PAGE).get_page(number)
        return page, list(page.object_list)
    page = Paginator(queries.ids_by_name(school_id=place.school_id, on=on, asked=asked), PAGE).get_page(number)
    listed = queries.listed(school_id=place.school_id, pupil_ids=page.object_list, on=on)
    return page, [listed[id] for id in page.object_list if id in listed]


def _filters(request: HttpRequest, place: SchoolAccess, is_listed: bool) -> FilterForm:
    on = clock.today()
    groups = queries.groups_of(school_id=place.school_id, year=academic_year_of(on))
    years = sorted({group.year_group for group in groups if group.year_group}, key=queries.year_order)
    kinds = queries.status_kinds_seen(school_id=place.school_id, on=on)
    form = FilterForm(
        request.GET,
        years=[(year, queries.year_title(year)) for year in years],
        groups=[group.name for group in groups],
        statuses=[(kind, f"{title_of(kind)} ({count})") for kind, count in kinds.items()],
        is_listed=is_listed,
    )
    form.is_valid()
    return form


def _asked(form: FilterForm) -> queries.Asked:
    """The filters of the address; a choice that this user does not have is ignored."""
    data = form.cleaned_data
    return queries.Asked(
        year_group=data.get("year_group", ""),
        group=data.get("group", ""),
        text=data.get("q", ""),
        status=data.get("status", ""),
        is_listed=bool(data.get("listed")),
        on_roll=data.get("roll") or "now",
    )


def _columns(place: SchoolAccess, asked: queries.Asked, listing: Mapping[int, queries.Listing]) -> list[Column]:
    words = {1: "On the list", 2: "Urgent", 3: "Find first"}
    columns = [
        Column("name", "Pupil", sortable=True, value=lambda row: row.sorted_name, link=lambda row: pupil_url(place.urn, row.ref)),
        Column("year", "Year", sortable=True, value=lambda row: row.year_title),
        Column("group", "Class", sortable=True),
        Column("born_on", "Born", sortable=True),
        Column("upn", "UPN"),
    ]  # fmt: skip
    if listing:
        columns.append(
            Column(
                "listing",
                "Vulnerable pupils list",
                value=lambda row: words[listing[row.id].priority] if row.id in listing else "",
            )
        )
    return [*columns, Column("left_on", "Left")] if asked.on_roll != "now" else columns


def _sorting(request: HttpRequest) -> Sorting:
    sortable = [Column(key, key, sortable=True) for key in ("name", "year", "group", "born_on")]
    return Sorting.asked(request.GET.get("sort", ""), sortable, "name")


def _sorted(listed: list[queries.Listed], request: HttpRequest) -> list[queries.Listed]:
    sorting = _sorting(request)
    keys: dict[str, Any] = {
        "name": lambda row: (fold(row.surname), fold(row.forename)),
        "year": lambda row: queries.year_order(row.year_group),
        "group": lambda row: (queries.year_order(row.year_group), natural_order(row.group)),
        "born_on": lambda row: (row.born_on is None, row.born_on),
    }
    return sorted(listed, key=keys[sorting.key], reverse=sorting.descending)


def find(request: HttpRequest, urn: int) -> HttpResponse:
    """Search for a pupil. Enter on a single result opens the pupil's page."""
    place, viewer = place_or_404(request, urn), viewer_of(request)
    text = request.GET.get("q", "")
    schools = [place.school_id, *(other.school_id for other in viewer.places if other.school_id != place.school_id)]
    pupils = queries.find_pupils(school_ids=schools, text=text, on=clock.today(), limit=FOUND)
    urns = {access.school_id: access for access in viewer.places}
    lines = [(pupil, urns[pupil.school_id], pupil_url(urns[pupil.school_id].urn, pupil.ref)) for pupil in pupils]
    is_part = bool(getattr(request, "htmx", False))
    if len(lines) == 1 and not is_part:
        return redirect(lines[0][2])
    context = {
        "place": place, "text": text, "lines": lines, "is_cut": len(lines) == FOUND, "search_words": text,
        "several_schools": len(viewer.places) > 1,
    }  # fmt: skip
    return render(request, "people/parts/found.html" if is_part else "people/find.html", context)


def quality(request: HttpRequest, urn: int) -> HttpResponse:
    """Missing or doubtful data, with links to correct them."""
    place, viewer = place_or_404(request, urn), viewer_of(request)
    check(permissions.may_keep_people(viewer, place.school_id))
    without = () if permissions.may_see_parent_gaps(viewer, place.school_id) else (queries.PARENT_NUMBER,)
    faults = queries.faults_of(school_id=place.school_id, on=clock.today(), without=without)
    asked = [fault for fault in faults if fault.key == request.GET.get("show")]
    chosen = next(iter(asked or [fault for fault in faults if fault.pupils]), None)
    lines = [(pupil, chosen.about[pupil.id], pupil_url(urn, pupil.ref)) for pupil in chosen.pupils] if chosen else []
    page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    context = {
        "place": place, "faults": faults, "chosen": chosen, "page": page,
        "total": len({pupil.id for fault in faults for pupil in fault.pupils}),
        "breadcrumbs": crumbs(place, here="Data quality"), "printed_at": clock.now(),
    }  # fmt: skip
    return render(request, "people/quality.html", context)


def admit(request: HttpRequest, urn: int) -> HttpResponse:
    """Put a pupil on the roll."""
    place, viewer = place_or_404(request, urn), viewer_of(request)
    check(permissions.may_keep_people(viewer, place.school_id))
    form = AdmissionForm(request.POST or None, today=clock.today(), initial={"begins_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        data = {**form.cleaned_data, "upn": form.cleaned_data["upn"] or None}
        admission = actions.Admission(**data, year=academic_year_of(data["begins_on"]))
        try:
            admitted = actions.admit_pupil(by=viewer, at=clock.now(), school_id=place.school_id, admission=admission)
        except ActionRejected as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, f"{admitted.pupil.name} is now on roll. Next, add their contacts.")
            return redirect("people:new_contact", urn, admitted.pupil.ref)
    context = {"place": place, "form": form, "heading": "Add pupil to roll", "button": "Add to roll"}
    return form_page(request, context, crumbs(place, here="Add pupil to roll"))


def names(request: HttpRequest, urn: int, ref: UUID) -> HttpResponse:
    """Change the pupil's names."""
    place, pupil, viewer = pupil_to_change(request, urn, ref)
    keys = NamesForm.base_fields
    form = NamesForm(request.POST or None, today=clock.today(), initial={key: getattr(pupil, key) for key in keys})
    if request.method == "POST" and form.is_valid():
        actions.change_names(by=viewer, at=clock.now(), pupil=pupil, school_id=place.school_id, **form.cleaned_data)
        messages.success(request, "Names saved.")
        return redirect(pupil_url(urn, ref))
    context = {"place": place, "pupil": pupil, "form": form, "heading": f"{pupil.name}: names"}
    return form_page(request, context, crumbs(place, pupil, "Names"))


def move(request: HttpRequest, urn: int, ref: UUID) -> HttpResponse:
    """Move the pupil to another class from a day on."""
    place, pupil, viewer = pupil_to_change(request, urn, ref)
    here = queries.listed(school_id=place.school_id, pupil_ids=[pupil.id], on=clock.today())[pupil.id]
    enrolment = queries.enrolment_on(school_id=place.school_id, pupil_id=pupil.id, on=clock.today())
    initial = {"year_group": here.year_group, "group_name": here.group, "on": clock.today()}
    form = ClassForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and enrolment:
        data = form.cleaned_data
        year = academic_year_of(data["on"])
        move_group = partial(actions.move_group, by=viewer, at=clock.now(), enrolment=enrolment, year=year, **data)
        if is_saved(form, move_group, "on"):
            messages.success(request, f"{pupil.name} is in {data['group_name']}.")
            return redirect(pupil_url(urn, ref))
    context = {"place": place, "pupil": pupil, "form": form, "heading": f"{pupil.name}: class"}
    return form_page(request, context, crumbs(place, pupil, "Class"))


def leave(request: HttpRequest, urn: int, ref: UUID) -> HttpResponse:
    """Take the pupil off the roll, with the destination."""
    place, pupil, viewer = pupil_to_change(request, urn, ref)
    enrolment = queries.enrolment_on(school_id=place.school_id, pupil_id=pupil.id, on=clock.today())
    form = LeavingForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and enrolment:
        end_enrolment = partial(
            actions.end_enrolment, by=viewer, at=clock.now(), enrolment=enrolment, **form.cleaned_data
        )
        if is_saved(form, end_enrolment, "ends_on"):
            messages.success(request, f"{pupil.name} will leave the roll.")
            return redirect(pupil_url(urn, ref))
    context = {"place": place, "pupil": pupil, "form": form, "heading": f"{pupil.name}: remove from roll"}
    return form_page(request, context, crumbs(place, pupil, "Leaving"))
