"""What was unusual in the school this week, in a few sentences with their working."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from haven.attendance.registers.page import listed
from haven.attendance.registers.permissions import may_see_registers
from haven.attendance.reports.measures import NoMeasures
from haven.attendance.reports.page import school_frame
from haven.attendance.reports.registry import SchoolReport
from haven.attendance.reports.unusual.query import Question, StandingOut, standing_out
from haven.core.schools.queries import school_by_urn
from haven.platform import clock
from haven.platform.accounts.lookup import place_or_404
from haven.platform.ui.tables import Column
from haven.platform.ui.templatetags.ui import rate


def _columns(week: StandingOut) -> list[Column]:
    question_count = len(week.questions)
    numbers = (
        ("now", "This week"),
        ("mean", "Usual (mean)"),
        ("lowest", "Lowest"),
        ("highest", "Highest"),
        ("spread", "Spread"),
    )
    return [
        Column("about", "Question"),
        *(Column(key, title, numeric=True, value=_shown(key)) for key, title in numbers),
        Column("distance", "Spreads from mean", numeric=True, value=lambda row: f"{abs(row.compared.distance):.1f}"),
        Column("chance", "Chance alone", numeric=True, value=lambda row: chance_in_words(row.compared.chance)),
        Column(
            "among",
            f"Adjusted for {question_count} questions",
            numeric=True,
            value=lambda row: _among(row, question_count),
        ),
    ]


def _shown(key: str) -> Callable[[Question], str]:
    return lambda row: row.shown(getattr(row.compared, key))


def _among(row: Question, question_count: int) -> str:
    return chance_in_words(row.compared.chance_among(question_count))


def chance_in_words(chance: float) -> str:
    """A chance as so many in 100; below one in a thousand in words."""
    return "under 0.1 %" if chance < 0.001 else rate(chance)


def unusual(request: HttpRequest, urn: int) -> HttpResponseBase:
    """The answers about this week that are unusual, and the table of all answers."""
    place, on = place_or_404(request, urn), clock.today()
    school = school_by_urn(urn)
    if school is None:
        raise Http404
    context: dict[str, Any] = school_frame(request, place, "Unusual this week")
    try:
        week = standing_out(school=school, on=on)
    except NoMeasures as problem:
        return render(request, "reports/unusual/unusual.html", {**context, "why": str(problem)})
    answer, table = listed(
        request, place, caption="All questions about this week", columns=_columns(week),
        rows=list(week.questions), name=f"week-of-{week.first_on.isoformat()}",
        nothing="There are too few school weeks this year to compare.",
    )  # fmt: skip
    context |= {"found": week, "table": table, "unusual": week.unusual}
    return answer or render(request, "reports/unusual/unusual.html", context)


PAGES = (
    SchoolReport(
        name="unusual", address="unusual/", view=unusual, may_open=may_see_registers, title="Unusual this week",
        position=20,
    ),
)  # fmt: skip
