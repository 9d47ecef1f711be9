"""Pages of Part One of Keeping children safe in education: confirming a reading, and the readings of all staff."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.errors import check
from haven.platform.ui.tables import Column, Table
from haven.rules.decision import Decision
from haven.rules.editions import Check, Reading, citation
from haven.rules.staff_reading import GUIDANCE, edition_to_read, required_of_all
from haven.workforce.actions import ReadingRejected, record_reading
from haven.workforce.forms import ReadingForm
from haven.workforce.permissions import may_record_reading, may_see_readings
from haven.workforce.queries import own_receipt, own_receipts, readings_of_staff

COLUMNS = (
    Column("name", "Name"),
    Column("read_on", "Date read", value=lambda row: row.read_on or "Not confirmed"),
)


def part_one(request: HttpRequest, urn: int) -> HttpResponse:
    """Confirm having read Part One of the edition in force; lists earlier receipts."""
    place, viewer, today = place_or_404(request, urn), viewer_of(request), clock.today()
    _check(may_record_reading(viewer, place.school_id))
    edition = edition_to_read(today)
    context: dict[str, Any] = {
        "place": place, "edition": edition, "may_see_staff": may_see_readings(viewer, place.school_id),
    }  # fmt: skip
    if edition is None:
        return render(request, "workforce/part_one.html", context)
    receipt = own_receipt(school_id=place.school_id, user_id=viewer.user_id, edition=edition)
    form = ReadingForm(request.POST or None, edition=edition, today=today, initial={"read_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            record_reading(
                by=viewer, at=clock.now(), today=today, edition=edition, read_on=form.cleaned_data["read_on"]
            )
        except ReadingRejected as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, "You have confirmed that you read Part One.")
            return redirect("workforce:part_one", urn)
    context |= {
        "receipt": receipt, "form": form, "citation": citation(GUIDANCE, today), "required": _requirement(required_of_all(today)),
        "receipts": own_receipts(school_id=place.school_id, user_id=viewer.user_id),
    }  # fmt: skip
    return render(request, "workforce/part_one.html", context, status=422 if form.errors else 200)


def part_one_staff(request: HttpRequest, urn: int) -> HttpResponse:
    """List which staff have read Part One of the edition in force."""
    place, viewer, today = place_or_404(request, urn), viewer_of(request), clock.today()
    _check(may_see_readings(viewer, place.school_id))
    edition = edition_to_read(today)
    context: dict[str, Any] = {"place": place, "edition": edition, "breadcrumbs": _breadcrumbs(place)}
    if edition is not None:
        staff = readings_of_staff(school_id=place.school_id, edition=edition, on=clock.today())
        context |= {
            "table": Table("Staff", COLUMNS, staff, exports=False, nothing="No staff have a role at this school yet."),
            "total": len(staff), "confirmed": sum(person.read_on is not None for person in staff),
            "citation": citation(GUIDANCE, today), "required": _requirement(required_of_all(today)),
        }  # fmt: skip
    return render(request, "workforce/part_one_staff.html", context)


def _requirement(reading: Reading | None) -> str:
    """The sentence about whether all staff read Part One in full, marked if the source was not verified."""
    if reading is None:
        return ""
    marked = "" if reading.check is Check.VERIFIED else " (not verified)"
    if reading.value == "yes":
        return f"All staff must read Part One of each edition in full{marked}."
    return f"Staff who do not work directly with children may read annex A instead{marked}."


def _check(decision: Decision) -> None:
    check(decision)


def _breadcrumbs(place: SchoolAccess) -> list[dict[str, str]]:
    return [
        {"title": "Training", "url": reverse("workforce:part_one", args=[place.urn])},
        {"title": "Staff", "url": ""},
    ]
