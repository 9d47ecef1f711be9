"""The school and the day of an address, and the common parts of register pages: context, lists, exports, pagination."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from haven.attendance.registers.actions.corrections import Wrong, propose_correction
from haven.attendance.registers.actions.exports import note_export
from haven.attendance.registers.calendars import calendar_for, open_days
from haven.attendance.registers.forms.marks import CorrectionForm
from haven.attendance.registers.permissions import (
    may_export_list,
    may_see_registers,
)
from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.errors import ActionRejected, check
from haven.platform.ui.forms import read_day
from haven.platform.ui.tables import Column, Sorting, Table, export
from haven.rules.attendance_codes import UnknownCode
from haven.rules.sessions import academic_year_of

LIST_PAGE = 50


def place_with_registers(request: HttpRequest, urn: int) -> SchoolAccess:
    """The user's place at the school. Raises Http404 if no role there gives access to a register, as for an unknown school."""
    place = place_or_404(request, urn)
    if not may_see_registers(viewer_of(request), place.school_id):
        raise Http404
    return place


def asked_day(request: HttpRequest) -> date:
    """The day of `?on=`, in any usual spelling; today if it is missing. Raises Http404 if it is not a day."""
    words = request.GET.get("on", "").strip()
    if not words:
        return clock.today()
    day = read_day(words)
    if day is None:
        raise Http404
    return day


def proposed(
    request: HttpRequest, place: SchoolAccess, wrong: list[Wrong], form: CorrectionForm
) -> HttpResponseBase | None:
    """Prepare the correction of a valid form and redirect to it. None if it was refused; the form then has the error."""
    given = form.cleaned_data
    try:
        made = propose_correction(
            by=viewer_of(request), at=clock.now(), school_id=place.school_id, items=wrong, code=given["code"],
            reason=given["reason"],
        )  # fmt: skip
    except (ActionRejected, UnknownCode) as problem:
        form.add_error(None, str(problem))
        return None
    messages.success(
        request, f"Prepared: {len(made.items)} to {made.code}. Nothing changes until someone else approves it."
    )
    return redirect("registers:correction", urn=place.urn, ref=made.ref)


def around(school_id: int, on: date) -> dict[str, date | None]:
    """The school days before and after a day, for the links to them."""
    days = open_days(calendar_for(school_id, academic_year_of(on)))
    before, after = [day for day in days if day < on], [day for day in days if day > on]
    return {"day_before": before[-1] if before else None, "day_after": after[0] if after else None}


def frame(place: SchoolAccess, title: str, **more: Any) -> dict[str, Any]:
    """The context of every register page; `title` is its own breadcrumb."""
    home = reverse("registers:registers", args=[place.urn])
    crumbs = [{"title": "Registers", "url": home}, {"title": title}] if title else []
    return {"place": place, "title": title or "Registers", "breadcrumbs": crumbs, "ways": ways(place), **more}


def ways(place: SchoolAccess) -> list[dict[str, str]]:
    """The other pages of registers."""
    pages = (
        ("registers:registers", "Registers of the day"),
        ("registers:school_day", "Whole school on a day"),
        ("registers:missing", "Missing registers"),
        ("planned_absence:plans", "Planned absence"),
        ("registers:unexplained", "Unexplained absences (code N) over 5 school days"),
        ("registers:corrections", "Corrections"),
        ("registers:consistency", "Inconsistent codes"),
        ("registers:codes", "Which code fits?"),
        ("reports:school", "School attendance"),
        ("calendar:calendar", "The school year"),
    )
    return [{"title": title, "url": reverse(name, args=[place.urn])} for name, title in pages]


def pupil_columns(place: SchoolAccess) -> list[Column]:
    """The columns that identify a pupil, for a list whose rows have a `pupil` of `people.queries.Listed`."""
    return [
        Column(
            "pupil", "Pupil", sortable=True, value=lambda row: row.pupil.sorted_name,
            link=lambda row: reverse("site:pupil", args=[place.urn, row.pupil.ref]),
        ),
        Column("year", "Year", value=lambda row: row.pupil.year_title),
        Column("group", "Class", sortable=True, value=lambda row: row.pupil.group),
    ]  # fmt: skip


def listed(
    request: HttpRequest, place: SchoolAccess | Sequence[SchoolAccess], *, caption: str, columns: list[Column], rows: list[Any], name: str,
    nothing: str = "This list is empty.", sort: str = "",
) -> tuple[HttpResponseBase | None, Table]:  # fmt: skip
    """A list as an export, if `?format=` asks for one, and as a table. An export is recorded in the audit events of each school, and refused
    if the user may not export at one of them."""
    viewer = viewer_of(request)
    places = [place] if isinstance(place, SchoolAccess) else list(place)
    decisions = [may_export_list(viewer, school.school_id) for school in places]
    may_export = next((decision for decision in decisions if not decision), decisions[0])
    order = Sorting.asked(request.GET.get("sort", ""), columns, sort)
    column = next((candidate for candidate in columns if candidate.key == order.key and candidate.sortable), None)
    if column is not None:
        rows = sorted(rows, key=lambda row: (column.of(row) is None, column.of(row)), reverse=order.descending)
    form = request.GET.get("format", "")
    answer = None
    if form in ("csv", "xlsx"):
        check(may_export)
        for school in places:
            note_export(by=viewer, at=clock.now(), school_id=school.school_id, what=name, form=form, rows=len(rows))
        answer = export(rows, columns, form=form, name=name)
    table = Table(
        caption, columns, rows, sorted_by=str(order) if column else "", exports=bool(may_export), nothing=nothing
    )
    return answer, table


def paged(request: HttpRequest, table: Table) -> dict[str, Any]:
    """One page of a long list, and its table with the total number of rows."""
    page = Paginator(table.rows, LIST_PAGE).get_page(request.GET.get("page"))
    return {"page": page, "table": replace(table, rows=list(page.object_list), total=len(table.rows))}
