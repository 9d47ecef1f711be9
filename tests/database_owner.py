"""Working as the owner of the tables, for laying out what a test needs; everything else in a test works as the application."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from haven.operations.database import APP, OWNER


def _become(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"set role {role}")


@contextmanager
def owner() -> Iterator[None]:
    """Set the stage: no row policy holds inside. On the same connection, so that a test's transaction holds both."""
    connection.ensure_connection()
    _become(OWNER)
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _become(APP)
