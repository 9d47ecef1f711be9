"""One school morning, walked in a real browser by six of the people, with the keyboard, at a desk and on a phone.

Each walk uses children of its own, so that the walks may run in any order on one demonstration.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import WIDTHS, Served, Walk

pytestmark = pytest.mark.browser


def cards(walk: Walk) -> Locator:
    return walk.page.locator("li.haven-card[data-row]")


def name_of(card: Locator) -> str:
    return card.locator("h3").inner_text()


def card_of(walk: Walk, child: dict[str, Any]) -> Locator:
    """The line of one child, wherever it stands in the list now."""
    return walk.page.locator(f"[id='line-{child['pupil']}']")


def today(walk: Walk, school: str = "secondary") -> Walk:
    return walk.open(f"/s/{walk.served.schools[school]}/today/")


def press_on(walk: Walk, control: Locator) -> None:
    """Reach a control and use it as the keyboard does."""
    control.focus()
    walk.page.keyboard.press("Enter")


def test_the_officer_finds_rings_and_gives_a_reason(walk: Walk, missing: list[dict[str, Any]]) -> None:
    walk.sign_in("attendance_officer")
    expect(walk.page.locator("h1")).to_have_text("Today")
    walk.check()
    child = missing[4 if walk.page.viewport_size["width"] == 1280 else 5]  # type: ignore[index]
    card = card_of(walk, child)
    press_on(walk, card.locator("a", has_text="Log what you did"))
    card.locator("select[name=outcome]").select_option(label="No answer")
    card.locator("textarea[name=words]").fill("Rang out. O’Brien-Ñandú <script>alert(1)</script>")
    press_on(walk, card.locator("button", has_text="Save"))
    expect(card).to_contain_text(re.compile("no answer \\(Priya Nair\\)", re.I))
    expect(card).to_contain_text("<script>alert(1)</script>")
    expect(card.locator("h3 a")).to_be_focused()  # the keyboard stays where the work is
    walk.check()
    walk.page.goto(walk.served.address + str(card.locator("a", has_text="Give a reason").get_attribute("href")))
    walk.check()
    page = walk.page
    page.locator("main select[name=code]").select_option("I")
    page.locator("main textarea[name=reason]").fill("Mother rang: vomiting since last night.")
    for box in page.locator("main input[name=sessions]").all():
        box.set_checked(True)
    if page.locator("main select[name=contact]").input_value() == "":
        page.locator("main input[name=name]").fill("Mother")
    press_on(walk, page.locator("main form button.govuk-button").last)
    expect(page.locator("h1")).to_have_text("Today")
    expect(card_of(walk, child)).to_have_count(0)


def test_the_year_of_a_pupil_at_a_glance(walk: Walk, missing: list[dict[str, Any]]) -> None:
    walk.sign_in("attendance_officer")
    name = missing[0]["name"]
    press_on(walk, card_of(walk, missing[0]).locator("h3 a"))
    walk.page.wait_for_url(re.compile(r"/pupils/"))
    expect(walk.page.locator("h1")).to_contain_text(name.split()[0])
    expect(walk.page.locator("body")).to_contain_text("sessions missed")
    assert walk.page.locator("svg").count() >= 1
    walk.check()


def test_the_name_and_enter_find_the_pupil(desk: Walk, missing: list[dict[str, Any]]) -> None:
    desk.sign_in("attendance_officer")
    name = missing[0]["name"]
    desk.page.locator("h1").click()
    desk.page.keyboard.press("/")
    desk.page.keyboard.type(name)
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url(re.compile(r"/(pupils/[0-9a-f-]{36}|find)/"))
    expect(desk.page.locator("main")).to_contain_text(name.split()[-1])


def test_the_tutor_takes_the_register_of_the_own_class_with_letters_alone(walk: Walk) -> None:
    walk.sign_in("form_tutor")
    walk.open(f"/s/{walk.served.schools['secondary']}/registers/")
    walk.check()
    rows = walk.page.locator("main table a", has_text=re.compile(r"^\d+[A-Z]"))
    own = {rows.nth(number).inner_text() for number in range(rows.count())}
    assert len(own) == 1, "a tutor sees the own class and no other"
    press_on(walk, rows.first)
    grid = walk.page.locator("table[data-grid]")
    expect(grid).to_be_visible()
    walk.check()


def test_anybody_raises_a_concern_on_a_phone_and_keeps_sight_of_received_alone(
    browser: Browser, served: Served
) -> None:
    teacher = Walk(browser, served, WIDTHS["phone"])
    teacher.sign_in("teacher_parent")
    teacher.page.locator("h1").first.click()
    teacher.page.keyboard.press("c")
    teacher.page.wait_for_url(re.compile("/concerns/raise/"))
    teacher.check()
    teacher.page.fill("input[name=child_name]", "A child of 9B whose name I do not know")
    answers = {
        "happened_at": None,
        "words": "“I am not going home.”",
        "marks": "Bruise on the left forearm, about 3 cm.",
        "view": "She seemed frightened.",
        "told": "Nobody yet.",
    }
    for _ in range(8):
        if teacher.page.locator("h1", has_text="Check and send").count():
            break
        for area in teacher.page.locator("main textarea").all():
            area.fill("planted-phrase-7391 " + answers["words"])  # type: ignore[operator]
        for box in teacher.page.locator("main input[name=happened_at]").all():
            box.fill("14 January 2026, 09:05")
        for radio in teacher.page.locator("main input[type=radio][value=yes]").all():
            radio.check()
        teacher.check()
        with teacher.page.expect_navigation():
            press_on(teacher, teacher.page.locator("main button", has_text="Continue"))
    expect(teacher.page.locator("h1")).to_have_text("Check and send")
    teacher.check()
    press_on(teacher, teacher.page.locator("main button", has_text="Send"))
    expect(teacher.page.locator("h1")).to_have_text("Your concern was sent")
    mine = f"/s/{served.schools['secondary']}/concerns/mine/"
    teacher.open(mine)
    expect(teacher.page.locator("main")).to_contain_text("Not acknowledged yet")
    assert "planted-phrase-7391" not in teacher.page.content()

    officer = Walk(browser, served, WIDTHS["desk"]).sign_in("attendance_officer")
    for path in ("/my-day/", f"/s/{served.schools['secondary']}/concerns/", f"/s/{served.schools['secondary']}/today/"):
        officer.page.goto(served.address + path)
        assert "planted-phrase-7391" not in officer.page.content()
        assert "New safeguarding concern" not in officer.page.content()
    officer.close()

    lead = Walk(browser, served, WIDTHS["desk"]).sign_in("dsl")
    lead.open(f"/s/{served.schools['secondary']}/concerns/")
    lead.check()
    press_on(lead, lead.page.locator("main a[href*='/concerns/']", has_text="9B").first)
    expect(lead.page.locator("main")).to_contain_text("planted-phrase-7391")
    lead.check()
    with lead.page.expect_navigation():
        press_on(lead, lead.page.locator("main button", has_text="Acknowledge concern").first)
    lead.close()

    teacher.open(mine)
    expect(teacher.page.locator("main")).to_contain_text("by the safeguarding team")
    assert "planted-phrase-7391" not in teacher.page.content()
    teacher.close()


def test_a_pupil_is_passed_to_the_pastoral_worker_who_finds_it_on_her_day(
    browser: Browser, served: Served, missing: list[dict[str, Any]]
) -> None:
    officer = Walk(browser, served, WIDTHS["desk"]).sign_in("attendance_officer")
    name = missing[6]["name"]
    card = card_of(officer, missing[6])
    officer.page.goto(served.address + str(card.locator("a", has_text="Pass on").get_attribute("href")))
    officer.check()
    form = officer.page.locator("main form").last
    to = form.locator("select").first
    label = next(text for text in to.locator("option").all_inner_texts() if "Whitworth" in text)
    to.select_option(label=label)
    form.locator("textarea").first.fill("Second day. Please see the family this morning.")
    press_on(officer, form.locator("button.govuk-button").last)
    expect(card_of(officer, missing[6])).to_contain_text("Passed on")
    officer.check()
    officer.close()
    worker = Walk(browser, served, WIDTHS["phone"]).sign_in("pastoral_coordinator")
    worker.open("/my-day/")
    expect(worker.page.locator("main")).to_contain_text(name)
    worker.check()
    worker.close()


def test_two_people_on_one_list_see_each_other_without_reloading(
    browser: Browser, served: Served, missing: list[dict[str, Any]]
) -> None:
    one = Walk(browser, served, WIDTHS["desk"]).sign_in("attendance_officer")
    two = Walk(browser, served, WIDTHS["desk"]).sign_in("attendance_coordinator")
    today(two)
    mine, theirs = card_of(one, missing[7]), card_of(two, missing[7])
    press_on(two, theirs.locator("a", has_text="Log what you did"))
    theirs.locator("textarea[name=words]").fill("What I am typing stays")
    expect(mine).to_contain_text("Tom Hargreaves is calling now")
    press_on(one, mine.locator("a", has_text="Log what you did"))
    expect(mine.locator("[data-more]")).to_contain_text("Tom Hargreaves is calling now")
    mine.locator("select[name=outcome]").select_option(label="Left a message")
    press_on(one, mine.locator("button", has_text="Save"))  # she was told, and means it
    expect(mine).to_contain_text(re.compile("left a message \\(Priya Nair\\)", re.I))
    expect(theirs.locator("[data-news]")).to_contain_text("Priya Nair")
    assert theirs.locator("textarea[name=words]").input_value() == "What I am typing stays"
    press_on(two, theirs.locator("button", has_text="Save"))
    expect(theirs).to_contain_text("Nothing was saved.")
    assert theirs.locator("textarea[name=words]").input_value() == "What I am typing stays"
    one.close()
    two.close()


def test_the_screen_hides_and_the_words_stay(desk: Walk, missing: list[dict[str, Any]]) -> None:
    desk.sign_in("attendance_officer")
    card = card_of(desk, missing[0])
    press_on(desk, card.locator("a", has_text="Log what you did"))
    card.locator("textarea[name=words]").fill("half a sentence")
    desk.page.locator("h1").first.click()
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("h1", has_text="Today")).not_to_be_visible()
    assert name_of(card) not in desk.page.title()
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("h1", has_text="Today")).to_be_visible()
    assert card.locator("textarea[name=words]").input_value() == "half a sentence"


def test_the_list_works_without_script(browser: Browser, served: Served, missing: list[dict[str, Any]]) -> None:
    walk = Walk(browser, served, WIDTHS["phone"])
    walk.context.close()
    walk.context = browser.new_context(viewport={"width": 320, "height": 900}, java_script_enabled=False)
    walk.page = walk.context.new_page()
    walk.sign_in("attendance_officer")
    card = card_of(walk, missing[8])
    card.locator("a", has_text="Log what you did").click()
    walk.page.locator("main select[name=outcome]").select_option(label="No answer")
    walk.page.locator("main button", has_text="Save").click()
    today(walk)
    expect(card_of(walk, missing[8])).to_contain_text(re.compile("no answer", re.I))
    walk.close()


@pytest.mark.parametrize("key", ["governor", "system_administrator", "data_protection_officer"])
def test_who_has_no_roll_sees_no_child(
    browser: Browser, served: Served, missing: list[dict[str, Any]], key: str
) -> None:
    walk = Walk(browser, served, WIDTHS["phone"])
    walk.sign_in(key)
    walk.check()
    assert cards(walk).count() == 0
    answer = walk.page.goto(f"{served.address}/s/{served.schools['secondary']}/pupils/")
    assert answer is not None
    assert answer.status in (403, 404)
    assert missing[0]["name"] not in walk.page.content()
    walk.close()
