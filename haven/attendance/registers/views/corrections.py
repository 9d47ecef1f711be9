"""Marks that need attention, and bulk corrections with a second person."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from haven.attendance.registers.actions.corrections import Wrong, decide_correction
from haven.attendance.registers.code_picker import code_groups
from haven.attendance.registers.forms.marks import CorrectionForm, DecisionForm
from haven.attendance.registers.page import asked_day, frame, listed, place_with_registers, proposed
from haven.attendance.registers.permissions import may_decide_correction, may_propose_correction
from haven.attendance.registers.queries.corrections import correction_by_ref, corrections_of, items_of
from haven.attendance.registers.queries.worklists import (
    CODES_COMPARED_FOR,
    inconsistent_codes,
    same_reason_different_codes,
    unexplained_older_than,
)
from haven.platform import clock
from haven.platform.accounts.lookup import viewer_of
from haven.platform.errors import ActionRejected, check
from haven.platform.ui.tables import Column
from haven.rules.editions import citation
from haven.rules.unexplained import PROPOSED_CODE, REASON

N_COLUMNS = [
    Column("name", "Pupil"),
    Column("group", "Class"),
    Column("on", "Day"),
    Column("half", "Session", value=lambda row: row.half.value),
    Column("school_days", "School days since", numeric=True),
    Column("runs_out_on", "Last day of N"),
    Column("proposed", "Proposed"),
]


def unexplained(request: HttpRequest, urn: int) -> HttpResponseBase:
    """Marks N whose time for an explanation has passed. The user chooses some of them and a code, O by default; a second person approves
    the correction."""
    place, on = place_with_registers(request, urn), asked_day(request)
    rows = unexplained_older_than(school_id=place.school_id, on=on)
    answer, table = listed(
        request, place, caption="Unexplained absences (code N) over 5 school days", columns=N_COLUMNS, rows=rows,
        name=f"unexplained-{on.isoformat()}",
    )  # fmt: skip
    if answer:
        return answer
    viewer = viewer_of(request)
    may_propose = may_propose_correction(viewer, place.school_id)
    proposal = {"code": PROPOSED_CODE, "reason": REASON}
    form = CorrectionForm(request.POST if request.method == "POST" else None, on=on, initial=proposal)
    chosen = set(request.POST.getlist("mark"))
    if request.method == "POST":
        check(may_propose)
        items = [row for row in rows if row.key in chosen]
        if not items:
            form.add_error(None, "Choose at least one mark.")
        elif form.is_valid():
            wrong = [Wrong(row.enrolment_id, row.on, row.half, "N") for row in items]
            if prepared := proposed(request, place, wrong, form):
                return prepared
    context = frame(
        place, "Unexplained absences (code N) over 5 school days", on=on, rows=rows, form=form, chosen=chosen, table=table,
        may_propose=may_propose, groups=code_groups(on), guidance=citation("attendance", on),
    )  # fmt: skip
    return render(request, "registers/unexplained.html", context, status=422 if form.is_bound else 200)


def corrections(request: HttpRequest, urn: int) -> HttpResponseBase:
    """Bulk corrections: those that wait for a second person, and those that are decided."""
    place = place_with_registers(request, urn)
    rows = corrections_of(school_id=place.school_id)

    def address(row: Any) -> str:
        return reverse("registers:correction", args=[urn, row.ref])

    columns = [
        Column("proposed_at", "Prepared", link=address),
        Column("author_name", "By"),
        Column("marks", "Marks", numeric=True, value=lambda row: len(row.items)),
        Column("code", "To"),
        Column("reason", "Why"),
        Column("decision", "Decision", value=lambda row: (row.decision or "waits").capitalize()),
        Column("decided_by_name", "Decided by"),
        Column("decided_at", "When"),
    ]
    answer, table = listed(
        request, place, caption="Corrections", columns=columns, rows=rows, name="corrections",
        nothing="No corrections have been prepared. Choose marks in a register, or on the list of Unexplained absences (code N) over 5 school days.",
    )  # fmt: skip
    waiting = sum(row.decided_at is None for row in rows)
    context = frame(place, "Corrections", table=table, waiting=waiting)
    return answer or render(request, "registers/corrections.html", context)


def correction(request: HttpRequest, urn: int, ref: uuid.UUID) -> HttpResponse:
    """One bulk correction: the marks that would change, and its approval."""
    place, viewer = place_with_registers(request, urn), viewer_of(request)
    bulk_correction = correction_by_ref(school_id=place.school_id, ref=ref)
    if bulk_correction is None:
        raise Http404
    may_decide = may_decide_correction(viewer, bulk_correction)
    form = DecisionForm(request.POST or None)
    if request.method == "POST":
        check(may_decide)
        if form.is_valid() and _decide(request, bulk_correction.ref, form):
            return redirect("registers:correction", urn=urn, ref=ref)
    items = items_of(bulk_correction)
    context = frame(
        place, f"{len(items)} marks to {bulk_correction.code}", correction=bulk_correction, items=items, may_decide=may_decide, form=form,
        changed=sum(item.is_done for item in items), moved=sum(item.has_moved for item in items),
    )  # fmt: skip
    return render(request, "registers/correction.html", context, status=422 if form.is_bound else 200)


def _decide(request: HttpRequest, ref: uuid.UUID, form: DecisionForm) -> bool:
    given = form.cleaned_data
    approve = given["decision"] == "approve"
    try:
        done = decide_correction(
            by=viewer_of(request), at=clock.now(), ref=ref, approve=approve, reason=given["reason"]
        )
    except ActionRejected as problem:
        form.add_error(None, str(problem))
        return False
    of = done.changed + done.left
    left = " The others are unchanged, because someone else has changed them since." if done.left else ""
    messages.success(
        request,
        f"Approved: {done.changed} of {of} changed.{left}" if approve else "Refused. Nothing was changed.",
    )
    return True


def consistency(request: HttpRequest, urn: int) -> HttpResponseBase:
    """Inconsistent codes of the last four weeks."""
    place, on = place_with_registers(request, urn), asked_day(request)
    span = {"first_on": on - CODES_COMPARED_FOR, "last_on": on}
    rows = inconsistent_codes(school_id=place.school_id, **span)

    def address(row: Any) -> str:
        return reverse("registers:mark", args=[urn, row.enrolment_ref, row.on, "PM"])

    columns = [
        Column("name", "Pupil", sortable=True, link=address),
        Column("group", "Class", sortable=True),
        Column("on", "Day"),
        Column("am", "Morning"),
        Column("pm", "Afternoon"),
    ]
    answer, table = listed(
        request, place, caption="Two absence codes on one day", columns=columns, rows=rows,
        name=f"codes-{on.isoformat()}", nothing="Morning and afternoon codes are consistent on every day of these four weeks.",
    )  # fmt: skip
    reasons = same_reason_different_codes(school_id=place.school_id, **span)
    context = frame(place, "Inconsistent codes", on=on, table=table, reasons=reasons, first_on=span["first_on"])
    return answer or render(request, "registers/consistency.html", context)
