"""Checks that rows fit their headings: blank rows, a row of instructions, rows that are too short or too long."""

from __future__ import annotations

from haven.exchange.imports.mapping.headings import is_blank, is_instruction
from haven.exchange.imports.problems import Problem, error, query
from haven.platform.ui.words import count_of


class RowChecks:
    """The checks of one table, from its first row to its last; `finish` returns the problem that is known only at the end."""

    def __init__(self, *, file: str, width: int) -> None:
        self.file, self.width = file, width
        self.has_rows = False
        self._first_short = 0
        self._is_next_below = True

    def check(self, number: int, cells: list[str]) -> list[str] | Problem | None:
        """The row with exactly `width` cells; None for a blank row; a problem for a row that is not used."""
        if is_blank(cells):
            return None
        if self._is_next_below:
            self._is_next_below = False
            if is_instruction(cells):
                return self._instruction_remark(number)
        self.has_rows = True
        if len(cells) == self.width:
            return cells
        if len(cells) > self.width:
            return cells[: self.width] if is_blank(cells[self.width :]) else self._too_long(number, len(cells))
        self._first_short = self._first_short or number
        return cells + [""] * (self.width - len(cells))

    def finish(self) -> Problem | None:
        """One problem for all short rows. It gives no count, because a reader may skip repeated rows."""
        if not self._first_short:
            return None
        message = (
            "This row, and perhaps later rows, has fewer cells than there are headings. The missing cells were read "
            "as empty. Check that the file was not cut off."
        )
        return query(file=self.file, row=self._first_short, code="row_too_short", message=message)

    def _instruction_remark(self, number: int) -> Problem:
        message = "This row looks like instructions, so it was left out. If it is data, change its wording."
        return query(file=self.file, row=number, code="instruction_row", message=message)

    def _too_long(self, number: int, cells: int) -> Problem:
        message = (
            f"This row has {count_of(cells, 'cell')} under {count_of(self.width, 'heading')}. A value may contain the "
            "separator. Put quotation marks around that value, or remove the extra cells."
        )
        return error(file=self.file, row=number, code="row_too_long", message=message)
