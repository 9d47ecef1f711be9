"""The pack for the targeting support meeting: the school's figures, its severely absent pupils, its registers, and what was agreed."""

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from haven import clock
from haven.access.entrance import viewer_of
from haven.access.queries import roles_held
from haven.access.viewer import Place
from haven.attendance.comparison import comparison
from haven.attendance.forms.questions import AgreedForm, RangeForm
from haven.attendance.inspection import ClassRegisters, Inspection, inspection
from haven.attendance.measures import NoMeasures
from haven.attendance.queries.days import last_begun
from haven.attendance.school_figures import school_figures
from haven.attendance.schools_figures import severe_pupils
from haven.attendance.views.asking import place_with_registers, school_frame
from haven.chronology.actions import raise_task
from haven.chronology.permissions import Refused
from haven.chronology.queries import tasks_of_source
from haven.people.permissions import reads_compartment
from haven.rules.national import SOURCE
from haven.rules.sessions import academic_year_of, year_bounds
from haven.rules.visibility import Compartment
from haven.schools.queries import school_by_urn
from haven.ui.tables import Column, Table
from haven.ui.templatetags.ui import rate

MEETING = "targeting_support_meeting"
"""The source of the tasks that were agreed at a meeting."""
END_OF_DAY = time(17, 0)
UNTIL_THEN = timedelta(days=28)
"""By when what is agreed is done, unless another day is written."""

CLASSES = [
    Column("name", "Class"),
    Column("registers", "Registers", numeric=True),
    Column("not_taken", "Nobody has a mark", numeric=True),
]
CODES = [
    Column("symbol", "Code"),
    Column("name", "Means"),
    Column("sessions", "Sessions", numeric=True),
    Column("share", "Of all marks", numeric=True, value=lambda row: rate(row.share)),
]


def pack(request: HttpRequest, urn: int) -> HttpResponse:
    """What do the school and the authority look at together, and what do they agree?"""
    place, on = place_with_registers(request, urn), clock.today()
    school, viewer = school_by_urn(urn), viewer_of(request)
    if school is None or not reads_compartment(viewer, place.school_id, Compartment.ATTENDANCE):
        raise Http404
    agreed = AgreedForm(
        request.POST or None, roles=roles_held(school_id=place.school_id), on=on, initial={"due_on": on + UNTIL_THEN}
    )
    if request.method == "POST" and agreed.is_valid() and _agree(request, place, agreed):
        return redirect("attendance:pack", urn=urn)
    form = RangeForm(request.GET, from_on=year_bounds(academic_year_of(on))[0], to_on=on)
    context = school_frame(request, place, "Meeting pack", form=form, agreed_form=agreed, on=on, source=SOURCE)
    status = 422 if agreed.is_bound or not form.is_valid() else 200
    if not form.is_valid():
        return render(request, "attendance/pack.html", context, status=status)
    first, last = form.cleaned_data["from_on"], form.cleaned_data["to_on"]
    begun = last_begun(place.school_id, last, clock.now())
    try:
        found = inspection(school=school, from_on=first, to_on=last, until=begun)
        figures = school_figures(school=school, on=last, begun=begun)
    except NoMeasures as problem:
        return render(request, "attendance/pack.html", {**context, "why": str(problem)}, status=status)
    context |= {
        "first": first, "last": last, "found": found, "figures": figures,
        "beside": comparison(school=school, on=last, begun=begun),
        "severe": severe_pupils(at=[place], on=last),
        "classes": Table("Classes with a register in which nobody has a mark", CLASSES, _gaps(found), exports=False),
        "codes": Table("Codes used", CODES, list(found.codes), exports=False),
        "tasks": tasks_of_source(school_id=place.school_id, source=MEETING),
    }  # fmt: skip
    return render(request, "attendance/pack.html", context, status=status)


def _gaps(found: Inspection) -> list[ClassRegisters]:
    return [each for each in found.classes if each.not_taken]


def _agree(request: HttpRequest, place: Place, form: Any) -> bool:
    given = form.cleaned_data
    try:
        raise_task(
            by=viewer_of(request), at=clock.now(), school_id=place.school_id, compartment=Compartment.ATTENDANCE,
            title=given["title"], pupil_ids=(), source=MEETING, assignee_role=given["role"],
            due_at=timezone.make_aware(datetime.combine(given["due_on"], END_OF_DAY)),
        )  # fmt: skip
    except Refused as problem:
        form.add_error(None, str(problem))
        return False
    messages.success(request, "Agreed, and on the list of whoever holds that role.")
    return True
