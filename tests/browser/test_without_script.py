"""The morning and a concern with script switched off in the browser, on a phone: slower, and nothing is out of reach."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Served, Walk

pytestmark = pytest.mark.browser


@pytest.fixture
def plain(browser: Browser, served: Served) -> Iterator[Walk]:
    walk = Walk(browser, served, 320)
    walk.context.close()
    walk.context = browser.new_context(viewport={"width": 320, "height": 900}, java_script_enabled=False)
    walk.page = walk.context.new_page()
    walk.page.set_default_timeout(45_000)
    yield walk.sign_in("attendance_officer")
    walk.close()


def send(walk: Walk) -> None:
    walk.page.locator("main form button.govuk-button").last.click()
    walk.page.wait_for_load_state("load")


def test_a_reason_is_given_from_the_list(plain: Walk, missing: list[dict[str, Any]]) -> None:
    page, line = plain.page, plain.page.locator(f"[id='line-{missing[-1]['pupil']}']")
    whole_list = f"/s/{plain.served.schools['secondary']}/today/?all=1"  # other walks add lines before this one
    plain.open(whole_list)
    line.locator("a", has_text="Give a reason").click()
    page.locator("main select[name=code]").select_option("I")
    page.locator("main textarea[name=reason]").fill("Mother rang: vomiting since last night.")
    for box in page.locator("main input[name=sessions]").all():
        box.set_checked(True)
    if page.locator("main select[name=contact]").input_value() == "":
        page.locator("main input[name=name]").fill("Mother")
    send(plain)
    expect(page.locator("h1")).to_have_text("Today")
    plain.open(whole_list)
    expect(line).to_have_count(0)


def test_a_contact_is_logged_from_the_page_of_the_pupil(plain: Walk, missing: list[dict[str, Any]]) -> None:
    plain.open(f"/s/{plain.served.schools['secondary']}/pupils/{missing[-2]['pupil']}/")
    plain.page.locator("a", has_text="Log a contact").first.click()
    plain.page.locator("main select[name=outcome]").select_option(label="No answer")
    plain.page.locator("main textarea[name=words]").fill("Rang twice")
    send(plain)
    expect(plain.page.locator("main")).to_contain_text(f"{missing[-2]['name']}: no answer, recorded.")


def test_who_comes_late_is_signed_in(plain: Walk, missing: list[dict[str, Any]]) -> None:
    name = missing[-3]["name"]
    plain.open(f"/s/{plain.served.schools['secondary']}/late/")
    plain.page.fill("main input[name=q]", name)
    plain.page.keyboard.press("Enter")
    plain.page.wait_for_url(re.compile(r"q="))
    plain.page.locator(f"main form[method=post]:has([value='{missing[-3]['pupil']}']) button").first.click()
    expect(plain.page.locator(".govuk-notification-banner--success")).to_contain_text(name)


def test_a_concern_is_raised(plain: Walk) -> None:
    plain.page.locator("a", has_text="Raise a concern").first.click()
    plain.page.fill("input[name=child_name]", "A child of 9B whose name I do not know")
    answers = {"seen": "He fell asleep in two lessons and had no coat on.", "told": "Nobody yet"}
    for _ in range(7):
        for name, words in answers.items():
            if plain.page.locator(f"textarea[name={name}]").count():
                plain.page.fill(f"textarea[name={name}]", words)
        if plain.page.locator("input[name=safe_now]").count():
            plain.page.check("input[name=safe_now][value=yes]")
        plain.page.get_by_role("button", name="Continue").last.click()
        plain.page.wait_for_load_state("load")
    assert plain.page.url.endswith("/raise/check/")
    expect(plain.page.locator("main")).to_contain_text(answers["seen"])
    send(plain)
    expect(plain.page.locator("h1")).to_contain_text(re.compile("sent", re.I))
