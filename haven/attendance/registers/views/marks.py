"""One mark with its history, and the guide to the codes."""

import uuid
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from haven.attendance.registers.actions.registers import amend_mark
from haven.attendance.registers.code_picker import code_groups
from haven.attendance.registers.forms.marks import MarkForm
from haven.attendance.registers.page import asked_day, frame, place_with_registers
from haven.attendance.registers.permissions import may_amend_mark
from haven.attendance.registers.queries.marks import MarkNow, history_of_mark, mark_now
from haven.attendance.registers.queries.visibility_key import pupils_in_sight
from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import viewer_of
from haven.platform.errors import ActionRejected, check
from haven.rules.attendance_codes import code_for
from haven.rules.sessions import Half


def mark(request: HttpRequest, urn: int, enrolment: uuid.UUID, on: date, half: str) -> HttpResponse:
    """One mark: its current value, its history with authors and reasons, and the form to change it."""
    place, viewer = place_with_registers(request, urn), viewer_of(request)
    current = _mark(place, enrolment, on, Half(half))
    may_change = may_amend_mark(viewer, place.school_id)
    initial = {"code": current.symbol, "seen": current.symbol, "minutes_late": current.minutes_late}
    form = MarkForm(request.POST or None, initial=initial, on=on, half=Half(half))
    if request.method == "POST":
        check(may_change)
        if form.is_valid() and _change(request, current, form):
            return redirect(request.path)
    context = frame(
        place, f"{current.enrolment.pupil.name}, {half}", mark=current, form=form, may_change=may_change, on=on,
        code=code_for(current.symbol) if current.symbol else None, groups=code_groups(on, Half(half)),
        events=history_of_mark(sheet=current.sheet, on=on, half=Half(half)) if current.sheet else [],
    )  # fmt: skip
    return render(request, "registers/mark.html", context, status=422 if form.is_bound else 200)


def _mark(place: SchoolAccess, enrolment: uuid.UUID, on: date, half: Half) -> MarkNow:
    current = mark_now(school_id=place.school_id, enrolment_ref=enrolment, on=on, half=half)
    in_sight = pupils_in_sight(place.school_id)
    if (
        current is None
        or not current.is_session
        or (in_sight is not None and current.enrolment.pupil_id not in in_sight)
    ):
        raise Http404
    if on > clock.today():
        raise Http404
    return current


def _change(request: HttpRequest, current: MarkNow, form: MarkForm) -> bool:
    """Change the mark; a refusal is shown on the form."""
    given = form.cleaned_data
    try:
        done = amend_mark(
            by=viewer_of(request), at=clock.now(), enrolment_id=current.enrolment.id, on=current.on, half=current.half,
            symbol=given["code"], reason=given["reason"], minutes_late=given["minutes_late"], expected=given["seen"],
        )  # fmt: skip
    except ActionRejected as problem:
        form.add_error(None, str(problem))
        return False
    words = f"{done.original or 'no mark'} is now {done.amended or 'no mark'}" if done.is_changed else "as it was"
    messages.success(request, f"Saved: {words}.")
    return True


def codes(request: HttpRequest, urn: int) -> HttpResponse:
    """Every code that may be used in a register on a day: its meaning, what to ask, and the guidance."""
    place, on = place_with_registers(request, urn), asked_day(request)
    return render(request, "registers/codes.html", frame(place, "Which code fits?", on=on, groups=code_groups(on)))
