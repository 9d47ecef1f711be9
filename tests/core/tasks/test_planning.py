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
def school_data(db: None) -> dict[str, Any]:
    return lay()


def seen_by(school_data: dict[str, Any], name: str) -> AccessContext:
    return access_context_for(user=school_data[name], on=AT.date())


def test_what_i_plan_for_myself_is_in_my_day_and_in_nobody_elses(school_data: dict[str, Any]) -> None:
    with access_context(school_data["officer"].id):
        officer = seen_by(school_data, "officer")
        ref = plan_task(by=officer, at=AT, school_id=school_data["school"].id, title="Print the lists", due_at=LATER)
        assert [task.ref for task in my_tasks(officer)] == [ref]
        assert Task.objects.get(ref=ref).record_category == ATTENDANCE  # where an attendance officer works
    with access_context(school_data["teacher"].id):
        assert my_tasks(seen_by(school_data, "teacher")) == [] and task_by_ref(ref=ref) is None


def test_a_plan_for_a_colleague_or_a_role_comes_into_theirs(school_data: dict[str, Any]) -> None:
    with access_context(school_data["pastoral"].id):
        by = seen_by(school_data, "pastoral")
        to_worker = plan_task(by=by, at=AT, school_id=school_data["school"].id, title="Book the room", due_at=LATER,
                              to_id=school_data["worker"].id)  # fmt: skip
        to_office = plan_task(by=by, at=AT, school_id=school_data["school"].id, title="Bring the lists", due_at=LATER,
                              to_role="attendance_officer")  # fmt: skip
    with access_context(school_data["worker"].id):
        worker = seen_by(school_data, "worker")
        assert [task.ref for task in my_tasks(worker)] == [to_worker]
        assert Task.objects.get(ref=to_worker).record_category == PASTORAL
    with access_context(school_data["officer"].id):
        assert [task.ref for task in my_tasks(seen_by(school_data, "officer"))] == [
            to_office
        ]  # through the category that both share


def test_who_plans_nothing_is_told_so_and_what_is_past_is_not_planned(school_data: dict[str, Any]) -> None:
    with access_context(school_data["governor"].id), pytest.raises(ActionRejected):
        plan_task(
            by=seen_by(school_data, "governor"),
            at=AT,
            school_id=school_data["school"].id,
            title="Anything",
            due_at=LATER,
        )
    with access_context(school_data["officer"].id), pytest.raises(FieldProblems, match="in the future"):
        plan_task(
            by=seen_by(school_data, "officer"), at=AT, school_id=school_data["school"].id, title="Anything", due_at=AT
        )


def test_the_day_that_minutes_name_for_the_next_meeting_is_a_task_about_them(school_data: dict[str, Any]) -> None:
    with access_context(school_data["pastoral"].id):
        by = seen_by(school_data, "pastoral")
        minutes = record_entry(
            by=by,
            at=AT,
            school_id=school_data["school"].id,
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
                pupils=[(school_data["pupil"].id, "subject")],
            ),
        )
        raise_follow_up(by=by, at=AT, entry=minutes, due_at=datetime(2026, 1, 28, 9, tzinfo=UTC))
        (task,) = my_tasks(by)
        assert (task.title, task.about_entry) == ("Meet again, as agreed", minutes.ref)


def test_the_time_log_counts_my_own_finished_tasks_of_the_week_alone(school_data: dict[str, Any]) -> None:
    for name, minutes in (("officer", 20), ("officer", 75), ("officer", None), ("lead", 50)):
        with access_context(school_data[name].id):
            by = seen_by(school_data, name)
            ref = plan_task(by=by, at=AT, school_id=school_data["school"].id, title="Something", due_at=LATER)
            task = task_by_ref(ref=ref)
            assert task is not None
            finish_task(by=by, at=AT, task=task, version=1, outcome="Done.", minutes=minutes)
    with access_context(school_data["officer"].id):
        officer = seen_by(school_data, "officer")
        assert [(one.school_name, one.tasks, one.minutes) for one in time_spent(officer, AT)] == [
            ("School Academy", 2, 95)
        ]
        assert time_spent(officer, LATER) == []
    with access_context(school_data["lead"].id):
        assert [one.minutes for one in time_spent(seen_by(school_data, "lead"), AT)] == [50]


def test_the_page_plans_about_a_pupil_and_says_what_is_wrong(school_data: dict[str, Any], client: Client) -> None:
    client.force_login(school_data["pastoral"])
    address = f"/s/{school_data['school'].urn}/my-day/new/?pupil={school_data['pupil'].ref}"
    page = client.get(address)
    assert b"Plan a task about Aisha Rahman" in page.content and b"Myself" in page.content
    wrong = client.post(address, {"title": "", "due_at": "1 January 2020, 09:00", "to": ""})
    assert wrong.status_code == 422 and b"Choose a time in the future." not in wrong.content
    past = client.post(address, {"title": "Ring the library", "due_at": "1 January 2020, 09:00", "to": ""})
    assert past.status_code == 422 and b"Choose a time in the future." in past.content
    done = client.post(address, {"title": "Ring the library", "due_at": "1 January 2099, 09:00", "to": ""}, follow=True)
    assert b"Ring the library" in done.content and b"Aisha Rahman" in done.content
    assert client.get(f"/s/{school_data['school'].urn}/my-day/new/?pupil=nobody").status_code == 404
    client.force_login(school_data["governor"])
    assert client.get(f"/s/{school_data['school'].urn}/my-day/new/").status_code == 403
