"""Reading and applying long files, outside the request, as the person who asked."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from procrastinate.contrib.django import app

from haven import clock
from haven.access.models import User
from haven.access.viewer import Viewer, viewer_for
from haven.mis.actions import apply_run, begin_run, read_run, refuse_run, undo_run
from haven.mis.locks import at_work_on
from haven.mis.models import ImportRun
from haven.mis.plan import ImportRefused
from haven.mis.progress import ProgressLine
from haven.mis.queries import run_named
from haven.mis.run_plans import largest_file
from haven.walls.viewing import viewing


@app.task(name="mis.read_long")
def read_long(ref: str, user_id: int) -> None:
    """Read the file of a run and keep what it would do."""
    with at_work_on(UUID(ref)):
        run = _began(ref, user_id, "reading", from_states=("received",))
        if run is None:
            return
        with ProgressLine(run, user_id=user_id, on=clock.today()) as progress:
            _as(
                user_id,
                lambda by: read_run(by=by, at=clock.now(), run=run, progress=progress, largest=largest_file()),
            )


@app.task(name="mis.apply_long")
def apply_long(ref: str, user_id: int, good_rows_only: bool, confirm: bool) -> None:
    """Apply a run in one transaction; a refusal is kept with the run."""
    with at_work_on(UUID(ref)):
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


@app.task(name="mis.undo_long")
def undo_long(ref: str, user_id: int) -> None:
    """Take an import of many marks back, in one transaction, for the reason that was kept with it."""
    with at_work_on(UUID(ref)):
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


def _as(user_id: int, work: Callable[[Viewer], object]) -> None:
    on = clock.today()
    with viewing(user_id, on=on):
        work(viewer_for(user=User.objects.get(id=user_id), on=on))


def _began(ref: str, user_id: int, state: str, *, from_states: tuple[str, ...]) -> ImportRun | None:
    """The run, with its state committed; None where somebody else did the work meanwhile."""
    on = clock.today()
    with viewing(user_id, on=on):
        run = run_named(UUID(ref))
        if run is None or run.state not in from_states:
            return None
        by = viewer_for(user=User.objects.get(id=user_id), on=on)
        begin_run(by=by, at=clock.now(), run=run, state=state)
    return run
