"""Writes the audit record, and ensures that every action leaves an event.

Every public function of an app's `actions.py` is marked `@action`. It then runs in one transaction with its event. An action that ends
without an event is rolled back with an error: a write without an audit event cannot be committed.
"""

import functools
import json
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any, ParamSpec, Protocol, TypeVar

from django.db import connection, transaction

from haven.platform.locks import lock_scope

P = ParamSpec("P")
R = TypeVar("R")

_noted: ContextVar[int] = ContextVar("noted", default=0)
request_ref: ContextVar[str] = ContextVar("request_ref", default="")


class Actor(Protocol):
    @property
    def name(self) -> str: ...


class UnauditedAction(Exception):
    """An action ended without an audit event; its changes were rolled back."""


def append_event(
    *,
    by: Actor | None,
    at: datetime,
    verb: str,
    about: tuple[str, object] = ("", ""),
    school_id: int | None = None,
    access_scope: int | None = None,
    pupil_ids: Sequence[int] = (),
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """Record that `by` did `verb` ("attendance.amend_mark") to `about` (kind, reference). No content: references and counts only.

    The actor's id is the user of the transaction's access context, whatever `by` says; `by=None` is for events before the context is set (a
    failed sign-in). Raises no errors of its own.
    """
    _noted.set(_noted.get() + 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "select app.append_event(%s, %s, %s, %s, %s, %s, %s, %s::int[], %s, %s::jsonb, %s)",
            [
                at, by.name if by else "", verb, about[0], str(about[1]), school_id, access_scope, _listed(pupil_ids), reason,
                json.dumps(detail or {}), request_ref.get(),
            ],
        )  # fmt: skip


def _listed(numbers: Sequence[int]) -> str:
    """Numbers as the text of a PostgreSQL array: psycopg adapts list elements one by one, which is slow."""
    return "{" + ",".join(map(str, numbers)) + "}"


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a writing function: it runs in one transaction, which is rolled back unless it records at least one audit event."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        before = _noted.get()
        with transaction.atomic(), lock_scope():
            result = function(*args, **kwargs)
            if _noted.get() == before:
                raise UnauditedAction(f"{function.__module__}.{function.__qualname__} wrote no audit event")
        return result

    run.is_action = True  # type: ignore[attr-defined]
    return run


def write_checkpoint(*, at: datetime) -> int:
    """Put all committed events into a checkpoint; returns how many. Called by the nightly run and each minute by the worker."""
    with connection.cursor() as cursor:
        cursor.execute("select app.write_checkpoint(%s)", [at])
        return int(cursor.fetchone()[0])
