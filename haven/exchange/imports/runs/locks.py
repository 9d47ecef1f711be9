"""Two imports of one school never run at once, and a run that a stopped server left behind is told from one that is at work.

Both are advisory locks of the database: they end with the transaction or the connection that took them, however it ended.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

_KEY = "hashtextextended(%s, 0)"


def lock_imports(school_id: int | None) -> None:
    """Wait until no other import of the school is being applied; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"select pg_advisory_xact_lock({_KEY})", [f"imports {school_id or 'of schools'}"])


@contextmanager
def import_lock(ref: UUID) -> Iterator[None]:
    """Hold the sign that this connection works on a run, beyond its transactions; it falls with the connection."""
    with connection.cursor() as cursor:
        cursor.execute(f"select pg_advisory_lock({_KEY})", [f"import {ref}"])
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(f"select pg_advisory_unlock({_KEY})", [f"import {ref}"])


def relax_commit_durability() -> None:
    """Go on without waiting until this transaction is on the disk, where another one follows that is waited for: PostgreSQL never has
    the later without the earlier. A server that stops between the two has kept neither, and nothing was said yet."""
    with connection.cursor() as cursor:
        cursor.execute("set local synchronous_commit = off")


def is_left_behind(ref: UUID) -> bool:
    """Whether nobody works on a run. If so, nobody starts to before this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(f"select pg_try_advisory_xact_lock({_KEY})", [f"import {ref}"])
        return bool(cursor.fetchone()[0])
