"""The choice of many marks on a class's or the school's register, for a correction that a second person approves."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from haven.attendance.registers.calendars import calendar_for, week_of
from haven.attendance.registers.forms.choosing import Choosing
from haven.attendance.registers.forms.marks import CorrectionForm
from haven.attendance.registers.page import asked_day, frame, place_with_registers, proposed
from haven.attendance.registers.permissions import may_propose_correction
from haven.attendance.registers.queries.days import day_keys, group_of, last_begun
from haven.attendance.registers.queries.rows import RegisterRow, register_rows
from haven.attendance.registers.views.registers import PAGE, SHOWN
from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import viewer_of
from haven.platform.errors import check
from haven.rules.sessions import academic_year_of, session_of


def choose(request: HttpRequest, urn: int) -> HttpResponseBase:
    """Choose marks of a class or a day, and one code for all of them."""
    place, on = place_with_registers(request, urn), asked_day(request)
    viewer, at = viewer_of(request), clock.now()
    check(may_propose_correction(viewer, place.school_id))
    year, week = academic_year_of(on), request.GET.get("span") == "week"
    group = _group(request, place, year)
    calendar = calendar_for(place.school_id, year)
    keys = [session.key for session in week_of(calendar, on)] if week else day_keys(place.school_id, on)
    rows = register_rows(school_id=place.school_id, year=year, keys=keys, group_id=group.id if group else None)
    if group and keys and not rows:
        raise Http404
    show = request.GET.get("show", "everyone")
    page = Paginator(list(filter(SHOWN.get(show, SHOWN["everyone"]), rows)), PAGE).get_page(request.GET.get("page", 1))
    post = request.POST if request.method == "POST" else None
    choosing = Choosing(rows=list(page.object_list), keys=keys, until=last_begun(place.school_id, clock.today(), at), post=post)  # fmt: skip
    form = CorrectionForm(post, on=on, with_present=True)
    if post is not None and (answer := _propose(request, place, choosing, form)):
        return answer
    title = f"Correct several marks of {group.name if group else 'the school'}"
    sessions = [session_of(key) for key in keys]
    context = frame(
        place, title, on=on, week=week, group=group, page=page, show=show, choosing=choosing, form=form,
        days=Counter(session.on for session in sessions).items(), back=_back(place, group, week, on, show),
        is_shut=not keys, **_spans(request, rows),
    )  # fmt: skip
    return render(request, "registers/choose.html", context, status=422 if post is not None else 200)


def _group(request: HttpRequest, place: SchoolAccess, year: str) -> Any:
    """The class of `?group=`; None for the whole school."""
    asked = request.GET.get("group", "")
    if not asked:
        return None
    group = group_of(school_id=place.school_id, year=year, group_id=int(asked)) if asked.isdecimal() else None
    if group is None:
        raise Http404
    return group


def _spans(request: HttpRequest, rows: Sequence[RegisterRow]) -> dict[str, Any]:
    """The addresses of the same page for the day and for the week."""
    asked = {key: value for key, value in request.GET.items() if key not in ("span", "page")}
    return {"day_url": f"?{urlencode(asked)}", "week_url": f"?{urlencode({**asked, 'span': 'week'})}"}


def _back(place: SchoolAccess, group: Any, week: bool, on: Any, show: str) -> str:
    if group is None:
        return f"{reverse('registers:school_day', args=[place.urn])}?on={on.isoformat()}&show={show}"
    name = "registers:class_week" if week else "registers:class_day"
    return f"{reverse(name, args=[place.urn, group.id])}?on={on.isoformat()}"


def _propose(
    request: HttpRequest, place: SchoolAccess, choosing: Choosing, form: CorrectionForm
) -> HttpResponseBase | None:
    """Prepare the correction and redirect to it; None if the form has errors."""
    if not choosing.chosen:
        form.add_error(None, "Choose at least one mark.")
        return None
    if not form.is_valid():
        return None
    return proposed(request, place, choosing.wrong(), form)
