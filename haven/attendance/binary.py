"""Statements of many bytes: values beside them and rows that come back in PostgreSQL's own binary form.

Django writes a value into the text of the statement, and takes bytes back as text of twice their length; for registers that takes longer
than all the rest.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection


@contextmanager
def binary_cursor() -> Iterator[psycopg.Cursor[Any]]:
    """A cursor of psycopg's own on Django's connection, in its transaction; its errors are Django's. `%b` sends a value in binary form."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        yield cursor
