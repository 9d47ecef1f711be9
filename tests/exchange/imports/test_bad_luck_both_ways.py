"""Bad input and bad luck, by command and by page alike: a sentence with file, row and column, and nothing changed; or taken rightly."""

from pathlib import Path

import pytest
from django.test import Client

from haven.core.people.models import Enrolment, Pupil
from tests.exchange.imports.test_import_command import as_others_write_it, good, long_form
from tests.exchange.imports.test_import_pages import do, newest, send
from tests.factories.imports import fingerprint, run_import, upns_of, write
from tests.factories.registers import SchoolData, build_school
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
RUNS = ("imports_importrun", "imports_importfile")
DAY = ("2026-01-12", "AM")
NAME = "O'Brien-Ñandú <script>"


@pytest.fixture
def school_data() -> SchoolData:
    school_data = build_school()
    with owner():
        Enrolment.objects.filter(id=school_data.enrolments[-1].id).update(ends_on="2026-01-09")
    return school_data


@pytest.fixture
def officer(school_data: SchoolData, client: Client) -> Client:
    client.force_login(school_data.users["officer"])
    return client


def bad(school_data: SchoolData, name: str) -> bytes:
    first, second, *_, left = upns_of(school_data)
    rows = {
        "unknown code": [(first, *DAY, "/"), (second, *DAY, "ZZ")],
        "day outside the calendar": [(first, *DAY, "/"), (second, "2026-02-16", "AM", "/")],
        "pupil not on roll that day": [(first, *DAY, "/"), (left, *DAY, "/")],
        "two codes for one session": [(first, *DAY, "/"), (first, *DAY, "I")],
        "formula for a code": [(first, *DAY, "/"), (second, *DAY, "=1+1")],
    }
    if name in rows:
        return long_form(*rows[name]).encode()
    return {
        "empty": b"",
        "separator that is none": good(school_data).replace(",", "~").encode(),
        "half a spreadsheet renamed to csv": as_others_write_it(good(school_data), "spreadsheet")[:900],
        "an old spreadsheet's first bytes": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
        "half of UTF-16": b"\xff\xfe" + good(school_data).encode("utf-16-le")[:-1],
    }[name]


BAD = {
    "unknown code": ("row 3, column “code”", "“ZZ” is not an attendance code"),
    "day outside the calendar": ("row 3, column “date”", "session on 16 February 2026"),
    "pupil not on roll that day": ("row 3, column “date”", "The pupil was not on roll on 12 January 2026"),
    "two codes for one session": ("row 3, column “code”", "has I here and / in row 2"),
    "formula for a code": ("row 3, column “code”", "is not an attendance code"),
    "empty": ("", "The file is empty."),
    "separator that is none": ("row 1, column “code”", "There is no column “code”"),
    "half a spreadsheet renamed to csv": ("", "damaged"),
    "an old spreadsheet's first bytes": ("", "This is an old Office document, not a workbook"),
    "half of UTF-16": ("", "damaged and cannot be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_bad_is_said_both_ways_and_changes_nothing(
    officer: Client, school_data: SchoolData, tmp_path: Path, name: str
) -> None:
    content, (place, words) = bad(school_data, name), BAD[name]
    before = fingerprint()
    said = run_import("marks", write(tmp_path, content), "--school", school_data.school.urn)
    assert said.status == 1
    assert f"register.csv{f', {place}' if place else ''}" in said.err and words in said.err
    assert fingerprint() == before
    page = " ".join(send(officer, school_data, content).content.decode().split())
    assert "register.csv" in page and words in page and 'value="apply"' not in page
    (problem,) = (each for each in newest().problems if words in each["message"])
    assert problem["sentence"].startswith(f"register.csv{f', {place}' if place else ''}")
    assert problem["sentence"] in said.err, "the same words on both ways"
    do(officer, school_data, "apply")
    assert fingerprint(without=RUNS) == {table: sum_ for table, sum_ in before.items() if table not in RUNS}


TAKEN = ("utf-8-sig", "utf-16", "latin-1", "semicolons", "tabs", "instruction", "spreadsheet")


@pytest.mark.parametrize("how", TAKEN)
def test_a_file_saved_in_another_way_is_the_same_file(
    officer: Client, school_data: SchoolData, tmp_path: Path, how: str
) -> None:
    first, second, *_ = upns_of(school_data)
    content = as_others_write_it(long_form((first, *DAY, "/"), (second, *DAY, "I")), how)
    page = " ".join(send(officer, school_data, content).content.decode().split())
    assert "Would import 2 of 2 marks: 2 new" in page and "Problems by row and column" not in page
    assert "was imported" in do(officer, school_data, "apply")
    said = run_import("marks", write(tmp_path, content), "--school", school_data.school.urn)
    assert said.status == 0 and "Nothing to change" in said.out


def test_a_line_twice_counts_once(officer: Client, school_data: SchoolData, tmp_path: Path) -> None:
    first = upns_of(school_data)[0]
    content = long_form((first, *DAY, "/"), (first, *DAY, "/"))
    page = " ".join(send(officer, school_data, content).content.decode().split())
    assert "Would import 1 of 1 mark: 1 new" in page
    said = run_import("marks", write(tmp_path, content), "--school", school_data.school.urn)
    assert said.status == 0 and "1 of 1 mark imported" in said.out


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_name_survives_whatever_it_is_made_of(
    officer: Client, school_data: SchoolData, tmp_path: Path, encoding: str
) -> None:
    text = f"upn,surname,forename,dob\n,{NAME},=1+1,2012-05-04\n"
    page = send(officer, school_data, text.encode(encoding), "pupils", f"{NAME}.csv").content.decode()
    assert "Would import 1 of 1 pupil: 1 new" in " ".join(page.split()) and NAME not in page
    assert "begins like a spreadsheet formula" in page
    do(officer, school_data, "apply")
    with owner():
        assert Pupil.objects.filter(surname=NAME, forename="=1+1").count() == 1
    said = run_import("pupils", write(tmp_path, text.encode(encoding)), "--school", school_data.school.urn)
    assert said.status == 0 and "Nothing to change" in said.out


def test_a_file_over_the_limit_is_told_in_a_sentence(
    officer: Client, school_data: SchoolData, tmp_path: Path, settings: object
) -> None:
    settings.LARGEST_IMPORT_MIB = 1  # type: ignore[attr-defined]
    content = (good(school_data) + "\n" * 2**20).encode()
    before = fingerprint()
    said = run_import("marks", write(tmp_path, content), "--school", school_data.school.urn)
    assert said.status == 1 and "register.csv: This file is larger than 1 MB" in said.err
    answer = send(officer, school_data, content)
    assert answer.status_code == 422
    assert "The file is larger than 1 MB, the limit of this site. Split it" in " ".join(answer.content.decode().split())
    assert fingerprint() == before
