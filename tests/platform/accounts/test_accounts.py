"""Accounts: sign-in and sign-out, the one-time link, disabled self-service, and the audit event of each."""

import re
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from haven.core.schools.models import School
from haven.platform.accounts.actions import AccountProblem, add_user, give_role, welcome_path
from haven.platform.accounts.context import system_context
from haven.platform.accounts.models import Membership, User
from haven.platform.audit.models import AuditEvent
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)
PASSWORD = "three small words here"


@pytest.fixture
def officer() -> User:
    with owner():
        school = School.objects.create(urn=900001, name="Larkfield Academy")
        user = User.objects.create_user("priya@example.test", "Priya Nair", PASSWORD)
        Membership.objects.create(user=user, role="attendance_officer", school=school, begins_on=date(2020, 1, 1))
    return user


def verbs() -> list[str]:
    with owner():
        return list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))


def test_every_page_asks_to_sign_in_first(client: Client) -> None:
    answer = client.get(reverse("accounts:own_account"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_signing_in_and_out_is_on_record(client: Client, officer: User) -> None:
    form = {"login": officer.email, "password": PASSWORD}
    assert client.post(reverse("account_login"), form).status_code == 302
    assert "Priya Nair" in client.get(reverse("accounts:own_account")).content.decode()
    client.post(reverse("account_logout"))
    assert verbs() == ["accounts.sign_in", "accounts.sign_out"]


def test_a_wrong_password_says_no_more_than_an_unknown_address(client: Client, officer: User) -> None:
    pages = []
    for address in (officer.email, "nobody@example.test"):
        answer = client.post(reverse("account_login"), {"login": address, "password": "wrong wrong wrong"})
        text = answer.content.decode().replace(address, "ADDRESS")
        pages.append(re.sub(r'(csrfmiddlewaretoken" value=|nonce=|"csrf)[^>]*', "", text))
    assert pages[0] == pages[1]
    assert "accounts.sign_in_failed" in verbs()


def test_the_one_time_link_works_once(client: Client, officer: User) -> None:
    with system_context(on=date(2026, 1, 14)) as by:
        user = add_user(by=by, at=AT, email="New@Example.test", name="Nia O’Brien-Ñandú <script>")
        give_role(
            by=by, at=AT, user=user, role="teacher", begins_on=date(2026, 1, 1), school_id=School.objects.get().id
        )
    link = welcome_path(user)
    page = client.get(link)
    assert "Nia O’Brien-Ñandú &lt;script&gt;" in page.content.decode()
    new = {"new_password1": "lamp river candle boat", "new_password2": "lamp river candle boat"}
    assert client.post(link, new)["Location"] == reverse("account_login")
    assert client.get(link).status_code == 404
    assert (
        client.post(
            reverse("account_login"), {"login": "new@example.test", "password": "lamp river candle boat"}
        ).status_code
        == 302
    )


def test_an_address_has_one_account_and_a_role_is_of_the_table(officer: User) -> None:
    with system_context(on=date(2026, 1, 14)) as by:
        with pytest.raises(AccountProblem, match="already has an account"):
            add_user(by=by, at=AT, email=officer.email, name="Again")
        with pytest.raises(AccountProblem, match="is not a role"):
            give_role(
                by=by, at=AT, user=officer, role="wizard", begins_on=date(2026, 1, 1), school_id=School.objects.get().id
            )


@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/email/", "/accounts/password/set/"])
def test_nobody_makes_an_account_for_herself(client: Client, officer: User, path: str) -> None:
    client.force_login(officer)
    assert client.get(path).status_code == 404


def test_guessing_codes_is_stopped_in_plain_words(client: Client, officer: User) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.core.cache import cache

    cache.clear()
    TOTP.activate(officer, generate_totp_secret())
    answer = client.post(reverse("account_login"), {"login": officer.email, "password": PASSWORD})
    assert answer["Location"].startswith(reverse("mfa_authenticate"))
    answers = [client.post(reverse("mfa_authenticate"), {"code": "000000"}) for _ in range(12)]
    assert "Incorrect code." in answers[0].content.decode()
    stopped = answers[-1].content.decode()
    assert "Too many" in stopped
    assert "Try again later" not in stopped
    assert client.get(reverse("accounts:own_account")).status_code == 302
    cache.clear()


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/2fa/", "/accounts/2fa/webauthn/", "/accounts/password/change/", "/accounts/logout/", "/accounts/2fa/webauthn/add/",
        "/accounts/2fa/totp/activate/", "/accounts/reauthenticate/", "/accounts/login/",
    ],
)  # fmt: skip
def test_every_page_of_the_account_library_wears_our_dress_and_words(client: Client, officer: User, path: str) -> None:
    client.post(reverse("account_login"), {"login": officer.email, "password": PASSWORD})
    page = client.get(path, follow=True).content.decode()
    assert 'class="haven-header"' in page
    for foreign in ("Two-Factor", "Security Key<", "Authenticator App", 'placeholder="Code', "Sign Out", "Menu:"):
        assert foreign not in page
