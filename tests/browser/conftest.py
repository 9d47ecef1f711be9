"""The product as people meet it: `haven run` on a data folder of its own with a small demonstration, and a real browser.

Other requests than to this machine do not happen: the browser starts without its background services.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.axe import grave
from tests.support.cached_database import copy_of_cached

MORNING = "2026-01-14"
expect.set_options(timeout=45_000)  # a busy machine is no fault of a page
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Served:
    """A running Haven: its address, its data folder, and the demonstration's password and sign-ins by key."""

    address: str
    data: Path
    password: str
    emails: dict[str, str]
    schools: dict[str, int]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `haven` command on the same data folder."""
        environment = {**os.environ, "HAVEN_DATA": str(self.data)}
        environment.pop("DATABASE_URL", None)
        environment["DJANGO_SETTINGS_MODULE"] = "haven.project.settings"
        return subprocess.run(
            [sys.executable, "-m", "haven", *arguments], env=environment, capture_output=True, text=True
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"haven run ended by itself: {process.stdout.read() if process.stdout else ''}")
        try:
            urllib.request.urlopen(f"{address}/accounts/login/", timeout=5).read()
            return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError("haven run did not answer in time")


@contextmanager
def running(environment: dict[str, str], *arguments: str) -> Iterator[str]:
    """`haven run` in a process of its own, until the end of the block; gives its address."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "haven", "run", "--port", str(port), *arguments],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def a_morning() -> Iterator[Served]:
    """`haven demo` and `haven run` in processes of their own, as a newcomer would start them; `haven demo` once for all."""
    around = Path(tempfile.mkdtemp(prefix="haven-walk-"))
    around.chmod(0o711)
    folder = around / "data"
    try:
        copy_of_cached("morning", folder, _demonstrate)
        with running(_on(folder)) as address:
            facts = json.loads((folder / "demonstration.json").read_text())
            emails = {person["key"]: person["email"] for person in facts["sign_ins"]}
            schools = {school["key"]: school["urn"] for school in facts["schools"]}
            yield Served(address, folder, facts["password"], emails, schools)
    finally:
        shutil.rmtree(around, ignore_errors=True)


def _on(folder: Path) -> dict[str, str]:
    """The environment of a `haven` on its own data folder."""
    environment = {**os.environ, "HAVEN_DATA": str(folder), "HAVEN_DURABLE": "0"}
    environment.pop("DATABASE_URL", None)
    environment["DJANGO_SETTINGS_MODULE"] = "haven.project.settings"
    return environment


def _demonstrate(folder: Path) -> None:
    demo = [sys.executable, "-m", "haven", "demo", "--seed", "7", "--on", MORNING]
    made = subprocess.run(demo, env=_on(folder), capture_output=True, text=True)
    assert made.returncode == 0, made.stderr


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """One morning that the walks share; each takes children of its own."""
    with a_morning() as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.fail("The browser tests need Chromium. Run: sudo apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                  "--disable-component-update", "--disable-sync"],
        )  # fmt: skip
        yield started
        started.close()


@pytest.fixture(scope="session")
def missing(served: Served) -> list[dict[str, Any]]:
    """The secondary school's missing children as the morning begins, in order: each walk takes its own."""
    return missing_at(served)


def missing_at(served: Served) -> list[dict[str, Any]]:
    told = served.command("today", "--school", str(served.schools["secondary"]), "--json")
    assert told.returncode == 0, told.stderr
    found: list[dict[str, Any]] = json.loads(told.stdout)["missing"]
    assert len(found) >= 9
    return found


WIDTHS = {"desk": 1280, "phone": 320}


class Walk:
    """One person at one screen. Every error that the page writes to the console fails the walk."""

    def __init__(self, browser: Browser, served: Served, width: int) -> None:
        self.served = served
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, locale="en-GB", timezone_id="Europe/London"
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(45_000)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self._hear(message.type, message.text))

    def _hear(self, kind: str, text: str) -> None:
        # A refused form answers 422 and a page that is not for you 403 or 404; the browser writes each into its console.
        if kind == "error" and not re.search(r"status of (403|404|422)", text):
            self.complaints.append(text)

    def sign_in(self, key: str) -> "Walk":
        self.open("/accounts/login/")
        self.page.fill("[name=login]", self.served.emails[key])
        self.page.fill("[name=password]", self.served.password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(re.compile(r"^(?!.*/accounts/login/).*$"))
        return self

    def open(self, path: str) -> "Walk":
        self.page.goto(self.served.address + path)
        self.page.wait_for_load_state("load")
        return self

    def text(self) -> str:
        return self.page.inner_text("body")

    def check(self) -> None:
        """What must hold on every page: nothing serious by axe, nothing wider than the screen, no error in the console."""
        broken = grave(self.page)
        assert broken == [], (self.page.url, broken)
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, (self.page.url, f"{wide} px wider than the screen")
        assert self.complaints == [], (self.page.url, self.complaints)

    def close(self) -> None:
        self.context.close()


@pytest.fixture(params=list(WIDTHS))
def walk(request: pytest.FixtureRequest, browser: Browser, served: Served) -> Iterator[Walk]:
    """A walk at a desk (1280 px) and one on a phone (320 px)."""
    made = Walk(browser, served, WIDTHS[request.param])
    yield made
    made.close()


@pytest.fixture
def desk(browser: Browser, served: Served) -> Iterator[Walk]:
    made = Walk(browser, served, WIDTHS["desk"])
    yield made
    made.close()
