"""Imports of one file from the console: planned, stored and applied, with the outcome in words and in figures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from haven.core.schools.models import School
from haven.core.schools.queries import calendars_asked_once
from haven.exchange.imports.actions import ReceivedFile, apply_plan, apply_run, refuse_run, store_plan
from haven.exchange.imports.models import ImportRun
from haven.exchange.imports.queries import saved_mapping
from haven.exchange.imports.runs.locks import import_lock
from haven.exchange.imports.runs.plan import (
    Choices,
    Figures,
    ImportContext,
    ImportPlan,
    ImportRejected,
    ImportRequest,
    as_dict,
)
from haven.exchange.imports.runs.planning import largest_file, plan_file
from haven.exchange.imports.runs.progress_reporter import Part, Progress, no_progress
from haven.platform.accounts.context import AccessContext
from haven.platform.row_security.context import access_context
from haven.platform.ui.words import count_of


@dataclass(frozen=True, slots=True)
class ConsoleImport:
    """One file to import from the console. `school` is None for a file of schools. `on` is the day on which role grants are evaluated,
    `by` Haven's system account."""

    file_type: str
    path: Path
    school: School | None
    at: datetime
    on: date
    choices: Choices
    is_dry_run: bool
    by: AccessContext

    @property
    def at_school(self) -> int | None:
        """The school whose rows an import of marks may read. Marks belong to one school, so pupils of other schools are not visible to it."""
        return self.school.id if self.school and self.file_type == "marks" else None


@dataclass(slots=True)
class Outcome:
    """The outcome of an import. `lines` are its problems, `said` is the summary sentence, `facts` the same for a script."""

    lines: list[str] = field(default_factory=list)
    said: str = ""
    is_refused: bool = False
    is_applied: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


def import_file(asked: ConsoleImport, on_progress: Progress = no_progress) -> Outcome:
    """Plan a file; store and apply it if it has no errors. Never raises ImportRejected: the outcome contains the reason.

    Uses two transactions: the first stores the file and its plan in the state "applying", the second makes all changes. A dry run, and a
    file that is refused or changes nothing, stores nothing.
    """
    outcome = Outcome(facts={"file": asked.path.name, "dry_run": asked.is_dry_run})
    try:
        with _opened(asked.path) as file:
            _import(asked, file, outcome, on_progress)
    except ImportRejected as refusal:
        outcome.said, outcome.is_refused = str(refusal), True
        outcome.facts["why"] = outcome.said
    return outcome


def _import(asked: ConsoleImport, file: BinaryIO | None, outcome: Outcome, on_progress: Progress) -> None:
    ref, before = uuid4(), _stamp(file)
    with import_lock(ref):
        with _entered(asked):
            received = _received(asked, file, ref)
            plan = _planned(asked, file, received, Part(on_progress, 0, 1 if asked.is_dry_run else 2))
            _report_plan(plan, outcome)
            _refuse_with_hint(plan, asked.choices)
            if _is_finished(plan, asked, outcome):
                return
            run = (
                store_plan(by=asked.by, at=asked.at, plan=plan, received=received, is_applied_next=True)
                if received
                else None
            )
            is_what_was_stored = run is None or before == _stamp(file)
        figures = _apply(asked, run, plan if is_what_was_stored else None, Part(on_progress, 1, 2))
    plan.close()
    _report_applied(plan, run, figures, outcome)


def _planned(
    asked: ConsoleImport, file: BinaryIO | None, received: ReceivedFile | None, on_progress: Progress
) -> ImportPlan:
    """An unreadable file is passed on as a path, so that the reader reports the problem."""
    request = ImportRequest(
        ImportContext(asked.by, asked.at, asked.school), asked.file_type, file or asked.path, asked.path.name,
        os.fstat(file.fileno()).st_size if file else 0, received.mapping if received else {}, largest_file(),
        asked.choices.confirm,
    )  # fmt: skip
    return plan_file(request, on_progress)


def _received(asked: ConsoleImport, file: BinaryIO | None, ref: UUID) -> ReceivedFile | None:
    """The file as it is stored; None for a file of schools from the console, which belongs to no school and is not stored."""
    if asked.school is None or file is None:
        return None
    # The column mapping that a user chose on the page for the school's files of this type.
    mapping = saved_mapping(asked.school.id, asked.file_type)
    return ReceivedFile(asked.school.id, asked.file_type, file, asked.path.name, mapping, ref)


def _apply(asked: ConsoleImport, run: ImportRun | None, plan: ImportPlan | None, on_progress: Progress) -> Figures:
    try:
        with _entered(asked):
            if run is None:
                assert plan is not None
                return apply_plan(by=asked.by, at=asked.at, plan=plan, choices=asked.choices, on_progress=on_progress)
            return apply_run(
                by=asked.by, at=asked.at, run=run, choices=asked.choices, plan=plan, on_progress=on_progress
            )
    except ImportRejected as refusal:
        if run is not None:
            with _entered(asked):
                refuse_run(by=asked.by, at=asked.at, run=run, refusal=refusal)
        raise


@contextmanager
def _entered(asked: ConsoleImport) -> Iterator[None]:
    """One transaction as Haven's system account. Marks change no calendar, so each calendar is read once."""
    once = calendars_asked_once() if asked.file_type == "marks" else nullcontext()
    with access_context(asked.by.user_id, on=asked.on, at_school=asked.at_school), once:
        yield


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO | None]:
    """The file; None if it cannot be opened."""
    try:
        file = path.open("rb") if path.is_file() else None
    except OSError:
        file = None
    with file or nullcontext():
        yield file


def _stamp(file: BinaryIO | None) -> tuple[int, int] | None:
    """Size and time of change of a file; they differ after a write."""
    if file is None:
        return None
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


# Messages


def _report_plan(plan: ImportPlan, outcome: Outcome) -> None:
    reading = plan.contents.reading
    outcome.facts |= {
        **plan.figures.as_dict(), "how_read": reading.how_read, "layout": reading.layout,
        "changes": list(plan.comparison.examples), "problem_count": plan.log.total,
        "problems": [as_dict(problem) for problem in plan.log.shown()],
    }  # fmt: skip
    for problem in plan.log.shown():
        outcome.lines.append(f"{'Error' if problem.is_error else 'Check'}: {problem.sentence}")
    if plan.log.total:
        first = f"the first {plan.log.cap:,} of them above" if plan.log.total > plan.log.cap else "all above"
        outcome.lines.append(f"{plan.log.summary()[:-1]}, {first}.")


def _refuse_with_hint(plan: ImportPlan, choices: Choices) -> None:
    """Raise ImportRejected if the file is not accepted as it is, with the option that would accept it."""
    why_not, hint = plan.why_refused(choices), ""
    if why_not and why_not == plan.comparison.confirm:
        hint = " To continue: --confirm."
    if why_not and plan.may_take_good_rows and not choices.good_rows_only:
        hint = " To import the valid rows only: --good-rows."
    if why_not:
        raise ImportRejected(why_not + hint, plan)


def _is_finished(plan: ImportPlan, asked: ConsoleImport, outcome: Outcome) -> bool:
    """Whether there is nothing to apply: the file changes nothing, or a dry run was requested."""
    if not plan.figures.differing:
        outcome.said = plan.nothing() if plan.is_nothing else f"Nothing to change. {plan.counted()}"
    elif asked.is_dry_run:
        lines = (f"Would import {plan.counted()}", *plan.comparison.examples)
        outcome.said = "\n".join((*lines, "Nothing was changed: this was a dry run."))
    return bool(outcome.said)


def _report_applied(plan: ImportPlan, run: ImportRun | None, figures: Figures, outcome: Outcome) -> None:
    if run is not None:
        outcome.facts["reference"] = str(run.ref)
    outcome.facts |= figures.as_dict()
    outcome.is_applied = True
    notes = f", {count_of(figures.notes, 'note')} beside marks" if figures.notes else ""
    outcome.said = (
        f"{figures.good:,} of {count_of(figures.read, plan.type.unit)} imported: {figures.new:,} new,"
        f" {figures.changed:,} changed, {figures.unchanged:,} unchanged{notes}."
    )
