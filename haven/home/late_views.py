"""The late gate: letters, Enter, Enter."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http import HttpRequest as Request
from django.shortcuts import redirect, render

from haven import clock
from haven.access.entrance import place_or_404, viewer_of
from haven.access.viewer import Place, Viewer
from haven.attendance.day_actions import SignedIn, sign_in_late
from haven.attendance.day_end_queries import late_arrivals
from haven.attendance.day_permissions import NotAllowed, may_sign_in_late
from haven.attendance.storage import Refused
from haven.home.day_forms import HALVES, LateForm
from haven.home.today_page import hours_now
from haven.people.queries import find_pupils, pupil_by_ref
from haven.rules.attendance_codes import UnknownCode

SHOWN = 8


def late(request: Request, urn: int) -> HttpResponse:
    """Who has just come, and how late?"""
    place, viewer = place_or_404(request, urn), viewer_of(request)
    decision = may_sign_in_late(viewer, place.school_id)
    if not decision:
        raise PermissionDenied(decision.because)
    if request.method == "POST":
        return _sign_in(request, place, viewer)
    text, at = request.GET.get("q", ""), clock.now()
    found = [
        pupil for pupil in find_pupils(school_ids=[place.school_id], text=text, on=clock.today(), limit=SHOWN + 1)
        if pupil.left_on is None
    ]  # fmt: skip
    context = {
        "place": place, "urn": urn, "text": text, "found": found[:SHOWN], "is_more": len(found) > SHOWN, "at": at,
        "arrivals": late_arrivals(school_id=place.school_id, on=clock.today()),
        "hours": hours_now(place.school_id, clock.today(), at),
    }  # fmt: skip
    template = "home/late/found.html" if request.htmx else "home/late/page.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _sign_in(request: Request, place: Place, viewer: Viewer) -> HttpResponse:
    form = LateForm(request.POST)
    pupil = _pupil(place, form) if form.is_valid() else None
    if pupil is None:
        raise Http404
    at = clock.now()
    try:
        came = sign_in_late(
            by=viewer,
            at=at,
            school_id=place.school_id,
            pupil_id=pupil.id,
            arrived_at=at,
            words=form.cleaned_data["words"],
        )
    except NotAllowed as refused:
        raise PermissionDenied(str(refused)) from None
    except (Refused, UnknownCode) as problem:
        messages.error(request, f"{pupil.name} was not signed in. {problem}")
    else:
        messages.success(request, said(pupil.name, came))
    return redirect("home:late", urn=place.urn)


def _pupil(place: Place, form: LateForm) -> Any:
    ref: UUID = form.cleaned_data["pupil"]
    return pupil_by_ref(school_id=place.school_id, ref=ref)


def said(name: str, came: SignedIn) -> str:
    """ "Aisha Rahman: 52 minutes late this morning, code U, after the register closed." """
    when = f"this {HALVES[came.half]}"
    if not came.code:
        return f"{name}: here, and on time for {when.removeprefix('this ')} registration."
    minutes = "1 minute" if came.minutes == 1 else f"{came.minutes} minutes"
    rule = "before the register closed" if came.code == "L" else "after the register closed"
    return f"{name}: {minutes} late {when}, code {came.code}, {rule}."
