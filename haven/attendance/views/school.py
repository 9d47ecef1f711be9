"""Attendance of the school: this week, the year week by week, weekdays and half-days, year groups."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from haven import clock
from haven.analytics.groups import share
from haven.attendance.measures import NoMeasures
from haven.attendance.queries.days import last_begun
from haven.attendance.school_figures import SchoolFigures, school_figures
from haven.attendance.views.asking import asked_day, frame, listed, place_with_registers
from haven.schools.queries import school_by_urn
from haven.ui.tables import Column
from haven.ui.templatetags.ui import rate

COLUMNS = [
    Column("year_group", "Year"),
    Column("enrolments", "Pupils", numeric=True),
    Column("possible", "Sessions possible", numeric=True),
    Column("attended", "Attended", numeric=True),
    Column("attendance", "Attendance", numeric=True, value=lambda row: rate(row["attendance_rate"])),
    Column("authorised", "Absent with permission", numeric=True),
    Column("unauthorised", "Without permission", numeric=True),
    Column("persistent", "Persistently absent pupils", numeric=True),
    Column("severe", "Severely absent pupils", numeric=True),
    Column("missing", "Not marked", numeric=True),
]
EXPORTED = [
    Column("attendance_rate", "Attendance rate", numeric=True) if column.key == "attendance" else column
    for column in COLUMNS
]
NAMES = (
    "enrolments", "possible", "attended", "attendance_rate", "authorised", "unauthorised", "persistent", "severe", "missing",
)  # fmt: skip


def school(request: HttpRequest, urn: int) -> HttpResponseBase:
    """How is the school doing, and where is it slipping?"""
    place, on = place_with_registers(request, urn), asked_day(request)
    found = school_by_urn(urn)
    if found is None:
        raise Http404
    try:
        figures = school_figures(school=found, on=on, begun=last_begun(place.school_id, on, clock.now()))
    except NoMeasures as problem:
        return render(
            request, "attendance/school.html", frame(place, "Attendance of the school", on=on, why=str(problem))
        )
    rows = _rows(figures)
    columns = EXPORTED if request.GET.get("format") else COLUMNS
    answer, table = listed(
        request, place, caption="By year group", columns=columns, rows=rows, name=f"year-groups-{on.isoformat()}"
    )
    attended, possible = figures.week_sum
    context = frame(
        place, "Attendance of the school", on=on, figures=figures, table=table, week_rate=share(attended, possible),
        week_missed=possible - attended, week_possible=possible,
    )  # fmt: skip
    return answer or render(request, "attendance/school.html", context)


def _rows(figures: SchoolFigures) -> list[dict[str, Any]]:
    groups = sorted(figures.groups.items(), key=lambda pair: _order(pair[0]))
    listed_groups = [
        (f"Year {name}" if name and name.isdigit() else name or "No year group", each) for name, each in groups
    ]
    return [
        {"year_group": name, **{key: getattr(each, key) for key in NAMES}}
        for name, each in [*listed_groups, ("All", figures.whole)]
    ]


def _order(name: str | None) -> tuple[int, int, str]:
    if name is None:
        return (2, 0, "")
    return (1, int(name), "") if name.isdigit() else (0, 0, name)
