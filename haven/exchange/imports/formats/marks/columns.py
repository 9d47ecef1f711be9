"""Reads a plain file of marks in the long form column by column, with pyarrow.

A file is plain if it is a text whose cells can be split without ambiguity (`text_rows.plain_pieces`) and it has no errors. A school's year
repeats the same few hundred dates, sessions and codes, so each different value is checked once, and the marks are written to the matrices
as numbers. Every other file is read row by row (`long`), which reports what is wrong and where; both readers give the same marks for a
plain file.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow
from pyarrow import csv as arrow_csv

from haven.exchange.imports.formats.marks.parsed import MarkCell, MarkChecks, PupilMarks
from haven.exchange.imports.problems import Problem
from haven.exchange.imports.reading.row_checks import RowChecks
from haven.exchange.imports.reading.tabular import Table
from haven.exchange.imports.reading.text_rows import NotPlain, PlainText
from haven.exchange.imports.sentences import Place

_DICTIONARY = pyarrow.dictionary(pyarrow.int32(), pyarrow.binary())
_MOST_COMBINATIONS = 1 << 22
"""The numbers of different dates, sessions and codes in one piece of a file. Higher numbers are not those of a register."""


@dataclass(frozen=True, slots=True)
class Blanks:
    """Lines without a code: their count, and the row number of the first (0 without one)."""

    count: int = 0
    first_row: int = 0


def read_columns(table: Table, positions: Mapping[str, int], checks: MarkChecks) -> Blanks:
    """Add all marks of a file to the parsed marks of `checks`, which are empty. Raises NotPlain if the file has to be read row by row; the
    marks read before that are discarded."""
    text = table.plain_text()
    reader, row = _Reader(table, positions, checks, text), text.first_row
    for piece in text.pieces:
        if row == text.first_row and not _begins_with_data(table, text, piece):
            raise NotPlain
        row += reader.read(piece, row)
    table.checks.has_rows = row > text.first_row
    return Blanks(reader.blanks, reader.first_blank)


def _begins_with_data(table: Table, text: PlainText, piece: bytes) -> bool:
    """Whether the first row below the headings is neither blank nor instructions."""
    cells = next(csv.reader([piece.split(b"\n", 1)[0].decode(text.codec)], delimiter=text.separator))
    return isinstance(RowChecks(file=table.file, width=len(table.names)).check(text.first_row, cells), list)


@dataclass(slots=True)
class _Reader:
    table: Table
    positions: Mapping[str, int]
    checks: MarkChecks
    text: PlainText
    blanks: int = 0
    first_blank: int = 0
    pupils: dict[bytes, int] = field(default_factory=dict)
    slots: dict[tuple[bytes, bytes, bytes], MarkCell | None] = field(default_factory=dict)

    def read(self, piece: bytes, row: int) -> int:
        """Add the marks of complete lines, the first of which has this row number. Returns the number of lines."""
        columns = self._columns(piece)
        pupil = self._pupil_numbers(columns["upn"].values)[columns["upn"].numbers]
        slots, which = self._slots(columns)
        session = np.array([slot.session if slot else 0 for slot in slots], np.int64)[which]
        code = np.array([slot.code if slot else 0 for slot in slots], np.uint8)[which]
        rows = np.arange(row, row + len(which), dtype=np.uint32)
        self._count_blanks(rows[code == 0])
        self._enter(pupil, session, code, rows)
        self._keep_extras(columns, pupil, slots, which)
        return len(which)

    def _columns(self, piece: bytes) -> dict[str, _Column]:
        names = [str(index) for index in range(len(self.table.names))]
        wanted = {field: names[index] for field, index in self.positions.items()}
        try:
            found = arrow_csv.read_csv(
                pyarrow.BufferReader(piece),
                read_options=arrow_csv.ReadOptions(use_threads=False, block_size=len(piece) + 1, column_names=names),
                parse_options=arrow_csv.ParseOptions(delimiter=self.text.separator, ignore_empty_lines=False),
                convert_options=arrow_csv.ConvertOptions(
                    include_columns=list(wanted.values()), column_types=dict.fromkeys(wanted.values(), _DICTIONARY)
                ),
            )
        except pyarrow.ArrowInvalid:  # a line has too few or too many cells
            raise NotPlain from None
        return {field: _column(found.column(name).combine_chunks()) for field, name in wanted.items()}

    def _pupil_numbers(self, upns: list[bytes]) -> Any:
        for upn in upns:
            if upn not in self.pupils:
                pupil = self.checks.pupil(upn.decode(self.text.codec), at=self._nowhere)
                if not isinstance(pupil, PupilMarks):
                    raise NotPlain
                self.pupils[upn] = pupil.number
        return np.array([self.pupils[upn] for upn in upns], np.int64)

    def _slots(self, columns: dict[str, _Column]) -> tuple[list[MarkCell | None], Any]:
        """The different slots of some lines, in order of appearance, and for each line the index of its slot."""
        dates, halves, codes = (columns[name] for name in ("date", "session", "code"))
        size = len(dates.values) * len(halves.values) * len(codes.values)
        if size > _MOST_COMBINATIONS:
            raise NotPlain
        key = (dates.numbers * len(halves.values) + halves.numbers) * len(codes.values) + codes.numbers
        first = np.full(size, len(key))
        first[key[::-1]] = np.arange(len(key))[
            ::-1
        ]  # of equal keys the last one assigned is kept, which is the first line
        order = np.argsort(first, kind="stable")[: int(np.count_nonzero(first < len(key)))]
        place = np.zeros(size, np.int64)
        place[order] = np.arange(len(order))
        lines = first[order].tolist()
        return [self._slot(*(column.value(line) for column in (dates, halves, codes))) for line in lines], place[key]

    def _slot(self, date: bytes, half: bytes, code: bytes) -> MarkCell | None:
        key = (date, half, code)
        if key not in self.slots:
            at = self._nowhere
            session = self.checks.session(
                date.decode(self.text.codec), half.decode(self.text.codec), at_date=at, at_half=at
            )
            slot = (
                session
                if isinstance(session, Problem)
                else self.checks.slot(*session, code.decode(self.text.codec), at=at)
            )
            if isinstance(slot, Problem):
                raise NotPlain
            self.slots[key] = slot
        return self.slots[key]

    def _count_blanks(self, rows: Any) -> None:
        if len(rows):
            self.first_blank = self.first_blank or int(rows[0])
            self.blanks += len(rows)

    def _enter(self, pupil: Any, session: Any, code: Any, rows: Any) -> None:
        """Write the marks. Raises NotPlain if a pupil has two marks for one session."""
        ledger, is_mark = self.checks.ledger, code != 0
        places = pupil[is_mark], session[is_mark]
        if ledger.codes[places].any():
            raise NotPlain
        ledger.codes[places] = code[is_mark]
        ledger.rows[places] = rows[is_mark]
        if (ledger.rows[places] != rows[is_mark]).any():
            raise NotPlain

    def _keep_extras(self, columns: dict[str, _Column], pupil: Any, slots: list[MarkCell | None], which: Any) -> None:
        """Store minutes late and comments of the lines that have any."""
        minutes, comments = (self._texts(columns.get(name), len(which)) for name in ("minutes_late", "comment"))
        lines = np.flatnonzero(minutes.is_filled | comments.is_filled).tolist()
        upns = list(self.checks.ledger.pupils) if lines else []
        for line in lines:
            slot = slots[which[line]]
            late, comment, problem = self.checks.extras(slot, minutes.of(line), comments.of(line), at=self._nowhere)
            if problem:
                raise NotPlain
            if slot is not None:
                self.checks.ledger.extras[upns[pupil[line]], slot.session] = late, comment

    def _texts(self, column: _Column | None, lines: int) -> _Texts:
        if column is None:
            return _Texts([""], np.zeros(lines, np.int64))
        return _Texts([value.decode(self.text.codec).strip() for value in column.values], column.numbers)

    @property
    def _nowhere(self) -> Place:
        """Problems are not reported here; the reader of rows reports them."""
        return Place(self.table.file, 0)


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of some lines: its different values, and for each line the index of its value."""

    values: list[bytes]
    numbers: Any

    def value(self, line: int) -> bytes:
        return self.values[int(self.numbers[line])]


@dataclass(frozen=True, slots=True)
class _Texts:
    """A column of text, which is empty in most lines."""

    values: list[str]
    numbers: Any

    @property
    def is_filled(self) -> Any:
        """bool [lines]"""
        return np.array([bool(value) for value in self.values])[self.numbers]

    def of(self, line: int) -> str:
        return self.values[int(self.numbers[line])]


def _column(found: Any) -> _Column:
    return _Column(found.dictionary.to_pylist(), found.indices.to_numpy().astype(np.int64))
