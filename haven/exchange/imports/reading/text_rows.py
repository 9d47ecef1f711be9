"""The rows of a text table in one pass over its bytes: separators, headings, quotation marks, zero characters."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

from haven.exchange.imports.mapping.headings import HEADER_WITHIN, Numbered, column_letter, header_among, heading_score
from haven.exchange.imports.problems import Problem, error
from haven.exchange.imports.reading.encoding import Encoding

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SAMPLE = 1 << 18
_BUFFER = 1 << 18
_PIECE = 1 << 21
_LINE_END = re.compile(rb"\r\n|\n|\r")
_RAW_CODECS = ("utf-8", "utf-8-sig", "cp1252", "latin-1")
_EXCEL_SEPARATOR = re.compile(r'"?sep=(.)"?\s*$', re.I)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the text of a file is cut into a table."""

    separator: str
    has_separator_line: bool
    header_row: int
    headings: list[str]


def sample_of(stream: BinaryIO, encoding: Encoding) -> list[str]:
    """The first lines, whole; a long file is cut after the last whole line of the sample."""
    with as_text(stream, encoding) as text:
        sample = text.read(_SAMPLE)
        lines = list(io.StringIO(sample, newline=""))
        if len(lines) > 1 and text.read(1):
            lines.pop()
    return lines


def layout_of(lines: list[str], *, known: Callable[[str], bool]) -> Layout | None:
    """The separator and heading row with the most known headings; with none known, with the most cells."""
    if not any(character.isalnum() for line in lines for character in line):
        return None
    match = _EXCEL_SEPARATOR.match(lines[0]) if lines else None
    if match:
        header = header_among(_first_records(lines[1:], match[1]), known=known)
        return None if header is None else Layout(match[1], True, *header)
    best: tuple[tuple[int, int], Layout] | None = None
    whole, is_uncut = "".join(lines), False
    for separator in SEPARATORS:
        if separator not in whole:
            # One cell a line, whichever it is. That is looked at once, and not after a heading that is known: it cannot be better.
            if is_uncut or (best is not None and best[0][0]):
                continue
            is_uncut = True
        header = header_among(_first_records(lines, separator), known=known)
        if header is None:
            continue
        score = (heading_score(header[1], known), len(header[1]))
        if best is None or score > best[0]:
            best = (score, Layout(separator, False, *header))
    return None if best is None else best[1]


def _first_records(lines: list[str], separator: str) -> list[Numbered]:
    records: list[Numbered] = []
    reader = csv.reader(lines, delimiter=separator)
    try:
        for number, cells in enumerate(reader, start=1):
            records.append((number, cells))
            if number == HEADER_WITHIN:
                break
    except csv.Error:
        pass  # what came before the fault is enough to find the headings
    return records


class RawLines:
    """The lines of a text file below its headings, as bytes, some at a time. `piece` has whole lines and `at` is the byte of the next.

    For encodings in which a comma and a line end are one byte and never part of another character. `cut` makes cells of the next
    line, with the lines after it where a value goes on. Each line or record that is taken is one row: the first has the number
    `header_row` + 1.
    """

    def __init__(self, stream: BinaryIO, *, file: str, codec: str, layout: Layout) -> None:
        self.file, self.separator, self.header_row = file, layout.separator, layout.header_row
        self.piece, self.at, self.last_cut = b"", 0, b""
        self._stream, self._tail, self.codec = stream, b"", codec.removesuffix("-sig")
        stream.seek(len(codecs.BOM_UTF8) if codec == "utf-8-sig" else 0)
        if layout.has_separator_line:
            next(self)
        above = csv.reader(self, delimiter=layout.separator)
        for _ in range(layout.header_row):
            next(above)

    def fill(self) -> bool:
        """Put what comes next into `piece`, from the byte `at` on; False at the end of the file."""
        if self.at < len(self.piece):
            return True
        found = self._tail
        while read := self._stream.read(_PIECE):
            cut = read.rfind(b"\n") + 1
            found += read[:cut] if cut else read
            if cut:
                self._tail = read[cut:]
                break
        else:
            self._tail = b""
        self.piece, self.at = found, 0
        return bool(found)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self.fill():
            raise StopIteration
        found = _LINE_END.search(self.piece, self.at)
        begin, self.at = self.at, found.end() if found else len(self.piece)
        return self.piece[begin : self.at].decode(self.codec)

    def cut(self, *, number: int) -> list[str] | Problem:
        """The cells of the next line, which is `last_cut` afterwards (of several that make one row, nothing); the problem when its
        quotation marks do not fit."""
        piece, begin = self.piece, self.at
        try:
            return next(csv.reader(self, delimiter=self.separator, strict=True))
        except csv.Error as fault:
            return quotation_problem(fault, file=self.file, row=number)
        finally:
            self.last_cut = piece[begin : self.at] if self.piece is piece else b""

    def first_cell(self) -> tuple[bytes, str] | None:
        """The first cell of the next line, as it stands there and as text; None where it is in quotation marks."""
        found = self.piece[self.at : self.piece.index(self.separator.encode(), self.at)]
        return None if b'"' in found else (found, found.decode(self.codec))

    def pass_line(self) -> None:
        """Leave out the next line, which is known to end."""
        self.at = self.piece.index(b"\n", self.at) + 1

    def parts_of(self, line: bytes) -> tuple[bytes, bytes] | None:
        """A line at its first separator, without its end; None where the cells of these two parts are not those of the line."""
        first, separator, rest = line.rstrip(b"\r\n").partition(self.separator.encode())
        if not separator or b"\r" in rest or b"\n" in rest:
            return None
        if b'"' not in line:
            return first, rest
        try:
            parts = [
                list(csv.reader((part.decode(self.codec),), delimiter=self.separator, strict=True))
                for part in (first, rest)
            ]
        except csv.Error:
            return None
        return (first, rest) if len(parts[0]) == 1 and len(parts[0][0]) == 1 else None


def quotation_problem(fault: csv.Error, *, file: str, row: int) -> Problem:
    """What a quotation mark in the wrong place means. After `quotation_open` nothing more can be read."""
    if "expected after" not in str(fault):
        message = "A quotation mark in this row is never closed, so the rest of the file was not read. Close it."
        return error(file=file, row=row, code="quotation_open", message=message)
    message = "There is a quotation mark inside a quoted value, so the row was not read. Double it or remove it."
    return error(file=file, row=row, code="quotation_inside", message=message)


class TextRows:
    """The rows of a text file below its headings, in one pass over the bytes."""

    def __init__(self, stream: BinaryIO, *, name: str, encoding: Encoding, layout: Layout) -> None:
        self._stream, self._name, self._encoding, self._layout = stream, name, encoding, layout

    def position(self) -> int:
        return 0 if self._stream.closed else self._stream.tell()

    @property
    def has_raw_lines(self) -> bool:
        """Whether `raw_lines` can be asked for: one byte a comma and a line end, and no zero character to be pointed out."""
        return not self._encoding.has_nul and self._encoding.codec in _RAW_CODECS and self._layout.separator.isascii()

    def raw_lines(self) -> RawLines:
        return RawLines(self._stream, file=self._name, codec=self._encoding.codec, layout=self._layout)

    def numbered(self) -> Iterator[Numbered | Problem]:
        with as_text(self._stream, self._encoding) as text:
            if self._layout.has_separator_line:
                text.readline()
            rows = self._below_header(text)
            yield from self._without_nul(rows) if self._encoding.has_nul else rows

    def _below_header(self, text: IO[str]) -> Iterator[Numbered | Problem]:
        reader = csv.reader(text, delimiter=self._layout.separator, strict=True)
        header_row, number = self._layout.header_row, 0
        while True:
            try:
                for cells in reader:
                    number += 1
                    if number > header_row:
                        yield number, cells
                return
            except csv.Error as fault:
                number += 1
                problem = quotation_problem(fault, file=self._name, row=number)
                if number > header_row:
                    yield problem
                if problem.code == "quotation_open":
                    return

    def _without_nul(self, rows: Iterator[Numbered | Problem]) -> Iterator[Numbered | Problem]:
        for record in rows:
            if isinstance(record, Problem) or not any("\0" in cell for cell in record[1]):
                yield record
                continue
            number, cells = record
            index = next(index for index, cell in enumerate(cells) if "\0" in cell)
            headings = self._layout.headings
            column = headings[index].strip() if index < len(headings) else ""
            yield error(
                file=self._name,
                row=number,
                column=column or column_letter(index),
                code="zero_character",
                message="This cell has an unreadable (null) character. Type the value again and save the file as CSV.",
            )


def as_text(stream: BinaryIO, encoding: Encoding) -> io.TextIOWrapper:
    """The stream as text from its start; closing the text leaves the stream open."""
    stream.seek(0)
    buffered = io.BufferedReader(cast(io.RawIOBase, _Unclosed(stream)), _BUFFER)
    return io.TextIOWrapper(buffered, encoding=encoding.codec, newline="")


class _Unclosed(io.RawIOBase):
    """Reads from a stream that somebody else owns: closing this leaves that one open."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)
