"""Reads the rows of a text table in one pass over its bytes: separators, headings, quotation marks, zero characters."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

import numpy as np

from haven.exchange.imports.mapping.headings import HEADER_WITHIN, Numbered, column_letter, header_among, heading_score
from haven.exchange.imports.problems import Problem, error
from haven.exchange.imports.reading.encoding import Encoding

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SAMPLE = 1 << 18
_BUFFER = 1 << 18
_PIECE = 1 << 21
_PLAIN_CODECS = ("utf-8", "utf-8-sig", "cp1252", "latin-1")
_EXCEL_SEPARATOR = re.compile(r'"?sep=(.)"?\s*$', re.I)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the text of a file is split into a table."""

    separator: str
    has_separator_line: bool
    header_row: int
    headings: list[str]


def sample_of(stream: BinaryIO, encoding: Encoding) -> list[str]:
    """The first lines, complete; the sample of a long file ends with its last complete line."""
    with as_text(stream, encoding) as text:
        sample = text.read(_SAMPLE)
        lines = list(io.StringIO(sample, newline=""))
        if len(lines) > 1 and text.read(1):
            lines.pop()
    return lines


def layout_of(lines: list[str], *, known: Callable[[str], bool]) -> Layout | None:
    """The separator and heading row with the most known headings; if none is known, those with the most cells."""
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
            # One cell a line, for every separator. This is tried once, and not after a known heading was found, because it cannot be better.
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
        pass  # the rows before the fault are enough to find the headings
    return records


class NotPlain(Exception):
    """A text that has to be read row by row: see `plain_text`."""


@dataclass(frozen=True, slots=True)
class PlainText:
    """The lines of a text below its headings, if every line is one row and every cell can be split without ambiguity.

    `pieces` are several complete lines at a time, as bytes; the iterator raises NotPlain for a cell that only the csv module reads
    correctly. The first line has the row number `first_row`.
    """

    codec: str
    separator: str
    first_row: int
    pieces: Iterator[bytes]


def _plain_pieces(stream: BinaryIO, separator: str) -> Iterator[bytes]:
    tail = b""
    while read := stream.read(_PIECE):
        end = read.rfind(b"\n") + 1
        if end:
            yield _checked_plain(tail + read[:end], separator)
        tail = read[end:] if end else tail + read
    if tail:
        yield _checked_plain(tail, separator)


def _checked_plain(piece: bytes, separator: str) -> bytes:
    """The piece. Raises NotPlain for a lone carriage return, and for quotation marks other than around complete cells."""
    if piece.count(b"\r") != piece.count(b"\r\n") or piece.startswith(codecs.BOM_UTF8):
        raise NotPlain
    if b'"' in piece and not _has_plain_quotation(piece, separator):
        raise NotPlain
    return piece


def _has_plain_quotation(piece: bytes, separator: str) -> bool:
    """Whether each quotation mark is at the beginning or end of a cell, without other marks or line ends between them."""
    text = np.frombuffer(b"\n" + piece + b"\n", np.uint8)
    marks, line_ends = np.flatnonzero(text == ord('"')), np.flatnonzero(text == ord("\n"))
    opening, closing = marks[0::2], marks[1::2]
    if len(opening) != len(closing):
        return False
    is_in_one_line = np.searchsorted(line_ends, opening) == np.searchsorted(line_ends, closing)
    begins = np.isin(text[opening - 1], [ord(separator), ord("\n")])
    ends = np.isin(text[closing + 1], [ord(separator), ord("\n"), ord("\r")])
    return bool((is_in_one_line & begins & ends).all())


def quotation_problem(fault: csv.Error, *, file: str, row: int) -> Problem:
    """The problem of a misplaced quotation mark. After `quotation_open` nothing more can be read."""
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

    def plain_text(self) -> PlainText:
        """The text as PlainText. Raises NotPlain if its encoding or the rows above its data do not allow that: a separator and a line end
        are one byte each, there is no zero character, and each row down to the headings is one line."""
        codec, layout, stream = self._encoding.codec, self._layout, self._stream
        if self._encoding.has_nul or codec not in _PLAIN_CODECS or not layout.separator.isascii():
            raise NotPlain
        stream.seek(len(codecs.BOM_UTF8) if codec == "utf-8-sig" else 0)
        for _ in range(layout.header_row + layout.has_separator_line):
            line = stream.readline(_SAMPLE)
            if b'"' in line or b"\r" in line.removesuffix(b"\n").removesuffix(b"\r"):
                raise NotPlain
        return PlainText(
            codec.removesuffix("-sig"), layout.separator, layout.header_row + 1, _plain_pieces(stream, layout.separator)
        )

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
    """The stream as text from its start; the stream stays open when the text is closed."""
    stream.seek(0)
    buffered = io.BufferedReader(cast(io.RawIOBase, _Unclosed(stream)), _BUFFER)
    return io.TextIOWrapper(buffered, encoding=encoding.codec, newline="")


class _Unclosed(io.RawIOBase):
    """Reads from a stream that another object owns: closing this leaves that one open."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)
