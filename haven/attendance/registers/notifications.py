"""Telling open pages that something changed at a school: a counter and nothing of what."""

from django.db import connection, transaction


def notify_changed(school_id: int) -> None:
    """Raise the school's counter when the transaction is through (at once where there is none), so that nobody waits for it."""
    transaction.on_commit(lambda: _raise(school_id), robust=True)


def _raise(school_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            # The change itself is on the disk. If the server stops now, no page is open that would have to be told.
            "insert into registers_changecounter as pulse (school_id, counter)"
            " select %s, 1 from (select set_config('synchronous_commit', 'off', true) offset 0) as quick"
            " on conflict (school_id) do update set counter = pulse.counter + 1",
            [school_id],
        )
