"""The audit chain: every event of a completed transaction is in a checkpoint, once and in order, and later changes are detected.

A window closes only below the oldest transaction that is running anywhere on the server. Tests here therefore wait for the checkpoint as
the worker does, minute by minute, and keep transactions open on purpose.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection, transaction

from haven.operations import database
from haven.platform.audit.actions import append_event, write_checkpoint
from haven.platform.audit.models import AuditCheckpoint, AuditEvent
from haven.platform.audit.queries import broken_checkpoint
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 1, 14, 20, 0, tzinfo=UTC)
PATIENCE = 60  # seconds for other work on the same server to end its transactions


def write(*refs: object) -> None:
    for ref in refs:
        append_event(by=None, at=AT, verb="test.event", about=("thing", ref))


def checkpoint_all(many: int) -> None:
    """Write checkpoints until `many` more events are in one; one more would be one event twice."""
    sealed, deadline = 0, time.monotonic() + PATIENCE
    while sealed < many and time.monotonic() < deadline:
        sealed += write_checkpoint(at=AT)
        if sealed < many:
            time.sleep(0.05)
    assert sealed == many
    assert write_checkpoint(at=AT) == 0


def block_of(ref: object) -> int:
    with owner():
        event = AuditEvent.objects.get(about_ref=str(ref))
        return AuditCheckpoint.objects.get(segment=event.segment, from_xid__lte=event.xid, to_xid__gt=event.xid).id


@contextmanager
def somebody_else() -> Iterator[psycopg.Connection]:
    """An open transaction of another program on the same database that has written something."""
    with psycopg.connect(
        **{"host": database.master().host, "port": database.master().port, "dbname": connection.settings_dict["NAME"]},
        user=database.master().user,
        password=database.master().password,
    ) as other:
        other.execute("select pg_current_xact_id()")
        yield other


def test_a_changed_event_is_found() -> None:
    write(0, 1, 2)
    checkpoint_all(3)
    write(3)
    checkpoint_all(1)
    assert broken_checkpoint() is None
    with owner(), connection.cursor() as cursor:
        with pytest.raises(Exception, match="only grows"), transaction.atomic():
            cursor.execute("update audit_auditevent set about_ref = 'x'")
        cursor.execute("alter table audit_auditevent disable trigger only_grows")
        cursor.execute("update audit_auditevent set reason = 'x' where about_ref = '1'")
        cursor.execute("alter table audit_auditevent enable trigger only_grows")
    assert broken_checkpoint() == (block_of(1), "an event in it was changed")


def test_nothing_is_sealed_past_a_transaction_that_still_runs_and_everything_after_it() -> None:
    write("before")
    with somebody_else() as other:
        write("after", "after too")
        checkpoint_all(1)
        time.sleep(0.2)
        assert write_checkpoint(at=AT) == 0, "an event was sealed past a transaction that may still write an older one"
        other.execute(
            "select app.append_event(%s, '', 'test.event', 'thing', 'late', null, null, null, '', '{}', '')", [AT]
        )
        other.commit()
        checkpoint_all(3)
    with owner():
        assert AuditEvent.objects.count() == 4 == sum(AuditCheckpoint.objects.values_list("events", flat=True))
        windows = list(AuditCheckpoint.objects.order_by("id").values_list("from_xid", "to_xid"))
    assert block_of("before") < block_of("late")
    assert [start for start, _ in windows[1:]] == [end for _, end in windows[:-1]], "a gap or an overlap"
    assert broken_checkpoint() is None


def test_an_undone_transaction_leaves_nothing_to_seal() -> None:
    with somebody_else() as other:
        other.execute(
            "select app.append_event(%s, '', 'test.event', 'thing', 'never', null, null, null, '', '{}', '')", [AT]
        )
        write("kept")
        other.rollback()
    checkpoint_all(1)
    with owner():
        assert [event.about_ref for event in AuditEvent.objects.all()] == ["kept"]


def written_elsewhere(segment: int, **xid_of: int) -> None:
    """Events as after a restore: of another server's segment, with that server's transaction numbers."""
    with owner(), connection.cursor() as cursor:
        for ref, xid in xid_of.items():
            cursor.execute(
                "insert into audit_auditevent (at, actor_name, verb, about_kind, about_ref, pupil_ids, reason, detail, request_ref,"
                " segment, xid) values (%s, '', 'test.event', 'thing', %s, '{}', '', '{}', '', %s, %s)",
                [AT, ref, segment, xid],
            )


def test_what_another_server_left_unsealed_is_sealed_whole_and_its_numbers_meet_nobody_elses() -> None:
    write("mine")
    written_elsewhere(7, high=9_000_000_000_000, low=3)
    checkpoint_all(3)
    assert block_of("high") == block_of("low") != block_of("mine")
    write("mine too")
    checkpoint_all(1)
    written_elsewhere(7, back_on_the_old_server=9_000_000_000_500)
    checkpoint_all(1)
    assert broken_checkpoint() is None
    with owner():
        assert sum(AuditCheckpoint.objects.values_list("events", flat=True)) == 5


@pytest.mark.parametrize(
    ("change", "where", "why"),
    [
        ("update audit_auditevent set reason = 'x' where about_ref = 'theirs'", "theirs", "an event in it was changed"),
        (
            "update audit_auditevent set segment = 8 where about_ref = 'theirs'",
            1,
            "1 events were sealed and 0 are there",
        ),
        ("delete from audit_auditevent where about_ref = 'mine'", 2, "1 events were sealed and 0 are there"),
        ("update audit_auditcheckpoint set segment = 8 where id = 1", 1, "1 events were sealed and 0 are there"),
        (
            "update audit_auditcheckpoint set from_xid = from_xid + 1 where id = 3",
            3,
            "its window does not begin where the one before it ended",
        ),
        ("delete from audit_auditcheckpoint where id = 1", 2, "the block before it was changed or removed"),
    ],
)
def test_a_change_in_any_era_is_found(change: str, where: object, why: str) -> None:
    written_elsewhere(7, theirs=900)
    checkpoint_all(1)
    write("mine")
    checkpoint_all(1)
    write("mine again")
    checkpoint_all(1)
    with owner(), connection.cursor() as cursor:
        for table in ("audit_auditevent", "audit_auditcheckpoint"):
            cursor.execute(f"alter table {table} disable trigger only_grows")
        cursor.execute(change)
        assert cursor.rowcount == 1
        for table in ("audit_auditevent", "audit_auditcheckpoint"):
            cursor.execute(f"alter table {table} enable trigger only_grows")
    assert broken_checkpoint() == (where if isinstance(where, int) else block_of(where), why)
