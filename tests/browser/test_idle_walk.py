"""The time-out as people meet it: a form that comes too late, a page that is still open, and the words that come back."""

import os
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import WIDTHS, Served, Walk

pytestmark = pytest.mark.browser
WORDS = "He said he does not want to go home. O’Brien-Ñandú <script>"
AGE = """
import sys, django
django.setup()
from django.contrib.sessions.backends.db import SessionStore
session = SessionStore(sys.argv[1])
session["active_at"] -= 3600
session.save()
"""


def let_the_limit_pass(walk: Walk) -> None:
    """An hour goes by on the server, while the page stands as it is."""
    (cookie,) = [one for one in walk.context.cookies() if one["name"] == "haven_session"]
    environment = {
        **os.environ,
        "HAVEN_DATA": str(walk.served.data),
        "DJANGO_SETTINGS_MODULE": "haven.project.settings",
    }
    environment.pop("DATABASE_URL", None)
    done = subprocess.run([sys.executable, "-c", AGE, cookie["value"]], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def sign_in_again(walk: Walk, key: str = "attendance_officer") -> None:
    walk.page.fill("[name=login]", walk.served.emails[key])
    walk.page.fill("[name=password]", walk.served.password)
    walk.page.keyboard.press("Enter")


def test_a_concern_sent_too_late_comes_back_word_for_word(walk: Walk) -> None:
    key = "attendance_officer" if walk.page.viewport_size["width"] == 1280 else "dsl"  # type: ignore[index]
    walk.sign_in(key)
    walk.open(f"/s/{walk.served.schools['secondary']}/concerns/raise/")
    walk.page.fill("input[name=child_name]", "A child of 9B")
    walk.page.get_by_role("button", name="Continue").click()
    walk.page.wait_for_url("**/raise/seen/")
    let_the_limit_pass(walk)
    walk.page.fill("textarea[name=seen]", WORDS)
    walk.page.get_by_role("button", name="Continue").click()
    walk.page.wait_for_url("**/accounts/login/**")
    expect(walk.page.locator("main")).to_contain_text("What you typed is kept")
    assert "Brien" not in walk.page.url
    walk.check()
    sign_in_again(walk, key)
    walk.page.wait_for_url("**/unsent-drafts/")
    expect(walk.page.locator("textarea[readonly]").first).to_have_value(WORDS)
    walk.check()
    walk.page.get_by_role("button", name="Back to the form").first.click()
    expect(walk.page.locator("#haven-draft-notice")).to_contain_text("It has not been sent")
    expect(walk.page.locator("textarea[name=seen]")).to_have_value(WORDS)
    walk.check()
    walk.page.get_by_role("button", name="Continue").click()
    walk.page.wait_for_url("**/raise/words/")
    walk.page.goto(walk.served.address + "/unsent-drafts/")
    expect(walk.page.locator("h1")).to_have_text("Today")


def test_a_row_of_the_list_sent_too_late_comes_back_on_its_own_page(desk: Walk, missing: list[dict[str, Any]]) -> None:
    desk.sign_in("attendance_officer")
    desk.page.route("**/pulse/**", lambda route: route.abort())  # or the list would notice first, and cover itself
    card = desk.page.locator(f"[id='line-{missing[6]['pupil']}']")
    card.locator("a", has_text="Log what you did").click()
    card.locator("select[name=outcome]").select_option(label="Left a message")
    card.locator("textarea[name=words]").fill("Mother will ring back at ten")
    let_the_limit_pass(desk)
    card.get_by_role("button", name="Save").click()
    desk.page.wait_for_url("**/accounts/login/**")
    sign_in_again(desk)
    desk.page.wait_for_url("**/unsent-drafts/")
    desk.page.get_by_role("button", name="Back to the form").first.click()
    expect(desk.page.locator("main textarea[name=words]")).to_have_value("Mother will ring back at ten")
    expect(desk.page.locator("main select[name=outcome] option:checked")).to_have_text("Left a message")
    desk.page.locator("main form button.govuk-button").last.click()
    expect(desk.page.locator("h1")).to_have_text("Today")
    desk.open("/unsent-drafts/")
    expect(desk.page.locator("h1")).to_have_text("Today")


def test_an_open_page_covers_itself_when_the_server_has_ended_the_session(browser: Browser, served: Served) -> None:
    walk = Walk(browser, served, WIDTHS["desk"]).sign_in("attendance_officer")
    card = walk.page.locator("li.haven-card[data-row]").nth(2)
    card.locator("a", has_text="Log what you did").click()
    card.locator("textarea[name=words]").fill("half a sentence")
    let_the_limit_pass(walk)
    cover = walk.page.locator("#haven-cover")
    expect(cover).to_be_visible()
    expect(cover).to_contain_text("Please sign in again")
    assert walk.page.title() == "New tab"
    with walk.context.expect_page() as opened:
        cover.get_by_role("link", name="Sign in").click()
    other = opened.value
    other.fill("[name=login]", served.emails["attendance_officer"])
    other.fill("[name=password]", served.password)
    other.keyboard.press("Enter")
    other.wait_for_url("**/today/")
    other.close()
    if cover.is_visible():
        cover.get_by_role("button", name="I have signed in").click()
    expect(cover).not_to_be_visible()
    expect(card.locator("textarea[name=words]")).to_have_value("half a sentence")
    walk.close()


def test_without_script_the_words_are_there_to_copy_or_to_throw_away(browser: Browser, served: Served) -> None:
    walk = Walk(browser, served, WIDTHS["phone"])
    walk.context.close()
    walk.context = browser.new_context(viewport={"width": 320, "height": 900}, java_script_enabled=False)
    walk.page = walk.context.new_page()
    walk.sign_in("pastoral_coordinator")
    walk.open(f"/s/{served.schools['secondary']}/today/hand-over/")
    walk.page.fill("textarea[name=words]", WORDS)
    let_the_limit_pass(walk)
    walk.page.get_by_role("button", name="Save note").click()
    sign_in_again(walk, "pastoral_coordinator")
    walk.page.wait_for_url("**/unsent-drafts/")
    assert walk.page.locator("textarea[readonly]").first.input_value() == WORDS
    walk.page.get_by_role("button", name="Discard").click()
    walk.open("/unsent-drafts/")
    assert not walk.page.url.endswith("/unsent-drafts/")
    walk.close()


@pytest.mark.parametrize(
    ("options", "chosen", "is_held"),
    [
        ("<option value='a'>A<option value='b'>B", "a", False),
        ("<option value='a'>A<option value='b'>B", "b", True),
        ("<option disabled>-<option value='a'>A<option value='b'>B", "a", False),
        ("<option value='a'>A<option value='b' selected>B", "b", False),
        ("<option value='a'>A<option value='b' selected>B", "a", True),
    ],
)
def test_a_list_without_a_marked_choice_is_not_taken_for_typing(
    desk: Walk, options: str, chosen: str, is_held: bool
) -> None:
    """A refresh waits only where somebody has chosen something."""
    desk.open("/accounts/login/")
    swaps = desk.page.evaluate(
        """([options, chosen]) => {
            const target = document.createElement("div");
            target.innerHTML = `<select>${options}</select>`;
            document.body.append(target);
            target.firstChild.value = chosen;
            const detail = { target, requestConfig: { verb: "get" }, shouldSwap: true };
            document.dispatchEvent(new CustomEvent("htmx:beforeSwap", { detail }));
            return detail.shouldSwap;
        }""",
        [options, chosen],
    )
    assert swaps is not is_held
