"""Planner setting for a query that joins the tables of a whole school.

PostgreSQL cannot estimate how many rows a row policy lets through, because the policy compares with a setting of the session; extended
statistics do not help, since they describe columns. For the register of a school of 1,382 pupils (registers/queries/rows.sql, data of
20,000 pupils, PostgreSQL 18.6) it expects one pupil and joins sheet and class for that one, so each is read 1,382 times:

    before                                              estimated   actual   times
    Nested Loop Left Join                                       1     1382       1
      Hash Join (roll, people_pupil)                            1     1382       1
      Index Scan registers_sheet (sheet_school_year)         699     1382    1382
      Unique (people_placement)                               372      692    1382
    Execution time 2,857 ms

    after, with enable_nestloop = off
    Hash Right Join                                             1     1382       1
      Index Scan registers_sheet (sheet_school_year)         699     1382       1
      Merge Left Join (people_pupil, people_placement)          1     1382       1
    Execution time 32 ms

The whole function takes 102 ms with the setting and 3,140 ms without it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection


@contextmanager
def without_nested_loops() -> Iterator[None]:
    """Within the block PostgreSQL joins by hash or merge. Needs an open transaction, which each access context has."""
    with connection.cursor() as cursor:
        cursor.execute("set local enable_nestloop = off")
    try:
        yield
    except DatabaseError:  # the transaction is aborted, and the setting ends with it
        raise
    except BaseException:
        _allow_nested_loops()
        raise
    _allow_nested_loops()


def _allow_nested_loops() -> None:
    if not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute("set local enable_nestloop = on")
