"""Reads the audit record: who did or saw what at a school, and whether the hash chain is intact. The row policy shows a school's record
only to users whose role there may read it."""

from datetime import datetime

from django.db import connection


def newest_event_at() -> datetime | None:
    """The time of the newest event of the whole record, whatever the user may read; None if there is none."""
    with connection.cursor() as cursor:
        cursor.execute("select app.newest_event_at()")
        newest: datetime | None = cursor.fetchone()[0]
    return newest


def broken_checkpoint() -> tuple[int, str] | None:
    """The first checkpoint of the chain that does not verify (number, reason), or None if the chain is intact."""
    with connection.cursor() as cursor:
        cursor.execute("select block, why from app.broken_checkpoint()")
        row = cursor.fetchone()
    return (int(row[0]), str(row[1])) if row else None
