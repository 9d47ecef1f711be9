"""docs/tutorial/one-morning.md, word by word: everything that it tells people to press or read is there in those words.

Uses children of its own (the second, third, fourth and tenth of the list), and leaves the day signed off.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import WIDTHS, Served, Walk, _free_port, _wait_for, a_morning, missing_at
from tests.browser.test_walks import card_of, today

pytestmark = pytest.mark.browser
TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "one-morning.md"
EXPLAINED = "Rang twice. Tom Hargreaves rings again at 08:30."
NOTE = "Mrs Kazlauskas rings back before school."


class Reader:
    """Goes through the tutorial: each bold word is asked for once, and at the end none is left."""

    def __init__(self) -> None:
        self.left = set(re.findall(r"\*\*(.+?)\*\*", TUTORIAL.read_text(encoding="utf-8")))
        self.known = set(self.left)

    def word(self, said: str) -> str:
        assert said in self.known, f"The tutorial does not say “{said}”"
        self.left.discard(said)
        return said


def button(within: Any, words: str) -> Locator:
    """What can be pressed and begins with these words."""
    found: Locator = within.locator("button, a, summary").filter(has_text=re.compile(rf"^\s*{re.escape(words)}")).first
    return found


def way_to(walk: Walk, words: str) -> Locator:
    """An entry of the navigation."""
    return walk.page.locator("a.haven-nav__link:visible").filter(has_text=re.compile(rf"^\s*{re.escape(words)}")).first


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """A morning of its own, for this walk finishes the day."""
    with a_morning() as found:
        yield found


@pytest.fixture(scope="module")
def missing(served: Served) -> list[dict[str, Any]]:
    return missing_at(served)


@pytest.fixture
def tomorrow(served: Served) -> Iterator[Served]:
    """The same school on the next morning, served beside it."""
    environment = {**os.environ, "HAVEN_DATA": str(served.data), "HAVEN_NOW": "2026-01-15T08:40", "HAVEN_DURABLE": "0"}
    environment.pop("DATABASE_URL", None)
    environment["DJANGO_SETTINGS_MODULE"] = "haven.project.settings"
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "haven", "run", "--port", str(port)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process)
        yield Served(address, served.data, served.password, served.emails, served.schools)
    finally:
        process.terminate()
        process.wait(timeout=40)


def test_one_morning(browser: Browser, served: Served, missing: list[dict[str, Any]], tomorrow: Served) -> None:
    read = Reader()
    officer = Walk(browser, served, WIDTHS["desk"]).sign_in("attendance_officer")
    page = officer.page

    # 1. Who is missing?
    expect(page.locator("h1")).to_have_text(read.word("Today"))
    expect(page.locator("h2").first).to_have_text(read.word("Find these children first"))
    for words in (
        "on roll",
        "in school",
        "educated off site or accounted for",
        "absent, reason given",
        "register not taken",
        "not accounted for",
    ):
        expect(page.locator("#day-counts")).to_contain_text(words)
    first = page.locator("li.haven-card[data-row]").first
    expect(first).to_contain_text("Vulnerable pupils list")
    expect(first).to_contain_text("Call the social worker before 10:00")
    expect(page.locator("#day-foot")).to_contain_text(read.word("Why this order?"))

    # 2. Call the first contact
    card = card_of(officer, missing[1])
    next_one = card.inner_text()
    button(card, read.word("No answer")).click()
    assert card.locator("select[name=outcome]").input_value() == "no_answer"
    assert card.locator("select[name=contact]").input_value() != ""
    card.locator("textarea[name=words]").fill("Rang out.")
    button(card.locator("[data-more]"), read.word("Save")).click()
    expect(card).to_contain_text("no answer (Priya Nair). Rang out.")
    assert card.inner_text() != next_one
    button(first, read.word("Done")).click()
    first.locator("[data-more] textarea").fill("Told Ms Cole of the duty team by telephone.")
    first.locator("[data-more] button.govuk-button").click()
    expect(page.locator("#day-rows")).to_contain_text("Told Ms Cole of the duty team by telephone.")

    # 3. Enter a reason
    card = card_of(officer, missing[2])
    button(card, read.word("Reached")).click()
    card.locator("textarea[name=words]").fill("Mother answered: she is ill.")
    button(card.locator("[data-more]"), "Save").click()
    expect(card).to_contain_text("reached (Priya Nair)")
    button(card, read.word("Give a reason")).click()
    form = card.locator("[data-more] form")
    for box in form.locator("input[name=sessions]").all():
        box.set_checked(True)
    form.locator("select[name=code]").select_option("I")
    form.locator("textarea[name=reason]").fill("Vomiting since last night")
    button(form, read.word("Change the marks")).click()
    expect(card).to_have_count(0)

    # 4. See a pupil's year, and the change in it
    today(officer)
    page.keyboard.press("/")
    page.keyboard.type(missing[2]["name"])
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/(pupils/[0-9a-f-]{36}|find)/"))
    if "/find/" in page.url:
        page.locator("main a", has_text=missing[2]["name"]).first.click()
    expect(page.locator("main")).to_contain_text(re.compile(r"\d+ of \d+ sessions missed"))
    expect(page.locator("main")).to_contain_text("Mother answered: she is ill.")
    button(page.locator("main"), read.word("Changed marks")).click()
    changed = page.locator("#changed-marks")
    expect(changed).to_contain_text(
        re.compile(r"changed to I\. Vomiting since last night \(Priya Nair, attendance officer, 14 January 2026")
    )
    changed.locator("a").first.click()
    expect(page.locator("main")).to_contain_text("History of this mark")
    officer.check()

    # 5. Pass a pupil on
    today(officer)
    card = card_of(officer, missing[3])
    button(card, read.word("Pass on")).click()
    form = card.locator("[data-more] form")
    to = form.locator("select[name=person]")
    expect(to).to_be_visible()
    to.select_option(label=next(text for text in to.locator("option").all_inner_texts() if "Leanne Whitworth" in text))
    form.locator("textarea").fill("Second time this week. Please see the family.")
    button(form, "Pass on").click()
    expect(card).to_contain_text("Passed on")
    leanne = Walk(browser, served, WIDTHS["desk"]).sign_in("pastoral_coordinator")
    way_to(leanne, read.word("My day")).click()
    expect(leanne.page.locator("main")).to_contain_text(missing[3]["name"])
    leanne.close()

    # 6. Chase a register
    panel = page.locator("#day-aside")
    expect(panel).to_contain_text(read.word("Registers not yet taken"))
    button(panel, read.word("Remind")).click()
    expect(page.locator("#day-aside")).to_contain_text("Reminded 09:")

    # 7. Sign in late pupils
    way_to(officer, read.word("Late gate")).click()
    page.locator("#late-q").fill(missing[9]["name"])
    with page.expect_navigation():
        at_the_gate = page.locator("#late-found li").filter(has=page.locator(f"input[value='{missing[9]['pupil']}']"))
        button(at_the_gate, read.word("Sign in")).click()
    expect(page.locator("main")).to_contain_text(missing[9]["name"])
    today(officer)
    expect(card_of(officer, missing[9])).to_have_count(0)

    # 8. Check the vulnerable pupils list
    expect(page.locator("#day-aside")).to_contain_text(read.word("Vulnerable pupils list"))
    button(page.locator("#day-aside"), read.word("See each pupil, morning and afternoon")).click()
    unsure = page.locator("li.haven-card", has_text="Off site, to be confirmed").first
    key = unsure.get_attribute("id")
    expect(unsure).to_contain_text("Morning:")
    expect(unsure).to_contain_text("Afternoon:")
    unsure.locator("input[name=words]").first.fill("The centre, Ms Abel")
    button(unsure, read.word("Mark as accounted for")).click()
    expect(page.locator(f"[id='{key}']")).to_contain_text("Accounted for")
    expect(page.locator(f"[id='{key}']")).to_contain_text("Priya Nair")

    # 9. Raise a concern
    expect(way_to(officer, read.word("Raise a concern"))).to_be_visible()
    page.keyboard.press("c")
    page.wait_for_url(re.compile("/concerns/raise/"))
    lead = Walk(browser, served, WIDTHS["desk"]).sign_in("dsl")
    expect(way_to(lead, read.word("Concerns"))).to_be_visible()
    lead.close()

    # 10. End the day
    today(officer)
    button(page.locator("#day-aside"), read.word("Write a handover note")).click()
    page.locator("main textarea").fill(NOTE)
    button(page.locator("main"), "Save note").click()
    expect(page.locator("main")).to_contain_text(NOTE)
    today(officer)
    button(page.locator("#day-foot"), read.word("End the day")).click()
    open_lines = page.locator("main form textarea")
    assert open_lines.count() > 5
    for number in range(1, open_lines.count()):
        open_lines.nth(number).fill(EXPLAINED)
    sign = button(page.locator("main"), read.word("Sign the day off"))
    sign.click()
    expect(page.locator("main")).to_contain_text("1 pupil is not accounted for, and there is no explanation.")
    page.locator("main form textarea").first.fill(EXPLAINED)
    button(page.locator("main"), "Sign the day off").click()
    expect(page.locator("main")).to_contain_text("Signed off by Priya Nair")
    expect(page.locator("main")).to_contain_text(f"{missing[1]['name']}: {EXPLAINED} (Priya Nair")
    officer.check()
    officer.close()

    # The next morning
    colleague = Walk(browser, tomorrow, WIDTHS["desk"]).sign_in("attendance_coordinator")
    today(colleague)
    aside = colleague.page.locator("#day-aside")
    expect(aside).to_contain_text(read.word("Handover notes"))
    expect(aside).to_contain_text(NOTE)
    colleague.page.locator("a", has_text="End of day: Wednesday 14 January 2026").click()
    expect(colleague.page.locator("main")).to_contain_text("Signed off by Priya Nair")
    expect(colleague.page.locator("main")).to_contain_text(f"{missing[1]['name']}: {EXPLAINED} (Priya Nair")
    colleague.check()
    colleague.close()

    assert read.left == set(), "the tutorial tells people to press something that nobody pressed here"
