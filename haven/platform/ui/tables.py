"""Lists and their exports: one declaration of columns gives the page's table, its CSV and its XLSX."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypedDict

import xlsxwriter
from django.http import HttpResponseBase, StreamingHttpResponse

from haven.platform.dates import in_words, moment_in_words
from haven.platform.text import safe_cell

Row = Any
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


@dataclass(frozen=True)
class Column:
    """One column: the key of its value, its heading, and whether it has numbers.

    `value` takes the row and returns what is shown and exported; the default is the row's item or attribute named `key`. `link` takes the
    row and returns an address, for the page only.
    """

    key: str
    title: str
    numeric: bool = False
    sortable: bool = False
    value: Callable[[Row], Any] | None = None
    link: Callable[[Row], str] | None = None

    def of(self, row: Row) -> Any:
        if self.value is not None:
            return self.value(row)
        return row[self.key] if isinstance(row, dict) else getattr(row, self.key)


class Cell(TypedDict):
    """One cell of a page's table: its text, its link ("" for none), and whether it is a number."""

    value: Any
    link: str
    numeric: bool


@dataclass(frozen=True)
class Table:
    """The table that `{% data_table table %}` draws. `total` is the whole list's length if `rows` is one page of it."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: int | None = None
    sorted_by: str = ""
    exports: bool = True
    nothing: str = "This list is empty."

    def lines(self) -> Iterator[list[Cell]]:
        """The cells of each row, in the order of the columns, as the page's template shows them."""
        for row in self.rows:
            yield [
                Cell(
                    value=shown(column.of(row), numeric=column.numeric),
                    link=column.link(row) if column.link else "",
                    numeric=column.numeric,
                )
                for column in self.columns
            ]

    @property
    def how_many(self) -> str:
        total = len(self.rows) if self.total is None else self.total
        if total > len(self.rows):
            return f"{len(self.rows):,} of {total:,} rows shown"
        return "1 row" if total == 1 else f"{total:,} rows"


@dataclass(frozen=True)
class Sorting:
    """The sorting of an address (`?sort=-name`), only by a column that is sortable."""

    key: str
    descending: bool = field(default=False)

    @classmethod
    def asked(cls, words: str, columns: Sequence[Column], default: str) -> Sorting:
        """The sorting that `words` name, or `default` if they name no sortable column of `columns`."""
        key = words.removeprefix("-")
        chosen = words if any(column.sortable and column.key == key for column in columns) else default
        return cls(chosen.removeprefix("-"), chosen.startswith("-"))

    def __str__(self) -> str:
        return f"-{self.key}" if self.descending else self.key


def shown(value: Any, *, numeric: bool = False) -> Any:
    """A value for the page: days in words, yes and no, None as an empty cell, numbers with thousands separators."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dt.datetime):
        return moment_in_words(value)
    if isinstance(value, dt.date):
        return in_words(value)
    if numeric and isinstance(value, int | float | Decimal):
        return f"{value:,}"
    return value


def csv_lines(rows: Iterable[Row], columns: Sequence[Column]) -> Iterator[str]:
    """Lines of a CSV file, one at a time, so that a long list is never in memory. Starts with a byte order mark."""
    yield BOM + _csv_line([column.title for column in columns])
    for row in rows:
        yield _csv_line([column.of(row) for column in columns])


def _csv_line(values: Iterable[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([safe_cell(value) for value in values])
    return out.getvalue()


def to_csv(rows: Iterable[Row], columns: Sequence[Column]) -> bytes:
    """The whole list as a CSV file in UTF-8 (with a byte order mark for spreadsheet programs)."""
    return "".join(csv_lines(rows, columns)).encode()


def to_xlsx(rows: Iterable[Row], columns: Sequence[Column], *, sheet: str = "List") -> bytes:
    """The whole list as a workbook.

    Only columns marked numeric have numbers. Everything else, such as a UPN or a telephone number, is text and keeps its leading noughts.
    Formulas, links and numbers in text are never made.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "constant_memory": True,
            "in_memory": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
    page = book.add_worksheet(sheet[:31])
    bold, words = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
    for place, column in enumerate(columns):
        page.set_column(place, place, max(10, min(40, len(column.title) + 4)))
        page.write_string(0, place, safe_cell(column.title), bold)
    page.freeze_panes(1, 0)
    for line, row in enumerate(rows, start=1):
        for place, column in enumerate(columns):
            value = column.of(row)
            if column.numeric and _is_number(value):
                page.write_number(line, place, float(value))
            elif value is not None:
                page.write_string(line, place, safe_cell(value), words)
    book.close()
    return out.getvalue()


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float | Decimal)
        and not isinstance(value, bool)
        and value == value
        and abs(value) != float("inf")
    )


def export(rows: Iterable[Row], columns: Sequence[Column], *, form: str, name: str) -> HttpResponseBase | None:
    """The response to `?format=csv` or `?format=xlsx`, or None for any other format, for which the view renders the page."""
    if form == "csv":
        answer = StreamingHttpResponse(
            (line.encode() for line in csv_lines(rows, columns)), content_type="text/csv; charset=utf-8"
        )
    elif form == "xlsx":
        answer = StreamingHttpResponse(
            iter([to_xlsx(rows, columns)]),
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    else:
        return None
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    answer["Cache-Control"] = "no-store"
    return answer
