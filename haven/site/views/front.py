"""The landing page: redirects to the right school's Today, or shows what a user without registers can do."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from haven.attendance.follow_up.permissions import may_see_day
from haven.attendance.follow_up.queries.day import summary_of
from haven.attendance.registers.permissions import may_see_aggregates
from haven.platform import clock
from haven.platform.accounts.context import AccessContext, SchoolAccess
from haven.platform.accounts.lookup import viewer_of
from haven.rules.roles import CAPABILITIES, ROLES
from haven.site.context import REMEMBERED, place_of

COUNTED_AT_MOST = 12
"""The largest number of schools for which the choice page shows counts of pupils not accounted for; with more, it only lists the
schools."""


@require_GET
def front(request: HttpRequest) -> HttpResponse:
    """Redirect to Today of the school last worked at, or the first; for a user without registers, show what they can do."""
    viewer = viewer_of(request)
    place = place_of(request, viewer)
    if place is not None and may_see_day(viewer, place.school_id):
        return redirect("follow_up:today", urn=place.urn)
    open_to = next((place for place in viewer.places if may_see_day(viewer, place.school_id)), None)
    if open_to is not None:
        return redirect("follow_up:today", urn=open_to.urn)
    held = sorted({role for place in viewer.places for role in place.roles})
    cards = [
        {
            "role": ROLES[role],
            "places": [(place, _figures_of(viewer, place)) for place in viewer.places if role in place.roles],
            "compares": len(viewer.places) > 1
            and any(_figures_of(viewer, place) for place in viewer.places if role in place.roles),
            "may": sorted(CAPABILITIES[verb] for verb in ROLES[role].capabilities),
        }
        for role in held
    ]
    return render(request, "site/front.html", {"cards": cards})


def _figures_of(viewer: AccessContext, place: SchoolAccess) -> str:
    """The address of a school's figures, for users who may see them."""
    return reverse("reports:school", args=[place.urn]) if may_see_aggregates(viewer, place.school_id) else ""


@require_GET
def schools(request: HttpRequest) -> HttpResponse:
    """The choice of a school, with the number of pupils not accounted for at each, and of those nobody knows of yet."""
    viewer, on, at = viewer_of(request), clock.today(), clock.now()
    open_to = [place for place in viewer.places if may_see_day(viewer, place.school_id)]
    count_them = len(open_to) <= COUNTED_AT_MOST
    listed = []
    for place in open_to:
        missing, unknown = (
            summary_of(viewer=viewer, school_id=place.school_id, on=on, at=at) if count_them else (None, "")
        )
        listed.append(
            {"place": place, "roles": viewer.role_title(place.school_id), "missing": missing, "unknown": unknown}
        )
    return render(request, "site/schools.html", {"schools": listed, "at": at, "today": on})


@require_POST
def switch_school(request: Any) -> HttpResponse:
    """Switch to another school: to the same part of Haven there if it is a list, else to Today."""
    viewer = viewer_of(request)
    try:
        place = viewer.place(int(request.POST.get("school", "")))
    except ValueError:
        place = None
    if place is None:
        raise Http404
    request.session[REMEMBERED] = place.school_id
    return redirect(_same_part(request.POST.get("next", ""), place.urn) or "site:front")


def _same_part(path: str, urn: int) -> str:
    """The same list at the other school: "/s/100001/late/" becomes "/s/100002/late/"; anything deeper, Today."""
    parts = path.strip("/").split("/")
    if len(parts) == 3 and parts[0] == "s" and url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return f"/s/{urn}/{parts[2]}/"
    return ""
