"""A folder with one file for each school: each file is an import of its own, and the name says for which school."""

import json
from pathlib import Path

import pytest

from haven.attendance.registers.models import InitialEntry
from tests.factories.imports import fingerprint, run_import, upns_of, write
from tests.factories.installed import DAYS, UPNS, URN, Installed, installed, marks_of
from tests.factories.registers import SchoolData, build_school
from tests.support.database_owner import owner

RUNS = ("imports_importrun", "imports_importfile")


@pytest.fixture
def schools(db: None) -> tuple[SchoolData, SchoolData]:
    return build_school(), build_school(urn=900002)


def day(school_data: SchoolData, code: str = "/") -> str:
    # The pupils of the two schools have the same made-up numbers: they are on two rolls.
    return "upn,date,session,code\n" + "".join(f"{upn},2026-01-12,AM,{code}\n" for upn in upns_of(school_data))


def taken() -> dict[int, int]:
    with owner():
        rows = InitialEntry.objects.values_list("school__urn", flat=True)
        return {urn: list(rows).count(urn) for urn in rows}


def test_each_file_is_taken_in_for_the_school_of_its_name(
    schools: tuple[SchoolData, SchoolData], tmp_path: Path
) -> None:
    write(tmp_path, day(schools[0]), "marks-900001.csv")
    write(tmp_path, day(schools[1], "I"), "900002 Monday.csv")
    said = run_import("marks", tmp_path, "--jobs", 1)
    assert said.status == 0, said.err
    assert "marks-900001.csv: 6 of 6 marks imported" in said.out
    assert said.out.endswith("2 of 2 files without an error.\n")
    assert taken() == {900001: 6, 900002: 6}
    before = fingerprint()
    again = run_import("marks", tmp_path, "--jobs", 1)
    assert "900002 Monday.csv: Nothing to change" in again.out
    assert fingerprint() == before


def test_a_wrong_file_is_left_out_whole_and_named_and_the_others_are_in(
    schools: tuple[SchoolData, SchoolData], tmp_path: Path
) -> None:
    write(tmp_path, day(schools[0]).replace("/", "?", 1), "marks-900001.csv")
    write(tmp_path, day(schools[1]), "marks-900002.csv")
    said = run_import("marks", tmp_path, "--jobs", 1)
    assert said.status == 1
    assert "marks-900001.csv, row 2, column “code”" in said.err
    assert said.err.endswith("1 of 2 files without an error. 1 file not imported.")
    assert taken() == {900002: 6}


def test_a_dry_run_of_a_folder_changes_nothing(schools: tuple[SchoolData, SchoolData], tmp_path: Path) -> None:
    write(tmp_path, day(schools[0]), "marks-900001.csv")
    before = fingerprint()
    said = run_import("marks", tmp_path, "--jobs", 1, "--dry-run")
    assert "Would import 6 of 6 marks" in said.out
    assert fingerprint() == before


def test_a_script_is_told_of_each_file_in_a_line(schools: tuple[SchoolData, SchoolData], tmp_path: Path) -> None:
    write(tmp_path, day(schools[0]), "marks-900001.csv")
    write(tmp_path, day(schools[1]).replace("/", "?", 1), "marks-900002.csv")
    said = run_import("marks", tmp_path, "--jobs", 1, "--json")
    found = [json.loads(line) for line in said.out.splitlines()]
    assert [each["applied"] for each in found] == [True, False]
    assert [each["file"] for each in found] == ["marks-900001.csv", "marks-900002.csv"]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["register.csv"], "register.csv: the file name does not say which school"),
        (["900001-900002.csv"], "900001-900002.csv: the file name does not say which school"),
        (["9000012.csv"], "9000012.csv: the file name does not say which school"),
        (["a-900001.csv", "b-900001.csv"], "a-900001.csv and b-900001.csv are both for school 900001"),
        ([".900001.csv"], "has no files"),
    ],
)  # fmt: skip
def test_a_folder_whose_names_are_not_clear_is_refused_before_anything_is_read(
    schools: tuple[SchoolData, SchoolData], tmp_path: Path, names: list[str], sentence: str
) -> None:
    for name in [*names, "900002.csv"] if "a-900001.csv" not in names and not names[0].startswith(".") else names:
        write(tmp_path, day(schools[1]), name)
    before = fingerprint()
    said = run_import("marks", tmp_path, "--jobs", 1)
    assert said.status == 1
    assert sentence in said.err
    assert fingerprint() == before


def test_schools_come_in_one_file(schools: tuple[SchoolData, SchoolData], tmp_path: Path) -> None:
    assert run_import("schools", tmp_path).status == 2


@pytest.fixture(scope="module")
def haven() -> object:
    with installed() as made:
        yield made


def test_two_processes_take_in_two_schools(haven: Installed) -> None:
    other, header = URN + 1, "URN,LA (code),LA (name),EstablishmentName,EstablishmentStatus (name)\n"
    haven.run("import", "schools", haven.file("other.csv", f"{header}{other},801,Bristol,Oakfield School,Open\n"))
    calendar, pupils = haven.folder / "calendar.csv", haven.folder / "pupils.csv"
    text = pupils.read_text()
    for number, upn in enumerate(UPNS[:100]):
        text = text.replace(upn, UPNS[1000 + number])
    haven.run("import", "calendar", calendar, "--school", other)
    haven.run("import", "pupils", haven.file("others.csv", text.replace("Surname", "Sur")), "--school", other)
    folder = haven.folder / "year"
    folder.mkdir()
    year = marks_of("/").replace(",PM,/", ",PM,\\")
    (folder / f"{URN}.csv").write_text(year)
    for number, upn in enumerate(UPNS[:100]):
        year = year.replace(upn, UPNS[1000 + number])
    (folder / f"{other}.csv").write_text(year)
    said = haven.run("import", "marks", folder, "--jobs", 2)
    assert f"{other}.csv: {100 * 2 * DAYS:,} of {100 * 2 * DAYS:,} marks imported" in said
    before = haven.registers()
    assert before[0][1:] == (200, 0)
    haven.run("import", "marks", folder, "--jobs", 2)
    assert haven.registers() == before
    haven.run("verify")
