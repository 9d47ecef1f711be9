"""The school's year: when it is open, and changes of it with a preview of their effects."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from haven.attendance.calendar.actions import change_year
from haven.attendance.calendar.change import SESSIONS_OF_A_YEAR, preview_change
from haven.attendance.calendar.forms import TITLES, StretchForm, TakeAwayForm
from haven.attendance.calendar.queries import cells_of_year, register_minutes
from haven.attendance.registers.errors import MarkChanged
from haven.attendance.registers.permissions import may_change_calendar
from haven.attendance.registers.queries.days import last_begun
from haven.core.schools import queries
from haven.core.schools.calendars import KINDS, BadCalendar, Span
from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.errors import ActionRejected, check
from haven.rules.sessions import academic_year_of, session_of, year_before, year_bounds

Form = StretchForm | TakeAwayForm


def calendar(request: HttpRequest, urn: int) -> HttpResponse:
    """The academic year: open days, closures, and the times at which registers close."""
    place = place_or_404(request, urn)
    years = [row.year for row in queries.calendars_of(place.school_id)]
    today = clock.today()
    year = request.GET.get("year") or (academic_year_of(today) if academic_year_of(today) in years else "")
    year = year or (years[0] if years else academic_year_of(today))
    if years and year not in years:
        raise Http404
    standing = queries.calendar_for(place.school_id, year)
    cells = cells_of_year(school_id=place.school_id, year=year, on=today) if standing else []
    times = queries.session_times_of(place.school_id)
    context = _frame(
        place, year, "", years=years, calendar=standing, cells=cells, spans=_spans(place, year),
        may_change=may_change_calendar(viewer_of(request), place.school_id), kinds=TITLES,
        open_days=len({session_of(key).on for key in standing.sessions}) if standing else 0,
        least=SESSIONS_OF_A_YEAR, times=[(row, register_minutes(row)) for row in times], today=today,
    )  # fmt: skip
    return render(request, "calendar/calendar.html", context)


def add_stretch(request: HttpRequest, urn: int, year: str, kind: str) -> HttpResponse:
    """Close the school for a day or half of one; add an INSET day, a holiday or a term."""
    place = _place(request, urn, year)
    if kind not in TITLES:
        raise Http404
    today, (first, last) = clock.today(), year_bounds(year)
    start = {"seen": queries.year_mark(place.school_id, year), "first_on": min(max(today, first), last), "half": "day"}
    return _change(request, place, year, lambda data: StretchForm(data, kind=kind, initial=start), TITLES[kind])


def change_stretch(request: HttpRequest, urn: int, year: str, span_id: int) -> HttpResponse:
    """Change the days of a term, an INSET day or a closure."""
    place = _place(request, urn, year)
    span = _span_or_404(place, year, span_id)
    start = {"seen": queries.year_mark(place.school_id, year)}
    title = f"Change {span.name}"
    return _change(
        request, place, year, lambda data: StretchForm(data, kind=span.kind, standing=span, initial=start), title
    )


def take_stretch_away(request: HttpRequest, urn: int, year: str, span_id: int) -> HttpResponse:
    """Remove a closure that did not happen, or an INSET day that moved."""
    place = _place(request, urn, year)
    span = _span_or_404(place, year, span_id)
    start = {"seen": queries.year_mark(place.school_id, year)}
    return _change(
        request, place, year, lambda data: TakeAwayForm(data, standing=span, initial=start), f"Remove {span.name}"
    )


def _place(request: HttpRequest, urn: int, year: str) -> SchoolAccess:
    """The user's place, if they may change this year and it has a calendar."""
    place = place_or_404(request, urn)
    check(may_change_calendar(viewer_of(request), place.school_id))
    if queries.calendar_for(place.school_id, year) is None:
        raise Http404
    return place


def _span_or_404(place: SchoolAccess, year: str, span_id: int) -> Span:
    row = next((row for row in queries.spans_of(place.school_id, year) if row.id == span_id), None)
    if row is None:
        raise Http404
    return Span(row.kind, row.name, row.begins_on, row.ends_on, row.half)


def _change(
    request: HttpRequest, place: SchoolAccess, year: str, form_of: Callable[[Any], Form], title: str
) -> HttpResponse:
    """Show the form, then the preview of the change, and apply it after confirmation."""
    if request.method != "POST":
        return _asked(request, place, year, form_of(None), title, None)
    form = form_of(request.POST)
    preview = None
    if form.is_valid():
        spans = form.year_with(queries.stretches_of(place.school_id, year))
        if request.POST.get("step") == "apply" and _apply(request, place, year, form, spans):
            return redirect(f"{reverse('calendar:calendar', args=[place.urn])}?year={year}")
        preview = _previewed(place, year, form, spans) if not form.errors else None
    return _asked(request, place, year, form, title, preview)


def _previewed(place: SchoolAccess, year: str, form: Form, spans: list[Span]) -> Any:
    school, today = queries.school_by_urn(place.urn), clock.today()
    begun = last_begun(place.school_id, today, clock.now())
    try:
        return preview_change(school=school, year=year, spans=spans, on=today, begun=begun) if school else None
    except BadCalendar as problem:
        form.add_error(None, str(problem))
        return None


def _apply(request: HttpRequest, place: SchoolAccess, year: str, form: Form, spans: list[Span]) -> bool:
    given = form.cleaned_data
    try:
        done = change_year(
            by=viewer_of(request), at=clock.now(), school_id=place.school_id, year=year, spans=spans,
            reason=given["reason"], seen=given["seen"], confirm=True,
        )  # fmt: skip
    except (ActionRejected, BadCalendar) as problem:
        form.add_error(None, str(problem))
        if isinstance(problem, MarkChanged):
            form.data = {**request.POST.dict(), "seen": queries.year_mark(place.school_id, year)}
        return False
    put_aside = f" Marks withdrawn and kept in history: {done.marks_put_aside:,}." if done.marks_put_aside else ""
    messages.success(request, f"The calendar is changed: {len(done.calendar.sessions)} sessions in {year}.{put_aside}")
    return True


def _asked(request: HttpRequest, place: SchoolAccess, year: str, form: Form, title: str, preview: Any) -> HttpResponse:
    context = _frame(
        place, year, title, form=form, preview=preview, is_take_away=isinstance(form, TakeAwayForm),
        least=SESSIONS_OF_A_YEAR, before=year_before(year),
    )  # fmt: skip
    return render(request, "calendar/calendar_change.html", context, status=422 if form.errors else 200)


def _spans(place: SchoolAccess, year: str) -> list[dict[str, Any]]:
    rows = queries.spans_of(place.school_id, year)
    return [{"span": row, "kind": KINDS.get(row.kind, row.kind)} for row in rows]


def _frame(place: SchoolAccess, year: str, title: str, **more: Any) -> dict[str, Any]:
    home = reverse("calendar:calendar", args=[place.urn])
    crumbs = [{"title": "School year", "url": f"{home}?year={year}"}, {"title": title}] if title else []
    return {"place": place, "year": year, "title": title or f"School year {year}", "breadcrumbs": crumbs, **more}
