"""Impact of support: before, while and after, beside like pupils. And the page on which pupils are ticked for it."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from haven.analytics.impact import Impact
from haven.attendance.registers.actions.exports import note_opened
from haven.attendance.registers.page import listed
from haven.attendance.registers.permissions import may_see_registers
from haven.attendance.registers.queries.visibility_key import pupils_in_sight
from haven.attendance.reports.impact.forms import USUAL, HelpForm, TickedForm
from haven.attendance.reports.impact.query import WhatCame, earliest, help_on_record, what_came
from haven.attendance.reports.impact.words import AFTER, DURING, said
from haven.attendance.reports.page import school_frame
from haven.attendance.reports.registry import SchoolReport, Subject
from haven.core.people.queries import Asked, groups_of, pupil_ids_of, pupils_of_school
from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.ui.lines import Lines, Step
from haven.platform.ui.tables import Column, shown
from haven.platform.ui.templatetags.ui import rate
from haven.rules.sessions import academic_year_of, year_bounds

TITLE = "Impact of support"
TICKED = "ticked"
WINDOWS = (("before", "Before"), ("during", "First weeks"), ("after", "Following weeks"))


def impact(request: HttpRequest, urn: int) -> HttpResponseBase:
    """The absence of supported pupils compared with similar pupils."""
    place, today = place_or_404(request, urn), clock.today()
    context: dict[str, Any] = {
        "choose_url": reverse("reports:impact_pupils", args=[urn]),
        "earliest": earliest(today),
    }
    if request.GET.get("help") == TICKED:
        began, length = _ticked(request, place, today, context)
    else:
        began, length = _recorded(request, place, today, context)
    answer = _answer(request, place, began, length, today, context) if began else None
    return answer or render(request, "reports/impact/impact.html", school_frame(request, place, TITLE, **context))


def _recorded(
    request: HttpRequest, place: SchoolAccess, today: date, context: dict[str, Any]
) -> tuple[Mapping[int, date], int]:
    """The pupils whose support of the requested kind began, and the weeks; none if nothing was requested or nothing matches."""
    kinds = help_on_record(school_id=place.school_id, since=earliest(today), until=today)
    choices = [(key, f"{kind.title} ({len(kind.began)})") for key, kind in kinds.items()]
    since = year_bounds(academic_year_of(today))[0]
    usual = {"help": next(iter(kinds), ""), "since": shown(since), "until": shown(today), "weeks": str(USUAL)}
    is_asked = "help" in request.GET
    asked = {key: request.GET.get(key) or usual[key] for key in usual}
    form = HelpForm(asked, kinds=choices, earliest=earliest(today), today=today)
    context |= {"form": form if kinds else None, "asked": is_asked}
    if not is_asked or not form.is_valid():
        return {}, USUAL
    given = form.cleaned_data
    support = help_on_record(school_id=place.school_id, since=given["since"], until=given["until"]).get(given["help"])
    context |= {"what": kinds[given["help"]].title, "since": given["since"], "until": given["until"]}
    return (support.began if support else {}), int(given["weeks"])


def _ticked(
    request: HttpRequest, place: SchoolAccess, today: date, context: dict[str, Any]
) -> tuple[Mapping[int, date], int]:
    """The pupils selected on the previous page, all with one day; none if the day is not valid or the user may see none of them."""
    form = TickedForm(request.GET.dict(), earliest=earliest(today), today=today)
    refs = _refs(request)
    is_right = form.is_valid()
    context |= {"ticked_form": form, "asked": True, "change_url": f"{context['choose_url']}?{_again(request)}"}
    if not is_right:
        return {}, USUAL
    context |= {"since": form.cleaned_data["on"], "until": form.cleaned_data["on"]}
    pupil_ids = pupil_ids_of(school_id=place.school_id, refs=refs)
    return dict.fromkeys(pupil_ids.values(), form.cleaned_data["on"]), int(form.cleaned_data["weeks"])


def _answer(
    request: HttpRequest,
    place: SchoolAccess,
    began: Mapping[int, date],
    length: int,
    today: date,
    context: dict[str, Any],
) -> HttpResponseBase | None:
    """Fill the context with the result; return a file if the address requests one."""
    outcome = what_came(school_id=place.school_id, began=began, length=length, on=today)
    caption = "Pupil by pupil"
    is_file = bool(request.GET.get("format"))
    answer, table = listed(
        request, place, caption=caption, columns=_exported() if is_file else _columns(place), rows=outcome.lines,
        name=f"what-came-of-help-{today.isoformat()}", nothing="You cannot see the register of any of these pupils.",
    )  # fmt: skip
    if not is_file:
        note_opened(
            by=viewer_of(request), at=clock.now(), school_id=place.school_id, what="impact", rows=len(outcome.lines)
        )
    context |= {
        "found": outcome, "table": table, "length": length, "lines": _lines(outcome),
        "during": said(outcome.during, length=length, window=DURING),
        "after": said(outcome.after, length=length, window=AFTER),
        "compared": outcome.during if isinstance(outcome.during, Impact) else None,
    }  # fmt: skip
    return answer


def _columns(place: SchoolAccess) -> list[Column]:
    def words(key: str) -> Any:
        return lambda row: f"{window.missed} of {window.possible}" if _is_known(window := getattr(row, key)) else "–"

    return [
        Column("name", "Pupil", link=lambda row: reverse("site:pupil", args=[place.urn, row.ref])),
        Column("group", "Class"),
        Column("began_on", "Support began"),
        *(Column(key, f"{title}: missed", value=words(key)) for key, title in WINDOWS),
        Column("like", "Similar pupils", numeric=True),
    ]


def _is_known(window: Any) -> bool:
    return window is not None and window.possible > 0


def _exported() -> list[Column]:
    def part(key: str, which: str) -> Any:
        return lambda row: getattr(window, which) if (window := getattr(row, key)) else None

    windows = [
        Column(f"{key}_{which}", f"{title}: sessions {which}", numeric=True, value=part(key, which))
        for key, title in WINDOWS
        for which in ("missed", "possible")
    ]
    return [
        Column("name", "Pupil"), Column("group", "Class"), Column("began_on", "Support began"), *windows,
        Column("like", "Similar pupils", numeric=True),
    ]  # fmt: skip


def _lines(outcome: WhatCame) -> Lines:
    """Week by week around the week in which support began; that week is the first."""
    steps = [
        Step(
            str(moment.week + 1 if moment.week >= 0 else moment.week).replace("-", "\N{MINUS SIGN}"),
            moment.missed / moment.possible if moment.possible else None, moment.like,
            (_week(moment.week), f"{moment.missed:,}", f"{moment.possible:,}", rate(moment.missed / moment.possible if moment.possible else None), rate(moment.like)),
        )
        for moment in outcome.moments
    ]  # fmt: skip
    heads = ("School week", "Missed", "Of", "Supported pupils, share missed", "Similar pupils, share missed")
    return Lines(steps, "supported pupils", "similar pupils (broken line)", heads, outcome.length, "support began")


def _week(week: int) -> str:
    return f"Week {week + 1} of support" if week >= 0 else f"{-week} before"


# --- ticking ---------------------------------------------------------------------------------------------------------------------


def impact_pupils(request: HttpRequest, urn: int) -> HttpResponse:
    """Select pupils and the first day of their support, for support that is not recorded."""
    place, today = place_or_404(request, urn), clock.today()
    groups = groups_of(school_id=place.school_id, year=academic_year_of(today))
    names = [group.name for group in groups]
    group = request.GET.get("group", "")
    group = group if group in names else next(iter(names), "")
    listed_here = _seen(place, pupils_of_school(school_id=place.school_id, on=today, asked=Asked(group=group)))
    refs = set(_refs(request))
    anybody = pupils_of_school(school_id=place.school_id, on=today, asked=Asked(on_roll="all")) if refs else []
    here = {pupil.ref for pupil in listed_here}
    asked = {"on": shown(today), **{key: value for key, value in request.GET.items() if value}}
    form = TickedForm(asked, earliest=earliest(today), today=today)
    context = school_frame(
        request, place, "Choose the supported pupils", groups=names, group=group, pupils=listed_here, ticked=refs, form=form,
        others=[pupil for pupil in _seen(place, anybody) if pupil.ref in refs and pupil.ref not in here],
        impact_url=reverse("reports:impact", args=[urn]),
    )  # fmt: skip
    return render(request, "reports/impact/impact_pupils.html", context)


def _seen(place: SchoolAccess, pupils: list[Any]) -> list[Any]:
    """The pupils whose register the user may see: names are visible to more users."""
    in_sight = pupils_in_sight(place.school_id)
    return [pupil for pupil in pupils if in_sight is None or pupil.id in in_sight]


def _refs(request: HttpRequest) -> list[UUID]:
    """The references in the request; invalid ones are ignored."""
    refs = []
    for words in request.GET.getlist("pupil"):
        try:
            refs.append(UUID(words))
        except ValueError:
            continue
    return list(dict.fromkeys(refs))


def _again(request: HttpRequest) -> str:
    parameters = [(key, value) for key in ("on", "weeks") if (value := request.GET.get(key))]
    return urlencode([*parameters, *(("pupil", str(ref)) for ref in _refs(request))])


PAGES = (
    SchoolReport(
        name="impact", address="impact/", view=impact, may_open=may_see_registers, title=TITLE, subject=Subject.SUPPORT,
        position=10,
    ),
    SchoolReport(name="impact_pupils", address="impact/pupils/", view=impact_pupils, may_open=may_see_registers),
)  # fmt: skip
