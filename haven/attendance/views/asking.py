"""What an address asks for: the school, the day, the class; and what every page of registers carries."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from haven import clock
from haven.access.entrance import place_or_404, viewer_of
from haven.access.viewer import Place
from haven.attendance.actions import Refused, Wrong, note_export, propose_correction
from haven.attendance.calendars import calendar_for, open_days
from haven.attendance.forms.marks import CorrectionForm
from haven.attendance.permissions import (
    may_export_list,
    may_see_aggregates,
    may_see_estimate,
    may_see_outside_figures,
    may_see_registers,
)
from haven.attendance.schools_figures import places_compared
from haven.people.permissions import reads_compartment
from haven.rules.attendance_codes import UnknownCode
from haven.rules.decision import Decision
from haven.rules.sessions import academic_year_of
from haven.rules.visibility import Compartment
from haven.ui.forms import read_day
from haven.ui.tables import Column, Sorting, Table, export

LIST_PAGE = 50


def place_with_registers(request: HttpRequest, urn: int) -> Place:
    """The viewer's place at the school, if some role there opens a register; otherwise it is as if there were none: Http404."""
    place = place_or_404(request, urn)
    if not may_see_registers(viewer_of(request), place.school_id):
        raise Http404
    return place


def demand(decision: Decision) -> None:
    """Raise PermissionDenied with the sentence unless it is allowed."""
    if not decision:
        raise PermissionDenied(decision.because)


def asked_day(request: HttpRequest) -> date:
    """The day of `?on=`, as people write it; today without one. Raises Http404 for words that are no day."""
    words = request.GET.get("on", "").strip()
    if not words:
        return clock.today()
    day = read_day(words)
    if day is None:
        raise Http404
    return day


def proposed(request: HttpRequest, place: Place, wrong: list[Wrong], form: CorrectionForm) -> HttpResponseBase | None:
    """Prepare the change of these marks that a valid form asks for, and go to it; None where something stands on the form instead."""
    given = form.cleaned_data
    try:
        made = propose_correction(
            by=viewer_of(request), at=clock.now(), school_id=place.school_id, items=wrong, code=given["code"],
            reason=given["reason"],
        )  # fmt: skip
    except (Refused, UnknownCode) as problem:
        form.add_error(None, str(problem))
        return None
    messages.success(
        request, f"Prepared: {len(made.items)} to {made.code}. It changes nothing until somebody else approves it."
    )
    return redirect("attendance:correction", urn=place.urn, ref=made.ref)


def around(school_id: int, on: date) -> dict[str, date | None]:
    """The school days before and after a day, for the links beside it."""
    days = open_days(calendar_for(school_id, academic_year_of(on)))
    before, after = [day for day in days if day < on], [day for day in days if day > on]
    return {"day_before": before[-1] if before else None, "day_after": after[0] if after else None}


def frame(place: Place, title: str, **more: Any) -> dict[str, Any]:
    """What every page of registers carries; `title` is its own place in the way back."""
    home = reverse("attendance:registers", args=[place.urn])
    crumbs = [{"title": "Registers", "url": home}, {"title": title}] if title else []
    return {"place": place, "title": title or "Registers", "breadcrumbs": crumbs, "ways": ways(place), **more}


def ways(place: Place) -> list[dict[str, str]]:
    """The other pages of registers."""
    pages = (
        ("registers", "Registers of the day"),
        ("school_day", "The whole school on a day"),
        ("missing", "Missing registers"),
        ("plans", "Planned absence"),
        ("unexplained", "N older than five school days"),
        ("corrections", "Corrections"),
        ("consistency", "Codes that do not fit together"),
        ("codes", "Which code fits?"),
        ("school", "Attendance of the school"),
        ("calendar", "The school year"),
    )
    return [{"title": title, "url": reverse(f"attendance:{name}", args=[place.urn])} for name, title in pages]


def school_frame(request: HttpRequest, place: Place, title: str, **more: Any) -> dict[str, Any]:
    """What every page of the school's figures carries; `title` is its own place in the way back."""
    home = reverse("attendance:school", args=[place.urn])
    crumbs = [{"title": "Attendance of the school", "url": home}, {"title": title}]
    return {"place": place, "title": title, "breadcrumbs": crumbs, "questions": questions(request, place), **more}


def questions(request: HttpRequest, place: Place) -> list[dict[str, Any]]:
    """The pages of the school's figures that the viewer may open, by what they are about; a subject without any is left out."""
    viewer, school_id = viewer_of(request), place.school_id
    sees = may_see_registers(viewer, school_id)
    compares = len(viewer.places) > 1 and any(places_compared(viewer))
    subjects = (
        ("The school", (
            ("school", "How it is doing", sees or may_see_aggregates(viewer, school_id)),
            ("unusual", "What stands out", sees),
            ("groups", "Figures by group", sees),
            ("outside", "Figures without names", may_see_outside_figures(viewer, school_id)),
            ("schools", "Your schools side by side", compares),
        )),
        ("Pupils", (
            ("crossed", "Who crossed a line", sees),
            ("within", "Pupils by attendance", sees),
            ("suspended", "Suspended pupils", sees),
            ("estimate", "Who may become persistently absent", may_see_estimate(viewer, school_id)),
            ("severe", "Severely absent pupils", len(viewer.places) > 1 and sees and not compares),
        )),
        ("What helps", (
            ("impact", "What came of help", sees),
            ("pack", "Meeting pack", reads_compartment(viewer, school_id, Compartment.ATTENDANCE)),
            ("poster", "Class posters", sees),
        )),
    )  # fmt: skip
    found = [
        {"title": subject, "pages": [{"title": title, "url": _page(name, place)} for name, title, may in pages if may]}
        for subject, pages in subjects
    ]
    return [each for each in found if each["pages"]]


def _page(name: str, place: Place) -> str:
    """The address of a page about one school, or about all of the viewer's."""
    return reverse(f"attendance:{name}", args=[] if name in ("schools", "severe") else [place.urn])


def pupil_columns(place: Place) -> list[Column]:
    """Who it is: the first columns of a list whose rows have a `pupil` of `people.queries.Listed`."""
    return [
        Column(
            "pupil", "Pupil", sortable=True, value=lambda row: row.pupil.sorted_name,
            link=lambda row: reverse("home:pupil", args=[place.urn, row.pupil.ref]),
        ),
        Column("year", "Year", value=lambda row: row.pupil.year_title),
        Column("group", "Class", sortable=True, value=lambda row: row.pupil.group),
    ]  # fmt: skip


def listed(
    request: HttpRequest, place: Place | Sequence[Place], *, caption: str, columns: list[Column], rows: list[Any], name: str,
    nothing: str = "Nothing is on this list.", sort: str = "",
) -> tuple[HttpResponseBase | None, Table]:  # fmt: skip
    """A list as a file, where `?format=` asks for one (kept in the audit record of each school; refused without the right at one of
    them), and as a table."""
    viewer = viewer_of(request)
    places = [place] if isinstance(place, Place) else list(place)
    decisions = [may_export_list(viewer, each.school_id) for each in places]
    may_export = next((each for each in decisions if not each), decisions[0])
    order = Sorting.asked(request.GET.get("sort", ""), columns, sort)
    column = next((each for each in columns if each.key == order.key and each.sortable), None)
    if column is not None:
        rows = sorted(rows, key=lambda row: (column.of(row) is None, column.of(row)), reverse=order.descending)
    form = request.GET.get("format", "")
    answer = None
    if form in ("csv", "xlsx"):
        demand(may_export)
        for each in places:
            note_export(by=viewer, at=clock.now(), school_id=each.school_id, what=name, form=form, rows=len(rows))
        answer = export(rows, columns, form=form, name=name)
    table = Table(
        caption, columns, rows, sorted_by=str(order) if column else "", exports=bool(may_export), nothing=nothing
    )
    return answer, table


def paged(request: HttpRequest, table: Table) -> dict[str, Any]:
    """One page of a long list, and its table with the length of the whole."""
    page = Paginator(table.rows, LIST_PAGE).get_page(request.GET.get("page"))
    return {"page": page, "table": replace(table, rows=list(page.object_list), total=len(table.rows))}
