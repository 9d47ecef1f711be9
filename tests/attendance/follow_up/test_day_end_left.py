"""A user with a conflict of interest signs off a day while the pupil's item is open.

The signer learns nothing of the pupil: not on the page, not in a count, not later. The pupil is still followed up: the item stays open for
all other users who may see it, the safeguarding lead gets a task, and a user who sees the pupil signs the item off.
"""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client

from haven.attendance.follow_up.actions import end_of_day as end
from haven.attendance.follow_up.jobs import after_signing
from haven.attendance.follow_up.models import DaySignOff
from haven.attendance.follow_up.queries.day import day_of, open_items
from haven.attendance.follow_up.queries.end_of_day import ending_of, left_of, sign_offs_of
from haven.core.tasks.models import Task
from haven.platform.audit.models import AuditEvent
from haven.platform.errors import ActionRejected
from haven.platform.row_security.context import access_context
from haven.rules.sessions import Half
from tests.factories.morning import ON, Morning, build_school, conflicted, set_mark
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
END = datetime(2026, 1, 14, 15, 30, tzinfo=UTC)


@pytest.fixture
def morning() -> Morning:
    """Pupil 0 is not accounted for and on the vulnerable pupils list; the officer is the mother."""
    found = build_school()
    conflicted(found, "officer", 0)
    return found


def left(morning: Morning, name: str) -> list[str]:
    """Names of the items that are still open for a user after the sign-off."""
    viewer = morning.viewer(name)
    with access_context(viewer.user_id):
        day = day_of(viewer=viewer, school_id=morning.school_id, on=ON, at=END)
        ending = ending_of(school_id=morning.school_id, on=ON)
        return [item.title for item in left_of(open_items(day), ending)]


def sign(morning: Morning, name: str = "officer") -> DaySignOff:
    viewer = morning.viewer(name)
    with access_context(viewer.user_id):
        day = day_of(viewer=viewer, school_id=morning.school_id, on=ON, at=END)
        return end.sign_off_day(
            by=viewer, at=END, school_id=morning.school_id, on=ON,
            explanations={item.key: "First call tomorrow" for item in open_items(day)},
        )  # fmt: skip


def page(morning: Morning, name: str) -> str:
    client = Client()
    client.force_login(morning.users[name])
    with time_machine.travel(END, tick=False):
        text = client.get(morning.url("today/end/?on=2026-01-14")).content.decode()
    return re.sub(r"[A-Za-z0-9]{64}|nonce=\"[^\"]*\"", "-", text)


def test_the_signer_finds_no_trace_of_the_child(morning: Morning) -> None:
    with_child = page(morning, "officer")
    assert "Pupil000" not in with_child
    set_mark(morning, 0, Half.AM, "/")
    set_mark(morning, 0, Half.PM, "\\")
    assert page(morning, "officer") == with_child


def test_the_line_stands_open_for_everybody_else_and_the_lead_has_a_task(morning: Morning) -> None:
    signed = sign(morning)
    child = morning.pupils[0]
    assert left(morning, "officer") == []
    assert [name.split()[0] for name in left(morning, "second")] == ["Pupil000"]
    with time_machine.travel(END, tick=False):
        assert after_signing(school_id=morning.school_id, on=ON.isoformat()) == 1
        assert after_signing(school_id=morning.school_id, on=ON.isoformat()) == 0  # notified once
    with owner():
        task = Task.objects.get(source_kind="sign_off")
        assert (task.assignee_role, task.pupil_ids) == ("dsl", [child.id]) and child.name in task.title
    for name, sees in (("officer", False), ("lead", True)):
        with access_context(morning.users[name].id):
            assert Task.objects.filter(id=task.id).exists() is sees
            assert AuditEvent.objects.filter(verb="attendance.pass_on_left_lines").exists() is sees
    assert str(child.ref) not in str(signed.open_lines)
    assert "Pupil000" in page(morning, "second") and "1 item is still open" in page(morning, "second")


def test_somebody_who_sees_the_child_signs_for_it_and_the_first_signer_sees_nothing_of_that(morning: Morning) -> None:
    sign(morning)
    before = page(morning, "officer")
    second = morning.viewer("second")
    key = f"pupil-{morning.pupils[0].ref}"
    with access_context(second.user_id):
        with pytest.raises(ActionRejected, match="there is no explanation"):
            end.sign_left_lines(by=second, at=END, school_id=morning.school_id, on=ON, explanations={})
        assert sign_offs_of(school_id=morning.school_id, on=ON)[-1].kind == "signed_off"
        assert (
            end.sign_left_lines(
                by=second, at=END, school_id=morning.school_id, on=ON, explanations={key: "Social worker goes at 17:00"}
            )
            == 1
        )
        ending = ending_of(school_id=morning.school_id, on=ON)
        assert ending is not None and ending.signed.author_name == "Officer"
        told = {line.title: (line.words, line.by) for line in ending.lines}
        assert told[morning.pupils[0].name] == ("Social worker goes at 17:00", "Second Person")
        with pytest.raises(PermissionDenied, match="Officer has already signed off this day"):
            end.sign_left_lines(by=second, at=END, school_id=morning.school_id, on=ON, explanations={})
    assert left(morning, "second") == left(morning, "lead") == []
    assert page(morning, "officer") == before
    assert "Social worker goes at 17:00" in page(morning, "lead")


def test_what_another_signed_about_the_child_is_not_counted_for_the_shut_out(morning: Morning) -> None:
    sign(morning, "second")
    assert "6 items stayed open" in page(morning, "lead")
    shown = page(morning, "officer")
    assert "5 items stayed open" in shown and "Pupil000" not in shown


def test_where_the_signer_is_the_safeguarding_lead_the_head_is_told(morning: Morning) -> None:
    conflicted(morning, "lead", 0)
    sign(morning, "lead")
    with time_machine.travel(END, tick=False):
        after_signing(school_id=morning.school_id, on=ON.isoformat())
    with owner():
        assert Task.objects.get(source_kind="sign_off").assignee_role == "head"


def test_a_line_that_opens_after_the_signing_is_signed_for_too(morning: Morning) -> None:
    sign(morning, "second")
    assert left(morning, "second") == []
    set_mark(morning, 10, Half.PM, "N")
    # Now that 8 Kestrel's afternoon register is in, the child without a mark in it is missing too.
    assert [name.split()[0] for name in left(morning, "second")] == ["Pupil010", "Pupil004"]
    with access_context(morning.users["second"].id):
        end.reopen_day(by=morning.viewer("second"), at=END, school_id=morning.school_id, on=ON, reason="One more")
        with pytest.raises(PermissionDenied, match="has not been signed off"):
            end.sign_left_lines(
                by=morning.viewer("second"), at=END, school_id=morning.school_id, on=ON, explanations={}
            )
