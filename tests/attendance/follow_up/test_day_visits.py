"""Visits under way and due back, for the panel and the warning of Today. Also the link to inconsistent codes."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from haven.attendance.follow_up.actions import pupils as act
from haven.attendance.follow_up.actions import visits
from haven.attendance.follow_up.queries.visits import visits_of
from haven.attendance.registers.actions.registers import amend_mark
from haven.core.tasks.models import Task
from haven.platform.audit.models import AuditEvent
from haven.platform.errors import ActionRejected
from haven.platform.row_security.context import access_context
from haven.rules.contact_ladder import Outcome
from haven.rules.sessions import Half
from tests.attendance.follow_up.test_today_pages import client_of, text_of, url_of
from tests.factories.morning import AT, ON, Morning, build_school, conflicted
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
DUE = datetime(2026, 1, 14, 11, 0, tzinfo=UTC)


@pytest.fixture
def morning() -> Any:
    with time_machine.travel(AT, tick=False):
        yield build_school()


def common(morning: Morning, name: str = "officer", number: int = 0, at: datetime = AT) -> dict[str, Any]:
    return {
        "by": morning.viewer(name), "at": at, "school_id": morning.school_id, "on": ON,
        "pupil_id": morning.pupils[number].id,
    }  # fmt: skip


def out(morning: Morning, name: str, at: datetime) -> list[tuple[str, str, bool, bool]]:
    """(visitor, pupil, under way, overdue) as a user sees it."""
    with access_context(morning.users[name].id):
        found = visits_of(school_id=morning.school_id, on=ON, at=at)
        return [(each.visitor, each.name.split()[0], each.since is not None, each.is_overdue) for each in found]


def set_off(morning: Morning, visitor: str = "second", number: int = 0, back_by: datetime = DUE) -> None:
    with access_context(morning.users["officer"].id):
        visits.set_off(**common(morning, number=number), visitor_id=morning.users[visitor].id, back_by=back_by)


def test_planned_under_way_overdue_and_back(morning: Morning) -> None:
    officer, second = morning.users["officer"], morning.users["second"]
    with access_context(officer.id):
        act.plan_visit(**common(morning), visitor_id=second.id, due_at=DUE, words="")
    assert out(morning, "officer", AT) == [("Second Person", "Pupil000", False, False)]
    set_off(morning)
    assert out(morning, "officer", DUE) == [("Second Person", "Pupil000", True, False)]
    late = DUE + timedelta(minutes=1)
    assert out(morning, "officer", late) == [("Second Person", "Pupil000", True, True)]
    with access_context(second.id):
        act.log_attempt(**common(morning, "second", at=late), outcome=Outcome.VISIT_SEEN, report=act.OutcomeReport())
    assert out(morning, "officer", late)[0][3]  # the pupil was seen on the visit, but the visitor is not yet back
    with access_context(second.id):
        visits.come_back(**common(morning, "second", at=late), visitor_id=second.id)
    assert out(morning, "officer", late) == []  # the record of the visit has ended its task too
    with owner():
        assert Task.objects.get(source_kind="visit").outcome == "Visit: pupil seen"
        verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"attendance.set_off_on_visit", "attendance.come_back_from_visit"} <= verbs


def test_overdue_first_then_under_way_then_planned(morning: Morning) -> None:
    with access_context(morning.users["officer"].id):
        act.plan_visit(**common(morning, number=4), visitor_id=morning.users["lead"].id, due_at=DUE, words="")
    set_off(morning, "second", 2, DUE + timedelta(hours=1))
    set_off(morning, "officer", 0, DUE)
    seen = out(morning, "lead", DUE + timedelta(minutes=5))
    assert [(name, overdue) for _, name, _, overdue in seen] == [
        ("Pupil000", True), ("Pupil002", False), ("Pupil004", False)
    ]  # fmt: skip


def test_a_later_time_puts_the_warning_off_and_a_wrong_one_is_refused(morning: Morning) -> None:
    set_off(morning)
    set_off(morning, back_by=DUE + timedelta(hours=1))
    assert out(morning, "officer", DUE + timedelta(minutes=5)) == [("Second Person", "Pupil000", True, False)]
    with access_context(morning.users["officer"].id), pytest.raises(ActionRejected, match="later today"):
        visits.set_off(**common(morning), visitor_id=morning.users["second"].id, back_by=AT)
    with access_context(morning.users["officer"].id), pytest.raises(ActionRejected, match="a colleague at this school"):
        visits.set_off(**common(morning), visitor_id=10**6, back_by=DUE)


def test_nobody_comes_back_twice_and_a_teacher_says_nothing(morning: Morning) -> None:
    set_off(morning)
    visitor = morning.users["second"].id
    with access_context(morning.users["officer"].id):
        visits.come_back(**common(morning), visitor_id=visitor)
        with pytest.raises(ActionRejected, match="already ended"):
            visits.come_back(**common(morning), visitor_id=visitor)
    with access_context(morning.users["teacher"].id), pytest.raises(PermissionDenied):
        visits.set_off(**common(morning, "teacher"), visitor_id=visitor, back_by=DUE)


def test_who_is_shut_out_of_the_child_sees_no_visit(morning: Morning) -> None:
    conflicted(morning, "lead", 0)
    set_off(morning)
    assert out(morning, "lead", AT) == []


def test_the_page_warns_at_the_top_and_two_presses_set_the_clock(morning: Morning) -> None:
    client = client_of(morning, "second")
    with access_context(morning.users["officer"].id):
        act.plan_visit(**common(morning), visitor_id=morning.users["second"].id, due_at=DUE, words="")
    page = text_of(client, morning.url())
    assert "Home visits" in page and "planned for 11:00" in page
    asked = f"{url_of(morning, 0, 'set-off')}?person={morning.users['second'].id}"
    assert f'href="{asked}"' in page and "Back by (today)" in text_of(client, asked)
    told = client.post(
        url_of(morning, 0, "set-off"), {"person": morning.users["second"].id, "time": "11:00"}, follow=True
    )
    assert "since 09:12, back by 11:00" in told.content.decode()
    assert "is not back" not in told.content.decode()
    with time_machine.travel(DUE + timedelta(minutes=3), tick=False):
        page = text_of(client_of(morning), morning.url())
        assert page.index("Second Person is not back") < page.index("Find these children first")
        assert "Overdue since 11:00" in page
        client_of(morning).post(url_of(morning, 0, "back"), {"person": morning.users["second"].id})
        assert "is not back" not in text_of(client_of(morning), morning.url())


def test_one_reason_with_two_codes_is_a_line_that_leads_to_them(morning: Morning) -> None:
    client = client_of(morning)
    assert "Inconsistent codes" not in text_of(client, morning.url())
    officer = morning.viewer("officer")
    with access_context(officer.user_id):
        for number, code in ((2, "M"), (0, "C")):
            amend_mark(
                by=officer, at=AT, enrolment_id=morning.school_data.enrolments[number].id, on=ON, half=Half.AM, symbol=code,
                reason="Dentist",
            )  # fmt: skip
    page = text_of(client, morning.url())
    assert "Inconsistent codes" in page and re.search(r"consistency/\">1<", page)
    assert "dentist" in text_of(client, morning.url("registers/consistency/"))
    assert "Inconsistent codes" not in text_of(client_of(morning, "kestrel"), morning.url())
