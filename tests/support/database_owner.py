"""Runs code as the owner of the tables, to create what a test needs; everything else in a test runs as the application."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from haven.operations.database import APP, OWNER


def _become(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"set role {role}")


@contextmanager
def owner() -> Iterator[None]:
    """Run the block as the owner, without row policies. It uses the same connection, so that both are in the test's transaction."""
    connection.ensure_connection()
    _become(OWNER)
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _become(APP)
