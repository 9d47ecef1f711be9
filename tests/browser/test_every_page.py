"""Every page that a person can reach by following links: nothing serious by axe, nothing wider than the screen, no error in the console.

Pages of one shape (the same address but for references, dates and numbers) are visited once for each person and screen. An address that
only leads to a page seen already is followed, and its page not looked at again.
"""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import WIDTHS, Served, Walk

pytestmark = pytest.mark.browser

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
SKIPPED = re.compile(r"(format=|/accounts/logout|/static/|^mailto:|^tel:|/pulse/|download)")
MOST_PAGES = 70


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


def crawl(walk: Walk) -> list[str]:
    waiting, seen, checked = [walk.page.url], set(), set()
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
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


@pytest.mark.parametrize(
    ("key", "screen"),
    [
        ("attendance_officer", "desk"), ("attendance_officer", "phone"), ("dsl", "desk"), ("head", "phone"),
        ("form_tutor", "phone"), ("governor", "phone"), ("system_administrator", "desk"), ("pastoral_coordinator", "desk"),
    ],
)  # fmt: skip
def test_every_page_within_reach(browser: Browser, served: Served, key: str, screen: str) -> None:
    walk = Walk(browser, served, WIDTHS[screen])
    try:
        walk.sign_in(key)
        seen = crawl(walk)
    finally:
        walk.close()
    assert len(seen) >= 2


def test_signed_out_pages(walk: Walk) -> None:
    for path in ("/accounts/login/", "/accounts/password/reset/", "/welcome/MQ/x-y/"):
        walk.page.goto(walk.served.address + path)
        walk.complaints.clear()  # the dead link answers 404, which the console says
        walk.check()
