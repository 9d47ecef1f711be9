"""Finds the row of headings in a table, and the name of each heading."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

Numbered = tuple[int, list[str]]
"""A row, with the number that a spreadsheet shows, and its cells."""

HEADER_WITHIN = 30
"""How many rows from the top are searched for headings: titles and instructions may precede them."""

_LEFT_OUT = re.compile(r"[\s_\u200b\ufeff]+")
_INSTRUCTION = re.compile(
    r"(required|optional|mandatory|must be|free text|enter |e\.?g\.? |example|format:|dd/mm/yyyy|yyyy-mm-dd)", re.I
)


def heading_name(text: str) -> str:
    """The name by which headings are compared: without case, spaces and underscores."""
    return _LEFT_OUT.sub("", text).casefold()


def heading_score(cells: Sequence[str], known: Callable[[str], bool]) -> int:
    """How many different known headings a row contains."""
    names = {heading_name(cell) for cell in cells}
    return sum(1 for name in names if name and known(name))


def is_instruction(cells: Sequence[str]) -> bool:
    """Whether a row below the headings contains instructions and not data.

    Most of its filled cells have to begin as instructions do: `Required: Free text`, `DD/MM/YYYY`, `e.g. 9B`.
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    telling = sum(1 for cell in filled if _INSTRUCTION.match(cell))
    return bool(filled) and 2 * telling > len(filled)


def column_letter(index: int) -> str:
    """The letter of a column in a spreadsheet: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def header_among(records: list[Numbered], *, known: Callable[[str], bool]) -> Numbered | None:
    """The row with the most known headings, and the first of several; if no heading is known, the first row with two filled cells."""
    filled = [record for record in records if not is_blank(record[1])]
    if not filled:
        return None
    best = max(filled, key=lambda record: heading_score(record[1], known))
    if heading_score(best[1], known):
        return best
    return next((record for record in filled if sum(bool(cell.strip()) for cell in record[1]) > 1), filled[0])


def is_blank(cells: Sequence[str]) -> bool:
    return not any(cell.strip() for cell in cells)
