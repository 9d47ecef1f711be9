"""The user's own planner and time log: planned tasks appear on their day, also those from a form, and the time log is visible to its owner
alone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from haven.core.records.actions import NewEntry, record_entry
from haven.core.records.forms_engine import FieldProblems
from haven.core.tasks.actions import finish_task, plan_task, raise_follow_up
from haven.core.tasks.models import Task
from haven.core.tasks.queries import my_tasks, task_by_ref, time_spent
from haven.platform.accounts.context import AccessContext, access_context_for
from haven.platform.errors import ActionRejected
from haven.platform.row_security.context import access_context
from haven.rules.visibility import ATTENDANCE, PASTORAL
from tests.core.tasks.test_tasks import lay

AT = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(days=1)


@pytest.fixture
def stage(db: None) -> dict[str, Any]:
    return lay()


def seen_by(stage: dict[str, Any], name: str) -> AccessContext:
    return access_context_for(user=stage[name], on=AT.date())


def test_what_i_plan_for_myself_is_in_my_day_and_in_nobody_elses(stage: dict[str, Any]) -> None:
    with access_context(stage["officer"].id):
        officer = seen_by(stage, "officer")
        ref = plan_task(by=officer, at=AT, school_id=stage["school"].id, title="Print the lists", due_at=LATER)
        assert [task.ref for task in my_tasks(officer)] == [ref]
        assert Task.objects.get(ref=ref).record_category == ATTENDANCE  # where an attendance officer works
    with access_context(stage["teacher"].id):
        assert my_tasks(seen_by(stage, "teacher")) == [] and task_by_ref(ref=ref) is None


def test_a_plan_for_a_colleague_or_a_role_comes_into_theirs(stage: dict[str, Any]) -> None:
    with access_context(stage["pastoral"].id):
        by = seen_by(stage, "pastoral")
        to_worker = plan_task(by=by, at=AT, school_id=stage["school"].id, title="Book the room", due_at=LATER,
                              to_id=stage["worker"].id)  # fmt: skip
        to_office = plan_task(by=by, at=AT, school_id=stage["school"].id, title="Bring the lists", due_at=LATER,
                              to_role="attendance_officer")  # fmt: skip
    with access_context(stage["worker"].id):
        worker = seen_by(stage, "worker")
        assert [task.ref for task in my_tasks(worker)] == [to_worker]
        assert Task.objects.get(ref=to_worker).record_category == PASTORAL
    with access_context(stage["officer"].id):
        assert [task.ref for task in my_tasks(seen_by(stage, "officer"))] == [
            to_office
        ]  # through the category that both share


def test_who_plans_nothing_is_told_so_and_what_is_past_is_not_planned(stage: dict[str, Any]) -> None:
    with access_context(stage["governor"].id), pytest.raises(ActionRejected):
        plan_task(by=seen_by(stage, "governor"), at=AT, school_id=stage["school"].id, title="Anything", due_at=LATER)
    with access_context(stage["officer"].id), pytest.raises(FieldProblems, match="in the future"):
        plan_task(by=seen_by(stage, "officer"), at=AT, school_id=stage["school"].id, title="Anything", due_at=AT)


def test_the_day_that_minutes_name_for_the_next_meeting_is_a_task_about_them(stage: dict[str, Any]) -> None:
    with access_context(stage["pastoral"].id):
        by = seen_by(stage, "pastoral")
        minutes = record_entry(
            by=by,
            at=AT,
            school_id=stage["school"].id,
            entry=NewEntry(
                form="meeting",
                happened_at=AT,
                fields={
                    "kind": "family",
                    "present": "Mrs Rahman",
                    "discussed": "Mornings.",
                    "agreed": "Breakfast club.",
                    "next_on": date(2026, 1, 28),
                },
                pupils=[(stage["pupil"].id, "subject")],
            ),
        )
        raise_follow_up(by=by, at=AT, entry=minutes, due_at=datetime(2026, 1, 28, 9, tzinfo=UTC))
        (task,) = my_tasks(by)
        assert (task.title, task.about_entry) == ("Meet again, as agreed", minutes.ref)


def test_the_time_log_counts_my_own_finished_tasks_of_the_week_alone(stage: dict[str, Any]) -> None:
    for name, minutes in (("officer", 20), ("officer", 75), ("officer", None), ("lead", 50)):
        with access_context(stage[name].id):
            by = seen_by(stage, name)
            ref = plan_task(by=by, at=AT, school_id=stage["school"].id, title="Something", due_at=LATER)
            task = task_by_ref(ref=ref)
            assert task is not None
            finish_task(by=by, at=AT, task=task, version=1, outcome="Done.", minutes=minutes)
    with access_context(stage["officer"].id):
        officer = seen_by(stage, "officer")
        assert [(one.school_name, one.tasks, one.minutes) for one in time_spent(officer, AT)] == [
            ("School Academy", 2, 95)
        ]
        assert time_spent(officer, LATER) == []
    with access_context(stage["lead"].id):
        assert [one.minutes for one in time_spent(seen_by(stage, "lead"), AT)] == [50]


def test_the_page_plans_about_a_pupil_and_says_what_is_wrong(stage: dict[str, Any], client: Client) -> None:
    client.force_login(stage["pastoral"])
    address = f"/s/{stage['school'].urn}/my-day/new/?pupil={stage['pupil'].ref}"
    page = client.get(address)
    assert b"Plan a task about Aisha Rahman" in page.content and b"Myself" in page.content
    wrong = client.post(address, {"title": "", "due_at": "1 January 2020, 09:00", "to": ""})
    assert wrong.status_code == 422 and b"Choose a time in the future." not in wrong.content
    past = client.post(address, {"title": "Ring the library", "due_at": "1 January 2020, 09:00", "to": ""})
    assert past.status_code == 422 and b"Choose a time in the future." in past.content
    done = client.post(address, {"title": "Ring the library", "due_at": "1 January 2099, 09:00", "to": ""}, follow=True)
    assert b"Ring the library" in done.content and b"Aisha Rahman" in done.content
    assert client.get(f"/s/{stage['school'].urn}/my-day/new/?pupil=nobody").status_code == 404
    client.force_login(stage["governor"])
    assert client.get(f"/s/{stage['school'].urn}/my-day/new/").status_code == 403
