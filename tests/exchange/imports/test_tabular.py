"""Opening what people upload: encodings, separators, headings, crooked rows, spreadsheets, and what is refused."""

from __future__ import annotations

import csv
import datetime as dt
import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haven.exchange.imports.problems import FileRejected, Problem
from haven.exchange.imports.reading.tabular import Row, Source, open_rows
from tests.exchange.imports.files import open_document, upload, workbook

KNOWN = {"upn", "surname", "forename", "dateofbirth"}


def read_all(source: Source, **more: Any) -> tuple[list[Row], list[Problem], str]:
    with open_rows(source, known=KNOWN.__contains__, **more) as table:
        items = list(table.rows())
        rows = [item for item in items if isinstance(item, Row)]
        return rows, [item for item in items if isinstance(item, Problem)], table.how_read


def refusal(source: Source, **more: Any) -> Problem:
    with pytest.raises(FileRejected) as refused:
        read_all(source, **more)
    return refused.value.problem


NAME = "O'Brien-Ñandú <script>"


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "UTF-8,"),
        ("utf-8-sig", "UTF-8 with a byte order mark"),
        ("utf-16", "UTF-16,"),
        ("utf-16-le", "UTF-16 without a byte order mark"),
        ("utf-16-be", "UTF-16 without a byte order mark"),
        ("utf-32", "UTF-32"),
        ("cp1252", "Windows-1252"),
        ("latin-1", "Windows-1252"),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_name_survives_every_encoding_and_separator(encoding: str, said: str, separator: str) -> None:
    lines = [["UPN", "Surname", "Forename"], ["1", NAME, "Zoë"], ["2", "Ågren", "Bo"]]
    text = "\r\n".join(separator.join(cells) for cells in lines)
    rows, problems, how = read_all(upload(text, encoding=encoding))
    assert [row.cells["surname"] for row in rows] == [NAME, "Ågren"]
    assert said in how
    assert [problem.code for problem in problems] == (["encoding_guessed"] if "Windows" in said else [])


def test_latin_1_is_taken_where_windows_1252_has_no_such_character() -> None:
    rows, problems, how = read_all(upload(b"upn,surname\n1,\xd1and\x81\n"))
    assert "Latin-1" in how and "Latin-1" in problems[0].sentence
    assert rows[0].cells["surname"] == "Ñand\x81"


def test_the_accent_that_settles_the_encoding_may_stand_in_the_last_row() -> None:
    rows, _, how = read_all(upload(b"upn,surname\n" + b"1,%s\n" % (b"Smith" * 20) * 30_000 + b"2,Mu\xf1oz\n"))
    assert "Windows-1252" in how and rows[-1].cells["surname"] == "Muñoz"


def test_headings_are_found_without_case_blanks_and_underscores() -> None:
    rows, _, _ = read_all(upload(' U P N ,Date_of_Birth,"SURNAME"\n1,2010-01-01,A\n'))
    assert rows == [Row(2, {"upn": "1", "dateofbirth": "2010-01-01", "surname": "A"})]


def test_titles_and_instructions_above_the_headings_keep_the_row_numbers() -> None:
    text = "Class list 9B;;\n\nFill in every column, please;;\nupn;surname;forename\n1;A;B\n"
    rows, problems, how = read_all(upload(text))
    assert rows == [Row(5, {"upn": "1", "surname": "A", "forename": "B"})]
    assert problems == [] and "headings in row 4" in how and "semicolons" in how


def test_instructions_below_the_headings_are_left_out_and_said() -> None:
    rows, problems, _ = read_all(upload('upn,surname\n"Required: 13 characters","Required: Free text"\n1,A\n'))
    assert [row.number for row in rows] == [3]
    assert [(problem.code, problem.row, problem.severity) for problem in problems] == [("instruction_row", 2, "query")]


def test_a_pupil_called_required_is_no_instruction() -> None:
    rows, problems, _ = read_all(upload("upn,surname,forename\n1,Required,Ann\n"))
    assert len(rows) == 1 and problems == []


def test_excels_separator_line_is_no_row() -> None:
    rows, _, _ = read_all(upload("sep=;\nupn;surname\n1;A,B\n"))
    assert rows == [Row(2, {"upn": "1", "surname": "A,B"})]


def test_blank_lines_count_as_rows_and_are_passed_over() -> None:
    rows, problems, _ = read_all(upload("upn,surname\n\n1,A\n,,\n  , \n2,B\n\n"))
    assert [row.number for row in rows] == [3, 6] and problems == []


def test_a_value_over_several_lines_is_one_row() -> None:
    rows, _, _ = read_all(upload('upn,surname\n1,"A\nB"\n2,C\n'))
    assert [(row.number, row.cells["surname"]) for row in rows] == [(2, "A\nB"), (3, "C")]


def test_crooked_rows() -> None:
    rows, problems, _ = read_all(upload("upn,surname,forename\n1,A\n2,Smith, Jones,C\n3,D,E,,\n4,F\n"))
    assert [(row.number, row.cells["surname"]) for row in rows] == [(2, "A"), (4, "D"), (5, "F")]
    assert [(problem.code, problem.row, problem.severity) for problem in problems] == [
        ("row_too_long", 3, "error"),
        ("row_too_short", 2, "query"),
    ]
    assert "fewer cells than there are headings" in problems[1].sentence


def test_a_quotation_mark_inside_a_value_costs_its_row_only() -> None:
    rows, problems, _ = read_all(upload('upn,surname\n1,"A"B"\n2,C\n'))
    assert [row.number for row in rows] == [3]
    assert [(problem.code, problem.row) for problem in problems] == [("quotation_inside", 2)]


@pytest.mark.parametrize("rest", ["2,B\n", "2,B\n" * 100_000])
def test_a_quotation_mark_that_never_closes_is_said_and_nothing_after_it_read(rest: str) -> None:
    rows, problems, _ = read_all(upload('upn,surname\n1,A\n1,"A\n' + rest))
    assert [row.number for row in rows] == [2]
    assert [(problem.code, problem.row, problem.severity) for problem in problems] == [("quotation_open", 3, "error")]


def test_a_zero_character_is_an_error_of_its_cell() -> None:
    rows, problems, _ = read_all(upload("upn,surname\n1,A\n2,B\0C\n3,D\n"))
    assert [row.number for row in rows] == [2, 4]
    assert [(problem.code, problem.row, problem.column) for problem in problems] == [("zero_character", 3, "surname")]


def test_old_line_ends() -> None:
    rows, _, _ = read_all(upload("upn,surname\r1,A\r2,B\r"))
    assert [row.cells["surname"] for row in rows] == ["A", "B"]


SHEET: list[list[Any]] = [
    ["upn", "surname", "date of birth"],
    ["1", NAME, dt.date(2012, 3, 4)],
    [7412345678, "=cmd|' /C calc'!A0x", 12.5],
]


def test_a_workbook_named_csv_is_read_as_what_it_is() -> None:
    rows, problems, how = read_all(workbook([["List of 9B"], [], *SHEET]))
    assert "spreadsheet" in how and problems == []
    assert rows[0] == Row(4, {"upn": "1", "surname": NAME, "dateofbirth": "2012-03-04"})
    assert rows[1].cells["upn"] == "7412345678" and rows[1].cells["dateofbirth"] == "12.5"


def test_the_first_sheet_with_known_headings_is_read_and_the_others_said() -> None:
    rows, problems, how = read_all(workbook(SHEET, [["About", "this file"]], SHEET, [["upn", "surname"]], hidden=1))
    assert "“Sheet3”" in how and len(rows) == 2
    assert [problem.code for problem in problems] == ["other_sheets"]


def test_a_table_that_begins_further_down_and_right_keeps_its_row_numbers() -> None:
    rows, _, _ = read_all(workbook([[], [], ["", "", "upn", "surname"], ["", "", "1", "A"]]))
    assert rows == [Row(4, {"upn": "1", "surname": "A"})]


def test_a_libreoffice_table() -> None:
    rows, _, how = read_all(open_document([["upn", "surname"], ["1", "Ñandú"]]))
    assert rows[0].cells["surname"] == "Ñandú" and "One" in how


def zipped(name: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, "x")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "file_empty", "empty"),
        (b"\xef\xbb\xbf", "file_empty", "empty"),
        (b"\n\n ,,\n", "file_empty", "empty"),
        (b"%PDF-1.7 ...", "file_kind", "PDF"),
        (b"MZ\x90\x00\x03\x00", "file_kind", "program"),
        (b"\x7fELF\x02", "file_kind", "program"),
        (b"\x89PNG\r\n", "file_kind", "picture"),
        (b"\x1f\x8b\x08", "file_kind", "compressed"),
        (zipped("class.csv"), "file_kind", "zip"),
        (zipped("word/document.xml"), "file_kind", "document"),
        (b"PK\x03\x04 torn", "file_kind", "damaged"),
        (zipped("xl/workbook.xml"), "file_damaged", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file_kind", "old Office document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "file_locked", "password"),
        (b"<!DOCTYPE html><table>", "file_kind", "web page"),
        (b'<?xml version="1.0"?>', "file_kind", "XML"),
        (b'{"pupils": []}', "file_kind", "JSON"),
        (b"\xff\xfeu\x00p\x00\x00", "file_damaged", "damaged"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, code: str, words: str) -> None:
    problem = refusal(upload(content))
    assert (problem.code, problem.severity, problem.row) == (code, "error", None)
    assert words in problem.sentence and problem.sentence.startswith("upload.csv: ")


def test_a_name_that_begins_like_a_program_is_no_program() -> None:
    assert len(read_all(upload("MZILIKAZI,upn,surname\n1,2,3\n"))[0]) == 1


def test_a_file_over_the_limit_is_refused_with_the_limit() -> None:
    problem = refusal(upload(b"upn,surname\n" + b"1,A\n" * 300_000), max_bytes=1_000_000)
    assert problem.code == "file_too_large" and "1 MB" in problem.sentence


def test_a_workbook_that_unpacks_to_more_than_the_limit_is_refused() -> None:
    big = workbook([["upn", "surname"], *[["x" * 50, "y"]] * 3000])
    assert refusal(big, max_bytes=len(big.getvalue())).code == "file_too_large"


def test_a_file_that_is_not_there_is_refused_without_its_folder(tmp_path: Path) -> None:
    problem = refusal(tmp_path / "none.csv")
    assert problem.code == "file_missing" and str(tmp_path) not in problem.sentence


def test_a_stream_that_cannot_go_back_is_read_too() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    assert len(read_all(Pipe(b"upn,surname\n1,A\n"))[0]) == 1


def test_an_upload_stays_open_and_progress_reaches_the_end() -> None:
    source = upload("upn,surname\n" + "1,A\n" * 100)
    with open_rows(source, known=KNOWN.__contains__) as table:
        assert len(list(table.rows())) == 100
        assert table.bytes_read == table.bytes_total == len(source.getvalue())
    assert not source.closed


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12).map(str.strip)


@settings(deadline=None, max_examples=150)
@given(
    rows=st.lists(st.tuples(CELL, CELL), max_size=8),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_what_is_written_is_read_back(rows: list[tuple[str, str]], separator: str, quoting: int, encoding: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, quoting=quoting, lineterminator="\r\n")  # type: ignore[arg-type]
    writer.writerows([("upn", "surname", "forename"), *[("Ñandú", *row) for row in rows]])
    read, problems, _ = read_all(upload(text.getvalue(), encoding=encoding))
    assert problems == []
    assert [(row.cells["surname"], row.cells["forename"]) for row in read] == rows
    assert [row.number for row in read] == list(range(2, len(rows) + 2))


MEASURE = """
import resource, sys
import django
django.setup()
from haven.exchange.imports.formats.marks import long as marks_long
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = sum(1 for _ in marks_long.read(sys.argv[1]))
print(count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_memory_stays_flat_over_a_long_file(tmp_path: Path) -> None:
    """Less is taken than the file is long, and less than 28 bytes a row, so that neither the text nor its rows can have been kept."""
    from haven.rules.identifiers import make_upn

    path = tmp_path / "marks.csv"
    days = [dt.date(2025, 9, 1) + dt.timedelta(day) for day in range(190)]
    with path.open("w") as file:
        file.write("upn,date,session,code\n")
        for serial in range(1000):
            upn = make_upn(801, 2001 + serial // 1000, 20, serial % 1000)
            file.writelines(f"{upn},{day},AM,/\n{upn},{day},PM,\\\n" for day in days)
    assert path.stat().st_size > 11_000_000
    done = subprocess.run([sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True)
    count, megabytes = map(int, done.stdout.split())
    assert count == 380_000
    assert megabytes < 10
