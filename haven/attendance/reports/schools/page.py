"""The user's schools side by side, and the severely absent pupils whose register the user may see."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from haven.analytics.groups import share
from haven.attendance.registers.page import listed, paged
from haven.attendance.registers.permissions import may_see_registers
from haven.attendance.reports.registry import SchoolsReport, Subject
from haven.attendance.reports.schools.query import Severe, SideBySide, places_compared, severe_pupils, side_by_side
from haven.platform import clock
from haven.platform.accounts.context import AccessContext
from haven.platform.accounts.lookup import viewer_of
from haven.platform.ui.tables import Column
from haven.platform.ui.templatetags.ui import rate, short_date


def schools(request: HttpRequest) -> HttpResponseBase:
    """The user's schools with their figures."""
    viewer, on = viewer_of(request), clock.today()
    full, only = places_compared(viewer)
    compared = side_by_side(viewer=viewer, on=on)
    answer, table = listed(
        request, [*full, *only], caption="Schools", columns=_columns(compared, as_file=bool(request.GET.get("format"))),
        rows=[*compared.lines, compared.together], name=f"schools-{compared.to_on.isoformat()}",
    )  # fmt: skip
    sees = any(may_see_registers(viewer, place.school_id) for place in viewer.places)
    return answer or render(
        request, "reports/schools/schools.html", {"found": compared, "table": table, "sees_pupils": sees}
    )


def _columns(compared: SideBySide, *, as_file: bool) -> list[Column]:
    def shown(value: float | None) -> Any:
        return value if as_file else rate(value)

    def number(key: str) -> Callable[[Any], Any]:
        return lambda row: getattr(row, key) if as_file or getattr(row, key) is not None else rate(None)

    def week(monday: date) -> Callable[[Any], Any]:
        return lambda row: shown(share(*row.weeks.get(monday, (0, 0))))

    weeks = [(f"week{place}", monday) for place, monday in enumerate(compared.mondays)]
    return [
        Column(
            "school", "School", value=lambda row: row.place.name if row.place else "All schools",
            link=lambda row: reverse("reports:school", args=[row.place.urn]) if row.place else "",
        ),
        Column("enrolments", "Pupils", numeric=True),
        Column("attendance", "Attendance this year", numeric=True, value=lambda row: shown(row.attendance_rate)),
        *(
            Column(key, f"Week of {monday.isoformat()}" if as_file else short_date(monday), numeric=True, value=week(monday))
            for key, monday in weeks
        ),
        Column("unauthorised", "Unauthorised absence", numeric=True, value=lambda row: shown(row.unauthorised_rate)),
        Column("persistent", "Persistently absent", numeric=True, value=number("persistent")),
        Column("severe", "Severely absent", numeric=True, value=number("severe")),
        Column("missing", "Not marked", numeric=True),
    ]  # fmt: skip


def severe(request: HttpRequest) -> HttpResponseBase:
    """Severely absent pupils, with caseload and next step."""
    viewer, on = viewer_of(request), clock.today()
    places = [place for place in viewer.places if may_see_registers(viewer, place.school_id)]
    rows = severe_pupils(at=places, on=on)
    columns = [
        Column("pupil", "Pupil", sortable=True, value=lambda row: row.pupil.sorted_name, link=_pupil),
        Column("school", "School", sortable=True, value=lambda row: row.place.name),
        Column("year", "Year", value=lambda row: row.pupil.year_title),
        Column("group", "Class", value=lambda row: row.pupil.group),
        Column("missed", "Sessions missed", value=lambda row: f"{row.absent} of {row.possible}"),
        Column("caseload", "On the caseload of", value=lambda row: ", ".join(row.caseload)),
        Column("next", "Next", value=lambda row: row.next_step.title if row.next_step else ""),
        Column("due_at", "Due", value=lambda row: row.next_step.due_at if row.next_step else None),
    ]
    answer, table = listed(
        request, places, caption="Severely absent pupils", columns=columns, rows=rows,
        name=f"severe-{on.isoformat()}",
        nothing="No pupils you can see have missed half of the possible sessions this year.",
    )  # fmt: skip
    if answer:
        return answer
    home = {"title": "Compare your schools", "url": reverse("reports:schools")}
    context = {
        "total": len(rows), "on": on, **paged(request, table),
        "breadcrumbs": [home, {"title": "Severely absent pupils"}] if any(places_compared(viewer)) else [],
    }  # fmt: skip
    return render(request, "reports/schools/severe.html", context)


def _pupil(row: Severe) -> str:
    return reverse("site:pupil", args=[row.place.urn, row.pupil.ref])


def _may_compare(viewer: AccessContext) -> bool:
    return any(places_compared(viewer))


def _has_other_schools(viewer: AccessContext, school_id: int) -> bool:
    return len(viewer.places) > 1


def _may_see_severe(viewer: AccessContext) -> bool:
    return any(may_see_registers(viewer, place.school_id) for place in viewer.places)


def _offers_severe(viewer: AccessContext, school_id: int) -> bool:
    """For users of several schools who cannot compare them: the page of the comparison links to this page."""
    return len(viewer.places) > 1 and bool(may_see_registers(viewer, school_id)) and not _may_compare(viewer)


PAGES = (
    SchoolsReport(
        name="schools", address="", view=schools, may_open=_may_compare, title="Compare your schools", position=50,
        in_menu=_has_other_schools,
    ),
    SchoolsReport(
        name="severe", address="severe/", view=severe, may_open=_may_see_severe, title="Severely absent pupils",
        subject=Subject.PUPILS, position=50, in_menu=_offers_severe,
    ),
)  # fmt: skip
