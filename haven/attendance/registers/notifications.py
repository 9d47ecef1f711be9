"""Notifies open pages that something changed at a school. Only a counter is sent, no data."""

from django.db import connection, transaction


def notify_changed(school_id: int) -> None:
    """Increment the school's counter after the transaction commits (immediately if there is none), so that no other writer waits for it."""
    transaction.on_commit(lambda: _raise(school_id), robust=True)


def _raise(school_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            # The change is already committed. If the server stops now, open pages disconnect, so there is nobody to notify.
            "insert into registers_changecounter as pulse (school_id, counter)"
            " select %s, 1 from (select set_config('synchronous_commit', 'off', true) offset 0) as quick"
            " on conflict (school_id) do update set counter = pulse.counter + 1",
            [school_id],
        )
