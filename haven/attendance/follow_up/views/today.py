"""Today: the follow-up list, its refresh, and the actions of its rows."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from haven.attendance.follow_up.actions.reminders import remind_of_register
from haven.attendance.follow_up.banner import count_once
from haven.attendance.follow_up.page import asked_by_list, asked_of, live_parts, today_url
from haven.attendance.follow_up.permissions import may_see_day
from haven.attendance.follow_up.queries.day import change_count_of, day_of, line_of_pupil
from haven.attendance.follow_up.row_actions import ROW_ACTIONS, ActionContext, LogAttempt, RowAction
from haven.core.records.forms_engine import FieldProblems
from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.errors import ActionRejected, check
from haven.rules.attendance_codes import UnknownCode
from haven.rules.morning import WHY_THIS_ORDER
from haven.rules.sessions import Half

PROBLEMS = (ActionRejected, UnknownCode)


def day_place_or_404(request: HttpRequest, urn: int) -> SchoolAccess:
    """The user's place at a school where they may see some registers. Raises Http404 otherwise."""
    place = place_or_404(request, urn)
    if not may_see_day(viewer_of(request), place.school_id):
        raise Http404
    return place


@require_GET
def today(request: HttpRequest, urn: int) -> HttpResponse:
    """The pupils who are missing without a reason, in the order to act."""
    place, at = day_place_or_404(request, urn), clock.now()
    asked = asked_of(request.GET, clock.today())
    parts = live_parts(viewer_of(request), place, asked, at)
    if parts["is_today"]:
        count_once(request, place.school_id, parts["day"].counts.missing)
    return render(request, "follow_up/page.html", {**parts, "asked": asked, "printed_at": at})


@require_GET
def pulse(request: HttpRequest, urn: int) -> HttpResponse:
    """Changes since `counter`: 204 if there are none, otherwise the parts that may have changed."""
    place, at = day_place_or_404(request, urn), clock.now()
    if request.GET.get("counter", "") == f"{change_count_of(place.school_id)}-{int(at.timestamp()) // 60}":
        return HttpResponse(status=204)
    asked = asked_by_list(request.GET, clock.today())
    return render(request, "follow_up/live.html", live_parts(viewer_of(request), place, asked, at))


@require_GET
def order(request: HttpRequest, urn: int) -> HttpResponse:
    """An explanation of the order of the list."""
    place = day_place_or_404(request, urn)
    return render(
        request, "follow_up/order.html",
        {"rules": WHY_THIS_ORDER, "back_link": {"url": today_url(place), "text": "Today"}},
    )  # fmt: skip


def act(request: HttpRequest, urn: int, ref: UUID, verb: str) -> HttpResponse:
    """One action about one pupil: its form (in the row, or on a page of its own), and the action itself."""
    place = day_place_or_404(request, urn)
    if verb not in ROW_ACTIONS:
        raise Http404
    return _act(request, place, ref, ROW_ACTIONS[verb], back=f"{today_url(place)}#line-{ref}")


def log_contact(request: HttpRequest, urn: int, ref: UUID) -> HttpResponse:
    """Log a contact with the family, from the pupil's page or any other page."""
    place = day_place_or_404(request, urn)
    return _act(request, place, ref, LogAttempt, back=reverse("site:pupil", args=[place.urn, ref]))


def _act(request: Any, place: SchoolAccess, ref: UUID, action: type[RowAction], back: str) -> HttpResponse:
    doing = _doing(request, place, ref)
    check(action.permission(doing.viewer, place.school_id))
    if request.method != "POST":
        return _show(request, action(doing, query=request.GET), back)
    form = action(doing, request.POST)
    if not form.is_valid():
        return _show(request, form, back)
    try:
        said = form.perform()
    except (*PROBLEMS, FieldProblems) as problem:
        form.item = _doing(request, place, ref).item  # as it is now, after another user acted first
        return _show(request, form, back, problem=_in_words(problem))
    if request.headers.get("X-Requested-With") == "haven-claim":
        return HttpResponse(status=204)
    if not request.htmx:
        messages.success(request, said)
        return redirect(back)
    asked = asked_by_list(request.POST, clock.today())
    parts = live_parts(doing.viewer, place, asked, clock.now())
    return render(request, "follow_up/live.html", {**parts, "said": said})


def _doing(request: HttpRequest, place: SchoolAccess, ref: UUID) -> ActionContext:
    """The action's context. Raises Http404 where the user may not see the pupil, or the school has no such pupil."""
    viewer, at, on = viewer_of(request), clock.now(), clock.today()
    item = line_of_pupil(viewer=viewer, school_id=place.school_id, on=on, at=at, ref=ref)
    if item is None:
        raise Http404
    return ActionContext(viewer, place, item, on, at)


def _in_words(problem: Exception) -> str:
    if isinstance(problem, FieldProblems):
        return " ".join(sentence for sentences in problem.problems.values() for sentence in sentences)
    return str(problem)


def _show(request: Any, form: RowAction, back: str, problem: str = "") -> HttpResponse:
    """The form: inside its row for a script's request, otherwise on a page. It keeps the entered values and shows the current version."""
    if form.is_bound:
        typed = request.POST.copy()
        typed["seen"] = str(form.item.seen)
        form.data = typed
    doing, claim = form.doing, form.item.claim
    is_mine = claim is not None and claim.author_id == doing.viewer.user_id
    context = {
        "row": form.item,
        "home": today_url(doing.place),
        "form": form,
        "problem": problem,
        "back": back,
        "is_mine": is_mine,
    }
    template = "follow_up/fold.html" if request.htmx else "follow_up/act.html"
    return render(request, template, context, status=422 if form.is_bound else 200)


@require_POST
def remind(request: Any, urn: int, group_id: int) -> HttpResponse:
    """Remind the tutor of a class that its register is not in."""
    place, viewer, at = day_place_or_404(request, urn), viewer_of(request), clock.now()
    day = day_of(viewer=viewer, school_id=place.school_id, on=clock.today(), at=at)
    register = next((waiting for waiting in day.registers_out if waiting.group_id == group_id), None)
    if register is None or day.half is None:
        messages.info(request, "That register has now been taken.")
        return redirect(today_url(place))
    try:
        name = remind_of_register(
            by=viewer, at=at, school_id=place.school_id, group_id=group_id, on=day.on, half=Half(day.half)
        )
        messages.success(request, f"{name} was reminded at {timezone.localtime(at):%H:%M}.")
    except PROBLEMS as problem:
        messages.warning(request, str(problem))
    return redirect(today_url(place))
