"""The named locks of the database: kept until the end of a transaction, and taken in one order."""

import pytest
from django.db import connection

from haven.platform.locks import Lock, LockOrderError, lock, lock_scope, session_lock, try_lock

FIRST_NUMBER = 4215000


def held() -> list[Lock]:
    """The named locks that this connection holds, as PostgreSQL lists them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select classid::bigint - %s from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() order by 1",
            [FIRST_NUMBER],
        )
        return [Lock(number) for (number,) in cursor.fetchall()]


@pytest.mark.django_db
def test_locks_in_their_order_are_taken() -> None:
    with lock_scope():
        lock(Lock.REGISTERS, 1, "2026-27")
        lock(Lock.REGISTERS, 1, "2025-26")
        lock(Lock.CALENDAR, 1, "2026-27")
    assert held() == [Lock.REGISTERS, Lock.REGISTERS, Lock.CALENDAR]


@pytest.mark.django_db
def test_a_lock_after_a_later_one_is_an_error() -> None:
    with lock_scope():
        lock(Lock.CALENDAR, 1, "2026-27")
        with lock_scope(), pytest.raises(LockOrderError, match="REGISTERS is taken after CALENDAR"):
            lock(Lock.REGISTERS, 1, "2026-27")


@pytest.mark.django_db
def test_a_lock_that_is_held_is_taken_again_after_a_later_one() -> None:
    with lock_scope():
        lock(Lock.REGISTERS, 1, "2026-27")
        lock(Lock.CALENDAR, 1, "2026-27")
        lock(Lock.REGISTERS, 1, "2026-27")
        with pytest.raises(LockOrderError, match="REGISTERS is taken after CALENDAR"):
            lock(Lock.REGISTERS, 1, "2025-26")


@pytest.mark.django_db
def test_a_scope_begins_with_no_lock_of_the_one_before() -> None:
    with lock_scope():
        lock(Lock.CALENDAR, 1)
    with lock_scope():
        lock(Lock.REGISTERS, 1)
    assert held() == [Lock.REGISTERS, Lock.CALENDAR]


@pytest.mark.django_db
def test_a_connection_may_take_its_own_session_lock_again() -> None:
    with session_lock(Lock.IMPORT_RUN, "made up"):
        assert try_lock(Lock.IMPORT_RUN, "made up")
