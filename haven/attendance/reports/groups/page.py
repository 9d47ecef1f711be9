"""Figures by group over any days, for users who see the registers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from haven.analytics.groups import GroupSum
from haven.attendance.registers.page import listed
from haven.attendance.registers.permissions import may_see_outside_figures, may_see_registers
from haven.attendance.registers.queries.days import last_begun
from haven.attendance.reports.forms import GroupsForm
from haven.attendance.reports.groupings import Grouping, groupings, groupings_for, record_categories_read
from haven.attendance.reports.groups.query import Pooled, pooled_measures
from haven.attendance.reports.measures import NoMeasures
from haven.attendance.reports.page import school_frame
from haven.attendance.reports.registry import SchoolReport
from haven.core.schools.queries import school_by_urn
from haven.platform import clock
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.ui.tables import Column, Table
from haven.platform.ui.templatetags.ui import rate
from haven.rules.sessions import academic_year_of, year_bounds

COUNTED = (
    ("enrolments", "Pupils"),
    ("possible", "Sessions possible"),
    ("attended", "Attended"),
    ("attendance_rate", "Attendance"),
    ("unauthorised_rate", "Unauthorised absence"),
    ("persistent", "Persistently absent"),
    ("persistent_rate", "Persistently absent, of those with a session"),
    ("severe", "Severely absent"),
    ("severe_rate", "Severely absent, of those with a session"),
    ("late_before", "Late (L)"),
    ("late_after", "Late after the register closed (U)"),
    ("suspension_sessions", "Sessions suspended (E)"),
    ("suspended", "Pupils suspended"),
    ("suspended_again", "Suspended more than once"),
    ("missing", "Not marked"),
)
ATTENDING = (
    "enrolments",
    "possible",
    "attended",
    "attendance_rate",
    "unauthorised_rate",
    "persistent",
    "severe",
    "missing",
)
"""The columns of the page's first table, which has each rate beside its number; COMING is the second."""
COMING = ("late_before", "late_after", "suspension_sessions", "suspended", "suspended_again")


def figure_columns(
    first: str, counted: Iterable[tuple[str, str]], *, as_file: bool = True, **more: Any
) -> list[Column]:
    """Rates in words on the page; unrounded, and empty where not applicable, in a file."""
    titled = [(key, title, _in_words(key) if key.endswith("_rate") and not as_file else None) for key, title in counted]
    return [
        Column("name", first, **more),
        *(Column(key, title, numeric=True, value=value) for key, title, value in titled),
    ]


def _in_words(key: str) -> Callable[[Any], str]:
    return lambda row: rate(row[key])


def _with_rate(key: str) -> Callable[[Any], str]:
    return lambda row: f"{row[key]:,} · {rate(row[f'{key}_rate'])}"


def _on_page(grouping: Grouping, keys: Sequence[str], link: Any) -> list[Column]:
    columns = figure_columns(grouping.title, [(key, dict(COUNTED)[key]) for key in keys], as_file=False, link=link)
    return [
        replace(column, value=_with_rate(column.key)) if column.key in ("persistent", "severe") else column
        for column in columns
    ]


def groups(request: HttpRequest, urn: int) -> HttpResponseBase:
    """The attendance of groups of pupils over a range of days."""
    place, viewer = place_or_404(request, urn), viewer_of(request)
    school = school_by_urn(urn)
    if school is None:
        raise Http404
    record_categories = record_categories_read(viewer, place.school_id)
    kinds = groupings_for(record_categories)
    today = clock.today()
    form = GroupsForm(
        request.GET, from_on=year_bounds(academic_year_of(today))[0], to_on=today,
        kinds=[(kind.name, kind.title) for kind in kinds],
    )  # fmt: skip
    sends_on = may_see_outside_figures(viewer, place.school_id)
    context = school_frame(request, place, "Figures by group", form=form, sends_on=sends_on)
    if not form.is_valid():
        return render(request, "reports/groups/groups.html", context, status=422)
    asked = form.cleaned_data
    grouping, first, last = groupings()[asked["by"]], asked["from_on"], asked["to_on"]
    try:
        pooled = pooled_measures(
            school=school, from_on=first, to_on=last, until=last_begun(place.school_id, last, clock.now())
        )
    except NoMeasures as problem:
        return render(request, "reports/groups/groups.html", {**context, "why": str(problem)})
    sums = pooled.by(grouping, record_categories)
    rows = [_row(grouping, number, label, total) for number, (label, total) in enumerate(sums.items(), 1)]
    rows.append(_line("All groups" if grouping.overlaps else "All", "", pooled.whole))
    link = _link(request)
    as_file = bool(request.GET.get("format"))
    columns = figure_columns(grouping.title, COUNTED) if as_file else _on_page(grouping, ATTENDING, link)
    answer, table = listed(
        request, place, caption=grouping.title, columns=columns, rows=rows,
        name=f"by-{grouping.name}-{first.isoformat()}-{last.isoformat()}",
    )  # fmt: skip
    coming = Table("Late arrivals and suspensions", _on_page(grouping, COMING, None), rows, exports=False)
    context |= {"coming": coming, "table": table, "grouping": grouping, "pooled": pooled, "first": first, "last": last}
    context |= _chosen(request, pooled, grouping, list(sums), record_categories)
    return answer or render(request, "reports/groups/groups.html", context)


def _line(name: str, number: Any, total: GroupSum) -> dict[str, Any]:
    return {"name": name, "number": number, **{key: getattr(total, key) for key, _ in COUNTED}}


def _row(grouping: Grouping, number: int, label: Any, total: GroupSum) -> dict[str, Any]:
    return _line(grouping.words(label), number, total)


def _link(request: HttpRequest) -> Any:
    """The address of the same page with one group's weeks below."""

    def address(row: dict[str, Any]) -> str:
        if not row["number"]:
            return ""
        query = request.GET.copy()
        query["of"] = str(row["number"])
        return f"?{query.urlencode()}#weeks"

    return address


def _chosen(
    request: HttpRequest, pooled: Pooled, grouping: Grouping, labels: list[Any], record_categories: Any
) -> dict[str, Any]:
    """The group of `?of=` (its line in the table), week by week."""
    asked = request.GET.get("of", "")
    if not asked.isdecimal() or not 1 <= int(asked) <= len(labels):
        return {}
    label = labels[int(asked) - 1]
    return {"chosen": grouping.words(label), "trends": pooled.trends(grouping, label, record_categories)}


PAGES = (
    SchoolReport(
        name="groups", address="groups/", view=groups, may_open=may_see_registers, title="Figures by group", position=30,
    ),
)  # fmt: skip
