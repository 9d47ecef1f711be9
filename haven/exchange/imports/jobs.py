"""Reading and applying long files, outside the request, as the person who asked."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from procrastinate.contrib.django import app

from haven.exchange.imports.actions import apply_run, begin_run, read_run, refuse_run, undo_run
from haven.exchange.imports.models import ImportRun
from haven.exchange.imports.queries import run_named
from haven.exchange.imports.runs.locks import import_lock
from haven.exchange.imports.runs.plan import ImportRefused
from haven.exchange.imports.runs.progress import ProgressLine
from haven.exchange.imports.runs.stored_plans import largest_file
from haven.platform import clock
from haven.platform.accounts.context import AccessContext, access_context_for
from haven.platform.accounts.models import User
from haven.platform.row_security.context import access_context


@app.task(name="imports.read_long")
def read_long(ref: str, user_id: int) -> None:
    """Read the file of a run and keep what it would do."""
    with import_lock(UUID(ref)):
        run = _began(ref, user_id, "reading", from_states=("received",))
        if run is None:
            return
        with ProgressLine(run, user_id=user_id, on=clock.today()) as progress:
            _as(
                user_id,
                lambda by: read_run(by=by, at=clock.now(), run=run, progress=progress, largest=largest_file()),
            )


@app.task(name="imports.apply_long")
def apply_long(ref: str, user_id: int, good_rows_only: bool, confirm: bool) -> None:
    """Apply a run in one transaction; a refusal is kept with the run."""
    with import_lock(UUID(ref)):
        run = _began(ref, user_id, "applying", from_states=("waiting",))
        if run is None:
            return
        try:
            with ProgressLine(run, user_id=user_id, on=clock.today()) as progress:
                _as(
                    user_id,
                    lambda by: apply_run(
                        by=by, at=clock.now(), run=run, good_rows_only=good_rows_only, confirm=confirm,
                        progress=progress, largest=largest_file(),
                    ),
                )  # fmt: skip
        except ImportRefused as refusal:
            told = refusal
            _as(user_id, lambda by: refuse_run(by=by, at=clock.now(), run=run, refusal=told))


@app.task(name="imports.undo_long")
def undo_long(ref: str, user_id: int) -> None:
    """Take an import of many marks back, in one transaction, for the reason that was kept with it."""
    with import_lock(UUID(ref)):
        run = _began(ref, user_id, "undoing", from_states=("to_undo",))
        if run is None:
            return
        with ProgressLine(run, user_id=user_id, on=clock.today()) as progress:
            _as(
                user_id,
                lambda by: undo_run(
                    by=by, at=clock.now(), run=run, reason=run.counts["undo_reason"], progress=progress
                ),
            )


def _as(user_id: int, work: Callable[[AccessContext], object]) -> None:
    on = clock.today()
    with access_context(user_id, on=on):
        work(access_context_for(user=User.objects.get(id=user_id), on=on))


def _began(ref: str, user_id: int, state: str, *, from_states: tuple[str, ...]) -> ImportRun | None:
    """The run, with its state committed; None where somebody else did the work meanwhile."""
    on = clock.today()
    with access_context(user_id, on=on):
        run = run_named(UUID(ref))
        if run is None or run.state not in from_states:
            return None
        by = access_context_for(user=User.objects.get(id=user_id), on=on)
        begin_run(by=by, at=clock.now(), run=run, state=state)
    return run
