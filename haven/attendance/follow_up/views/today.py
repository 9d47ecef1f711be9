"""Today: the follow-up list, its refresh, and the actions of its rows."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from haven.attendance.follow_up import row_actions
from haven.attendance.follow_up.actions.reminders import remind_of_register
from haven.attendance.follow_up.banner import count_once
from haven.attendance.follow_up.page import asked_by_list, asked_of, live_parts, today_url
from haven.attendance.follow_up.permissions import may_see_day
from haven.attendance.follow_up.queries.day import change_count_of, day_of, line_of_pupil
from haven.attendance.follow_up.rows import row_of
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
    if verb not in row_actions.ACTS:
        raise Http404
    return _act(request, place, ref, row_actions.ACTS[verb], back=f"{today_url(place)}#line-{ref}")


def log_contact(request: HttpRequest, urn: int, ref: UUID) -> HttpResponse:
    """Log a contact with the family, from the pupil's page or any other page."""
    place = day_place_or_404(request, urn)
    return _act(request, place, ref, row_actions.ACTS["attempt"], back=row_actions.pupil_url(place, ref))


def _act(request: HttpRequest, place: SchoolAccess, ref: UUID, act: row_actions.RowAction, back: str) -> HttpResponse:
    viewer, at, on = viewer_of(request), clock.now(), clock.today()
    line = line_of_pupil(viewer=viewer, school_id=place.school_id, on=on, at=at, ref=ref)
    if line is None:
        raise Http404
    doing = row_actions.ActionContext(viewer=viewer, place=place, line=line, on=on, at=at)
    decision = act.may(viewer, place.school_id)
    check(decision)
    if request.method != "POST":
        return _show(request, doing, act, act.form(doing, None, request.GET), back)
    form = act.form(doing, request.POST, {})
    if not form.is_valid():
        return _show(request, doing, act, form, back, status=422)
    try:
        said = act.do(doing, form)
    except PROBLEMS as problem:
        return _show(request, _looked_again(doing), act, form, back, status=422, problem=str(problem))
    except FieldProblems as problem:
        sentences = " ".join(sentence for sentences in problem.problems.values() for sentence in sentences)
        return _show(request, doing, act, form, back, status=422, problem=sentences)
    if request.headers.get("X-Requested-With") == "haven-claim":
        return HttpResponse(status=204)
    return _done(request, place, said, back)


def _looked_again(doing: row_actions.ActionContext) -> row_actions.ActionContext:
    """The item as it is now, after another user acted first."""
    line = line_of_pupil(
        viewer=doing.viewer, school_id=doing.place.school_id, on=doing.on, at=doing.at, ref=doing.line.ref
    )
    return doing.with_line(line or doing.line)


def _show(
    request: Any,
    doing: row_actions.ActionContext,
    act: row_actions.RowAction,
    form: Any,
    back: str,
    status: int = 200,
    problem: str = "",
) -> HttpResponse:
    """The form: inside its row for a script's request, otherwise on a page. It keeps the entered values and shows the current version."""
    row = row_of(doing.line, doing.viewer, doing.on, doing.place.urn, today_url(doing.place))
    context = {"row": row, "form": form, "act": act, "problem": problem, "back": back}
    if form.is_bound:
        form.data = form.data.copy()
        form.data["seen"] = str(doing.line.seen)
    if not request.htmx:
        return render(request, "follow_up/act.html", context, status=status)
    return render(request, "follow_up/fold.html", {**context, "is_alone": form.is_bound}, status=status)


def _done(request: Any, place: SchoolAccess, said: str, back: str) -> HttpResponse:
    if not request.htmx:
        messages.success(request, said)
        return redirect(back)
    asked = asked_by_list(request.POST, clock.today())
    parts = live_parts(viewer_of(request), place, asked, clock.now())
    return render(request, "follow_up/live.html", {**parts, "said": said})


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
