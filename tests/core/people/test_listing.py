"""The data of each pupil in a list: at several schools, with the last begun and the next placement."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from haven.core.people.models import Enrolment, Identifier, Placement, Pupil, RegistrationGroup
from haven.core.people.queries import listed
from haven.core.people.queries.listing import listed_at
from haven.core.schools.models import LocalAuthority, School
from haven.platform.accounts.models import Membership, User
from haven.platform.row_security.context import access_context
from tests.support.database_owner import owner

ON = date(2026, 1, 14)


def enrolled(
    pupil: Pupil, school: School, begins_on: date, *groups: tuple[str, date], ends_on: date | None = None
) -> Enrolment:
    row: dict[str, Any] = {
        "school": school,
        "author_id": 1,
        "pupil": pupil,
    }
    enrolment = Enrolment.objects.create(**row, begins_on=begins_on, ends_on=ends_on)
    for name, begun_on in groups:
        group, _ = RegistrationGroup.objects.get_or_create(school=school, year="2025-26", name=name, year_group="8")
        Placement.objects.create(
            **row, enrolment=enrolment, year="2025-26", year_group="8", group=group, begins_on=begun_on
        )
    return enrolment


@pytest.fixture
def school_data(db: None) -> tuple[User, School, School, Pupil]:
    with owner():
        authority = LocalAuthority.objects.create(code="999", name="Larkshire")
        here, there = (
            School.objects.create(urn=urn, name=f"School {urn}", local_authority=authority) for urn in (990101, 990102)
        )
        lead = User.objects.create_user("lead@larkfield.example", "Helen Stansfield")
        for school in (here, there):
            Membership.objects.create(user=lead, role="dsl", school=school, begins_on=date(2024, 9, 1))
        pupil = Pupil.objects.create(
            surname="Rahman", forename="Samia", preferred_forename="Sam", surname_key="rahman", forename_key="samia"
        )
        enrolled(pupil, here, date(2024, 9, 1), ("7A", date(2024, 9, 1)), ends_on=date(2025, 7, 20))
        enrolled(
            pupil, here, date(2025, 9, 1), ("8A", date(2025, 9, 1)), ("8B", date(2026, 1, 5)), ("8C", date(2026, 2, 1))
        )
        enrolled(pupil, there, date(2026, 4, 1), ("8D", date(2026, 4, 1)), ("8E", date(2026, 6, 1)))
        number = {
            "school": here,
            "author_id": 1,
            "pupil": pupil,
        }
        Identifier.objects.create(**number, kind="upn", value="A999000000001")
        Identifier.objects.create(**number, kind="temporary_upn", value="A99900000001B")
    return lead, here, there, pupil


def test_the_last_that_has_begun_holds_and_else_the_first_to_come(
    school_data: tuple[User, School, School, Pupil],
) -> None:
    lead, here, there, pupil = school_data
    with access_context(lead.id):
        lines = {
            line.school_id: line for line in listed_at(school_ids=[here.id, there.id], pupil_ids=[pupil.id], on=ON)
        }
        left = listed(school_id=here.id, pupil_ids=[pupil.id], on=date(2025, 8, 1))[pupil.id]
    assert (lines[here.id].group, lines[here.id].begins_on, lines[here.id].left_on) == ("8B", date(2025, 9, 1), None)
    assert (lines[there.id].group, lines[there.id].begins_on) == ("8D", date(2026, 4, 1))
    assert (left.group, left.left_on) == ("7A", date(2025, 7, 20))


def test_a_list_shows_the_name_to_call_the_child_by_and_the_upn_before_a_temporary_one(
    school_data: tuple[User, School, School, Pupil],
) -> None:
    lead, here, _, pupil = school_data
    with access_context(lead.id):
        line = listed(school_id=here.id, pupil_ids=[pupil.id], on=ON)[pupil.id]
    assert (line.name, line.sorted_name, line.upn, line.year_title) == (
        "Sam Rahman",
        "Rahman, Sam",
        "A999000000001",
        "Year 8",
    )


def test_three_queries_for_any_number_of_schools(
    school_data: tuple[User, School, School, Pupil], django_assert_num_queries: Any
) -> None:
    lead, here, there, pupil = school_data
    with access_context(lead.id), django_assert_num_queries(3, connection=connection):
        assert len(listed_at(school_ids=[here.id, there.id], pupil_ids=[pupil.id], on=ON)) == 2


def test_nobody_asked_for_is_nobody(school_data: tuple[User, School, School, Pupil]) -> None:
    lead, here, _, _ = school_data
    with access_context(lead.id):
        assert listed(school_id=here.id, pupil_ids=[], on=ON) == {}
        assert listed_at(school_ids=[], pupil_ids=[1], on=ON) == []
