"""Pupils who are likely to become persistently absent this term, with the reasons, and how accurate such estimates were."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from haven.analytics.warning import LIKELY, BackTest
from haven.attendance.registers.actions.exports import note_opened
from haven.attendance.registers.page import listed
from haven.attendance.registers.permissions import may_see_estimate
from haven.attendance.registers.queries.days import last_begun, year_groups_of
from haven.attendance.reports.estimate.query import NoEstimate, TermEstimate, term_estimate
from haven.attendance.reports.estimate.words import how_it_did, in_ten, registers_like_this, what_it_takes, working
from haven.attendance.reports.page import school_frame
from haven.attendance.reports.registry import SchoolReport, Subject
from haven.core.people.queries import year_title
from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.ui.lines import Lines, Step
from haven.platform.ui.tables import Column
from haven.platform.ui.templatetags.ui import rate

TITLE = "Pupils who may become persistently absent"


def estimate(request: HttpRequest, urn: int) -> HttpResponseBase:
    """The estimate of persistent absence."""
    place, viewer, on = place_or_404(request, urn), viewer_of(request), clock.today()
    try:
        begun = last_begun(place.school_id, on, clock.now())
        estimated = term_estimate(school_id=place.school_id, on=on, begun=begun)
    except NoEstimate as problem:
        return render(request, "reports/estimate/estimate.html", school_frame(request, place, TITLE, why=str(problem)))
    years = year_groups_of(estimated.named)
    asked = request.GET.get("year_group", "")
    rows = [pupil for pupil in estimated.named if asked not in years or pupil.year_group == asked]
    answer, table = listed(
        request, place, caption="Pupils, by name", columns=_columns(place, estimated), rows=rows, name=f"estimate-{on.isoformat()}",
        nothing="The estimate names no pupils. It can miss pupils: see below how often it did.",
    )  # fmt: skip
    if answer is None:
        note_opened(by=viewer, at=clock.now(), school_id=place.school_id, what="estimate", rows=len(rows))
    context = school_frame(
        request, place, TITLE, on=on, found=estimated, table=table, tested=how_it_did(estimated), lines=_lines(estimated.test), year_group=asked,
        years=[(year, year_title(year)) for year in years], likely=round(10 * LIKELY),
    )  # fmt: skip
    context["cards"] = [
        (
            pupil,
            working(pupil),
            registers_like_this(pupil.band, estimated.tested_on),
            what_it_takes(pupil, estimated.left),
        )
        for pupil in rows
    ]
    return answer or render(request, "reports/estimate/estimate.html", context)


def _columns(place: SchoolAccess, estimated: TermEstimate) -> list[Column]:
    return [
        Column("name", "Pupil", link=lambda row: reverse("site:pupil", args=[place.urn, row.ref])),
        Column("group", "Class"),
        Column("working", "Marks", value=working),
        Column(
            "band",
            "Pupils with similar registers",
            value=lambda row: registers_like_this(row.band, estimated.tested_on),
        ),
        Column("takes", "What it would take", value=lambda row: what_it_takes(row, estimated.left)),
    ]


def _lines(test: BackTest) -> Lines:
    """For each band, the predicted and the actual outcome."""
    steps = [
        Step(
            f"{round(100 * band.low)}–{round(100 * band.high)}", band.became / band.pupils, band.said,
            (_between(band.low, band.high), f"{band.pupils:,}", rate(band.said), f"{band.became:,}", rate(band.became / band.pupils), in_ten(band)),
        )
        for band in test.bands
    ]  # fmt: skip
    heads: tuple[Any, ...] = (
        "Estimate, per hundred pupils",
        "Pupils",
        "Mean estimate",
        "Became persistently absent",
        "Became persistently absent, share",
        "In words",
    )
    return Lines(steps, "became persistently absent", "estimated (broken line)", heads, apart=70)


def _between(low: float, high: float) -> str:
    return f"{round(100 * low)} to {'' if high == 1 else 'under '}{round(100 * high)}"


PAGES = (
    SchoolReport(
        name="estimate", address="estimate/", view=estimate, may_open=may_see_estimate, title=TITLE,
        subject=Subject.PUPILS, position=40,
    ),
)  # fmt: skip
