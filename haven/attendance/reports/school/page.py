"""School attendance: this week, the year week by week, weekdays and half-days, year groups."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from haven.analytics.groups import share
from haven.attendance.registers.page import asked_day, frame, listed
from haven.attendance.registers.permissions import may_see_aggregates, may_see_registers
from haven.attendance.registers.queries.days import last_begun
from haven.attendance.registers.queries.visibility_key import pupils_in_sight
from haven.attendance.reports.anonymised.query import school_aggregates
from haven.attendance.reports.comparison import comparison
from haven.attendance.reports.measures import NoMeasures
from haven.attendance.reports.page import questions
from haven.attendance.reports.registry import SchoolReport
from haven.attendance.reports.school.query import SchoolFigures, school_figures
from haven.core.people.queries import year_order
from haven.core.schools.queries import school_by_urn
from haven.platform import clock
from haven.platform.accounts.context import AccessContext, SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.ui.tables import Column
from haven.platform.ui.templatetags.ui import rate
from haven.rules.decision import Decision
from haven.rules.national import SOURCE

COLUMNS = [
    Column("year_group", "Year"),
    Column("enrolments", "Pupils", numeric=True),
    Column("possible", "Sessions possible", numeric=True),
    Column("attended", "Attended", numeric=True),
    Column("attendance", "Attendance", numeric=True, value=lambda row: rate(row["attendance_rate"])),
    Column("authorised", "Authorised absence", numeric=True),
    Column("unauthorised", "Unauthorised absence", numeric=True),
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
    """The school's attendance, and where it is falling."""
    place, viewer = place_or_404(request, urn), viewer_of(request)
    found_school = school_by_urn(urn)
    if found_school is None:
        raise Http404
    if not may_see_registers(viewer, place.school_id):
        return _without_names(request, place, found_school)
    on = asked_day(request)
    try:
        figures = school_figures(school=found_school, on=on, begun=last_begun(place.school_id, on, clock.now()))
    except NoMeasures as problem:
        return render(
            request,
            "reports/school/school.html",
            frame(place, "School attendance", on=on, why=str(problem), questions=questions(request, place)),
        )
    rows = _rows(figures)
    columns = EXPORTED if request.GET.get("format") else COLUMNS
    answer, table = listed(
        request, place, caption="By year group", columns=columns, rows=rows, name=f"year-groups-{on.isoformat()}"
    )
    beside = None
    if pupils_in_sight(place.school_id) is None:
        beside = comparison(school=found_school, on=on, begun=last_begun(place.school_id, on, clock.now()))
    attended, possible = figures.week_sum
    context = frame(
        place, "School attendance", on=on, questions=questions(request, place), figures=figures, table=table, week_rate=share(attended, possible),
        week_missed=possible - attended, week_possible=possible, beside=beside, source=SOURCE,
    )  # fmt: skip
    return answer or render(request, "reports/school/school.html", context)


def _without_names(request: HttpRequest, place: SchoolAccess, found_school: Any) -> HttpResponse:
    """The anonymised version for users who see no pupil: figures of groups, small numbers hidden, no links to pupils."""
    context: dict[str, Any] = {
        "place": place, "title": "School attendance", "source": SOURCE,
        "questions": questions(request, place),
    }  # fmt: skip
    try:
        figures = school_aggregates(school=found_school, on=clock.today())
    except NoMeasures as problem:
        context["why"] = str(problem)
    else:
        groups = [(", ".join(map(_named, group.names)), group) for group in figures.groups]
        context |= {
            "figures": figures,
            "groups": groups,
            "is_together": any(len(group.names) > 1 for _, group in groups),
        }
    return render(request, "reports/anonymised/aggregates.html", context)


def _named(year_group: str | None) -> str:
    return f"Year {year_group}" if year_group and year_group.isdigit() else year_group or "No year group"


def _rows(figures: SchoolFigures) -> list[dict[str, Any]]:
    groups = sorted(figures.groups.items(), key=lambda pair: (pair[0] is None, year_order(pair[0] or "")))
    listed_groups = [(_named(name), total) for name, total in groups]
    return [
        {"year_group": name, **{key: getattr(total, key) for key in NAMES}}
        for name, total in [*listed_groups, ("All", figures.whole)]
    ]


def _may_open(viewer: AccessContext, school_id: int) -> Decision:
    return may_see_registers(viewer, school_id) or may_see_aggregates(viewer, school_id)


PAGES = (
    SchoolReport(
        name="school", address="", view=school, may_open=_may_open, title="Attendance overview", position=10,
    ),
)  # fmt: skip
