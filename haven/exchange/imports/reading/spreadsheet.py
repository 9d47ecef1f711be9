"""Reads xlsx, xls and ods: the first sheet with known headings, every cell as the text that a user would type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import python_calamine

from haven.exchange.imports.mapping.headings import HEADER_WITHIN, heading_score
from haven.exchange.imports.problems import Problem, error
from haven.exchange.imports.reading.file_kind import LOCKED


@dataclass(frozen=True, slots=True)
class Sheet:
    """One open sheet: its name, the number of other sheets, and its rows with the numbers shown in the program."""

    name: str
    others: int
    sheet: python_calamine.CalamineSheet

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Every row of the sheet from the first, including empty ones; empty columns at the left are left out."""
        for number, cells in enumerate(self.sheet.iter_rows(), start=1):
            yield number, [cell_text(cell) for cell in cells]

    @property
    def first_column(self) -> int:
        return (self.sheet.start or (0, 0))[1]


def open_sheet(stream: BinaryIO, *, name: str, known: Callable[[str], bool]) -> Sheet | Problem:
    """The first sheet with at least two known headings, otherwise with one, otherwise the first that is not empty."""
    try:
        book = python_calamine.CalamineWorkbook.from_object(stream)
        sheets = [book.get_sheet_by_name(meta.name) for meta in book.sheets_metadata if _is_table(meta)]
    except python_calamine.PasswordError:
        return error(file=name, code="file_locked", message=LOCKED)
    except (python_calamine.CalamineError, OSError, ValueError):
        return error(file=name, code="file_damaged", message=_DAMAGED)
    filled = [sheet for sheet in sheets if sheet.height]
    if not filled:
        return error(file=name, code="file_empty", message=_EMPTY)
    scores = [_best_score(sheet, known) for sheet in filled]
    for enough in (2, 1, 0):
        for sheet, score in zip(filled, scores, strict=True):
            if score >= enough:
                return Sheet(name=sheet.name, others=len(filled) - 1, sheet=sheet)
    raise AssertionError("every sheet scores 0 or more")


_DAMAGED = "This spreadsheet is damaged and cannot be read. Open it in its own program, save it again and upload it."
_EMPTY = "Every sheet of this spreadsheet is empty. Check that you chose the right file."


def cell_text(cell: Any) -> str:
    """A cell as text: ISO dates, whole numbers without a decimal point (telephone numbers, URNs), booleans as TRUE or FALSE."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    if isinstance(cell, (dt.date, dt.time)):
        return cell.isoformat()
    return str(cell)


def _is_table(meta: python_calamine.SheetMetadata) -> bool:
    return (
        meta.typ == python_calamine.SheetTypeEnum.WorkSheet and meta.visible == python_calamine.SheetVisibleEnum.Visible
    )


def _best_score(sheet: python_calamine.CalamineSheet, known: Callable[[str], bool]) -> int:
    first_rows = sheet.to_python(skip_empty_area=False, nrows=HEADER_WITHIN)
    return max((heading_score([cell_text(cell) for cell in row], known) for row in first_rows), default=0)
