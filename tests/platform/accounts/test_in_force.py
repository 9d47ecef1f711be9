"""Roles in force on a day: a role that ends next Friday holds today, one that begins in September does not."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.core.schools.models import School
from haven.platform.accounts.actions import end_role
from haven.platform.accounts.context import system_context
from haven.platform.accounts.models import Membership, User
from haven.platform.accounts.queries import colleagues, own_roles, roles_held
from haven.platform.audit.models import AuditEvent
from haven.platform.dated import in_force
from tests.support.database_owner import owner

TODAY = date(2026, 1, 14)
ENDS_FRIDAY = (date(2020, 1, 1), TODAY + timedelta(days=2))
ENDS_TODAY = (date(2020, 1, 1), TODAY)
ENDED = (date(2020, 1, 1), TODAY - timedelta(days=1))
BEGINS_TODAY = (TODAY, None)
BEGINS_LATER = (date(2026, 9, 1), None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "holds"),
    [(ENDS_FRIDAY, True), (ENDS_TODAY, False), (ENDED, False), (BEGINS_TODAY, True), (BEGINS_LATER, False)],
)
def test_a_role_holds_from_its_first_day_until_the_day_it_ends(days: tuple[date, date | None], holds: bool) -> None:
    with owner():
        school = School.objects.create(urn=900001, name="Larkfield Academy")
        user = User.objects.create_user("helen@example.test", "Helen Stansfield")
        Membership.objects.create(user=user, role="dsl", school=school, begins_on=days[0], ends_on=days[1])
    assert [one.name for one in colleagues(school_id=school.id, on=TODAY)] == (["Helen Stansfield"] if holds else [])
    assert len(own_roles(user_id=user.id, on=TODAY)) == holds
    assert [name for name, _ in roles_held(school_id=school.id, on=TODAY)] == (["dsl"] if holds else [])


DAYS = st.dates(date(2025, 12, 1), date(2026, 2, 28))


@pytest.mark.django_db
@given(begins=DAYS, ends=st.none() | DAYS, on=DAYS)
def test_the_condition_says_what_a_calendar_says(begins: date, ends: date | None, on: date) -> None:
    with owner():
        user, _ = User.objects.get_or_create(email="ada@example.test", defaults={"name": "Ada"})
        school, _ = School.objects.get_or_create(urn=900001, defaults={"name": "Larkfield Academy"})
        row = Membership.objects.create(user=user, role="head", school=school, begins_on=begins, ends_on=ends)
    days = {begins + timedelta(days=number) for number in range(((ends or date(2026, 12, 31)) - begins).days)}
    assert Membership.objects.filter(in_force(on), id=row.id).exists() == (on in days)


@pytest.mark.django_db
def test_ending_a_role_records_the_role_and_the_day() -> None:
    with owner():
        school = School.objects.create(urn=900001, name="Larkfield Academy")
        user = User.objects.create_user("helen@example.test", "Helen Stansfield")
        membership = Membership.objects.create(user=user, role="dsl", school=school, begins_on=date(2020, 1, 1))
        with system_context(on=TODAY) as by:
            end_role(by=by, at=datetime(2026, 1, 14, 9, tzinfo=UTC), membership=membership, ends_on=ENDS_FRIDAY[1])
        event = AuditEvent.objects.get(verb="accounts.end_role")
    assert event.detail == {"role": "dsl", "ends_on": "2026-01-16"}
