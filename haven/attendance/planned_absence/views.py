"""Planned absence: the list, a new one, and withdrawal."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from haven.attendance.planned_absence.actions import plan_absence, withdraw_plan
from haven.attendance.planned_absence.queries import enrolments_on, plan_by_ref, plans_of
from haven.attendance.registers.code_picker import code_groups
from haven.attendance.registers.forms.marks import PlanForm
from haven.attendance.registers.page import asked_day, frame, listed, place_with_registers
from haven.attendance.registers.permissions import may_plan_absence
from haven.attendance.registers.queries.visibility_key import pupils_in_sight
from haven.platform import clock
from haven.platform.accounts.lookup import viewer_of
from haven.platform.errors import ActionRejected, check
from haven.platform.ui.tables import Column
from haven.rules.attendance_codes import UnknownCode
from haven.rules.sessions import Half, session_key

COLUMNS = [
    Column("name", "Pupil", sortable=True),
    Column("first", "From", value=lambda row: row.first.on),
    Column("first_half", "Session", value=lambda row: row.first.half.value),
    Column("last", "To", value=lambda row: row.last.on),
    Column("last_half", "Session", value=lambda row: row.last.half.value),
    Column("code", "Code"),
    Column("code_name", "Meaning"),
    Column("reason", "Why"),
    Column("author_name", "Entered by"),
]


def plans(request: HttpRequest, urn: int) -> HttpResponseBase:
    """The list of planned absences."""
    place, on = place_with_registers(request, urn), asked_day(request)
    rows = plans_of(school_id=place.school_id, from_on=on)
    answer, table = listed(
        request, place, caption="Planned absence", columns=COLUMNS, rows=rows, name=f"planned-{on.isoformat()}"
    )
    may_plan = may_plan_absence(viewer_of(request), place.school_id)
    context = frame(place, "Planned absence", on=on, plans=rows, table=table, may_plan=may_plan)
    return answer or render(request, "planned_absence/plans.html", context)


def add_plan(request: HttpRequest, urn: int) -> HttpResponse:
    """Enter a planned absence."""
    place, viewer = place_with_registers(request, urn), viewer_of(request)
    check(may_plan_absence(viewer, place.school_id))
    today = clock.today()
    pupils = enrolments_on(school_id=place.school_id, on=today, in_sight=pupils_in_sight(place.school_id))
    form = PlanForm(request.POST or None, on=today, pupils=pupils, initial={"first_on": today, "last_on": today})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            plan_absence(
                by=viewer, at=clock.now(), enrolment_id=given["enrolment"],
                first_key=session_key(given["first_on"], Half(given["first_half"])),
                last_key=session_key(given["last_on"], Half(given["last_half"])),
                code=given["code"], reason=given["reason"],
            )  # fmt: skip
        except (ActionRejected, UnknownCode) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, "Planned absence entered. It is shown in the registers of those days.")
            return redirect("planned_absence:plans", urn=urn)
    context = frame(place, "Enter planned absence", form=form, groups=code_groups(today))
    return render(request, "planned_absence/plan_form.html", context, status=422 if form.is_bound else 200)


@require_POST
def withdraw(request: HttpRequest, urn: int, ref: uuid.UUID) -> HttpResponse:
    """Withdraw a planned absence."""
    place, viewer = place_with_registers(request, urn), viewer_of(request)
    if plan_by_ref(school_id=place.school_id, ref=ref) is None:
        raise Http404
    check(may_plan_absence(viewer, place.school_id))
    try:
        withdraw_plan(by=viewer, at=clock.now(), ref=ref)
    except ActionRejected as problem:
        messages.info(request, str(problem))
    else:
        messages.success(request, "Planned absence withdrawn. Marks already entered are unchanged.")
    return redirect("planned_absence:plans", urn=urn)
