"""Pupils suspended this year: how often, and how much of the year's limit is left."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from haven.attendance.registers.page import listed, paged, pupil_columns
from haven.attendance.registers.permissions import may_see_registers
from haven.attendance.registers.queries.days import class_names_of, last_begun, year_groups_of
from haven.attendance.reports.forms import SuspendedForm
from haven.attendance.reports.measures import NoMeasures
from haven.attendance.reports.page import school_frame
from haven.attendance.reports.registry import SchoolReport, Subject
from haven.attendance.reports.suspended.query import suspended_pupils
from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import place_or_404
from haven.platform.ui.tables import Column
from haven.rules.editions import citation
from haven.rules.suspension import MOST_DAYS_A_YEAR


def _columns(place: SchoolAccess) -> list[Column]:
    return [
        *pupil_columns(place),
        Column("times", "Suspensions", numeric=True, sortable=True),
        Column("days", "School days", numeric=True, sortable=True, value=lambda row: _days(row.days)),
        Column("left", f"Left of {MOST_DAYS_A_YEAR}", numeric=True, value=lambda row: _days(row.days_left)),
        Column("last_on", "Last suspended on", sortable=True),
    ]  # fmt: skip


def _days(days: float) -> float | int:
    return int(days) if days.is_integer() else days


def suspended(request: HttpRequest, urn: int) -> HttpResponseBase:
    """The pupils who have been suspended this year."""
    place, on = place_or_404(request, urn), clock.today()
    context: dict[str, Any] = school_frame(request, place, "Suspended pupils", on=on)
    try:
        suspended_now = suspended_pupils(
            school_id=place.school_id, on=on, until=last_begun(place.school_id, on, clock.now())
        )  # fmt: skip
    except NoMeasures as problem:
        return render(request, "reports/suspended/suspended.html", {**context, "why": str(problem)})
    pupils = [row.pupil for row in suspended_now]
    form = SuspendedForm(request.GET, years=year_groups_of(pupils), groups=class_names_of(pupils))
    context["form"] = form
    if not form.is_valid():
        return render(request, "reports/suspended/suspended.html", context, status=422)
    asked = form.cleaned_data
    rows = [
        row
        for row in suspended_now
        if row.times >= (2 if asked["often"] else 1)
        and asked["year"] in ("", row.pupil.year_group)
        and asked["group"] in ("", row.pupil.group)
    ]
    answer, table = listed(
        request, place, caption="Pupils", columns=_columns(place), rows=rows, name=f"suspended-{on.isoformat()}",
        sort="-days", nothing="No pupils on roll match. No matching sessions are coded E this year.",
    )  # fmt: skip
    if answer:
        return answer
    context |= {
        "total": len(suspended_now), "again": sum(row.times > 1 for row in suspended_now), "most": MOST_DAYS_A_YEAR,
        "guidance": citation("suspension", on),
        **paged(request, table),
    }  # fmt: skip
    return render(request, "reports/suspended/suspended.html", context)


PAGES = (
    SchoolReport(
        name="suspended", address="suspended/", view=suspended, may_open=may_see_registers, title="Suspended pupils",
        subject=Subject.PUPILS, position=30,
    ),
)  # fmt: skip
