"""Actions on imports: storing a file, applying it and, for marks, undoing it. `planning.plan_file` works out beforehand what a file would
change.

    plan = plan_file(request)                      # reads and compares; changes nothing
    run = store_plan(by=..., at=..., plan=plan, file=file, ...)    # stores the file unchanged, and its plan
    figures = apply_run(by=..., at=..., run=run)   # one transaction, under the locks of the rows it writes

Commands, pages and jobs use these steps for every file type. The state "applying" is committed before the work; the changes and the new
state are then committed in one transaction. If a server stops in the middle, no data has changed, and `tell_left_behind` corrects the
state of the runs that `queries.left_behind` finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from haven.attendance.registers.actions.imports import Undone, undo_import
from haven.core.schools.calendars import BadCalendar
from haven.exchange.imports.models import ImportRun
from haven.exchange.imports.permissions import may_apply_run, may_import_word, may_undo_run
from haven.exchange.imports.runs.locks import lock_imports
from haven.exchange.imports.runs.plan import (
    WHOLE_FILE,
    Choices,
    Figures,
    FileContents,
    ImportContext,
    ImportPlan,
    ImportRejected,
    as_dict,
)
from haven.exchange.imports.runs.planning import compare, read_file, stored_request
from haven.exchange.imports.runs.progress_reporter import Part, Progress, no_progress
from haven.exchange.imports.runs.stored import keep_file
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.errors import ActionRejected
from haven.rules.attendance_codes import UnknownCode

STOPPED = "The server stopped during this import. Nothing was changed. Import the file again."
STOPPED_UNDOING = "The server stopped while undoing this import. Nothing was changed. Undo it again."
STOPPED_READING = "The server stopped while reading this file. Nothing was changed. Check the file again."

LEFT_BEHIND = {
    "applying": ("failed", STOPPED), "reading": ("received", STOPPED_READING), "undoing": ("applied", STOPPED_UNDOING),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file to be stored for a school. `mapping` maps headings to fields; `ref` is the reference of its run."""

    school_id: int
    file_type: str
    file: BinaryIO
    name: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    ref: UUID = field(default_factory=uuid4)


@action
def receive_file(*, by: AccessContext, at: datetime, received: ReceivedFile) -> ImportRun:
    """Store a file unchanged, and create a run that reads it later. Raises ImportRejected if the viewer may not import."""
    return _stored(by, at, received, None, "received")


@action
def store_plan(
    *, by: AccessContext, at: datetime, plan: ImportPlan, received: ReceivedFile, is_applied_next: bool = False
) -> ImportRun:
    """Store a file unchanged with its plan (counts, examples, the first problems). With `is_applied_next` the state of the run is
    "applying". Raises ImportRejected if the viewer may not import."""
    if is_applied_next:
        return _stored(by, at, received, plan, "applying")
    run = _stored(by, at, received, plan, "read")
    _note(by, at, "imports.read_run", run, _brief(plan))
    return run


@action
def store_plan_of_run(*, by: AccessContext, at: datetime, run: ImportRun, plan: ImportPlan) -> None:
    """Store the plan of a file that was received earlier."""
    _keep_plan(run, plan)
    run.state = "read"
    run.save()
    _note(by, at, "imports.read_run", run, _brief(plan))


def _stored(by: AccessContext, at: datetime, received: ReceivedFile, plan: ImportPlan | None, state: str) -> ImportRun:
    allowed = may_import_word(by, received.school_id, received.file_type)
    if not allowed:
        raise ImportRejected(allowed.because, plan)
    run = ImportRun(
        ref=received.ref, school_id=received.school_id,
        author_id=by.user_id, author_name=by.name, format=received.file_type, file_name=received.name, file_bytes=0,
        sha256="", mapping=dict(received.mapping), received_at=at, state=state,
    )  # fmt: skip
    if plan is not None:
        _keep_plan(run, plan)
    keep_file(run, received.file)
    _note(by, at, "imports.receive_file", run, {"format": run.format, "bytes": run.file_bytes})
    return run


@action
def begin_run(*, by: AccessContext, at: datetime, run: ImportRun, state: str, reason: str = "") -> None:
    """Record that a job works on a run or is queued: `state` is "reading", "waiting", "applying", "to_undo" or "undoing". `reason` is the
    reason for undoing, stored for the job. The caller commits before the work begins."""
    run.state, run.done, run.total = state, 0, 0
    if reason:
        run.counts = {**run.counts, "undo_reason": reason.strip(), "said": ""}
    run.save(update_fields=["state", "done", "total", "counts"])
    _note(by, at, "imports.begin_run", run, {"state": state}, reason=reason)


@action
def apply_run(
    *, by: AccessContext, at: datetime, run: ImportRun, choices: Choices = WHOLE_FILE, plan: ImportPlan | None = None,
    on_progress: Progress = no_progress,
) -> Figures:  # fmt: skip
    """Apply the file of a run, in full or its good rows only; returns the figures.

    Waits for another import of the school to end. Then compares the file again, under the locks of the rows that it writes. A caller that
    has just planned this file passes `plan`: the file is not read again, and is compared again only if a row has changed since. Raises
    ImportRejected, with the new plan if there is one; in that case nothing was changed.
    """
    lock_imports(None if run.format == "schools" else run.school_id)
    run.refresh_from_db(fields=["state", "counts", "mapping"])
    allowed = may_apply_run(by, run)
    if not allowed:
        raise ImportRejected(allowed.because)
    context = ImportContext(by, at, run.school)
    contents = plan.contents if plan else read_file(stored_request(context, run), Part(on_progress, 0, 2))
    applied, figures = _applied(context, contents, plan, choices, run.ref, Part(on_progress, 1, 2))
    _keep_plan(run, applied)
    run.counts = {**run.counts, **figures.as_dict(), "left_out": applied.log.counts["error"]}
    run.state, run.applied_at = "applied", at
    run.save(update_fields=["state", "applied_at", "counts", "problems", "problem_count"])
    _note(by, at, "imports.apply_run", run, {**figures.as_dict(), "good_rows_only": choices.good_rows_only})
    return figures


@action
def apply_plan(
    *,
    by: AccessContext,
    at: datetime,
    plan: ImportPlan,
    choices: Choices = WHOLE_FILE,
    on_progress: Progress = no_progress,
) -> Figures:
    """Apply a file that is not stored: a file of schools from the console, which belongs to no school. Otherwise as `apply_run`."""
    lock_imports(None)
    return _applied(ImportContext(by, at, None), plan.contents, plan, choices, None, on_progress)[1]


def _applied(
    context: ImportContext, contents: FileContents[Any], before: ImportPlan | None, choices: Choices, import_ref: UUID | None,
    on_progress: Progress,
) -> tuple[ImportPlan, Figures]:  # fmt: skip
    """Compare under locks, and write the differences; returns the plan that was written, and the figures."""
    contents.type.lock(context, contents)
    if before is not None and before.fingerprint and before.fingerprint == contents.type.fingerprint(context, contents):
        plan = before  # no row that it was compared with has changed
    else:
        plan = compare(context, contents, choices.confirm)
    if why_not := plan.why_refused(choices):
        raise ImportRejected(why_not, plan)
    if not plan.figures.differing:
        return plan, plan.figures
    try:
        done = plan.type.write(context, plan.file, plan.comparison.changes, import_ref, on_progress)
    except (ActionRejected, UnknownCode, BadCalendar) as refusal:
        raise ImportRejected(str(refusal), plan) from refusal
    return plan, replace(done, read=plan.figures.read)


@action
def refuse_run(*, by: AccessContext, at: datetime, run: ImportRun, refusal: ImportRejected) -> None:
    """Store the reason why a run could not be applied. The user may then correct, confirm or discard it."""
    if refusal.plan is not None:
        _keep_plan(run, refusal.plan)
    run.counts = {**run.counts, "said": str(refusal)}
    run.state = "read"
    run.save()
    _note(by, at, "imports.refuse_run", run, {})


@action
def undo_run(
    *, by: AccessContext, at: datetime, run: ImportRun, reason: str, on_progress: Progress = no_progress
) -> Undone:
    """Undo an import of marks by new amendments. Raises ImportRejected without a reason, and if the import cannot be undone."""
    lock_imports(run.school_id)
    run.refresh_from_db()
    allowed = may_undo_run(by, run)
    if not allowed:
        raise ImportRejected(allowed.because)
    if not reason.strip():
        raise ImportRejected("Enter a reason for undoing the import.")
    undone = undo_import(by=by, at=at, import_ref=run.ref, reason=reason.strip(), progress=on_progress)
    run.counts = {**run.counts, "undone": undone.changed, "left_as_changed": undone.left, "said": ""}
    run.state, run.undone_at, run.undone_by_name = "undone", at, by.name
    run.save()
    _note(by, at, "imports.undo_run", run, {"changed": undone.changed, "left": undone.left}, reason=reason)
    return undone


@action
def discard_run(*, by: AccessContext, at: datetime, run: ImportRun) -> None:
    """Discard an import that was never applied. Raises ImportRejected for one that was applied."""
    if run.state in ("applied", "undone", "applying", "to_undo", "undoing"):
        raise ImportRejected("This import has been applied or is being applied, so you cannot discard it.")
    run.state = "discarded"
    run.save(update_fields=["state"])
    _note(by, at, "imports.discard_run", run, {})


@action
def choose_columns(*, by: AccessContext, at: datetime, run: ImportRun, mapping: Mapping[str, str]) -> None:
    """Store which heading of the file holds which field. The school's next file of this type is read in the same way."""
    run.mapping, run.state = dict(mapping), "received"
    run.save(update_fields=["mapping", "state"])
    _note(by, at, "imports.choose_columns", run, {"fields": sorted(mapping)})


@action
def tell_left_behind(*, by: AccessContext, at: datetime, runs: Iterable[ImportRun]) -> list[str]:
    """Correct the state of runs that a stopped server or worker left unfinished (see queries.left_behind); returns one sentence a run.

    A run that was being applied becomes "failed" and can be applied again; one that was being read becomes "received", and one that was
    being undone becomes "applied".
    """
    sentences = []
    for run in runs:
        run.state, sentence = LEFT_BEHIND[run.state]
        run.counts = {**run.counts, "said": sentence}
        run.save(update_fields=["state", "counts"])
        _note(by, at, "imports.tell_left_behind", run, {"state": run.state})
        sentences.append(f"{run.file_name}: {run.counts['said']}")
    return sentences


def _keep_plan(run: ImportRun, plan: ImportPlan) -> None:
    run.counts = {
        **plan.figures.as_dict(), "errors": plan.log.counts["error"], "queries": plan.log.counts["query"],
        "counted": "" if plan.is_lacking_columns else plan.counted(), "unit": plan.type.unit, "changes": list(plan.comparison.examples), "how_read": plan.contents.reading.how_read,
        "layout": plan.contents.reading.layout, "headings": list(plan.contents.headings), "lacking": plan.is_lacking_columns,
        "good_rows": plan.may_take_good_rows, "confirm": plan.comparison.confirm, "nothing": plan.is_nothing,
        "summary": plan.log.summary(), "shown": plan.log.shown_line(), "said": "",
    }  # fmt: skip
    run.problems = [as_dict(problem) for problem in plan.log.shown()]
    run.problem_count = plan.log.total


def _brief(plan: ImportPlan) -> dict[str, Any]:
    return {**plan.figures.as_dict(), "errors": plan.log.counts["error"], "queries": plan.log.counts["query"]}


def _note(
    by: AccessContext, at: datetime, verb: str, run: ImportRun, detail: Mapping[str, Any], *, reason: str = ""
) -> None:
    append_event(
        by=by, at=at, verb=verb, about=("import", run.ref), school_id=run.school_id, access_scope=run.access_scope, reason=reason,
        detail=dict(detail),
    )  # fmt: skip
