"""Sets the access context: each request, job and command does it, inside a transaction of its own.

Without an access context no rows are visible, and a query of a table with a row policy raises an error.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TypeVar

from django.db import connection, transaction

from haven.platform import clock

T = TypeVar("T")

LISTS = (
    "user_id",
    "on",
    "readable_scopes",
    "caseload_scopes",
    "caseload_pupils",
    "conflicted_pupils",
    "writable_scopes",
    "schools",
    "writable_schools",
    "auditing",
)


def _now_set() -> list[str]:
    names = ", ".join(f"current_setting('app.{name}', true)" for name in LISTS)
    with connection.cursor() as cursor:
        cursor.execute(f"select {names}")
        return [value or "" for value in cursor.fetchone()]


def _put_back(values: list[str]) -> None:
    calls = ", ".join(f"set_config('app.{name}', %s, true)" for name in LISTS)
    with connection.cursor() as cursor:
        cursor.execute(f"select {calls}", values)


def current_user_id() -> int | None:
    """The user id of this transaction's access context, or None."""
    with connection.cursor() as cursor:
        cursor.execute("select nullif(current_setting('app.user_id', true), '')")
        setting = cursor.fetchone()[0]
    return int(setting) if setting else None


@contextmanager
def access_context(user_id: int, *, on: date | None = None, at_school: int | None = None) -> Iterator[None]:
    """Run the block with this user's access context, inside a transaction; the previous context is restored afterwards.

    Grants, caseloads and conflicts are those in force on the given day, by default today by Haven's clock. `at_school` limits the context
    to the user's grants at that school.

    A setting made inside a transaction outlives a released savepoint, so it is restored explicitly. It does not outlive the transaction or
    a savepoint that is rolled back, so nothing is restored if this block is the transaction or ends with an error.
    """
    is_inside_another = connection.in_atomic_block
    with transaction.atomic():
        before = _now_set() if is_inside_another else []
        with connection.cursor() as cursor:
            cursor.execute("select app.set_access_context(%s, %s, %s)", [user_id, on or clock.today(), at_school])
        yield
        if is_inside_another and not connection.needs_rollback:
            _put_back(before)


def stream_with_context(user_id: int, chunks: Iterable[T], *, on: date) -> Iterator[T]:
    """Streaming responses run after the request's transaction, so the access context is set again around them."""
    with access_context(user_id, on=on):
        yield from chunks
