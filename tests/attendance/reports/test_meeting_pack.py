"""The meeting pack: the figures of an inspection of the registers, counted by hand, and agreed tasks."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from haven.attendance.registers.actions.registers import amend_mark, take_marks
from haven.attendance.reports.meeting_pack.query import Changes
from haven.core.tasks.models import Task
from haven.platform.accounts.models import Membership, User
from haven.platform.row_security.context import access_context
from haven.rules.sessions import Half, session_key
from tests.factories.registers import AT, YEAR, SchoolData, build_school
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)


@pytest.fixture
def school_data(settings: Any) -> SchoolData:
    """Six pupils in two classes, marked on Monday 5 and Tuesday 6 January, but nobody of 9 Osprey on Tuesday afternoon. Pupil 0 is N on
    Monday morning and still is on the 14th; pupil 2 was changed to I, on Tuesday for Monday and on the 14th for Tuesday."""
    settings.FIXED_NOW = "2026-01-14T09:30:00"
    school_data = build_school(pupils=6)
    marks = []
    for number, each in enumerate(school_data.enrolments):
        for day in (MONDAY, TUESDAY):
            for half in Half:
                if (number % 2, day, half) != (1, TUESDAY, Half.PM):
                    code = "N" if (number, day, half) == (0, MONDAY, Half.AM) else "/" if half is Half.AM else "\\"
                    marks.append((each.id, session_key(day, half), code))
    with access_context(school_data.users["officer"].id):
        by = school_data.viewer("officer")
        take_marks(by=by, at=AT, school_id=school_data.school.id, year=YEAR, marks=marks, source="page")
        for day, at in ((MONDAY, datetime(2026, 1, 6, 9, tzinfo=UTC)), (TUESDAY, AT)):
            amend_mark(
                by=by,
                at=at,
                enrolment_id=school_data.enrolments[2].id,
                on=day,
                half="AM",
                symbol="I",
                reason="Mother rang",
            )
    return school_data


def page_of(school_data: SchoolData, who: str, more: str = "", post: dict[str, str] | None = None) -> Any:
    client = Client()
    client.force_login(school_data.users[who])
    url = school_data.url(f"attendance/pack/{more}")
    return client.get(url) if post is None else client.post(url, post)


def test_the_registers_are_counted(school_data: SchoolData) -> None:
    answer = page_of(school_data, "officer", "?from_on=2026-01-05&to_on=2026-01-06")
    found = answer.context["found"]
    assert [(each.name, each.registers, each.not_taken) for each in found.classes] == [
        ("8 Kestrel", 4, 0),
        ("9 Osprey", 4, 1),
    ]
    assert (found.places, found.not_marked, found.registers, found.not_taken) == (24, 3, 8, 1)
    assert {each.symbol: each.sessions for each in found.codes} == {"/": 9, "\\": 9, "I": 2, "N": 1}
    assert found.codes[-1].share == 1 / 21
    assert found.changes == Changes(0, 1, 1, 0)
    page = " ".join(answer.content.decode().split())
    assert "Registers with no marks: 1 of 8" in page and "Missing marks: 3 of 24" in page
    assert "0 on the day itself, 1 within a week, 1 later" in page and "%}" not in page


def test_an_old_n_and_two_codes_of_a_day_are_found(school_data: SchoolData) -> None:
    found = page_of(school_data, "head").context["found"]
    assert (found.old_n, found.oldest_n, found.two_codes) == (1, MONDAY, 0)
    with access_context(school_data.users["officer"].id):
        amend_mark(
            by=school_data.viewer("officer"), at=AT, enrolment_id=school_data.enrolments[2].id, on=MONDAY, half="PM", symbol="O", reason="x"
        )  # fmt: skip
    assert page_of(school_data, "head").context["found"].two_codes == 1


def test_what_was_agreed_becomes_a_task_of_a_role(school_data: SchoolData) -> None:
    given = {"title": "Look at codes N each Friday", "role": "attendance_officer", "due_on": "11 February 2026"}
    answer = page_of(school_data, "head", post=given)
    assert answer.status_code == 302
    with owner():
        task = Task.objects.get(source_kind="targeting_support_meeting")
        assert (task.title, task.assignee_role, task.pupil_ids) == (given["title"], "attendance_officer", [])
        assert task.due_at == datetime(2026, 2, 11, 17, tzinfo=UTC)
    page = page_of(school_data, "officer").content.decode()
    assert "Look at codes N each Friday" in page and "11 February 2026" in page and "Open" in page
    client = Client()
    client.force_login(school_data.users["officer"])
    assert "Look at codes N each Friday" in client.get("/my-day/").content.decode()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"title": "", "role": "head", "due_on": "1 March 2026"}, "required"),
        ({"title": "x", "role": "governor", "due_on": "1 March 2026"}, "Choose an option from the list"),
        ({"title": "x", "role": "head", "due_on": "1 March 2025"}, "This date has passed"),
        ({"title": "x", "role": "system_administrator", "due_on": "1 March 2026"}, "cannot be assigned"),
    ],
)
def test_what_cannot_be_agreed_is_said(school_data: SchoolData, given: dict[str, str], words: str) -> None:
    answer = page_of(school_data, "head", post=given)
    assert answer.status_code == 422 and words in answer.content.decode()
    with owner():
        assert not Task.objects.filter(source_kind="targeting_support_meeting").exists()


def test_only_those_who_see_every_register_have_it(school_data: SchoolData) -> None:
    with owner():
        user = User.objects.create_user("governor@example.test", "Governor")
        Membership.objects.create(user=user, role="governor", school=school_data.school, begins_on=date(2020, 1, 1))
        school_data.users["governor"] = user
    for who in ("kestrel", "governor", "admin"):
        assert page_of(school_data, who).status_code == 404
    assert page_of(school_data, "head", "?from_on=2026-01-09&to_on=2026-01-05").status_code == 422
    assert "one academic year" in page_of(school_data, "head", "?from_on=2025-01-09").content.decode()
