"""The advisory locks of the database, by name and in the order in which one transaction takes them.

Two transactions that take their locks in the same order cannot deadlock. An action that needs several takes the lower number first; with
`HAVEN_CHECK_LOCK_ORDER` (set in tests) a wrong order within one action is an error.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum

from django.conf import settings
from django.db import connection

_SPACE = 4215000
"""Haven's range among the advisory locks of a server that other programs may use too."""


class Lock(IntEnum):
    """What is locked. The key says which one: a school, a school and a year, a pupil, a message."""

    IMPORT_RUN = 1
    """A worker works on a run of an import; held by the connection, beyond its transactions."""
    SCHOOL_IMPORTS = 2
    """One import of a school is applied at a time."""
    ROLL = 3
    """One import of pupils onto a school's roll at a time."""
    SIGN_OFF = 4
    """One sign-off of a school's day at a time."""
    PUPIL_DAY = 5
    """One step of first-day response for a pupil at a time."""
    REGISTERS = 6
    """One writer of a school's registers of a year at a time."""
    CALENDAR = 7
    """One change of a school's calendar of a year at a time; its registers, which are realigned, are locked before."""
    MESSAGE_KEY = 8
    """One message is queued once."""
    MESSAGE = 9
    """One message is handed to a provider by one worker."""
    AUDIT_CHECKPOINT = 10
    """One checkpoint of the audit record at a time; taken in SQL (platform/audit/sql/append_event.sql), never with another."""


class LockOrderError(AssertionError):
    """An action takes a lock after one that comes later in the order."""


_taken: ContextVar[set[tuple[Lock, str]] | None] = ContextVar("taken_locks", default=None)


@contextmanager
def lock_scope() -> Iterator[None]:
    """Check the order of the locks within the block, and the blocks inside it (see the setting above)."""
    if _taken.get() is not None:
        yield
        return
    token = _taken.set(set())
    try:
        yield
    finally:
        _taken.reset(token)


def lock(what: Lock, *key: object) -> None:
    """Wait for the lock, and hold it until the transaction ends."""
    _check_order(what, key)
    _call("pg_advisory_xact_lock", what, key)


@contextmanager
def session_lock(what: Lock, *key: object) -> Iterator[None]:
    """Keep the lock beyond transactions, until the end of the block or of the connection."""
    _call("pg_advisory_lock", what, key)
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _call("pg_advisory_unlock", what, key)


def try_lock(what: Lock, *key: object) -> bool:
    """Take the lock until the transaction ends if it is free; returns whether it was taken."""
    return _call("pg_try_advisory_xact_lock", what, key)


def _call(function: str, what: Lock, key: tuple[object, ...]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}(%s, hashtext(%s))", [_SPACE + what, _words(key)])
        return cursor.fetchone()[0] is True


def _words(key: tuple[object, ...]) -> str:
    return " ".join(map(str, key))


def _check_order(what: Lock, key: tuple[object, ...]) -> None:
    """A lock that is held already may be taken again at any time: PostgreSQL grants it without waiting."""
    taken = _taken.get()
    if taken is None or not getattr(settings, "HAVEN_CHECK_LOCK_ORDER", False) or (what, _words(key)) in taken:
        return
    latest = max((held for held, _ in taken), default=what)
    if latest > what:
        raise LockOrderError(f"{what.name} is taken after {latest.name}")
    taken.add((what, _words(key)))
