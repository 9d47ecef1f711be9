"""Bringing in a file: received, read (its plan), applied, and, for marks, taken back.

Applying is one transaction, with the run's state in it: a server that stops in the middle leaves the whole old state. A job that takes
long says first, in a transaction of its own, that it is at work (`begin_run`); whoever finds such a run with nobody at work on it
(`queries.left_behind`) says so with `tell_left_behind`. A short file that comes from the console is received and applied in one
(`take_in`): a server that stops in the middle has never heard of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from haven.attendance.registers.actions.imports import Undone, undo_import
from haven.core.schools.calendars import BadCalendar
from haven.exchange.imports.models import ImportRun
from haven.exchange.imports.permissions import may_apply_run, may_import_word, may_undo_run
from haven.exchange.imports.runs.locks import lock_imports
from haven.exchange.imports.runs.plan import Figures, ImportRefused, Plan, Progress, as_dict, no_progress
from haven.exchange.imports.runs.stored import keep_file
from haven.exchange.imports.runs.stored_plans import LARGEST, plan_run
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.errors import ActionRejected as PeopleRefused
from haven.platform.errors import ActionRejected as RegisterRefused
from haven.rules.attendance_codes import UnknownCode
from haven.rules.visibility import RecordCategory, access_scope_of

STOPPED = "The server stopped during this import. Nothing was changed. Import the file again."
STOPPED_UNDOING = "The server stopped while undoing this import. Nothing was changed. Undo it again."
STOPPED_READING = "The server stopped while reading this file. Nothing was changed. Check the file again."

LEFT_BEHIND = {
    "applying": ("failed", STOPPED), "reading": ("received", STOPPED_READING), "undoing": ("applied", STOPPED_UNDOING),
}  # fmt: skip


@action
def receive_file(
    *,
    by: AccessContext,
    at: datetime,
    school_id: int,
    format: str,
    file: BinaryIO,
    name: str,
    mapping: Mapping[str, str] | None = None,
) -> ImportRun:
    """Keep a file as it came, and open an import for it. `mapping` says which heading stands for which field (see mis.mapping).

    Raises ImportRefused where the viewer may not import at the school.
    """
    allowed = may_import_word(by, school_id, format)
    if not allowed:
        raise ImportRefused(allowed.because)
    run = ImportRun(
        school_id=school_id, access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE), author_id=by.user_id, author_name=by.name,
        format=format, file_name=name, file_bytes=0, sha256="", mapping=dict(mapping or {}), received_at=at,
    )  # fmt: skip
    keep_file(run, file)
    _note_received(by, at, run)
    return run


def _note_received(by: AccessContext, at: datetime, run: ImportRun) -> None:
    _note(by, at, "imports.receive_file", run, {"format": run.format, "bytes": run.file_bytes})


@action
def take_in(
    *, by: AccessContext, at: datetime, school_id: int, plan: Plan, file: BinaryIO, mapping: Mapping[str, str] | None = None,
    good_rows_only: bool = False,
) -> tuple[ImportRun, Figures]:  # fmt: skip
    """Keep a file as it came and apply it, all of it or its good rows: the plan was made of this very file in the transaction that is
    open, under the locks of what it writes (`Plan.is_held`). Returns the run and what was done.

    Raises ImportRefused, with the plan, where the viewer may not import or something is refused, and then nothing was changed.
    """
    allowed = may_import_word(by, school_id, plan.word)
    why_not = plan.why_refused(good_rows_only=good_rows_only) or plan.confirm if allowed else allowed.because
    if why_not:
        raise ImportRefused(why_not, plan)
    run = ImportRun(
        school_id=school_id, access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE), author_id=by.user_id, author_name=by.name,
        format=plan.word, file_name=plan.file, file_bytes=0, sha256="", mapping=dict(mapping or {}), received_at=at,
    )  # fmt: skip
    _keep_applied(run, plan, plan.figures, at)
    keep_file(run, file)
    _note_received(by, at, run)
    figures = _written(plan, run.ref, no_progress)
    if figures != plan.figures:
        _keep_applied(run, plan, figures, at)
        run.save()
    _note(by, at, "imports.apply_run", run, {**figures.as_dict(), "good_rows_only": good_rows_only})
    plan.close()
    return run, figures


@action
def read_run(
    *, by: AccessContext, at: datetime, run: ImportRun, progress: Progress = no_progress, largest: int = LARGEST
) -> ImportRun:
    """Read the file of a run and keep what it would do, for its page: counts, examples, the first problems."""
    plan = plan_run(by=by, at=at, run=run, progress=progress, largest=largest)
    _keep_plan(run, plan)
    run.state = "read"
    run.save()
    _note(by, at, "imports.read_run", run, _brief(plan))
    plan.close()
    return run


@action
def begin_run(*, by: AccessContext, at: datetime, run: ImportRun, state: str, reason: str = "") -> None:
    """Say that a job is at work on a run, or waits for one: `state` is "reading", "waiting", "applying", "to_undo" or
    "undoing"; `reason` why it is taken back, which is kept for the job. Commit it before the work."""
    run.state, run.done, run.total = state, 0, 0
    if reason:
        run.counts = {**run.counts, "undo_reason": reason.strip(), "said": ""}
    run.save(update_fields=["state", "done", "total", "counts"])
    _note(by, at, "imports.begin_run", run, {"state": state}, reason=reason)


@action
def apply_run(
    *, by: AccessContext, at: datetime, run: ImportRun, good_rows_only: bool = False, confirm: bool = False,
    progress: Progress = no_progress, largest: int = LARGEST, anew: Callable[[AccessContext, datetime], Plan] | None = None,
) -> Figures:  # fmt: skip
    """Apply the file of a run: all of it, or its good rows; returns what was done.

    Another import of the school is waited for, and the file is read and compared anew under that lock; `anew` (see Plan) is for whoever
    read the very same file a moment ago, and only compares. Raises ImportRefused, with the plan where there is one, and then nothing
    was changed.
    """
    lock_imports(None if run.format == "schools" else run.school_id)
    run.refresh_from_db()
    allowed = may_apply_run(by, run)
    if not allowed:
        raise ImportRefused(allowed.because)
    if anew is not None:
        plan = anew(by, at)
    else:
        plan = plan_run(
            by=by, at=at, run=run, confirm=confirm, is_applying=True, largest=largest,
            progress=lambda read, size: progress(read, 2 * size),
        )  # fmt: skip
    why_not = plan.why_refused(good_rows_only=good_rows_only) or plan.confirm
    if why_not:
        raise ImportRefused(why_not, plan)
    figures = plan.figures
    if figures.differing:
        figures = _written(plan, run.ref, lambda done, total: progress(total + done, 2 * total))
    _keep_applied(run, plan, figures, at)
    run.save()
    _note(by, at, "imports.apply_run", run, {**figures.as_dict(), "good_rows_only": good_rows_only})
    plan.close()
    return figures


@action
def refuse_run(*, by: AccessContext, at: datetime, run: ImportRun, refusal: ImportRefused) -> None:
    """Keep why a run could not be applied; it may be corrected, confirmed or put aside."""
    if refusal.plan is not None:
        _keep_plan(run, refusal.plan)
    run.counts = {**run.counts, "said": str(refusal)}
    run.state = "read"
    run.save()
    _note(by, at, "imports.refuse_run", run, {})


@action
def undo_run(
    *, by: AccessContext, at: datetime, run: ImportRun, reason: str, progress: Progress = no_progress
) -> Undone:
    """Take an import of marks back, as new amendments. Raises ImportRefused without a reason, and for what cannot be taken back."""
    lock_imports(run.school_id)
    run.refresh_from_db()
    allowed = may_undo_run(by, run)
    if not allowed:
        raise ImportRefused(allowed.because)
    if not reason.strip():
        raise ImportRefused("Enter a reason for undoing the import.")
    undone = undo_import(by=by, at=at, import_ref=run.ref, reason=reason.strip(), progress=progress)
    run.counts = {**run.counts, "undone": undone.changed, "left_as_changed": undone.left, "said": ""}
    run.state, run.undone_at, run.undone_by_name = "undone", at, by.name
    run.save()
    _note(by, at, "imports.undo_run", run, {"changed": undone.changed, "left": undone.left}, reason=reason)
    return undone


@action
def discard_run(*, by: AccessContext, at: datetime, run: ImportRun) -> None:
    """Put an import aside that was never applied. Raises ImportRefused for one that was."""
    if run.state in ("applied", "undone", "applying", "to_undo", "undoing"):
        raise ImportRefused("This import has been applied or is being applied, so you cannot discard it.")
    run.state = "discarded"
    run.save(update_fields=["state"])
    _note(by, at, "imports.discard_run", run, {})


@action
def choose_columns(*, by: AccessContext, at: datetime, run: ImportRun, mapping: Mapping[str, str]) -> None:
    """Say which heading of the file stands for which field; the school's next file of this kind is read in the same way."""
    run.mapping, run.state = dict(mapping), "received"
    run.save(update_fields=["mapping", "state"])
    _note(by, at, "imports.choose_columns", run, {"fields": sorted(mapping)})


@action
def tell_left_behind(*, by: AccessContext, at: datetime, runs: Iterable[ImportRun]) -> list[str]:
    """Put runs right at which a server or a worker stopped in the middle (see queries.left_behind), and say so, one sentence a run.

    A run that was being applied is "failed" and can be applied again; one that was being read is "received" again, one that was being
    taken back "applied".
    """
    said = []
    for run in runs:
        run.state, sentence = LEFT_BEHIND[run.state]
        run.counts = {**run.counts, "said": sentence}
        run.save(update_fields=["state", "counts"])
        _note(by, at, "imports.tell_left_behind", run, {"state": run.state})
        said.append(f"{run.file_name}: {run.counts['said']}")
    return said


def _written(plan: Plan, ref: UUID, progress: Progress) -> Figures:
    try:
        return plan.writing(ref, progress)
    except (RegisterRefused, PeopleRefused, UnknownCode, BadCalendar) as refusal:
        raise ImportRefused(str(refusal), plan) from refusal


def _keep_applied(run: ImportRun, plan: Plan, figures: Figures, at: datetime) -> None:
    _keep_plan(run, plan)
    run.counts = {**run.counts, **figures.as_dict(), "said": "", "left_out": plan.log.counts["error"]}
    run.state, run.applied_at = "applied", at


def _keep_plan(run: ImportRun, plan: Plan) -> None:
    run.counts = {
        **plan.figures.as_dict(), "errors": plan.log.counts["error"], "queries": plan.log.counts["query"],
        "counted": "" if plan.is_lacking_columns else plan.counted(), "unit": plan.unit, "changes": list(plan.changes), "how_read": plan.how_read,
        "layout": plan.layout, "headings": list(plan.headings), "lacking": plan.is_lacking_columns,
        "good_rows": plan.may_take_good_rows, "confirm": plan.confirm, "nothing": plan.is_nothing,
        "summary": plan.log.summary(), "shown": plan.log.shown_line(), "said": "",
    }  # fmt: skip
    run.problems = [as_dict(problem) for problem in plan.log.shown()]
    run.problem_count = plan.log.total


def _brief(plan: Plan) -> dict[str, Any]:
    return {**plan.figures.as_dict(), "errors": plan.log.counts["error"], "queries": plan.log.counts["query"]}


def _note(
    by: AccessContext, at: datetime, verb: str, run: ImportRun, detail: Mapping[str, Any], *, reason: str = ""
) -> None:
    append_event(
        by=by, at=at, verb=verb, about=("import", run.ref), school_id=run.school_id, access_scope=run.access_scope, reason=reason,
        detail=dict(detail),
    )  # fmt: skip


@action
def note_export(*, by: AccessContext, at: datetime, school_id: int, word: str, rows: int, year: str) -> None:
    """Record that a school's pupils or marks were taken out as a file."""
    access_scope = access_scope_of(school_id, RecordCategory.ATTENDANCE)
    append_event(
        by=by,
        at=at,
        verb="exports.export",
        school_id=school_id,
        access_scope=access_scope,
        detail={"format": word, "rows": rows, "year": year},
    )
