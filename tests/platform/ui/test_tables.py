import csv
import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from python_calamine import CalamineWorkbook

from haven.platform.ui.tables import BOM, Column, Sorting, Table, csv_lines, export, to_csv, to_xlsx

HARD_NAME = "O'Brien-Ñandú <script>"
COLUMNS = (
    Column("name", "Pupil", sortable=True),
    Column("upn", "UPN"),
    Column("missed", "Sessions missed", numeric=True),
    Column("on", "Last present"),
)
ROWS = [
    {"name": HARD_NAME, "upn": "012345678901B", "missed": 12, "on": dt.date(2026, 1, 14)},
    {"name": '=HYPERLINK("http://evil.example","x")', "upn": "H801200001001", "missed": -3, "on": None},
]


def read_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def read_xlsx(data: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def test_csv_has_the_mark_the_titles_and_every_row() -> None:
    data = to_csv(ROWS, COLUMNS)
    assert data.decode().startswith(BOM)
    assert read_csv(data) == [
        ["Pupil", "UPN", "Sessions missed", "Last present"],
        [HARD_NAME, "012345678901B", "12", "2026-01-14"],
        ["'" + '=HYPERLINK("http://evil.example","x")', "H801200001001", "-3", ""],
    ]


def test_csv_lines_come_one_at_a_time() -> None:
    taken = []

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(1000):
            taken.append(number)
            yield {"name": "x", "upn": "", "missed": number, "on": None}

    lines = csv_lines(rows(), COLUMNS)
    next(lines), next(lines)
    assert len(taken) == 1


def test_a_workbook_keeps_numbers_as_numbers_and_identifiers_as_text() -> None:
    sheet = read_xlsx(to_xlsx(ROWS, COLUMNS))
    assert sheet[1] == [HARD_NAME, "012345678901B", 12, "2026-01-14"]
    assert isinstance(sheet[1][1], str)
    assert sheet[2][0] == "'" + '=HYPERLINK("http://evil.example","x")'


def test_a_workbook_holds_no_formula_and_no_link() -> None:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(to_xlsx(ROWS, COLUMNS))) as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in page and "<hyperlink" not in page


def test_an_identifier_of_digits_stays_text_also_where_it_is_typed_as_a_number() -> None:
    sheet = read_xlsx(to_xlsx([{"id": 12345}], [Column("id", "Number")]))
    assert sheet[1] == ["12345"]


def test_a_number_that_is_none_infinite_or_undefined_leaves_the_workbook_readable() -> None:
    rows = [{"n": None}, {"n": float("nan")}, {"n": float("inf")}, {"n": 1.5}]
    assert read_xlsx(to_xlsx(rows, [Column("n", "N", numeric=True)]))[4] == [1.5]


def test_an_export_is_never_kept_by_a_browser_and_has_its_name() -> None:
    answer = export(ROWS, COLUMNS, form="csv", name="missing-2026-01-14")
    assert isinstance(answer, StreamingHttpResponse)
    assert answer["Content-Disposition"] == 'attachment; filename="missing-2026-01-14.csv"'
    assert answer["Cache-Control"] == "no-store"
    assert answer.getvalue() == to_csv(ROWS, COLUMNS)


def test_any_other_form_asks_for_the_page() -> None:
    assert export(ROWS, COLUMNS, form="html", name="x") is None


@pytest.mark.parametrize(
    "words, expected", [("name", "name"), ("-name", "-name"), ("upn", "name"), ("; drop", "name"), ("", "name")]
)
def test_only_a_sortable_column_may_order_a_list(words: str, expected: str) -> None:
    assert str(Sorting.asked(words, COLUMNS, "name")) == expected


@pytest.mark.parametrize(
    "rows, total, words", [(2, None, "2 rows"), (1, 1, "1 row"), (2, 1312, "2 of 1,312 rows shown")]
)
def test_a_table_says_how_many_rows(rows: int, total: int | None, words: str) -> None:
    assert Table("x", COLUMNS, ROWS[:rows], total=total).how_many == words


def test_thousands_stand_apart_on_the_page_and_never_in_a_file() -> None:
    columns = [Column("name", "Name"), Column("sessions", "Sessions", numeric=True), Column("phone", "Telephone")]
    rows = [{"name": "All", "sessions": 154695, "phone": 1234567}]
    assert [cell["value"] for cell in next(Table("x", columns, rows).lines())] == ["All", "154,695", 1234567]
    assert b"154695" in to_csv(rows, columns)
