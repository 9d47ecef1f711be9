"""The loader of definition files, with kinds of its own: every kind of mistake is refused with file, line and a sentence."""

from datetime import date
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import ValidationError

from haven.platform.definitions import Definition, DefinitionError, Definitions, Id, ListOf, RefersTo, Words
from tests.support.definitions import loaded_from


class Letter(Definition):
    kind: Literal["letter"]
    body: Words = "Dear parent"


class Step(Definition):
    many_in_a_file: ClassVar[bool] = True
    kind: Literal["step"]
    sends: Annotated[Id, RefersTo("letter")] | None = None
    copies: ListOf[Annotated[Id, RefersTo("letter")]] = ()
    by_role: dict[str, Annotated[Id, RefersTo("letter")]] = {}


LETTER = 'kind = "letter"\nid = "absence.first"\nversion = 1\ntitle = "First letter"\nsource = "Practice"\nvalid_from = 2026-09-01\n'
STEPS = 'kind = "step"\nversion = 1\nsource = "Practice"\nvalid_from = 2026-09-01\n[[definitions]]\nid = "one"\ntitle = "One"\n[[definitions]]\nid = "two"\ntitle = "Two"\n'


def load(folder: Path, **files: str) -> Definitions:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return loaded_from(folder, Letter, Step)


def refused(folder: Path, **files: str) -> str:
    with pytest.raises(DefinitionError) as problem:
        load(folder, **files)
    return str(problem.value).removeprefix(f"{folder}/")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (LETTER.replace('"letter"', '"later"'), "a.toml, line 1, kind must be one of: letter, step."),
        (LETTER.replace('kind = "letter"\n', ""), "a.toml, line 1, kind is missing. Write one of: letter, step."),
        ("", "a.toml, line 1, kind is missing. Write one of: letter, step."),
        (LETTER + "[body", "a.toml, line 7: this is not valid TOML: Expected ']' at the end of a table declaration."),
        (LETTER + 'body = "', "a.toml, line 7: this is not valid TOML: Unterminated string."),
        (LETTER + 'id = "b"\n', "a.toml, line 7: this is not valid TOML: Cannot overwrite a value."),
        (LETTER.replace("version = 1", 'version = "1"'), "a.toml, line 3, version must be a whole number, but is text."),
        (LETTER.replace("version = 1", "version = 1.0"), "a.toml, line 3, version must be a whole number, but is a number with decimals."),
        (LETTER.replace("version = 1", "version = true"), "a.toml, line 3, version must be a whole number, but is true or false."),
        (LETTER.replace("version = 1", "version = 0"), "a.toml, line 3, version must be 1 or more."),
        (LETTER.replace("2026-09-01", "20260901"), "a.toml, line 6, valid_from must be a day such as 2026-09-01, but is a whole number."),
        (LETTER.replace("2026-09-01", '"20260901"'), "a.toml, line 6, valid_from must be a day such as 2026-09-01, but is text."),
        (LETTER.replace("2026-09-01", "2026-09-01T00:00:00"), "a.toml, line 6, valid_from must be a day such as 2026-09-01, but is a day with a time."),
        (LETTER.replace("2026-09-01", "10:00:00"), "a.toml, line 6, valid_from must be a day such as 2026-09-01, but is a time of day."),
        (LETTER.replace("absence.first", "Absence"), "a.toml, line 2, id “Absence” may have only letters, figures and underscores, and begins with a letter."),
        (LETTER.replace('source = "Practice"', 'source = " "'), "a.toml, line 5, source must not be empty."),
        (LETTER.replace('title = "First letter"\n', ""), "a.toml, line 1, title is missing."),
        (LETTER.replace("title", "tilte"), "a.toml, line 4, tilte is not a key of this table. Did you mean title?"),
        (LETTER + "colour = 1\n", "a.toml, line 7, colour is not a key of this table. The keys are: body, id, kind, source, title, unverified, valid_from, valid_to, version."),
        (LETTER + "valid_to = 2026-08-31\n", "a.toml, line 7, valid_to must not be before valid_from."),
        (LETTER.replace("valid_from", "valid_to"), "a.toml, line 6, valid_to needs a valid_from before it."),
        (STEPS.replace("[[definitions]]", "[definitions]", 1).split("[[")[0], "a.toml, line 5, definitions must be a list of tables. Write [[definitions]] above each definition."),
        (STEPS.replace('version = 1\n', ""), "a.toml, line 4, definitions[1].version is missing."),
        (STEPS.replace("version = 1", 'version = "1"'), "a.toml, line 2, version must be a whole number, but is text."),
        (STEPS + 'kind = "letter"\n', "a.toml, line 11, definitions[2].kind must be 'step'."),
        (STEPS.replace('"two"', '"one"'), "a.toml, line 9, definitions[2].id “one” has version 1 already, in {folder}/a.toml, line 6."),
        (STEPS + 'sends = "none"\n', "a.toml, line 11, definitions[2].sends refers to letter “none”, which does not exist."),
        (STEPS + 'copies = [\n"none",\n]\n', "a.toml, line 12, definitions[2].copies[1] refers to letter “none”, which does not exist."),
        (STEPS + 'by_role = { head = "none" }\n', "a.toml, line 11, definitions[2].by_role.head refers to letter “none”, which does not exist."),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_with_file_line_and_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    assert refused(tmp_path, a=text) == sentence.format(folder=tmp_path)


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(LETTER.replace("First", "Première").encode("latin-1"))
    assert refused(tmp_path) == "a.toml, line 4: the file is not UTF-8 text. Save it as UTF-8."


def test_one_version_is_in_one_file(tmp_path: Path) -> None:
    assert refused(tmp_path, a=LETTER, b="\n\n" + LETTER) == (
        f"b.toml, line 4, id “absence.first” has version 1 already, in {tmp_path}/a.toml, line 2."
    )


SECOND = LETTER.replace("version = 1", "version = 2").replace("2026-09-01", "2027-09-01")


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        (LETTER, SECOND.replace("2027", "2026"), "b.toml, line 6, valid_from must be after 2026-09-01, the first day of version 1."),
        (LETTER, SECOND.replace("2027", "2025"), "b.toml, line 6, valid_from must be after 2026-09-01, the first day of version 1."),
        (LETTER + "valid_to = 2027-09-01\n", SECOND, "a.toml, line 7, valid_to must be before 2027-09-01, the first day of version 2."),
    ],
)  # fmt: skip
def test_versions_whose_days_overlap_are_refused(tmp_path: Path, first: str, second: str, sentence: str) -> None:
    assert refused(tmp_path, a=first, b=second) == sentence


def test_the_version_in_force_follows_the_day(tmp_path: Path) -> None:
    ended = SECOND + "valid_to = 2028-08-31\n"
    enacted = LETTER.replace("version = 1", "version = 3").replace("valid_from = 2026-09-01\n", "")
    found = load(tmp_path, a=LETTER, b=ended, c=enacted)

    def version(on: date) -> int | None:
        try:
            return found.in_force(Letter, "absence.first", on).version
        except KeyError:
            assert found.all_in_force(Letter, on) == []
            return None

    days = [
        date(2026, 8, 31),
        date(2026, 9, 1),
        date(2027, 8, 31),
        date(2027, 9, 1),
        date(2028, 8, 31),
        date(2028, 9, 1),
    ]
    assert [version(day) for day in days] == [None, 1, 1, 2, 2, None]
    assert found.latest(Letter, "absence.first").version == 3
    assert [each.version for each in found.all(Letter)] == [1, 2, 3]
    assert found.version(Letter, "absence.first", 2).valid_to == date(2028, 8, 31)


def test_what_does_not_exist_is_a_key_error(tmp_path: Path) -> None:
    found = load(tmp_path, a=LETTER)
    with pytest.raises(KeyError, match="no version 9 of letter “absence.first”"):
        found.version(Letter, "absence.first", 9)
    with pytest.raises(KeyError, match="no letter “other”"):
        found.latest(Letter, "other")
    with pytest.raises(KeyError, match="No step “absence.first” is in force on 2026-09-01"):
        found.in_force(Step, "absence.first", date(2026, 9, 1))


def test_a_list_shares_its_header_and_keeps_its_order(tmp_path: Path) -> None:
    later = (
        STEPS
        + 'version = 2\nvalid_from = 2027-09-01\nsource = "Law"\nunverified = "The first day"\nsends = "absence.first"\n'
    )
    found = load(tmp_path, a=later.replace('"two"', '"a_two"'), b=LETTER)
    one, two = found.all(Step)
    assert (one.id, one.version, one.source, one.unverified) == ("one", 1, "Practice", "")
    assert (two.id, two.version, two.source, two.unverified) == ("a_two", 2, "Law", "The first day")
    assert [each.id for each in found.all_in_force(Step, date(2026, 9, 1))] == ["one"]


def test_a_definition_does_not_change(tmp_path: Path) -> None:
    letter = load(tmp_path, a=LETTER).latest(Letter, "absence.first")
    with pytest.raises(ValidationError):
        letter.title = "Other"


def test_folders_below_are_read_and_a_folder_that_does_not_exist_is_empty(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.toml").write_text(LETTER)
    assert loaded_from(tmp_path, Letter, Step).ids(Letter) == ["absence.first"]
    assert loaded_from(tmp_path / "none", Letter, Step).ids(Letter) == []
