"""Pages of a school's imports: the list, a new file with its preview, applying it, undoing it."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from haven.core.schools.queries import school_by_urn
from haven.exchange.imports.actions import (
    ReceivedFile,
    apply_run,
    begin_run,
    choose_columns,
    discard_run,
    receive_file,
    refuse_run,
    store_plan,
    store_plan_of_run,
    tell_left_behind,
    undo_run,
)
from haven.exchange.imports.formats.registry import formats
from haven.exchange.imports.forms import ColumnsForm, FileForm, ReasonForm
from haven.exchange.imports.jobs import apply_long, read_long, undo_long
from haven.exchange.imports.permissions import may_apply_run, may_import_files, may_import_schools, may_undo_run
from haven.exchange.imports.queries import left_behind, run_by_ref, runs_of, saved_mapping
from haven.exchange.imports.runs.plan import (
    APPLIED_AT_ONCE,
    Choices,
    ImportContext,
    ImportPlan,
    ImportRejected,
    ImportRequest,
)
from haven.exchange.imports.runs.planning import largest_file, plan_file, stored_request
from haven.platform import clock
from haven.platform.accounts.context import AccessContext, SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.errors import check
from haven.platform.ui.tables import Column, Table

READ_AT_ONCE = 2 * 2**20
UNDONE_AT_ONCE = 5_000
STATES = {
    "received": ("Queued to be checked", "grey"), "reading": ("Being checked", "blue"), "read": ("Not imported yet", "amber"),
    "waiting": ("Queued to be imported", "blue"), "applying": ("Being imported", "blue"), "applied": ("Imported", "green"),
    "to_undo": ("Queued to be undone", "blue"), "undoing": ("Being undone", "blue"),
    "refused": ("Refused", "red"), "failed": ("Stopped", "red"), "undone": ("Undone", "grey"),
    "discarded": ("Discarded", "grey"),
}  # fmt: skip
PROBLEM_COLUMNS = [
    Column("row", "Row", numeric=True, value=lambda row: row["row"]),
    Column("column", "Column", value=lambda row: row["column"] or ""),
    Column("severity", "Type", value=lambda row: "Error" if row["severity"] == "error" else "To check"),
    Column("message", "Problem and what to do", value=lambda row: row["message"]),
]


def _place(request: HttpRequest, urn: int) -> SchoolAccess:
    place = place_or_404(request, urn)
    check(may_import_files(viewer_of(request), place.school_id))
    if runs := left_behind(place.school_id):
        tell_left_behind(by=viewer_of(request), at=clock.now(), runs=runs)
    return place


def _run(place: SchoolAccess, ref: UUID) -> Any:
    run = run_by_ref(place.school_id, ref)
    if run is None:
        raise Http404
    return run


def imports(request: HttpRequest, urn: int) -> HttpResponse:
    """The imported files, with who imported them and their outcome."""
    place = _place(request, urn)
    runs = runs_of(place.school_id)
    table = Table(
        "Imported files",
        [
            Column("file", "File", value=lambda run: run.file_name, link=lambda run: _url(place, run)),
            Column("format", "Type", value=lambda run: formats()[run.format].title),
            Column("received", "Received", value=lambda run: timezone.localtime(run.received_at)),
            Column("by", "By", value=lambda run: run.author_name),
            Column("state", "State", value=lambda run: STATES[run.state][0]),
            Column("counted", "Counts", value=lambda run: run.counts.get("counted", "")),
        ],
        runs,
        total=len(runs),
        exports=False,
    )
    return render(request, "imports/imports.html", {"place": place, "table": table, "runs": runs})


def new_import(request: HttpRequest, urn: int) -> HttpResponse:
    """Choose a file; its preview follows."""
    place, viewer, at = _place(request, urn), viewer_of(request), clock.now()
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    with_schools = bool(may_import_schools(viewer, place.school_id))
    form = FileForm(*sent, initial={"format": request.GET.get("format", "")}, with_schools=with_schools)
    if sent and form.is_valid():
        word, file = form.cleaned_data["format"], form.cleaned_data["file"]
        mapping = saved_mapping(place.school_id, word)
        received = ReceivedFile(place.school_id, word, file.file, file.name, mapping)
        if file.size <= READ_AT_ONCE:
            plan = plan_file(_request(ImportContext(viewer, at, school_by_urn(urn)), received, file.size))
            run = store_plan(by=viewer, at=at, plan=plan, received=received)
            plan.close()
        else:
            run = receive_file(by=viewer, at=at, received=received)
            read_long.defer(ref=str(run.ref), user_id=viewer.user_id)
        return redirect(_url(place, run))
    return render(request, "imports/new_import.html", {"place": place, "form": form}, status=422 if sent else 200)


def _url(place: SchoolAccess, run: Any, name: str = "imports:import") -> str:
    return reverse(name, args=[place.urn, run.ref])


def _request(context: ImportContext, received: ReceivedFile, size: int) -> ImportRequest:
    """The request for a file that is being uploaded."""
    return ImportRequest(
        context, received.file_type, received.file, received.name, size, received.mapping, largest_file()
    )


def _plan(viewer: AccessContext, at: datetime, run: Any) -> ImportPlan:
    """What the file of a run would change now."""
    return plan_file(stored_request(ImportContext(viewer, at, run.school), run))


def _read_stored(request: HttpRequest, run: Any) -> None:
    """Read a short file at once; a long one is read by the worker."""
    viewer, at = viewer_of(request), clock.now()
    if run.file_bytes <= READ_AT_ONCE:
        plan = _plan(viewer, at, run)
        store_plan_of_run(by=viewer, at=at, run=run, plan=plan)
        plan.close()
    else:
        read_long.defer(ref=str(run.ref), user_id=viewer.user_id)


def import_(request: HttpRequest, urn: int, ref: UUID) -> HttpResponse:
    """What the file would change, its problems, and its outcome."""
    place = _place(request, urn)
    run = _run(place, ref)
    if request.method != "POST":
        return _show(request, place, run)
    verb = request.POST.get("verb", "")
    deed = {"apply": _apply, "good": _apply, "confirm": _apply, "discard": _discard, "undo": _undo, "read": _read_again}
    if verb not in deed:
        raise Http404
    return deed[verb](request, place, run)


def _show(request: HttpRequest, place: SchoolAccess, run: Any, *, undo: ReasonForm | None = None) -> HttpResponse:
    viewer, counts = viewer_of(request), run.counts
    is_moving = run.state in ("reading", "waiting", "applying", "to_undo", "undoing") or (
        run.state == "received" and not counts.get("said")
    )
    return render(
        request,
        "imports/import.html",
        {
            "place": place, "run": run, "counts": counts, "title": formats()[run.format].title,
            "state": STATES[run.state], "is_moving": is_moving,
            "percent": run.done * 100 // run.total if run.total else 0,
            "strip": _strip(run), "undo": undo or ReasonForm(), "may_undo": may_undo_run(viewer, run),
            "is_open": run.state in ("read", "failed") and bool(may_apply_run(viewer, run)),
            "problems": Table(
                "Problems by row and column", PROBLEM_COLUMNS, run.problems, total=run.problem_count, exports=False
            ),
            "breadcrumbs": [{"title": "Imports", "url": reverse("imports:imports", args=[place.urn])},
                            {"title": run.file_name, "url": ""}],
        },
        status=422 if undo is not None else 200,
    )  # fmt: skip


def _strip(run: Any) -> list[dict[str, Any]]:
    counts = run.counts
    if "new" not in counts:
        return []
    parts = [
        ("new", "new", "green"), ("changed", "changed", "amber"), ("unchanged", "unchanged", ""), ("errors", "errors", "red"),
        ("queries", "to check", ""),
    ]  # fmt: skip
    return [
        {"number": f"{counts.get(key, 0):,}", "label": label, "colour": colour if counts.get(key) else ""}
        for key, label, colour in parts
    ]


def _apply(request: HttpRequest, place: SchoolAccess, run: Any) -> HttpResponse:
    viewer, at, verb = viewer_of(request), clock.now(), request.POST["verb"]
    good_rows_only, confirm = verb == "good", verb == "confirm"
    allowed = may_apply_run(viewer, run)
    if not allowed:
        messages.error(request, allowed.because)
    elif run.counts.get("read", 0) > APPLIED_AT_ONCE:
        begin_run(by=viewer, at=at, run=run, state="waiting")
        apply_long.defer(ref=str(run.ref), user_id=viewer.user_id, good_rows_only=good_rows_only, confirm=confirm)
    else:
        try:
            apply_run(by=viewer, at=at, run=run, choices=Choices(good_rows_only, confirm))
            messages.success(request, f"{run.file_name} was imported.")
        except ImportRejected as refusal:
            refuse_run(by=viewer, at=at, run=run, refusal=refusal)
    return redirect(_url(place, run))


def _discard(request: HttpRequest, place: SchoolAccess, run: Any) -> HttpResponse:
    try:
        discard_run(by=viewer_of(request), at=clock.now(), run=run)
        messages.success(request, f"{run.file_name} was discarded. Nothing was changed.")
    except ImportRejected as refusal:
        messages.error(request, str(refusal))
        return redirect(_url(place, run))
    return redirect("imports:imports", urn=place.urn)


def _undo(request: HttpRequest, place: SchoolAccess, run: Any) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, place, run, undo=form)
    viewer, at, reason = viewer_of(request), clock.now(), form.cleaned_data["reason"]
    if run.state == "applied" and may_undo_run(viewer, run) and _mark_count(run) > UNDONE_AT_ONCE:
        begin_run(by=viewer, at=at, run=run, state="to_undo", reason=reason)
        undo_long.defer(ref=str(run.ref), user_id=viewer.user_id)
        return redirect(_url(place, run))
    try:
        undone = undo_run(by=viewer, at=at, run=run, reason=reason)
        messages.success(request, f"Import undone: {_undone_words(undone.changed, undone.left)}")
    except ImportRejected as refusal:
        messages.error(request, str(refusal))
    return redirect(_url(place, run))


def _mark_count(run: Any) -> int:
    return int(run.counts.get("new", 0) + run.counts.get("changed", 0))


def _undone_words(changed: int, left: int) -> str:
    restored = "1 mark restored." if changed == 1 else f"{changed:,} marks restored."
    if not left:
        return restored
    return f"{restored} {left:,} had been changed since, so {'it was' if left == 1 else 'they were'} not restored."


def _read_again(request: HttpRequest, place: SchoolAccess, run: Any) -> HttpResponse:
    if run.state in ("received", "read", "failed"):
        run.counts = {}
        begin_run(by=viewer_of(request), at=clock.now(), run=run, state="received")
        _read_stored(request, run)
    return redirect(_url(place, run))


def columns(request: HttpRequest, urn: int, ref: UUID) -> HttpResponse:
    """Choose the columns of the file. The choice is saved for the school's next file of this type."""
    place = _place(request, urn)
    run = _run(place, ref)
    if run.state not in ("read", "received"):
        return redirect(_url(place, run))
    sent = request.POST if request.method == "POST" else None
    form = ColumnsForm(run.format, run.counts.get("headings", []), run.mapping, sent)
    if sent is not None and form.is_valid():
        choose_columns(by=viewer_of(request), at=clock.now(), run=run, mapping=form.mapping())
        _read_stored(request, run)
        return redirect(_url(place, run))
    context = {"place": place, "run": run, "form": form}
    return render(request, "imports/columns.html", context, status=200 if sent is None else 422)


def problems(request: HttpRequest, urn: int, ref: UUID) -> HttpResponse:
    """Every problem of the file as CSV."""
    place = _place(request, urn)
    run = _run(place, ref)
    plan = _plan(viewer_of(request), clock.now(), run)
    content = io.BytesIO()
    plan.log.copy_to(content)
    plan.close()
    answer = HttpResponse(content.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="problems-{run.ref}.csv"'
    return answer
