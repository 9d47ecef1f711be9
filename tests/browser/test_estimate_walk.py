"""The estimate in a real browser with the keyboard: switched on with a reason, honest about too few years, switched off without a trace."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Served, Walk

pytestmark = pytest.mark.browser


def switch(walk: Walk, word: str, reason: str) -> None:
    page = walk.page
    walk.open(f"/s/{walk.served.schools['primary']}/school/")
    page.get_by_role("link", name="About the estimate, and switch it on or off").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Estimate of persistent absence")
    walk.check()
    page.get_by_label(word, exact=True).check()
    page.get_by_label("Why").fill(reason)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text(reason)


def test_on_with_a_reason_and_off_without_a_trace(walk: Walk, browser: Browser, served: Served) -> None:
    page, address = walk.page, f"/s/{served.schools['primary']}/attendance/"
    size = page.viewport_size
    assert size is not None
    keeper = Walk(browser, served, size["width"])
    try:
        keeper.sign_in("system_administrator")
        switch(keeper, "On", "Agreed with the data protection officer")
        walk.sign_in("attendance_coordinator")
        walk.open(address)
        page.get_by_role("link", name="Pupils who may become persistently absent").focus()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("An estimate needs two earlier years of this school’s registers")
        walk.check()
        switch(keeper, "Off", "The trial is over")
        walk.open(address)
        expect(page.get_by_role("link", name="Pupils who may become persistently absent")).to_have_count(0)
    finally:
        keeper.close()
