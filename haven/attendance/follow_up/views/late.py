"""The late gate: type letters, then press Enter twice."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http import HttpRequest as Request
from django.shortcuts import redirect, render

from haven.attendance.follow_up.actions.pupils import SignedIn, sign_in_late
from haven.attendance.follow_up.forms import LateForm
from haven.attendance.follow_up.page import hours_now
from haven.attendance.follow_up.permissions import may_sign_in_late
from haven.attendance.follow_up.queries.end_of_day import late_arrivals
from haven.core.people.queries import find_pupils, pupil_by_ref
from haven.platform import clock
from haven.platform.accounts.context import AccessContext, SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.dates import HALF_WORDS
from haven.platform.errors import ActionRejected, check
from haven.rules.attendance_codes import UnknownCode

SHOWN = 8


def late(request: Request, urn: int) -> HttpResponse:
    """The late gate: search for a pupil and sign them in."""
    place, viewer = place_or_404(request, urn), viewer_of(request)
    check(may_sign_in_late(viewer, place.school_id))
    if request.method == "POST":
        return _sign_in(request, place, viewer)
    text, at = request.GET.get("q", ""), clock.now()
    pupils = [
        pupil for pupil in find_pupils(school_ids=[place.school_id], text=text, on=clock.today(), limit=SHOWN + 1)
        if pupil.left_on is None
    ]  # fmt: skip
    context = {
        "place": place, "urn": urn, "text": text, "pupils": pupils[:SHOWN], "is_more": len(pupils) > SHOWN, "at": at,
        "arrivals": late_arrivals(school_id=place.school_id, on=clock.today()),
        "hours": hours_now(place.school_id, clock.today(), at),
    }  # fmt: skip
    template = "follow_up/late/found.html" if request.htmx else "follow_up/late/page.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _sign_in(request: Request, place: SchoolAccess, viewer: AccessContext) -> HttpResponse:
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
    except (ActionRejected, UnknownCode) as problem:
        messages.error(request, f"{pupil.name} was not signed in. {problem}")
    else:
        messages.success(request, said(pupil.name, came))
    return redirect("follow_up:late", urn=place.urn)


def _pupil(place: SchoolAccess, form: LateForm) -> Any:
    ref: UUID = form.cleaned_data["pupil"]
    return pupil_by_ref(school_id=place.school_id, ref=ref)


def said(name: str, came: SignedIn) -> str:
    """ "Aisha Rahman: 52 minutes late this morning, code U, after the register closed." """
    when = f"this {HALF_WORDS[came.half.value]}"
    if not came.code:
        return f"{name}: here, and on time for {when.removeprefix('this ')} registration."
    minutes = "1 minute" if came.minutes == 1 else f"{came.minutes} minutes"
    rule = "before the register closed" if came.code == "L" else "after the register closed"
    return f"{name}: {minutes} late {when}, code {came.code}, {rule}."
