"""Column mappings: known layouts, a person's own choice above them, and definitions refused with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from haven.exchange.imports.formats.pupils import pupils_csv
from haven.exchange.imports.layouts import ImportLayout
from haven.exchange.imports.mapping.columns import is_field, layouts_for, resolve
from haven.exchange.imports.mapping.fields import FIELDS
from haven.exchange.imports.mapping.headings import column_letter, heading_name
from haven.exchange.imports.reading.table import Options
from haven.platform.definitions import DefinitionError
from tests.exchange.imports.files import codes_of, sorted_out, upload
from tests.support.definitions import installed_with, loaded_from

GOOD = 'kind = "import_layout"\nid = "a"\nversion = 1\ntitle = "A"\nformat = "pupils"\nvalid_from = 2024-09-01\nsource = "S"\n'


def test_every_definition_of_the_house_loads_and_every_format_has_one() -> None:
    assert all(layouts_for(format) for format in FIELDS)
    before, after = layouts_for("schools")
    assert (before.id, after.id) == ("gias_2018", "gias_2024")
    assert after.columns == before.columns and after.tells != before.tells


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
        ("id = \n", "line 1: this is not valid TOML"),
        (GOOD.replace('"pupils"', '"cats"'), "line 5, format “cats” is not a format. Use one of: calendar,"),
        (GOOD.replace('"A"', '""'), "line 4, title must not be empty."),
        (GOOD, "line 1, columns must have at least one column."),
        (GOOD + 'colour = "x"\n', "line 8, colour is not a key of this table. Did you mean columns?"),
        (GOOD + '[columns]\nshoe = { headings = ["x"] }\n', "line 9, columns.shoe is not a field of pupils."),
        (GOOD + '[columns]\nupn = "x"\n', "line 9, columns.upn must be a table, but is text."),
        (GOOD + "[columns]\nupn = { headings = [] }\n", "line 9, columns.upn.headings must not be empty."),
        (GOOD + '[columns]\nupn = { headings = ["x", " "] }\n', "line 9, columns.upn.headings[2] must not be empty."),
        (GOOD + '[columns]\nupn = { heading = ["x"] }\n', "line 9, columns.upn.heading is not a key of this table. Did you mean headings?"),
        (GOOD + '[columns]\nupn = { headings = ["x"], required = "no" }\n', "line 9, columns.upn.required must be true or false, but is text."),
        (GOOD + '[columns]\nupn = { headings = ["x"] }\ndob = { headings = ["X "] }\n', "line 10, columns.dob.headings[1] “X ” already stands for upn."),
        (GOOD + '[numbered.pet]\nname = ["p{n}"]\n', "line 8, numbered.pet is not a numbered group of pupils."),
        (GOOD + '[numbered.contact]\nname = ["p"]\n', "line 9, numbered.contact.name[1] must have {n} once, where the number stands."),
        (GOOD + '[numbered.contact]\nshoe = ["p{n}"]\n', "line 9, numbered.contact.shoe is not a field of a contact."),
        (GOOD + 'extends = "b"\n', "line 8, extends refers to import_layout “b”, which does not exist."),
    ],
)  # fmt: skip
def test_a_layout_with_a_mistake_is_refused_with_file_and_line(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "a.toml").write_text(content, "utf-8")
    with pytest.raises(DefinitionError) as refused:
        loaded_from(tmp_path, ImportLayout)
    assert str(refused.value).startswith(str(tmp_path / "a.toml")) and words in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pupils": "marks_wide"}, "b.toml, line 8, extends “a” is a layout of pupils, not of marks_wide."),
        ({'"a"\n[': '"c"\n['}, "b.toml, line 8, extends “c” extends a layout itself. Extend “a”."),
    ],
)
def test_a_layout_extends_a_whole_layout_of_its_own_format(tmp_path: Path, changes: dict[str, str], words: str) -> None:
    columns = '[columns]\nupn = { headings = ["upn"] }\n'
    (tmp_path / "a.toml").write_text(GOOD + columns, "utf-8")
    (tmp_path / "c.toml").write_text(GOOD.replace('id = "a"', 'id = "c"') + 'extends = "a"\n', "utf-8")
    text = GOOD.replace('id = "a"', 'id = "b"') + 'extends = "a"\n' + columns
    for old, new in changes.items():
        text = text.replace(old, new)
    (tmp_path / "b.toml").write_text(text, "utf-8")
    with pytest.raises(DefinitionError) as refused:
        loaded_from(tmp_path, ImportLayout)
    assert words in str(refused.value)


def test_a_layout_without_a_first_day_is_off_and_one_whose_last_day_is_past_is_still_read(tmp_path: Path) -> None:
    columns = '[columns]\nupn = { headings = ["upn"] }\n'
    (tmp_path / "a.toml").write_text(GOOD.replace("valid_from = 2024-09-01\n", "") + columns, "utf-8")
    ended = GOOD.replace('id = "a"', 'id = "old"').replace("2024-09-01\n", "2001-09-01\nvalid_to = 2002-08-31\n")
    (tmp_path / "b.toml").write_text(ended + columns, "utf-8")
    with installed_with(tmp_path):
        assert [layout.id for layout in layouts_for("pupils")] == ["pupils_class_list", "pupils_haven", "old"]
