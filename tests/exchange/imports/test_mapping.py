"""Column mappings: known layouts, a person's own choice above them, and definitions refused with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from haven.exchange.imports.formats.pupils import pupils_csv
from haven.exchange.imports.mapping.columns import DefinitionError, definitions, is_field, load_folder, resolve
from haven.exchange.imports.mapping.fields import FIELDS
from haven.exchange.imports.mapping.headings import column_letter, heading_name
from haven.exchange.imports.reading.table import Options
from tests.exchange.imports.files import codes_of, sorted_out, upload

GOOD = 'id = "a"\ntitle = "A"\nformat = "pupils"\nsource = "S"\n'


def test_every_definition_of_the_house_loads_and_every_format_has_one() -> None:
    assert {layout.format for layout in definitions().values()} == set(FIELDS)
    assert definitions()["gias_2024"].columns == definitions()["gias_2018"].columns


def test_the_layout_is_chosen_by_its_headings() -> None:
    own = [heading_name(text) for text in ("UPN", "Surname", "Forename", "DOB", "Contact2_Phone", "contact1_name")]
    found = resolve("pupils", own)
    assert found.definition.id == "pupils_haven"
    assert found.numbered == {"contact": {1: {"name": 5}, 2: {"phone": 4}}}
    class_list = [
        heading_name(text) for text in ("CHILD_LAST_NAME", "CHILD_FIRST_NAME", "CHILD_DATE_OF_BIRTH", "PARENT_3_EMAIL")
    ]
    found = resolve("pupils", class_list)
    assert found.definition.id == "pupils_class_list" and found.missing == ()
    assert found.numbered == {"contact": {3: {"email": 3}}}


def test_gias_layouts_are_told_apart() -> None:
    assert resolve("schools", ["urn", "establishmentname", "rscregion(name)"]).definition.id == "gias_2018"
    assert resolve("schools", ["urn", "establishmentname", "chnumber"]).definition.id == "gias_2024"


def test_a_persons_mapping_goes_first_and_may_switch_a_field_off() -> None:
    text = "UPN,Legal name,Surname,Forename,DOB,Mum mobile,Form\n,Ágh,Other,Bo,2012-03-04,07700900123,9B\n"
    own = {"surname": "legal NAME", "contact1_phone": "Mum mobile", "registration_group": ""}
    rows, problems = sorted_out(pupils_csv.read(upload(text), options=Options(mapping=own)))
    assert rows[0].surname == "Ágh" and rows[0].contacts[0].phone == "07700900123"
    assert rows[0].registration_group == ""
    unused = next(problem for problem in problems if problem.code == "columns_unused")
    assert "“Surname”, “Form”" in unused.sentence


def test_the_headings_of_a_persons_mapping_help_to_find_the_heading_row() -> None:
    text = "A title;of the list;;\nNachname;Vorname;geb.;\nB;A;2012-03-04;\n"
    own = {"surname": "Nachname", "forename": "Vorname", "dob": "geb."}
    rows, _ = sorted_out(pupils_csv.read(upload(text), options=Options(mapping=own)))
    assert (rows[0].row, rows[0].surname) == (3, "B")


@pytest.mark.parametrize(
    ("text", "own", "code", "word"),
    [
        ("upn,surname,forename\n1,2,3\n", {}, "column_missing", "dob"),
        ("nothing,known\n1,2\n", {}, "column_missing", "“nothing”, “known”"),
        ("surname,Last Name,forename,dob\n1,2,3,4\n", {}, "column_twice", "“surname” and “Last Name”"),
        ("surname,forename,dob\n1,2,3\n", {"shoe_size": "dob"}, "mapping_field", "shoe_size"),
        ("surname,forename,dob\n1,2,3\n", {"contact1_shoe": "dob"}, "mapping_field", "contact1_shoe"),
        ("surname,forename,dob\n1,2,3\n", {"upn": "Number"}, "mapping_heading", "Number"),
    ],
)
def test_columns_that_do_not_fit_are_said_and_nothing_is_read(
    text: str, own: dict[str, str], code: str, word: str
) -> None:
    rows, problems = sorted_out(pupils_csv.read(upload(text), options=Options(mapping=own)))
    assert rows == [] and code in codes_of(problems)
    assert any(word in problem.sentence and problem.row == 1 for problem in problems if problem.code == code)


def test_nothing_under_the_headings_is_an_error() -> None:
    assert codes_of(sorted_out(pupils_csv.read(upload("upn,surname,forename,dob\n\n")))[1]) == ["no_rows"]


def test_fields_and_letters() -> None:
    assert is_field("pupils", "contact12_phone") and not is_field("pupils", "contact0_phone")
    assert [column_letter(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("id = \n", "(at line 1, column 6)"),
        (GOOD.replace('"pupils"', '"cats"'), "a.toml, line 3, key format: “cats” is none of calendar"),
        (GOOD.replace('"A"', '""'), "a.toml, line 2, key title: a text is needed"),
        (GOOD, "a.toml, line 1, key columns: a definition has at least one column"),
        (GOOD + 'colour = "x"\n', "a.toml, line 5, key colour: there is no such key"),
        (GOOD + '[columns]\nshoe = { headings = ["x"] }\n', "line 6, key shoe: a pupils file has no field"),
        (GOOD + '[columns]\nupn = "x"\n', "line 6, key upn: write {"),
        (GOOD + "[columns]\nupn = { headings = [] }\n", "line 6, key upn: a list of headings"),
        (
            GOOD + '[columns]\nupn = { headings = ["x"], required = "no" }\n',
            "line 6, key upn: required is true or false",
        ),
        (
            GOOD + '[columns]\nupn = { headings = ["x"] }\ndob = { headings = ["X "] }\n',
            "line 7, key dob: heading “X ” already stands for upn",
        ),
        (GOOD + '[numbered.pet]\nname = ["p{n}"]\n', "line 5, key pet: a pupils file has no numbered fields"),
        (GOOD + '[numbered.contact]\nname = ["p"]\n', "line 6, key name: each heading here has {n} once"),
        (GOOD + '[numbered.contact]\nshoe = ["p{n}"]\n', "line 6, key shoe: a contact has no field"),
        (GOOD + 'extends = "b"\n', "line 5, key extends: there is no definition “b”"),
    ],
)
def test_a_definition_with_a_mistake_is_refused_with_file_line_and_key(
    tmp_path: Path, content: str, words: str
) -> None:
    (tmp_path / "a.toml").write_text(content, "utf-8")
    with pytest.raises(DefinitionError) as refused:
        load_folder(tmp_path)
    assert words in str(refused.value) and str(refused.value).startswith("a.toml")


def test_two_definitions_with_one_id_are_refused(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(GOOD + '[columns]\nupn = { headings = ["upn"] }\n', "utf-8")
    with pytest.raises(DefinitionError, match="b.toml, line 1, key id"):
        load_folder(tmp_path)
