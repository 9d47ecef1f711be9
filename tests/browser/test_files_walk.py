"""From an empty database to a filled Today with files alone: one head, a browser and the keyboard, at a desk and on a phone.

Haven knows one school, from the command that brings in schools, and one person, from the command that adds accounts. All else comes
through the pages.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import WIDTHS, Served, Walk, running

pytestmark = pytest.mark.browser
URN, HEAD, PASSWORD = 998001, "head@example.test", "seven-grey-herons-wade"
SCHOOLS = (
    "URN,LA (code),LA (name),EstablishmentNumber,EstablishmentName,PhaseOfEducation (name),EstablishmentStatus (name)\n"
    f"{URN},998,Exampleshire,2001,Hillside Primary School,Primary,Open\n"
)
CALENDAR = "date,session\n" + "".join(f"2026-01-{day},{half}\n" for day in range(12, 17) for half in ("AM", "PM"))
AMARA, TOM = "Y998200121001", "M998200121002"
PUPILS = (
    "upn,surname,forename,dob,year_group,registration_group,start_date,contact1_name,contact1_relationship,contact1_phone,contact1_priority\n"
    f"{AMARA},Okafor,Amara,2017-03-14,4,4 Kestrel,2021-09-02,Ngozi Okafor,Mother,01632 960101,1\n"
    f"{TOM},O'Brien-Ñandú <script>,Tom,2017-06-02,4,4 Kestrel,2021-09-02,Sean O'Brien,Father,01632 960102,1\n"
)
LONG = "upn,date,session,code\n" + "".join(
    f"{upn},2026-01-{day},{half},{code}\n"
    for upn, day, half, code in (
        (AMARA, 13, "AM", "/"), (AMARA, 13, "PM", "\\"), (AMARA, 14, "AM", "/"), (TOM, 13, "AM", "I"), (TOM, 14, "AM", "N"),
    )
)  # fmt: skip
WIDE = f"upn,2026-01-12 AM,2026-01-12 PM\n{AMARA},/,\\\n{TOM},L,\\\n"
FAULTY = (
    "upn,date,session,code\n"
    f"{TOM},2026-01-13,PM,ZZ\n{AMARA},2026-02-16,AM,/\n{TOM},2026-01-13,AM,M\n"
)  # fmt: skip


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    """A Haven without demonstration, on a morning in January, with its one school and one head; and the head's one-time link."""
    folder = Path(tempfile.mkdtemp(prefix="haven-files-"))
    folder.chmod(0o711)
    moment = pytest.MonkeyPatch()
    moment.setenv("HAVEN_NOW", "2026-01-14T09:40")  # for the commands too
    environment = {**os.environ, "HAVEN_DATA": str(folder), "HAVEN_DURABLE": "0"}
    environment.pop("DATABASE_URL", None)
    environment["DJANGO_SETTINGS_MODULE"] = "haven.project.settings"
    schools = tmp_path_factory.mktemp("files") / "schools.csv"
    schools.write_text(SCHOOLS, encoding="utf-8")
    try:
        with running(environment, "--no-demo") as address:
            served = Served(address, folder, PASSWORD, {"head": HEAD}, {"only": URN})
            brought = served.command("import", "schools", str(schools))
            assert brought.returncode == 0, brought.stderr
            added = served.command("user", "add", HEAD, "--name", "Ada Lund", "--role", "head", "--school", str(URN))
            assert added.returncode == 0, added.stderr
            link = re.search(r"/welcome/\S+", added.stdout)
            assert link is not None, added.stdout
            yield served, link.group()
    finally:
        moment.undo()
        shutil.rmtree(folder, ignore_errors=True)


class FilesWalk(Walk):
    """A walk through the pages of files, each looked at in both widths, with the keyboard alone."""

    def look(self) -> None:
        for width in sorted(WIDTHS.values()):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.check()

    def press(self, name: str) -> None:
        """Reach the button or link with this name, and use it as the keyboard does."""
        control = self.page.locator("main").get_by_role("button", name=name, exact=True)
        found = control.or_(self.page.locator("main").get_by_role("link", name=name, exact=True)).first
        found.focus()
        expect(found).to_be_focused()
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def upload(self, word: str, text: str, name: str) -> None:
        """From the list of imports to what the file would do."""
        self.open(f"/s/{URN}/imports/")
        self.look()
        self.press("Import a file")
        self.look()
        self.page.locator(f"[name=format][value={word}]").focus()
        self.page.keyboard.press("Space")
        self.page.set_input_files("[name=file]", {"name": name, "mimeType": "text/csv", "buffer": text.encode("utf-8")})
        self.press("Check the file")
        expect(self.page.locator("h1")).to_contain_text(name)
        self.look()

    def says(self, words: str) -> None:
        expect(self.page.locator("main")).to_contain_text(words)

    def today(self) -> None:
        self.open(f"/s/{URN}/today/")
        expect(self.page.locator("h1")).to_have_text("Today")
        self.look()


def test_a_new_school_from_files_to_today(browser: Browser, empty: tuple[Served, str]) -> None:
    served, link = empty
    walk = FilesWalk(browser, served, WIDTHS["desk"])
    walk.open(link)
    for field in ("new_password1", "new_password2"):
        walk.page.fill(f"[name={field}]", PASSWORD)
    walk.look()
    with walk.page.expect_navigation():
        walk.page.keyboard.press("Enter")
    walk.sign_in("head")
    walk.today()

    for word, text, many in (
        ("calendar", CALENDAR, "10 of 10 sessions: 10 new"),
        ("pupils", PUPILS, "2 of 2 pupils: 2 new"),
        ("marks", LONG, "5 of 5 marks: 5 new"),
        ("marks", WIDE, "4 of 4 marks: 4 new"),
    ):
        walk.upload(word, text, f"{word}.csv")
        walk.says(f"Would import {many}")
        walk.press("Import")
        walk.says(f"Imported: {many}")
        walk.look()

    walk.today()
    walk.says("O'Brien-Ñandú <script>")
    expect(walk.page.locator("li.haven-card[data-row]")).to_have_count(1)

    for text in (LONG, WIDE):
        walk.upload("marks", text, "again.csv")
        walk.says("Nothing to change: the file matches what Haven already has.")
        expect(walk.page.get_by_role("button", name="Import")).to_have_count(0)

    walk.upload("marks", FAULTY, "faulty.csv")
    rows = walk.page.locator("main table tbody tr")
    expect(rows).to_have_count(2)
    for row, where, what in (
        (0, ("2", "code"), "“ZZ” is not an attendance code"),
        (1, ("3", "date"), "session on 16 February 2026"),
    ):
        for words in (*where, "Error", what):
            expect(rows.nth(row)).to_contain_text(words)
    expect(walk.page.get_by_role("button", name="Import", exact=True)).to_have_count(0)
    told = served.command("measures", "--school", str(URN), "--format", "csv").stdout
    walk.press("Import valid rows only")
    walk.says("Rows with 2 errors were left out")
    walk.look()
    after = served.command("measures", "--school", str(URN), "--format", "csv").stdout
    assert after != told, "an illness became a medical appointment"

    walk.page.locator("#undo summary").focus()
    walk.page.keyboard.press("Enter")
    walk.look()
    walk.press("Undo import")
    walk.says("Enter a reason for undoing the import.")
    walk.look()
    walk.page.locator("[name=reason]").focus()
    walk.page.keyboard.type("The wrong week")
    walk.page.keyboard.press("Tab")
    with walk.page.expect_navigation():
        walk.page.keyboard.press("Enter")
    walk.says("Import undone: 1 mark restored.")
    walk.look()
    assert served.command("measures", "--school", str(URN), "--format", "csv").stdout == told
    walk.upload("marks", LONG, "again.csv")
    walk.says("Nothing to change: the file matches what Haven already has.")
    walk.close()
