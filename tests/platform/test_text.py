"""One guard against formulas, for every CSV and XLSX file: a table of cases."""

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.analytics.results import GROUP_COLUMNS, as_csv
from haven.exchange.exports.management.commands.export import _cell
from haven.exchange.imports.problems import ProblemLog, error
from haven.platform.text import FORMULA_STARTS, read_cell, safe_cell
from haven.platform.ui.tables import Column, to_csv

CASES: list[tuple[Any, str]] = [
    ("=1+1", "'=1+1"),
    ("+1+1", "'+1+1"),
    ("-1+1", "'-1+1"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1+1", "'\t=1+1"),
    ("\r=1+1", "'\r=1+1"),
    ("\n=1+1", "'\n=1+1"),
    ("   =1+1", "'   =1+1"),
    ("\N{NO-BREAK SPACE}=1+1", "'\N{NO-BREAK SPACE}=1+1"),
    ("＝1+1", "'＝1+1"),
    ("＋1", "'＋1"),
    ("－1", "'－1"),
    ("＠SUM(A1)", "'＠SUM(A1)"),
    ("-3", "'-3"),
    (-3, "-3"),
    (-0.5, "-0.5"),
    (Decimal("-0.5"), "-0.5"),
    (0, "0"),
    (True, "Yes"),
    (False, "No"),
    (None, ""),
    ("", ""),
    ("a=b", "a=b"),
    ("8 Kestrel", "8 Kestrel"),
    ("020 7946 0018", "020 7946 0018"),
    ("O'Brien-Ñandú <script>", "O'Brien-Ñandú <script>"),
    (dt.date(2026, 1, 14), "2026-01-14"),
    (dt.datetime(2026, 1, 14, 9, 5), "2026-01-14 09:05"),
]


@pytest.mark.parametrize(("value", "cell"), CASES)
def test_no_cell_begins_a_formula(value: Any, cell: str) -> None:
    assert safe_cell(value) == cell


DANGEROUS = [f"{start}1+1" for start in FORMULA_STARTS] + ["  =1+1"]


def first_cells(content: str) -> list[str]:
    return [row[0] for row in csv.reader(io.StringIO(content, newline=""))]


@pytest.mark.parametrize("text", DANGEROUS)
def test_every_writer_of_a_file_uses_the_guard(text: str) -> None:
    listed = to_csv([{"name": text}], [Column("name", "Pupil")]).decode("utf-8-sig")
    assert first_cells(listed)[1] == f"'{text}"
    assert _cell(text) == f"'{text}"
    measures = as_csv([dict.fromkeys(GROUP_COLUMNS, 1) | {"group": text}], GROUP_COLUMNS, safe_cell=safe_cell)
    assert first_cells(measures)[1] == f"'{text}".replace("\r", "\n")
    with ProblemLog() as log, io.BytesIO() as target:
        log.add(error(file=text, code="file_empty", message="The file is empty. Save it again."))
        log.copy_to(target)
        assert first_cells(target.getvalue().decode("utf-8-sig"))[1] == f"'{text}"


def test_an_exported_telephone_number_keeps_its_plus_sign() -> None:
    assert _cell("+44 20 7946 0018") == "+44 20 7946 0018"


@given(
    st.text(st.sampled_from(["'", " ", "\N{NO-BREAK SPACE}", "a", "1", *FORMULA_STARTS]), max_size=6)
    | st.text(max_size=20)
)
def test_what_was_guarded_is_read_back_as_it_was(text: str) -> None:
    cell = safe_cell(text)
    assert read_cell(cell) == text
    assert not cell.lstrip(" \N{NO-BREAK SPACE}").startswith(FORMULA_STARTS)
