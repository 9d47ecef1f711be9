"""Access depends on the day by Haven's clock: of HAVEN_NOW, of the demonstration's morning, or of the day passed in."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.utils import ProgrammingError
from django.test import Client

from haven.core.people.models import Enrolment, Pupil
from haven.core.schools.models import School
from haven.platform import clock
from haven.platform.accounts.models import Allocation, Conflict, Membership, User
from haven.platform.row_security.context import access_context, current_user_id
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
LAST = date(
    2025, 11, 20
)  # the last day on which the officer's role, the worker's caseload and the conflict are in force
ENDS = date(2025, 11, 21)


@pytest.fixture
def school_data() -> dict[str, Any]:
    with owner():
        school = School.objects.create(urn=900001, name="Larkfield Academy")
        people = {name: User.objects.create_user(f"{name}@example.test", name) for name in ("officer", "worker", "kin")}
        # the worker has no role at the school and only the pupil on the caseload
        for name, role, ends in (("officer", "attendance_officer", ENDS), ("kin", "dsl", None)):
            Membership.objects.create(
                user=people[name], role=role, school=school, begins_on=date(2020, 1, 1), ends_on=ends
            )
        pupil = Pupil.objects.create(
            surname="Rahman", forename="Aisha", surname_key="rahman", forename_key="aisha", school_ids=[school.id]
        )
        common = {"school": school, "author_id": people["kin"].id, "begins_on": date(2024, 9, 1)}
        Enrolment.objects.create(pupil=pupil, **common)
        Allocation.objects.create(
            user_id=people["worker"].id,
            pupil_id=pupil.id,
            ends_on=ENDS,
            **common,
        )
        Conflict.objects.create(
            user_id=people["kin"].id,
            pupil_id=pupil.id,
            kind="parent",
            ends_on=ENDS,
            **common,
        )
    return {**people, "school": school}


def seen(user: User, on: date | None = None) -> int:
    with access_context(user.id, on=on):
        return Pupil.objects.count()


@pytest.mark.parametrize(
    ("who", "on_the_last_day", "the_day_after"), [("officer", 1, 0), ("worker", 1, 0), ("kin", 0, 1)]
)
def test_grant_caseload_and_conflict_have_ended_on_the_day_they_end(
    school_data: dict[str, Any], settings: Any, who: str, on_the_last_day: int, the_day_after: int
) -> None:
    for day, many in ((LAST, on_the_last_day), (LAST + timedelta(days=1), the_day_after)):
        assert seen(school_data[who], day) == many
        settings.FIXED_NOW = f"{day}T09:12"
        assert seen(school_data[who]) == many, "without a day it is the day of Haven's clock"
    settings.FIXED_NOW = ""
    settings.CLOCK_OFFSET = (datetime(2025, 11, 20, 9, 12).astimezone() - clock.now()).total_seconds()
    assert seen(school_data[who]) == on_the_last_day, "the demonstration's morning"


def test_a_page_asks_haven_s_clock(school_data: dict[str, Any], settings: Any) -> None:
    client = Client()
    client.force_login(school_data["officer"])
    settings.FIXED_NOW = f"{LAST}T09:12"
    assert client.get("/s/900001/today/", follow=True).status_code == 200
    settings.FIXED_NOW = f"{LAST + timedelta(days=1)}T09:12"
    client = Client()
    client.force_login(school_data["officer"])  # the session of yesterday has ended
    assert client.get("/s/900001/today/", follow=True).status_code == 404


def test_one_viewer_inside_another_gives_the_day_back(school_data: dict[str, Any]) -> None:
    with access_context(school_data["officer"].id, on=LAST):
        with access_context(school_data["officer"].id, on=LAST + timedelta(days=1)):
            assert Pupil.objects.count() == 0
        assert Pupil.objects.count() == 1


def test_whoever_comes_for_one_school_sees_and_writes_there_alone(school_data: dict[str, Any]) -> None:
    with owner():
        other = School.objects.create(urn=900002, name="Oakfield School")
        Membership.objects.create(
            user=school_data["officer"], role="attendance_officer", school=other, begins_on=date(2020, 1, 1)
        )
    here, there = school_data["school"].id, other.id
    assert [lists_of(school_data["officer"], at) for at in (None, here, there)] == [{here, there}, {here}, {there}]
    with access_context(school_data["officer"].id, on=LAST, at_school=here):
        assert Pupil.objects.count() == 1
        with access_context(school_data["officer"].id, on=LAST, at_school=there):
            assert Pupil.objects.count() == 0
        assert Pupil.objects.count() == 1


def test_a_school_where_one_is_nobody_opens_nothing(school_data: dict[str, Any]) -> None:
    with owner():
        other = School.objects.create(urn=900002, name="Oakfield School")
    assert lists_of(school_data["officer"], other.id) == set()


def lists_of(user: User, at_school: int | None) -> set[int]:
    """The schools of every list that rows are compared with, of the readable ones and of the writable ones."""
    found = []
    with access_context(user.id, on=LAST, at_school=at_school), connection.cursor() as cursor:
        for name, size in (("readable_scopes", 8), ("writable_scopes", 8), ("schools", 1)):
            cursor.execute("select app.ints(%s)", [f"app.{name}"])
            found.append({number // size for number in cursor.fetchone()[0] or ()})
    assert found[0] == found[1] == found[2]
    return found[0]


def test_an_error_inside_another_context_is_that_error_and_the_outer_context_holds(school_data: dict[str, Any]) -> None:
    officer, kin = school_data["officer"].id, school_data["kin"].id
    with access_context(kin):
        with pytest.raises(ProgrammingError), access_context(officer), connection.cursor() as cursor:
            cursor.execute("select no_such_column")
        assert current_user_id() == kin
        with pytest.raises(KeyError), access_context(officer):
            raise KeyError
        assert current_user_id() == kin
        with access_context(officer):
            assert current_user_id() == officer
        assert current_user_id() == kin
