"""Pupils who crossed an absence threshold since a day, and pupils at one now, week by week."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from haven.analytics.groups import share
from haven.attendance.registers.page import listed, paged, pupil_columns
from haven.attendance.registers.permissions import may_see_registers
from haven.attendance.registers.queries.days import last_begun
from haven.attendance.reports.forms import CrossedForm, WithinForm
from haven.attendance.reports.measures import NoMeasures
from haven.attendance.reports.page import school_frame
from haven.attendance.reports.registry import SchoolReport, Subject
from haven.attendance.reports.thresholds.query import Lines, crossings_since, earliest, line_named, lines_of
from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import place_or_404
from haven.platform.ui.tables import Column, Table
from haven.platform.ui.templatetags.ui import rate, short_date
from haven.rules.crossings import LINES, Line
from haven.rules.editions import cited


def _last_week(on: date) -> date:
    """The Monday of the week before."""
    return on - timedelta(days=on.weekday() + 7)


def thresholds(request: HttpRequest, urn: int) -> HttpResponseBase:
    """Pupils who crossed a threshold since a day, with the day."""
    place, on = place_or_404(request, urn), clock.today()
    form = CrossedForm(request.GET, since=max(earliest(on), _last_week(on)), on=on, lines=_choices())
    context = school_frame(request, place, "Pupils crossing a threshold", form=form, on=on)
    if not form.is_valid():
        return render(request, "reports/thresholds/crossed.html", context, status=422)
    asked = form.cleaned_data
    since = max(asked["since"], earliest(on))
    try:
        lines = _lines_now(place, on)
    except NoMeasures as problem:
        return render(request, "reports/thresholds/crossed.html", {**context, "why": str(problem)})
    chosen = line_named(asked["line"])
    every = crossings_since(lines, LINES, since)
    rows = [
        crossing
        for crossing in every
        if (chosen is None or crossing.line is chosen)
        and (not asked["way"] or crossing.is_into is (asked["way"] == "into"))
    ]
    columns = [
        *pupil_columns(place),
        Column("line", "Threshold", value=lambda row: row.line.title),
        Column("way", "Change", value=lambda row: "Entered" if row.is_into else "Left"),
        Column("on", "Date", sortable=True),
        Column("stands", "Now", value=lambda row: row.line.stands_at(row.standing)),
    ]
    answer, table = listed(
        request, place, caption="Threshold crossings", columns=columns, rows=rows, name=f"crossed-since-{since.isoformat()}",
        nothing="No pupils crossed this threshold since then. Choose an earlier day.", sort="-on",
    )  # fmt: skip
    if answer:
        return answer
    context |= {"since": since, "summary": _summary(lines, every, since), **paged(request, table)}
    return render(request, "reports/thresholds/crossed.html", context)


def _choices() -> list[tuple[str, str]]:
    return [(line.name, line.title) for line in LINES]


def _lines_now(place: SchoolAccess, on: date) -> Lines:
    return lines_of(school_id=place.school_id, on=on, until=last_begun(place.school_id, on, clock.now()))


def _summary(lines: Lines, every: list[Any], since: date) -> Table:
    rows = [
        {
            "line": line.name,
            "title": f"{line.title}: {line.meaning}",
            "into": sum(crossing.line is line and crossing.is_into for crossing in every),
            "out": sum(crossing.line is line and not crossing.is_into for crossing in every),
            "now": int(lines.within(line).sum()),
        }
        for line in LINES
    ]
    columns = [
        Column("title", "Threshold", link=lambda row: f"?since={since.isoformat()}&line={row['line']}"),
        Column("into", "Entered", numeric=True),
        Column("out", "Left", numeric=True),
        Column("now", "Currently in", numeric=True),
    ]
    return Table("Thresholds", columns, rows, exports=False)


def pupils_at_threshold(request: HttpRequest, urn: int) -> HttpResponseBase:
    """Pupils at a threshold now, with their last weeks."""
    place, on = place_or_404(request, urn), clock.today()
    context = school_frame(request, place, "Pupils by attendance", on=on)
    try:
        lines = _lines_now(place, on)
    except NoMeasures as problem:
        return render(request, "reports/thresholds/within.html", {**context, "why": str(problem)})
    form = WithinForm(request.GET, lines=_choices(), years=lines.year_groups, groups=lines.classes)
    if not form.is_valid():
        return render(request, "reports/thresholds/within.html", {**context, "form": form}, status=422)
    asked = form.cleaned_data
    line = line_named(asked["line"])
    rows = [
        pupil
        for pupil in lines.list_within(line)
        if asked["year"] in ("", pupil.pupil.year_group) and asked["group"] in ("", pupil.pupil.group)
    ]
    as_file = bool(request.GET.get("format"))
    columns = _within_columns(place, lines, line, as_file=as_file)
    answer, table = listed(
        request, place, caption=line.title if line else "Everyone on roll", columns=columns, rows=rows,
        name=f"{line.name if line else 'everybody'}-{on.isoformat()}", sort="pupil",
        nothing="No pupils are at this threshold.",
    )  # fmt: skip
    if answer:
        return answer
    source = cited(line.source, on) if line else ""
    context |= {"form": form, "line": line, "source": source, "total": len(rows), **paged(request, table)}
    return render(request, "reports/thresholds/within.html", context)


def _within_columns(place: SchoolAccess, lines: Lines, line: Line | None, *, as_file: bool) -> list[Column]:
    def shown(value: float | None) -> Any:
        return value if as_file else rate(value)

    def week(place: int) -> Callable[[Any], Any]:
        return lambda row: shown(share(*row.weeks[place]))

    titles = [f"Week of {monday.isoformat()}" if as_file else short_date(monday) for monday in lines.mondays]
    counted = (
        []
        if line is None or line.is_share
        else [Column("stands", "Now", value=lambda row: line.stands_at(row.standing))]
    )
    return [
        *pupil_columns(place),
        *counted,
        Column("missed", "Sessions missed", value=lambda row: f"{row.standing.absent} of {row.standing.possible}"),
        Column(
            "rate", "Attendance this year", numeric=True, sortable=not as_file,
            value=lambda row: shown(row.attendance_rate),
        ),
        *(Column(f"week{place}", title, numeric=True, value=week(place)) for place, title in enumerate(titles)),
    ]  # fmt: skip


PAGES = (
    SchoolReport(
        name="thresholds", address="thresholds/", view=thresholds, may_open=may_see_registers, title="Pupils crossing a threshold",
        subject=Subject.PUPILS, position=10,
    ),
    SchoolReport(
        name="pupils_at_threshold", address="thresholds/pupils/", view=pupils_at_threshold, may_open=may_see_registers, title="Pupils by attendance",
        subject=Subject.PUPILS, position=20,
    ),
)  # fmt: skip
