"""Impact of support: asked of what is on record, and of pupils ticked by hand, in a real browser with the keyboard."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Walk

pytestmark = pytest.mark.browser


def press(walk: Walk, control: Locator, key: str = "Enter") -> None:
    control.focus()
    walk.page.keyboard.press(key)


def test_help_on_record_and_pupils_ticked_by_hand(walk: Walk) -> None:
    page, school = walk.page, f"/s/{walk.served.schools['secondary']}"
    walk.sign_in("dsl")
    walk.open(f"{school}/attendance/impact/")
    page.get_by_label("Kind of support", exact=True).select_option("status.sen_support")
    page.get_by_label("Support began from").fill("1 September 2024")
    press(walk, page.get_by_role("button", name="Show"))
    expect(page.locator("main")).to_contain_text("The difference is")
    expect(page.get_by_role("img", name="Sessions missed each week")).to_be_visible()
    press(walk, page.locator("main summary", has_text="As a table"))
    expect(page.get_by_text("Week 1 of support", exact=True)).to_be_visible()
    press(walk, page.locator("summary", has_text="How similar pupils are chosen"))
    expect(page.get_by_text("says nothing about one pupil")).to_be_visible()
    walk.check()

    press(walk, page.get_by_role("link", name="Choose the pupils yourself"))
    press(walk, page.locator("input[name=pupil]").first, "Space")
    page.get_by_label("Class").select_option(index=1)
    press(walk, page.get_by_role("button", name="Show this class"))
    expect(page.get_by_text("Ticked in other classes: 1 pupil")).to_be_visible()
    press(walk, page.locator("input[name=pupil]").first, "Space")
    page.get_by_label("Support began on").fill("3 November 2025")
    walk.check()
    press(walk, page.get_by_role("button", name="Show impact"))
    expect(page.locator("main")).to_contain_text("A comparison needs 10 pupils or more")
    expect(page.locator("main tbody tr")).to_have_count(2)
    walk.check()
