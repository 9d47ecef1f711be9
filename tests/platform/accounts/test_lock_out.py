"""The lock after wrong passwords: of one account for one client, for a quarter of an hour."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from haven.core.schools.models import School
from haven.platform.accounts.models import Membership, User
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
PASSWORD = "keep-every-child-in-sight"
AT = datetime(2026, 1, 14, 8, 30, tzinfo=UTC)
TRIES = 8


@pytest.fixture(autouse=True)
def staff(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.AXES_ENABLED = True
    with owner():
        school = School.objects.create(urn=900001, name="Larkfield Academy")
        for number in range(100):
            user = User.objects.create_user(f"staff{number}@example.test", f"Person {number}", password=PASSWORD)
            Membership.objects.create(user=user, role="teacher", school=school, begins_on=date(2020, 1, 1))


def signs_in(who: str, password: str = PASSWORD, address: str = "192.0.2.1", **headers: Any) -> bool:
    answer = Client().post("/accounts/login/", {"login": who, "password": password}, REMOTE_ADDR=address, **headers)
    return answer.status_code == 302


def lock(who: str, address: str = "192.0.2.1", **headers: Any) -> None:
    for _ in range(TRIES):
        assert not signs_in(who, "wrong", address, **headers)


def test_the_wrong_tries_of_one_person_refuse_nobody_else() -> None:
    lock("staff0@example.test")
    assert not signs_in("staff0@example.test"), "else nothing was locked"
    assert not signs_in(" STAFF0@example.test"), "the same account, typed in another way"
    assert all(signs_in(f"staff{number}@example.test") for number in range(1, 10))
    assert signs_in("staff0@example.test", address="192.0.2.9"), "the lock is for that client alone"


def test_behind_the_proxy_the_client_is_the_one_that_the_proxy_saw(settings: Any) -> None:
    settings.HAVEN_BEHIND_PROXY = True
    proxy = "10.0.0.1"
    lock("staff0@example.test", proxy, HTTP_X_FORWARDED_FOR="198.51.100.7, 192.0.2.1")
    assert not signs_in("staff0@example.test", address=proxy, HTTP_X_FORWARDED_FOR="203.0.113.5, 192.0.2.1")
    assert signs_in("staff0@example.test", address=proxy, HTTP_X_FORWARDED_FOR="192.0.2.1, 192.0.2.2")


def test_without_a_proxy_what_a_client_says_about_itself_does_not_count() -> None:
    for number in range(TRIES):
        assert not signs_in("staff0@example.test", "wrong", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    assert not signs_in("staff0@example.test", HTTP_X_FORWARDED_FOR="198.51.100.99")


def test_the_lock_ends_after_a_quarter_of_an_hour_whatever_was_tried_meanwhile() -> None:
    with time_machine.travel(AT, tick=False) as clock:
        lock("staff0@example.test")
        clock.shift(timedelta(minutes=10))
        assert not signs_in("staff0@example.test")
        assert not signs_in("staff0@example.test", "wrong")
        clock.shift(timedelta(minutes=5, seconds=1))
        assert signs_in("staff0@example.test")


def test_a_whole_school_signs_in_within_a_minute() -> None:
    with time_machine.travel(AT, tick=False):
        assert sum(signs_in(f"staff{number}@example.test") for number in range(100)) == 100


def test_an_address_that_nobody_has_is_answered_alike() -> None:
    for who in ("nobody@example.test", "staff1@example.test"):
        lock(who)
        assert not signs_in(who)
