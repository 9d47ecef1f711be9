"""Anonymised figures by group of a year, which may be published."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from haven.attendance.registers.page import listed
from haven.attendance.registers.permissions import may_see_outside_figures
from haven.attendance.reports.anonymised.query import Outside, OutsideLine, outside_figures
from haven.attendance.reports.forms import OutsideForm
from haven.attendance.reports.groupings import Grouping, groupings
from haven.attendance.reports.groups.page import figure_columns
from haven.attendance.reports.measures import NoMeasures
from haven.attendance.reports.page import school_frame
from haven.attendance.reports.registry import SchoolReport
from haven.core.schools.queries import calendars_of, school_by_urn
from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import place_or_404

OUTSIDE = (
    ("pupils", "Pupils"),
    ("attendance_rate", "Attendance"),
    ("persistent", "Persistently absent"),
    ("persistent_rate", "Persistently absent, of the pupils"),
    ("severe", "Severely absent"),
    ("suspended", "Pupils suspended"),
)


def anonymised(request: HttpRequest, urn: int) -> HttpResponseBase:
    """The anonymised figures of one year by one grouping."""
    place = place_or_404(request, urn)
    school = school_by_urn(urn)
    if school is None:
        raise Http404
    kinds = [kind for kind in groupings().values() if kind.goes_outside]
    years = [calendar.year for calendar in calendars_of(place.school_id)]
    form = OutsideForm(request.GET, kinds=[(kind.name, kind.title) for kind in kinds], years=years)
    context = school_frame(request, place, "Anonymised figures", form=form)
    if not years:
        return render(request, "reports/anonymised/outside.html", {**context, "why": "The school has no calendar yet."})
    if not form.is_valid():
        return render(request, "reports/anonymised/outside.html", context, status=422)
    grouping, year = groupings()[form.cleaned_data["by"]], form.cleaned_data["year"]
    try:
        figures = outside_figures(school=school, year=year, grouping=grouping, on=clock.today())
    except NoMeasures as problem:
        return render(request, "reports/anonymised/outside.html", {**context, "why": str(problem)})
    answer, table = _table(request, place, grouping, figures, year)
    is_together = any(len(line.names) > 1 for line in figures.lines)
    return answer or render(
        request,
        "reports/anonymised/outside.html",
        {**context, "found": figures, "table": table, "is_together": is_together},
    )


def _table(request: HttpRequest, place: SchoolAccess, grouping: Grouping, figures: Outside, year: str) -> Any:
    hidden = {key for key, _ in OUTSIDE if any(getattr(line, key) is None for line in figures.lines)} - {
        "attendance_rate",
        "persistent_rate",
    }
    counted = tuple(column for column in OUTSIDE if column[0] not in hidden)
    rows = [_row(line) for line in figures.lines]
    return listed(
        request, place, caption=grouping.title, rows=rows,
        columns=figure_columns(grouping.title, counted, as_file=bool(request.GET.get("format"))),
        name=f"anonymised-by-{grouping.name}-{year}",
        nothing="These figures are not shown, because one of them could identify pupils.",
    )  # fmt: skip


def _row(line: OutsideLine) -> dict[str, Any]:
    return {"name": ", ".join(line.names), **{key: getattr(line, key) for key, _ in OUTSIDE}}


PAGES = (
    SchoolReport(
        name="anonymised", address="anonymised/", view=anonymised, may_open=may_see_outside_figures,
        title="Anonymised figures", position=40,
    ),
)  # fmt: skip
