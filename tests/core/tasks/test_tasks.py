"""Tasks: who sees one, who may do one, and that the first of two concurrent updates wins and the other user is told."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client

from haven.core.people.models import Enrolment, Pupil
from haven.core.records.forms_engine import FieldProblems
from haven.core.schools.models import School
from haven.core.tasks.actions import (
    NewTask,
    TaskChanged,
    defer_task,
    finish_task,
    hand_over_task,
    raise_task,
    take_task,
)
from haven.core.tasks.models import Task, TaskStep
from haven.core.tasks.queries import handed_on, my_tasks, steps_of, task_by_ref, tasks_for
from haven.core.tasks.sources import Source, TaskSource, declared_sources
from haven.platform.accounts.context import AccessContext, access_context_for
from haven.platform.accounts.models import Membership, User
from haven.platform.row_security.context import access_context
from haven.rules.visibility import ATTENDANCE, PASTORAL, SAFEGUARDING, RecordCategory
from tests.support.database_owner import owner

AT = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)
PEOPLE = {"officer": "attendance_officer", "worker": "family_support_worker", "pastoral": "pastoral_coordinator", "teacher": "teacher",
          "lead": "dsl", "deputy": "deputy_dsl", "governor": "governor"}  # fmt: skip


def lay() -> dict[str, Any]:
    with owner():
        found: dict[str, Any] = {}
        for place, urn in (("school", 900001), ("other", 900002)):
            found[place] = School.objects.create(urn=urn, name=f"{place.title()} Academy")
        for name, role in PEOPLE.items():
            user = User.objects.create_user(f"{name}@example.test", name.title())
            Membership.objects.create(user=user, role=role, school=found["school"], begins_on=date(2020, 1, 1))
            found[name] = user
        Membership.objects.create(
            user=found["pastoral"], role="pastoral_coordinator", school=found["other"], begins_on=date(2020, 1, 1)
        )
        found["pupil"] = Pupil.objects.create(
            surname="Rahman", forename="Aisha", surname_key="rahman", forename_key="aisha"
        )
        for place in ("school", "other"):
            Enrolment.objects.create(school=found[place], author_id=found["lead"].id,
                                     pupil=found["pupil"], begins_on=date(2024, 9, 1))  # fmt: skip
    return found


@pytest.fixture
def school_data(db: None) -> dict[str, Any]:
    return lay()


def viewer(school_data: dict[str, Any], who: str) -> AccessContext:
    return access_context_for(user=school_data[who], on=AT.date())


def give(school_data: dict[str, Any], by: str, *, to: str = "", role: str = "", record_category: RecordCategory = PASTORAL,
         where: str = "school", due_in: int = 60) -> Any:  # fmt: skip
    with access_context(school_data[by].id):
        return raise_task(
            by=viewer(school_data, by),
            at=AT,
            school_id=school_data[where].id,
            task=NewTask(
                record_category=record_category,
                title=f"Speak with the family at {where}",
                pupil_ids=[school_data["pupil"].id],
                source=Source(TaskSource.PLAN),
                assignee_id=school_data[to].id if to else None,
                assignee_role=role,
                due_at=AT + timedelta(minutes=due_in),
            ),
        )


def task(ref: Any) -> Task:
    found = task_by_ref(ref=ref)
    assert found is not None
    return found


def test_my_day_is_mine_and_my_roles_across_schools_soonest_first(school_data: dict[str, Any]) -> None:
    here = give(school_data, "pastoral", role="pastoral_coordinator", due_in=90)
    there = give(school_data, "pastoral", to="pastoral", where="other", due_in=30)
    give(school_data, "pastoral", to="worker")
    with access_context(school_data["pastoral"].id):
        lines = my_tasks(viewer(school_data, "pastoral"))
        assert [(line.ref, line.mine, line.urn) for line in lines] == [(there, True, 900002), (here, False, 900001)]
        assert [line.ref for line in tasks_for(viewer(school_data, "pastoral"), school_data["school"].id)] == [here]
        assert lines[0].pupils[0][1] == "Aisha Rahman"
    client = Client()
    client.force_login(school_data["pastoral"])
    page = client.get("/my-day/").content.decode()
    assert page.index("Speak with the family at other") < page.index("Speak with the family at school")


def test_the_deputy_stands_in_for_the_lead(school_data: dict[str, Any]) -> None:
    ref = give(school_data, "teacher", role="dsl", record_category=SAFEGUARDING)
    for who, sees in (("lead", 1), ("deputy", 1), ("teacher", 0), ("officer", 0), ("pastoral", 0), ("governor", 0)):
        with access_context(school_data[who].id):
            assert len(my_tasks(viewer(school_data, who))) == sees, who
            assert (task_by_ref(ref=ref) is not None) == bool(sees), who


def test_whoever_passes_on_a_confidential_task_does_not_follow_it(school_data: dict[str, Any]) -> None:
    give(school_data, "teacher", role="dsl", record_category=SAFEGUARDING)
    with access_context(school_data["teacher"].id):
        assert not Task.objects.exists()
        assert handed_on(viewer(school_data, "teacher")) == []
        assert [step.verb for step in TaskStep.objects.all()] == ["raised"]
    give(school_data, "officer", to="pastoral", record_category=ATTENDANCE)
    with access_context(school_data["officer"].id):
        assert [one.done_at for one in handed_on(viewer(school_data, "officer"))] == [None]


@pytest.mark.parametrize(("to", "role", "record_category"), [
    ("governor", "", PASTORAL), ("officer", "", PASTORAL), ("", "teacher", PASTORAL), ("", "form_tutor", PASTORAL), ("pastoral", "", SAFEGUARDING),
])  # fmt: skip
def test_a_task_goes_only_to_somebody_who_can_do_it_there(
    school_data: dict[str, Any], to: str, role: str, record_category: RecordCategory
) -> None:
    with pytest.raises(PermissionDenied, match="cannot be assigned"):
        give(school_data, "lead", to=to, role=role, record_category=record_category)


def test_taken_put_off_with_a_reason_and_finished(school_data: dict[str, Any]) -> None:
    ref = give(school_data, "lead", role="pastoral_coordinator")
    with access_context(school_data["pastoral"].id):
        me = viewer(school_data, "pastoral")
        take_task(by=me, at=AT, task=task(ref), version=1)
        with pytest.raises(FieldProblems, match="reason for the delay"):
            defer_task(by=me, at=AT, task=task(ref), version=2, reason=" ", due_at=AT + timedelta(days=1))
        with pytest.raises(FieldProblems, match="in the future"):
            defer_task(by=me, at=AT, task=task(ref), version=2, reason="Mother is away", due_at=AT)
        defer_task(by=me, at=AT, task=task(ref), version=2, reason="Mother is away", due_at=AT + timedelta(days=1))
        finish_task(by=me, at=AT, task=task(ref), version=3, outcome="She comes on Friday")
        done = task(ref)
        assert (done.done_by_name, done.outcome, done.version) == ("Pastoral", "She comes on Friday", 4)
        assert [(step.verb, step.reason) for step in steps_of(task_ids=[done.id])][1:] == [("taken", ""), ("deferred", "Mother is away"), ("done", "")]  # fmt: skip
        assert my_tasks(me) == []
        with pytest.raises(PermissionDenied, match="Pastoral has already finished"):
            finish_task(by=me, at=AT, task=done, version=4, outcome="Again")


def test_what_is_dealt_with_elsewhere_is_not_finished_or_put_off_here(school_data: dict[str, Any]) -> None:
    with access_context(school_data["teacher"].id):
        ref = raise_task(
            by=viewer(school_data, "teacher"),
            at=AT,
            school_id=school_data["school"].id,
            task=NewTask(
                record_category=SAFEGUARDING,
                title="New safeguarding concern",
                pupil_ids=[],
                source=Source(TaskSource.FORM, "concern"),
                assignee_role="dsl",
            ),
        )
    with access_context(school_data["lead"].id):
        me = viewer(school_data, "lead")
        with pytest.raises(PermissionDenied, match="close automatically"):
            finish_task(by=me, at=AT, task=task(ref), version=1, outcome="Seen")
        with pytest.raises(PermissionDenied, match="close automatically"):
            defer_task(by=me, at=AT, task=task(ref), version=1, reason="Busy", due_at=AT + timedelta(days=1))
        take_task(by=me, at=AT, task=task(ref), version=1)


def test_somebody_elses_task_is_theirs(school_data: dict[str, Any]) -> None:
    ref = give(school_data, "lead", to="worker")
    with access_context(school_data["pastoral"].id), pytest.raises(PermissionDenied, match="belongs to someone else"):
        finish_task(by=viewer(school_data, "pastoral"), at=AT, task=task(ref), version=1, outcome="Mine")


def test_handed_over_it_ends_here_and_begins_there(school_data: dict[str, Any]) -> None:
    ref = give(school_data, "lead", to="worker")
    with access_context(school_data["worker"].id):
        hand_over_task(by=viewer(school_data, "worker"), at=AT, task=task(ref), version=1, reason="I am on leave", to_id=school_data["pastoral"].id)  # fmt: skip
        assert task(ref).outcome == "Handed over: I am on leave"
    with access_context(school_data["pastoral"].id):
        (line,) = my_tasks(viewer(school_data, "pastoral"))
        assert line.mine and line.ref != ref and line.due_at == AT + timedelta(hours=1)
        assert [step.reason for step in steps_of(task_ids=[task(line.ref).id])] == ["I am on leave"]


def test_a_stale_page_changes_nothing_and_is_told(school_data: dict[str, Any]) -> None:
    ref = give(school_data, "lead", role="pastoral_coordinator")
    client = Client()
    client.force_login(school_data["pastoral"])
    with access_context(school_data["pastoral"].id):
        take_task(by=viewer(school_data, "pastoral"), at=AT, task=task(ref), version=1)
        with pytest.raises(TaskChanged):
            finish_task(by=viewer(school_data, "pastoral"), at=AT, task=task(ref), version=1, outcome="Done")
    page = client.post(f"/my-day/{ref}/finish/", {"version": "1", "outcome": "Done"}, follow=True)
    assert "Someone else has just changed this task" in page.content.decode()
    with owner():
        assert Task.objects.get().done_at is None


@pytest.mark.parametrize("verb", ["take", "finish", "defer", "hand-over"])
def test_a_task_that_is_not_mine_is_no_address(school_data: dict[str, Any], verb: str) -> None:
    ref = give(school_data, "teacher", role="dsl", record_category=SAFEGUARDING)
    for who in ("teacher", "officer", "governor"):
        client = Client()
        client.force_login(school_data[who])
        assert client.get(f"/my-day/{ref}/{verb}/").status_code == 404
        assert client.post(f"/my-day/{ref}/{verb}/", {"version": "1", "outcome": "x"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_people_take_one_task_at_once() -> None:
    school_data = lay()
    with owner():
        second = User.objects.create_user("second@example.test", "Second")
        Membership.objects.create(
            user=second, role="pastoral_coordinator", school=school_data["school"], begins_on=date(2020, 1, 1)
        )
        school_data["second"] = second
    ref = give(school_data, "lead", role="pastoral_coordinator")
    gate = threading.Barrier(2)
    said: dict[str, str] = {}

    def take(who: str) -> None:
        try:
            client = Client()
            client.force_login(school_data[who])
            gate.wait(timeout=20)
            said[who] = client.post(f"/my-day/{ref}/take/", {"version": "1"}, follow=True).content.decode()
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[who]) for who in ("pastoral", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    won = [who for who in said if "Task assigned to you." in said[who]]
    assert len(won) == 1
    with owner():
        assert (Task.objects.get().assignee_id, Task.objects.get().version) == (school_data[won[0]].id, 2)


def test_a_task_of_an_undeclared_source_is_refused(school_data: dict[str, Any]) -> None:
    row = {"record_category": ATTENDANCE, "author_id": 1, "author_name": "A", "pupil_ids": [], "recorded_at": AT}
    with owner(), pytest.raises(IntegrityError, match="task_source_is_declared"), transaction.atomic():
        Task.objects.create(school_id=school_data["school"].id, title="x", source_kind="rumour", **row)


def test_the_kinds_of_source_are_declared_once() -> None:
    values = [value for value, _ in declared_sources()]
    assert len(values) == len(set(values)) > len(TaskSource)
