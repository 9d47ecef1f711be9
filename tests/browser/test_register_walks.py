"""Changing many marks with a second person, and changing the school's year: both in a real browser, with the keyboard.

The marks changed are of a week in October and the closure is of a day in June, so no other walk meets either.
"""

import re

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import Served, Walk

pytestmark = pytest.mark.browser

WEEKS = {1280: "2025-10-15", 320: "2025-10-08"}
DAYS = {1280: "16 June 2026", 320: "17 June 2026"}


def press_on(walk: Walk, control: Locator) -> None:
    control.focus()
    walk.page.keyboard.press("Enter")


def width_of(walk: Walk) -> int:
    size = walk.page.viewport_size
    assert size is not None
    return size["width"]


def test_many_marks_are_chosen_proposed_and_approved_by_a_second_person(
    walk: Walk, browser: Browser, served: Served
) -> None:
    school, page = f"/s/{served.schools['secondary']}", walk.page
    walk.sign_in("attendance_officer")
    walk.open(f"{school}/registers/")
    group = re.search(r"class/(\d+)/", str(page.locator("main table a").nth(3).get_attribute("href")))
    assert group is not None
    walk.open(f"{school}/registers/class/{group[1]}/week/?on={WEEKS[width_of(walk)]}")
    press_on(walk, page.locator("a", has_text="Correct several marks"))
    expect(page.locator("h1")).to_contain_text("Correct several marks of")
    walk.check()
    boxes = page.locator("input[name=mark]")
    boxes.first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    chosen = page.locator("input[name=mark]:checked")
    expect(chosen).to_have_count(4)
    expect(page.locator("[data-choose-count]")).to_contain_text("4")
    page.locator("main select[name=code]").select_option("B")
    page.locator("main input[name=reason]").fill("At the museum with the class; entered as here")
    press_on(walk, page.locator("main button", has_text="Prepare the change"))
    expect(page.locator("h1")).to_have_text("4 marks to B")
    expect(page.locator("main")).to_contain_text("You prepared this, so someone else must approve it.")
    expect(page.locator("main button", has_text="Save decision")).to_have_count(0)
    walk.check()
    address = page.url.removeprefix(served.address)

    head = Walk(browser, served, width_of(walk)).sign_in("head")
    head.open(f"{school}/registers/corrections/")
    head.check()
    head.open(address)
    expect(head.page.locator("main")).to_contain_text("At the museum with the class")
    head.check()
    head.page.locator("main input[name=decision][value=approve]").check()
    press_on(head, head.page.locator("main button", has_text="Save decision"))
    expect(head.page.locator("main")).to_contain_text("Approved by Margaret Osei")
    expect(head.page.locator("main")).to_contain_text("4 of 4 marks changed")
    head.check()
    press_on(head, head.page.locator("main table a").first)
    expect(head.page.locator("main .haven-timeline")).to_contain_text("changed to B")
    expect(head.page.locator("main .haven-timeline")).to_contain_text("prepared by Priya Nair")
    head.check()
    head.close()


def test_the_year_changes_after_its_consequences_were_shown(walk: Walk) -> None:
    walk.sign_in("head")
    page, day = walk.page, DAYS[width_of(walk)]
    walk.open(f"/s/{walk.served.schools['secondary']}/calendar/")
    walk.check()
    sessions = int(str(page.locator(".haven-lead").inner_text()).split()[0])
    press_on(walk, page.locator("a", has_text="Close the school"))
    page.fill("[name=name]", "Boiler broken")
    page.fill("[name=first_on]", day)
    page.fill("[name=reason]", "No heating on the whole site")
    walk.check()
    press_on(walk, page.locator("main button", has_text="Show what would change"))
    notice = page.locator("main .haven-notice")
    expect(notice).to_contain_text(f"2 sessions will be removed. The year will have {sessions - 2} sessions")
    expect(notice).to_contain_text("The sessions to be removed have no marks.")
    figures = page.locator("main table")
    expect(figures).to_contain_text(re.compile(r"Sessions possible so far, all pupils\s*\d{1,3}(,\d{3})+"))
    walk.check()
    press_on(walk, page.locator("main button", has_text="Change the calendar"))
    expect(page.locator("h1")).to_contain_text("School year")
    expect(page.locator("main")).to_contain_text(f"The calendar is changed: {sessions - 2} sessions")
    closure = page.locator("tr.govuk-table__row", has_text="Boiler broken")
    expect(closure).to_contain_text(day)
    walk.check()
    press_on(walk, closure.locator("a", has_text="Remove"))
    page.fill("[name=reason]", "The heating was mended in time")
    press_on(walk, page.locator("main button", has_text="Show what would change"))
    expect(page.locator("main .haven-notice")).to_contain_text("2 sessions will be added")
    press_on(walk, page.locator("main button", has_text="Change the calendar"))
    expect(page.locator("main")).to_contain_text(f"The calendar is changed: {sessions} sessions")
