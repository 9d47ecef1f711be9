"""Pupils and contacts: own layout, real class lists, names that survive, and every doubt in words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from haven.exchange.imports.formats.pupils import pupils_csv
from haven.exchange.imports.formats.pupils.rows import ContactRow, PupilRow
from haven.exchange.imports.formats.pupils.values import year_group_of
from haven.exchange.imports.problems import Problem
from tests.exchange.imports.files import AMY, BEN, codes_of, sorted_out, upload, workbook
from tests.factories.class_lists import class_list

NAME = "O'Brien-Ñandú <script>"


def pupils_of(text: str, **more: object) -> tuple[list[PupilRow], list[Problem]]:
    return sorted_out(pupils_csv.read(upload(text), **more))  # type: ignore[arg-type]


def test_the_whole_of_the_own_layout() -> None:
    heads = (
        "upn,surname,forename,dob,sex,year_group,registration_group,start_date,leave_date,sen,fsm,ethnicity,postcode,"
        "contact1_name,contact1_relationship,contact1_phone,contact1_email,contact1_priority,contact1_parental_responsibility,"
        "contact4_name,contact4_phone,contact4_safe_to_contact,contact4_interpreter"
    )
    cells = (
        f"{AMY},{NAME},Zoë,04/03/2012,Female,Year 9,9B,2023-09-01,,SEN support,Y,WBRI,sw1a1aa,"
        "Ann,Mother,07700 900123,ann@example.com,1,yes,Bob,020 7946 0000,No,true"
    )
    rows, problems = pupils_of(f"{heads}\n{cells}\n")
    assert problems == []
    pupil = rows[0]
    assert (pupil.row, pupil.upn, pupil.surname, pupil.forename, pupil.dob) == (2, AMY, NAME, "Zoë", date(2012, 3, 4))
    assert (pupil.sex, pupil.year_group, pupil.registration_group, pupil.sen, pupil.fsm) == ("F", "9", "9B", "K", True)
    assert (pupil.start_date, pupil.leave_date, pupil.postcode) == (date(2023, 9, 1), None, "SW1A 1AA")
    assert pupil.contacts == (
        ContactRow(1, "Ann", "Mother", "07700 900123", "ann@example.com", 1, True),
        ContactRow(4, "Bob", phone="020 7946 0000", safe_to_contact=False, interpreter=True),
    )


@pytest.mark.parametrize(
    ("file", "pupils", "codes"),
    [
        ("class.csv", 4, {"no_upn_column", "columns_unused", "contact_without_name"}),
        ("class_minimal.csv", 1, {"no_upn_column"}),
        ("class_with_byte_order_mark.csv", 1, {"no_upn_column"}),
        ("class_with_guidance_row.csv", 1, {"no_upn_column", "instruction_row"}),
        ("class_with_extra_columns.csv", 3, {"no_upn_column", "columns_unused", "contact_without_name"}),
        ("cohort.csv", 3, {"no_upn_column", "columns_unused", "school_not_known"}),
        ("cohort_with_extra_columns.csv", 3, {"no_upn_column", "columns_unused"}),
        ("cohort_with_guidance_row.csv", 1, {"no_upn_column", "instruction_row"}),
        (
            "cohort_iso_8859_1.csv",
            16,
            {"no_upn_column", "columns_unused", "encoding_guessed", "unlikely_postcode"},
        ),
        ("cohort_minimal.csv", 1, {"no_upn_column"}),
        ("cohort_unknown_school.csv", 2, {"no_upn_column", "columns_unused", "school_not_known"}),
        ("cohort_with_changes.csv", 1, {"no_upn_column", "columns_unused"}),
        ("cohort_with_duplicates.csv", 4, {"no_upn_column", "columns_unused", "school_not_known"}),
    ],
)
def test_class_lists_as_schools_send_them(tmp_path: Path, file: str, pupils: int, codes: set[str]) -> None:
    reading = pupils_csv.read(class_list(file, tmp_path))
    rows, problems = sorted_out(reading)
    assert reading.layout.startswith("Class list") and len(rows) == pupils
    assert set(codes_of(problems)) == codes
    assert not any(problem.is_error for problem in problems) and all(row.upn is None for row in rows)


def test_a_class_list_to_the_last_field(tmp_path: Path) -> None:
    rows, _ = sorted_out(pupils_csv.read(class_list("class.csv", tmp_path)))
    assert [row.dob for row in rows] == [date(2010, 1, 1), date(2010, 1, 2), date(2010, 1, 3), date(2010, 4, 9)]
    third = rows[2]
    assert (third.forename, third.surname, third.registration_group, third.town) == ("Mark", "Tarn", "DEF", "London")
    assert [(contact.number, contact.name, contact.email) for contact in third.contacts] == [
        (1, "Vera Tarn", "vera@example.com"),
        (2, "Otto Tarn", "otto@example.com"),
    ]
    accents, _ = sorted_out(pupils_csv.read(class_list("cohort_iso_8859_1.csv", tmp_path)))
    assert "Quesada-Núñez" in [row.surname for row in accents]


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        (f"{AMY},,B,2012-03-04", "surname", "value_missing"),
        (f"{AMY},A,,2012-03-04", "forename", "value_missing"),
        (f"{AMY},A,B,", "dob", "value_missing"),
        (f"{AMY},A,B,31/02/2012", "dob", "bad_date"),
        (f"{AMY},A,B,2012", "dob", "bad_date"),
        (f"{AMY},A,B,04/03/12", "dob", "two_digit_year"),
        (f"{AMY[::-1]},A,B,2012-03-04", "upn", "bad_upn"),
        ("X1,A,B,2012-03-04", "upn", "bad_upn"),
        (f"{AMY},A,B,2031-03-04", "dob", "born_later"),
    ],
)
def test_errors_keep_the_row_out(cells: str, column: str, code: str) -> None:
    rows, problems = pupils_of(
        f"upn,surname,forename,dob\n{cells}\n{BEN},Good,One,2012-03-04\n", as_of=date(2026, 11, 21)
    )
    assert [row.surname for row in rows] == ["Good"]
    assert [(problem.row, problem.column, problem.code, problem.severity) for problem in problems] == [
        (2, column, code, "error")
    ]


@pytest.mark.parametrize(
    ("heading", "cell", "code", "kept"),
    [
        ("sex", "Other", "value_unknown", ("sex", "")),
        ("year_group", "Year 20", "value_unknown", ("year_group", "")),
        ("sen", "Z", "value_unknown", ("sen", "")),
        ("fsm", "perhaps", "value_unknown", ("fsm", None)),
        ("postcode", "nowhere", "unlikely_postcode", ("postcode", "nowhere")),
        ("start_date", "2099-01-01", None, ("start_date", date(2099, 1, 1))),
        ("dob", "1980-01-01", "unlikely_birth", ("dob", date(1980, 1, 1))),
        ("school_urn", "888888", "school_not_known", ("school_urn", "888888")),
        ("school_urn", "999999", "school_not_known", ("school_urn", "999999")),
        ("surname", "=cmd|' /C calc'!A0", "formula_in_text", ("surname", "=cmd|' /C calc'!A0")),
        ("preferred_forename", "@SUM(A1)", "formula_in_text", ("preferred_forename", "@SUM(A1)")),
        ("surname", NAME, None, ("surname", NAME)),
        ("surname", "-", None, ("surname", "-")),
    ],
)
def test_queries_keep_the_row_in(heading: str, cell: str, code: str | None, kept: tuple[str, object]) -> None:
    cells = {"upn": AMY, "surname": "A", "forename": "B", "dob": "2012-03-04", heading: cell}
    rows, problems = pupils_of(
        f"{','.join(cells)}\n{','.join(cells.values())}\n", as_of=date(2026, 11, 21), school_urn="100000"
    )
    assert getattr(rows[0], kept[0]) == kept[1]
    assert [(problem.code, problem.column, problem.severity) for problem in problems] == (
        [(code, heading, "query")] if code else []
    )


def test_sentences_never_repeat_names_or_numbers() -> None:
    text = f"upn,surname,forename,dob,contact1_name,contact1_phone,contact1_email\n{AMY},=Secretname,B,2012-03-04,=Mum,12,nomail\n"
    problems = pupils_of(text)[1]
    assert sorted(codes_of(problems)) == ["formula_in_text", "formula_in_text", "unlikely_email", "unlikely_phone"]
    assert not any(word in problem.sentence for problem in problems for word in ("Secretname", "Mum", "nomail"))


def test_contacts_that_need_a_look() -> None:
    heads = (
        "upn,surname,forename,dob,contact1_name,contact1_phone,contact1_priority,contact2_name,contact2_relationship"
    )
    rows, problems = sorted_out(
        pupils_csv.read(workbook([heads.split(","), [AMY, "A", "B", date(2012, 3, 4), "", 7700900123, 1, "Gran", "x"]]))
    )
    first, second = rows[0].contacts
    assert (first.phone, first.priority, second.name) == ("07700900123", 1, "Gran")
    assert codes_of(problems) == ["leading_zero_restored", "contact_without_name", "contact_unreachable"]


def test_a_wrong_priority_is_an_error() -> None:
    rows, problems = pupils_of(
        f"upn,surname,forename,dob,contact1_name,contact1_phone,contact1_priority\n{AMY},A,B,2012-03-04,C,07700900123,first\n"
    )
    assert rows == [] and codes_of(problems) == ["bad_number"]


def test_dates_that_contradict_each_other_and_other_schools() -> None:
    text = f"upn,surname,forename,dob,start_date,leave_date,school_urn\n{AMY},A,B,2012-03-04,2025-09-01,2025-01-01,100000\n{BEN},A,B,2012-03-04,,,100001\n"
    rows, problems = pupils_of(text, school_urn="100000")
    assert rows == []
    assert [(problem.row, problem.code, problem.column) for problem in problems] == [
        (2, "dates_reversed", "leave_date"),
        (3, "other_school", "school_urn"),
    ]


def test_the_same_pupil_twice() -> None:
    text = (
        f"upn,surname,forename,dob\n{AMY},A,B,2012-03-04\n{AMY},A,B,04/03/2012\n{AMY},A,Bee,2012-03-04\n"
        ",C,D,2012-03-04\n,c,D,2012-03-04\n,C,D,2012-03-04\n,C,D,2012-03-05\n"
    )
    rows, problems = pupils_of(text)
    assert [row.row for row in rows] == [2, 5, 8]
    assert [(problem.row, problem.code) for problem in problems if problem.code != "no_upn"] == [
        (3, "pupil_twice"),
        (4, "pupil_differs"),
        (6, "pupil_differs"),
        (7, "pupil_twice"),
    ]
    assert "row 2" in problems[0].sentence


@pytest.mark.parametrize(
    ("text", "group"),
    [("9", "9"), ("Year 9", "9"), ("Y09", "9"), ("yr 11", "11"), ("R", "R"), ("Reception", "R"), ("YR", "R"), ("Nursery", "N2"),
     ("N1", "N1"), ("14", "14"), ("15", None), ("9B", None), ("x", None)],
)  # fmt: skip
def test_year_groups(text: str, group: str | None) -> None:
    assert year_group_of(text) == group
