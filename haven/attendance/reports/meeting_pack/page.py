"""The pack for the targeting support meeting: the school's figures, its severely absent pupils, its registers, and what was agreed."""

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from haven.attendance.registers.queries.days import last_begun
from haven.attendance.reports.comparison import comparison
from haven.attendance.reports.forms import AgreedForm, RangeForm
from haven.attendance.reports.measures import NoMeasures
from haven.attendance.reports.meeting_pack.query import ClassRegisters, Inspection, inspection
from haven.attendance.reports.page import school_frame
from haven.attendance.reports.registry import SchoolReport, Subject
from haven.attendance.reports.school.query import school_figures
from haven.attendance.reports.schools.query import severe_pupils
from haven.attendance.task_sources import AttendanceTaskSource
from haven.core.people.permissions import reads_record_category
from haven.core.schools.queries import school_by_urn
from haven.core.tasks.actions import NewTask, raise_task
from haven.core.tasks.queries import tasks_of_source
from haven.core.tasks.sources import Source
from haven.platform import clock
from haven.platform.accounts.context import AccessContext, SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.accounts.queries import roles_held
from haven.platform.errors import ActionRejected
from haven.platform.ui.tables import Column, Table
from haven.platform.ui.templatetags.ui import rate
from haven.rules.national import SOURCE
from haven.rules.sessions import academic_year_of, year_bounds
from haven.rules.visibility import RecordCategory

MEETING = Source(AttendanceTaskSource.MEETING)
"""The source of tasks that were agreed at a meeting."""
END_OF_DAY = time(17, 0)
UNTIL_THEN = timedelta(days=28)
"""The default due date of an agreed task."""

CLASSES = [
    Column("name", "Class"),
    Column("registers", "Registers", numeric=True),
    Column("not_taken", "No marks", numeric=True),
]
CODES = [
    Column("symbol", "Code"),
    Column("name", "Means"),
    Column("sessions", "Sessions", numeric=True),
    Column("share", "Of all marks", numeric=True, value=lambda row: rate(row.share)),
]


def pack(request: HttpRequest, urn: int) -> HttpResponse:
    """The figures for the targeting support meeting of school and authority, and the tasks agreed there."""
    place, on = place_or_404(request, urn), clock.today()
    school = school_by_urn(urn)
    if school is None:
        raise Http404
    agreed = AgreedForm(
        request.POST or None,
        roles=roles_held(school_id=place.school_id, on=on),
        on=on,
        initial={"due_on": on + UNTIL_THEN},
    )
    if request.method == "POST" and agreed.is_valid() and _agree(request, place, agreed):
        return redirect("reports:pack", urn=urn)
    form = RangeForm(request.GET, from_on=year_bounds(academic_year_of(on))[0], to_on=on)
    context = school_frame(request, place, "Meeting pack", form=form, agreed_form=agreed, on=on, source=SOURCE)
    status = 422 if agreed.is_bound or not form.is_valid() else 200
    if not form.is_valid():
        return render(request, "reports/meeting_pack/pack.html", context, status=status)
    first, last = form.cleaned_data["from_on"], form.cleaned_data["to_on"]
    begun = last_begun(place.school_id, last, clock.now())
    try:
        registers = inspection(school=school, from_on=first, to_on=last, until=begun)
        figures = school_figures(school=school, on=last, begun=begun)
    except NoMeasures as problem:
        return render(request, "reports/meeting_pack/pack.html", {**context, "why": str(problem)}, status=status)
    context |= {
        "first": first, "last": last, "found": registers, "figures": figures,
        "beside": comparison(school=school, on=last, begun=begun),
        "severe": severe_pupils(at=[place], on=last),
        "classes": Table("Classes with registers that have no marks", CLASSES, _gaps(registers), exports=False),
        "codes": Table("Codes used", CODES, list(registers.codes), exports=False),
        "tasks": tasks_of_source(school_id=place.school_id, source=MEETING),
    }  # fmt: skip
    return render(request, "reports/meeting_pack/pack.html", context, status=status)


def _gaps(registers: Inspection) -> list[ClassRegisters]:
    return [class_registers for class_registers in registers.classes if class_registers.not_taken]


def _agree(request: HttpRequest, place: SchoolAccess, form: Any) -> bool:
    given = form.cleaned_data
    try:
        raise_task(
            by=viewer_of(request),
            at=clock.now(),
            school_id=place.school_id,
            task=NewTask(
                record_category=RecordCategory.ATTENDANCE,
                title=given["title"],
                pupil_ids=(),
                source=MEETING,
                assignee_role=given["role"],
                due_at=timezone.make_aware(datetime.combine(given["due_on"], END_OF_DAY)),
            ),
        )
    except (PermissionDenied, ActionRejected) as problem:
        form.add_error(None, str(problem))
        return False
    messages.success(request, "Action added as a task for that role.")
    return True


def _may_open(viewer: AccessContext, school_id: int) -> bool:
    return reads_record_category(viewer, school_id, RecordCategory.ATTENDANCE)


PAGES = (
    SchoolReport(
        name="pack", address="pack/", view=pack, may_open=_may_open, title="Meeting pack", subject=Subject.SUPPORT,
        position=20,
    ),
)  # fmt: skip
