"""Every page that a person can reach by following links: nothing serious by axe, nothing wider than the screen, no error in the console.

Pages of one shape (the same address but for references, dates and numbers) are visited once for each person and screen. An address that
only leads to a page seen already is followed, and its page not looked at again. In a campaign each person walks all pages on both screens;
else only the person who sees most and the one who sees least do, and a tenth of the pages is drawn for each of the others.
"""

import random
import re
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser

from haven.demonstration.people import SIGN_INS
from tests.architecture.matrix import Answers, from_text
from tests.architecture.test_matrix import TABLE
from tests.browser.conftest import WIDTHS, Served, Walk
from tests.support.campaign import CAMPAIGN, SEED, SHARE, chosen

pytestmark = pytest.mark.browser

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
SKIPPED = re.compile(r"(format=|/accounts/logout|/static/|^mailto:|^tel:|/pulse/|download)")
MOST_PAGES = 200 if CAMPAIGN else 70
SEES_MOST, SEES_LEAST = "head", "data_protection_officer"
OTHERS = [(person.key, screen) for person in SIGN_INS for screen in WIDTHS if person.key not in (SEES_MOST, SEES_LEAST)]


def shape(address: str) -> str:
    path = urlsplit(address).path
    path = UUID.sub("*", path)
    path = re.sub(r"\d{4}-\d{2}-\d{2}", "*", path)
    path = re.sub(r"/s/\d+/", "/s/*/", path)
    return re.sub(r"/\d+(?=/)", "/*", path)


def links(walk: Walk) -> list[str]:
    found = walk.page.eval_on_selector_all("a[href]", "nodes => nodes.map(node => node.getAttribute('href'))")
    absolute = [urljoin(walk.page.url, href) for href in found if href and not SKIPPED.search(href)]
    return [address for address in absolute if address.startswith(walk.served.address)]


def crawl(walk: Walk, most: int, draw: random.Random | None = None) -> list[str]:
    """Visit and check at most so many pages, in the order in which links show them, or drawn by lot where `draw` is given."""
    waiting, seen, checked = [walk.page.url], set[str](), set[str]()
    while waiting and len(seen) < most:
        address = waiting.pop(draw.randrange(len(waiting)) if draw else 0)
        if shape(address) in seen:
            continue
        seen.add(shape(address))
        answer = walk.page.goto(address)
        assert answer is not None and answer.status < 500, (address, answer.status if answer else None)
        walk.page.wait_for_load_state("load")
        if answer.status == 200:
            if walk.page.url in checked:  # another address that leads to one of these pages, as "/" does
                assert walk.complaints == [], (address, walk.complaints)
                continue
            checked.add(walk.page.url)
            walk.check()
            assert walk.page.locator("h1").count() == 1, address
            waiting += [link for link in links(walk) if shape(link) not in seen]
        else:
            pytest.fail(f"{address} is linked from a page of this person and answers {answer.status}")
    return sorted(seen)


@pytest.mark.parametrize("screen", WIDTHS)
@pytest.mark.parametrize("key", [SEES_MOST, SEES_LEAST])
def test_every_page_within_reach(browser: Browser, served: Served, key: str, screen: str) -> None:
    seen = walked(browser, served, key, screen, MOST_PAGES)
    assert len(seen) >= (40 if key == SEES_MOST else 2)


@pytest.mark.parametrize(("key", "screen"), chosen(OTHERS, "people and screens", one_in=4))
def test_pages_within_reach_of_the_others(browser: Browser, served: Served, key: str, screen: str) -> None:
    if CAMPAIGN:
        seen = walked(browser, served, key, screen, MOST_PAGES)
    else:
        draw = random.Random(f"{SEED} {key} {screen}")
        seen = walked(browser, served, key, screen, MOST_PAGES // SHARE, draw)
    assert len(seen) >= 2


def walked(
    browser: Browser, served: Served, key: str, screen: str, most: int, draw: random.Random | None = None
) -> list[str]:
    """The shapes of the pages that this person was shown and that passed."""
    walk = Walk(browser, served, WIDTHS[screen])
    try:
        walk.sign_in(key)
        return crawl(walk, most, draw)
    finally:
        walk.close()


def test_nobody_sees_more_or_less_than_these_two() -> None:
    kept: Answers = from_text(TABLE.read_text())
    pages = {person.key: sum(row[person.key] == "200" for row in kept.values()) for person in SIGN_INS}
    assert pages[SEES_MOST] == max(pages.values())
    assert pages[SEES_LEAST] == min(pages.values())


def test_signed_out_pages(walk: Walk) -> None:
    for path in ("/accounts/login/", "/accounts/password/reset/", "/welcome/MQ/x-y/"):
        walk.page.goto(walk.served.address + path)
        walk.complaints.clear()  # the dead link answers 404, which the console says
        walk.check()
