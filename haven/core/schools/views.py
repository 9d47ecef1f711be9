"""A school's set-up: one page to read, a form for each change."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from haven.core.schools import actions, queries
from haven.core.schools.calendars import KINDS, BadCalendar, sessions_within
from haven.core.schools.forms import FactsForm, SiteForm, SwitchForm, TimesForm, YearForm, next_year
from haven.core.schools.permissions import Actor, may_keep_school
from haven.platform import clock
from haven.platform.dates import HALF_WORDS
from haven.platform.errors import check
from haven.rules.sessions import session_of

PHASES = {
    "no_session": "No session today.",
    "before": "Today’s first session has not begun.",
    "open": "The register is open.",
    "closed": "The session is in progress. Its register is closed.",
    "over": "The session is over.",
}


def _school_or_404(request: HttpRequest, urn: int) -> tuple[Any, Actor]:
    """The school, if the user works at it. The user is a protocol here, because the access context belongs to another layer."""
    viewer = getattr(request, "viewer", None)
    if viewer is None or viewer.place_by_urn(urn) is None:
        raise Http404
    return queries.school_by_urn(urn), viewer


def _keep_or_403(request: HttpRequest, urn: int) -> tuple[Any, Actor]:
    school, viewer = _school_or_404(request, urn)
    check(may_keep_school(viewer, school.id))
    return school, viewer


def school(request: HttpRequest, urn: int) -> HttpResponse:
    """The school's facts, years, times and sites."""
    school, viewer = _school_or_404(request, urn)
    state = queries.register_state(school.id, clock.now())
    context = {
        "school": school, "facts": _facts(school), "years": [_year(school.id, row) for row in queries.calendars_of(school.id)],
        "times": queries.session_times_of(school.id), "sites": queries.sites_of(school.id),
        "now": PHASES[state.phase], "half": HALF_WORDS[state.half.value] if state.half else "",
        "state": state, "at": timezone.localtime(clock.now()), "may_keep": may_keep_school(viewer, school.id),
        "printed_at": clock.now(), "estimate": queries.switch_of(school.id, queries.ESTIMATE),
    }  # fmt: skip
    return render(request, "schools/school.html", context)


def _facts(school: Any) -> list[dict[str, Any]]:
    ages = (
        f"{school.low_age} to {school.high_age}" if school.low_age is not None and school.high_age is not None else ""
    )
    facts = {
        "Unique reference number (URN)": school.urn,
        "Trust": school.trust,
        "Local authority": school.local_authority,
        "Establishment number": school.establishment_number,
        "Phase": school.phase,
        "Type": school.type,
        "Ages": ages,
        "Address": ", ".join(filter(None, [*school.address.splitlines(), school.postcode])),
        "Telephone": school.telephone,
    }
    return [{"key": key, "value": value} for key, value in facts.items() if value]


def _year(school_id: int, calendar: Any) -> dict[str, Any]:
    spans = [(_kind(span), span) for span in queries.spans_of(school_id, calendar.year)]
    first, last = (session_of(calendar.sessions[place]).on for place in (0, -1))
    return {"calendar": calendar, "spans": spans, "sessions": len(calendar.sessions), "first": first, "last": last}


def _kind(span: Any) -> str:
    """The kind of a period, unless its name says it already."""
    title = KINDS.get(span.kind, span.kind)
    return "" if title.lower() in span.name.lower() else title


def facts(request: HttpRequest, urn: int) -> HttpResponse:
    """Change the school's facts."""
    school, viewer = _keep_or_403(request, urn)
    form = FactsForm(request.POST or None, initial={key: getattr(school, key) for key in FactsForm.base_fields})
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        actions.keep_school(by=viewer, at=clock.now(), urn=urn, name=data.pop("name"), facts=data)
        messages.success(request, "School details saved.")
        return redirect("schools:school", urn)
    return _form(request, school, form, "School details")


def times(request: HttpRequest, urn: int) -> HttpResponse:
    """Set the session times and the times at which registers close."""
    school, viewer = _keep_or_403(request, urn)
    standing = queries.session_times_on(school.id, clock.today()) or queries.USUAL
    start = {key: f"{getattr(standing, key):%H:%M}" for key in actions.Times.__dataclass_fields__}
    form = TimesForm(
        request.POST or None,
        sites=queries.sites_of(school.id),
        initial={**start, "begins_on": clock.today(), "seen": queries.times_mark(school.id)},
    )
    if request.method == "POST" and form.is_valid():
        site = form.cleaned_data.get("site")
        try:
            actions.set_session_times(
                by=viewer, at=clock.now(), school_id=school.id, begins_on=form.cleaned_data["begins_on"],
                times=actions.Times(**form.clock_times), site_id=int(site) if site else None,
                seen=form.cleaned_data["seen"],
            )  # fmt: skip
        except (actions.BadTimes, actions.SessionTimesChanged) as problem:
            form.add_error(None, str(problem))
            if isinstance(problem, actions.SessionTimesChanged):
                form.data = {**request.POST.dict(), "seen": queries.times_mark(school.id)}
        else:
            messages.success(request, "Session times saved. Earlier days keep their own times.")
            return redirect("schools:school", urn)
    return _form(request, school, form, "Session times")


def site(request: HttpRequest, urn: int) -> HttpResponse:
    """Add a site."""
    school, viewer = _keep_or_403(request, urn)
    form = SiteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.add_site(by=viewer, at=clock.now(), school_id=school.id, **form.cleaned_data)
        messages.success(request, "Site saved.")
        return redirect("schools:school", urn)
    return _form(request, school, form, "Add a site")


def year(request: HttpRequest, urn: int) -> HttpResponse:
    """Set the calendar of a new academic year."""
    school, viewer = _keep_or_403(request, urn)
    form = YearForm(request.POST or None, initial={"year": next_year(clock.today())})
    if request.method == "POST" and form.is_valid():
        label, spans = form.cleaned_data["year"], form.spans
        try:
            calendar = actions.set_calendar(
                by=viewer, at=clock.now(), school_id=school.id, year=label, sessions=sessions_within(spans), spans=spans,
                reason="Entered on the school's page",
            )  # fmt: skip
        except (BadCalendar, actions.CalendarStands) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, f"The calendar of {label} has {len(calendar.sessions)} sessions.")
            return redirect("schools:school", urn)
    return _form(request, school, form, "Add a new academic year")


def estimate(request: HttpRequest, urn: int) -> HttpResponse:
    """Switch the estimate of persistent absence on or off."""
    school, viewer = _keep_or_403(request, urn)
    standing = queries.switch_of(school.id, queries.ESTIMATE)
    form = SwitchForm(request.POST or None, initial={"is_on": "yes" if standing and standing.is_on else "no"})
    if request.method == "POST" and form.is_valid():
        actions.set_switch(by=viewer, at=clock.now(), school_id=school.id, name=queries.ESTIMATE, **form.cleaned_data)
        messages.success(request, f"The estimate is {'on' if form.cleaned_data['is_on'] else 'off'}.")
        return redirect("schools:school", urn)
    return _form(
        request, school, form, "Estimate of persistent absence", template="schools/estimate.html", standing=standing
    )


def _form(
    request: HttpRequest, school: Any, form: Any, heading: str, template: str = "ui/form_page.html", **more: Any
) -> HttpResponse:
    back = reverse("schools:school", args=[school.urn])
    context = {
        "school": school, "form": form, "heading": heading, "cancel_url": back,
        "breadcrumbs": [{"title": "School", "url": back}, {"title": heading, "url": ""}],
        **more,
    }  # fmt: skip
    return render(request, template, context, status=422 if request.method == "POST" else 200)
