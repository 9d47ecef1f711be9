"""Passkeys, the authenticator app and recovery codes in a real browser, at a desk and on a phone; and the hidden screen."""

import base64
import hashlib
import hmac
import struct
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import WIDTHS, Served, Walk

pytestmark = pytest.mark.browser


def code_of(secret: str) -> str:
    """The six digits of this half minute (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return str((struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6).zfill(6)


def with_authenticator(walk: Walk) -> Walk:
    """A device that keeps passkeys and says yes."""
    session = walk.context.new_cdp_session(walk.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return walk


def at(browser: Browser, served: Served, screen: str) -> Walk:
    """The same Haven by the name that browsers take passkeys for: an address in numbers has none."""
    named = Served(
        served.address.replace("127.0.0.1", "localhost"), served.data, served.password, served.emails, served.schools
    )
    return Walk(browser, named, WIDTHS[screen])


def confirm(walk: Walk) -> None:
    """The password once more, where Haven asks for it."""
    walk.page.wait_for_load_state("load")
    if "reauthenticate" in walk.page.url:
        walk.check()
        walk.page.fill("[name=password]", walk.served.password)
        walk.page.get_by_role("button", name="Confirm").click()


def go(walk: Walk, path: str, heading: str) -> None:
    walk.open(path)
    confirm(walk)
    expect(walk.page.locator("h1")).to_have_text(heading)
    walk.check()


def sign_out(walk: Walk) -> None:
    walk.page.get_by_role("button", name="Sign out").click()
    walk.open("/accounts/login/")


def password(walk: Walk, key: str) -> None:
    walk.page.fill("[name=login]", walk.served.emails[key])
    walk.page.fill("[name=password]", walk.served.password)
    walk.page.keyboard.press("Enter")
    expect(walk.page.locator("h1")).to_have_text("One more step")
    walk.check()


@pytest.mark.parametrize(("screen", "key"), [("desk", "trust_lead"), ("phone", "pupil_support_worker")])
def test_the_app_and_the_recovery_codes(browser: Browser, served: Served, screen: str, key: str) -> None:
    walk = at(browser, served, screen)
    walk.sign_in(key)
    page = walk.page
    go(walk, "/accounts/2fa/totp/activate/", "Set up an authenticator app")
    page.fill("[name=code]", "000000")
    page.get_by_role("button", name="Turn the app on").click()
    expect(page.locator(".govuk-error-message")).to_contain_text("Incorrect code.")
    walk.check()
    page.fill("[name=code]", code_of(page.input_value("#authenticator_secret")))
    page.get_by_role("button", name="Turn the app on").click()
    expect(page.locator("h1")).to_have_text("Recovery codes")
    walk.check()
    codes = page.input_value("#recovery_codes").split()
    assert len(codes) == 10
    with page.expect_download() as told:
        page.get_by_role("button", name="Download the codes").click()
    assert Path(told.value.path()).read_text().split()[-10:] == codes
    go(walk, "/accounts/2fa/", "How I sign in")
    sign_out(walk)
    password(walk, key)
    page.fill("[name=code]", "000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator(".govuk-error-message")).to_contain_text("Incorrect code.")
    page.fill("[name=code]", codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    sign_out(walk)
    password(walk, key)
    page.fill("[name=code]", codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator(".govuk-error-message")).to_contain_text("Each recovery code works once")
    page.fill("[name=code]", codes[1])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    go(walk, "/accounts/2fa/recovery-codes/", "Recovery codes")
    assert page.input_value("#recovery_codes").split() == codes[2:]
    go(walk, "/accounts/2fa/recovery-codes/generate/", "Create new recovery codes")
    page.get_by_role("button", name="Create new codes").click()
    expect(page.locator("#recovery_codes")).not_to_have_value("\n".join(codes[2:]))
    go(walk, "/accounts/2fa/totp/deactivate/", "Turn the authenticator app off?")
    page.get_by_role("button", name="Turn the app off").click()
    expect(page.locator("main")).to_contain_text("The authenticator app is off.")
    walk.close()


@pytest.mark.parametrize(("screen", "key"), [("desk", "family_support_worker"), ("phone", "deputy_dsl")])
def test_a_passkey_opens_haven_alone(browser: Browser, served: Served, screen: str, key: str) -> None:
    walk = with_authenticator(at(browser, served, screen))
    walk.sign_in(key)
    page = walk.page
    go(walk, "/accounts/2fa/webauthn/add/", "Add a passkey")
    page.fill("[name=name]", "My work laptop")
    page.get_by_role("button", name="Add passkey").click()
    page.wait_for_url(lambda url: "/webauthn/add/" not in url)
    go(walk, "/accounts/2fa/webauthn/", "Passkeys and security keys")
    expect(page.locator("main")).to_contain_text("My work laptop")
    page.get_by_role("link", name="Rename My work laptop").click()
    confirm(walk)
    page.fill("[name=name]", "The desk in room 4")
    walk.check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("The desk in room 4")
    sign_out(walk)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert "/accounts/" not in page.url
    go(walk, "/accounts/2fa/webauthn/", "Passkeys and security keys")
    page.get_by_role("link", name="Remove The desk in room 4").click()
    confirm(walk)
    walk.check()
    page.get_by_role("button", name="Remove key").click()
    expect(page.locator("main")).to_contain_text("The key has been removed.")
    walk.close()


def test_the_screen_hides_out_of_a_field_and_cannot_be_read_behind(desk: Walk) -> None:
    """Twice Escape out of the middle of a word; then neither the keyboard nor select-all finds anything behind the cover."""
    desk.sign_in("dsl")
    desk.open(f"/s/{desk.served.schools['secondary']}/concerns/raise/")
    field = desk.page.locator("input[name=child_name]")
    field.fill("A child of 9B")
    field.focus()
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("Escape")
    cover = desk.page.locator("#haven-cover")
    expect(cover).to_be_visible()
    assert desk.page.title() == "New tab"
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("Escape")
    expect(cover).to_be_visible()
    for _ in range(6):
        desk.page.keyboard.press("Tab")
        inside = desk.page.evaluate(
            "document.activeElement === document.body || document.getElementById('haven-cover').contains(document.activeElement)"
        )
        assert inside
    desk.page.keyboard.press("Control+A")
    assert "concern" not in desk.page.evaluate("getSelection().toString()").lower()
    assert "9B" not in desk.text()
    desk.page.get_by_role("button", name="Show the page").click()
    expect(cover).not_to_be_visible()
    expect(field).to_have_value("A child of 9B")
