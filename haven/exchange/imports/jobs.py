"""Jobs that read, apply and undo long files outside the request, with the access of the user who asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from procrastinate.contrib.django import app

from haven.exchange.imports.actions import apply_run, begin_run, refuse_run, store_plan_of_run, undo_run
from haven.exchange.imports.models import ImportRun
from haven.exchange.imports.queries import run_named
from haven.exchange.imports.runs.locks import import_lock
from haven.exchange.imports.runs.plan import Choices, ImportContext, ImportRejected
from haven.exchange.imports.runs.planning import plan_file, stored_request
from haven.exchange.imports.runs.progress import ProgressLine
from haven.platform import clock
from haven.platform.accounts.context import AccessContext, access_context_for
from haven.platform.accounts.models import User
from haven.platform.row_security.context import access_context


@app.task(name="imports.read_long")
def read_long(ref: str, user_id: int) -> None:
    """Plan the file of a run and store the plan."""
    with import_lock(UUID(ref)):
        run = _began(ref, user_id, "reading", from_states=("received",))
        if run is None:
            return
        with ProgressLine(run, user_id=user_id, on=clock.today()) as on_progress, _viewer(user_id) as by:
            at = clock.now()
            plan = plan_file(stored_request(ImportContext(by, at, run.school), run), on_progress)
            store_plan_of_run(by=by, at=at, run=run, plan=plan)


@app.task(name="imports.apply_long")
def apply_long(ref: str, user_id: int, good_rows_only: bool, confirm: bool) -> None:
    """Apply a run in one transaction; a refusal is stored with the run."""
    with import_lock(UUID(ref)):
        run = _began(ref, user_id, "applying", from_states=("waiting",))
        if run is None:
            return
        try:
            with ProgressLine(run, user_id=user_id, on=clock.today()) as on_progress, _viewer(user_id) as by:
                choices = Choices(good_rows_only, confirm)
                apply_run(by=by, at=clock.now(), run=run, choices=choices, on_progress=on_progress)
        except ImportRejected as refusal:
            with _viewer(user_id) as by:
                refuse_run(by=by, at=clock.now(), run=run, refusal=refusal)


@app.task(name="imports.undo_long")
def undo_long(ref: str, user_id: int) -> None:
    """Undo an import of many marks in one transaction, for the reason stored with the run."""
    with import_lock(UUID(ref)):
        run = _began(ref, user_id, "undoing", from_states=("to_undo",))
        if run is None:
            return
        with ProgressLine(run, user_id=user_id, on=clock.today()) as on_progress, _viewer(user_id) as by:
            reason = run.counts["undo_reason"]
            undo_run(by=by, at=clock.now(), run=run, reason=reason, on_progress=on_progress)


@contextmanager
def _viewer(user_id: int) -> Iterator[AccessContext]:
    """One transaction in the access context of the user who asked."""
    on = clock.today()
    with access_context(user_id, on=on):
        yield access_context_for(user=User.objects.get(id=user_id), on=on)


def _began(ref: str, user_id: int, state: str, *, from_states: tuple[str, ...]) -> ImportRun | None:
    """The run, with its new state committed; None if another worker has already done the work."""
    with _viewer(user_id) as by:
        run = run_named(UUID(ref))
        if run is None or run.state not in from_states:
            return None
        begin_run(by=by, at=clock.now(), run=run, state=state)
    return run
