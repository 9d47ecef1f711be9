"""Opens an uploaded table in any of the usual forms, and yields its rows one by one, with the row numbers of a spreadsheet.

Reads UTF-8, UTF-16, Windows-1252 and Latin-1; comma, semicolon, tab and bar; titles and instructions above the headings and one row of
instructions below; blank lines; rows that are too short or too long; and spreadsheets, also if they are named `.csv`. A text file is never
in memory as a whole. A file that cannot be read raises `FileRejected`, with a problem that contains the remedy.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

from haven.exchange.imports.mapping.headings import HEADER_WITHIN, Numbered, column_letter, header_among, heading_name
from haven.exchange.imports.problems import FileRejected, Problem, error, query
from haven.exchange.imports.reading.encoding import encoding_of, remark_about
from haven.exchange.imports.reading.file_kind import kind_of
from haven.exchange.imports.reading.row_checks import RowChecks
from haven.exchange.imports.reading.spreadsheet import Sheet, open_sheet
from haven.exchange.imports.reading.text_rows import SEPARATORS, NotPlain, PlainText, TextRows, layout_of, sample_of
from haven.platform.ui.words import count_of

Source = str | Path | BinaryIO
"""A path, or a binary file object (an upload, standard input)."""

DEFAULT_MAX_BYTES = 1000 * 2**20


@dataclass(frozen=True, slots=True)
class Row:
    """One row of data: the number that a spreadsheet shows, and its trimmed cells by heading name."""

    number: int
    cells: dict[str, str]


@dataclass(slots=True)
class Table:
    """An open table. `headings` are as written, `names` the same without case, spaces and underscores."""

    file: str
    headings: list[str]
    names: list[str]
    header_row: int
    how_read: str
    bytes_total: int
    first_column: int = 0
    remarks: list[Problem] = field(default_factory=list)
    checks: RowChecks = field(init=False)
    _numbered: Callable[[], Iterator[Numbered | Problem]] = field(repr=False, default=lambda: iter(()))
    _plain: Callable[[], PlainText] | None = field(repr=False, default=None)
    _position: Callable[[], int] = field(repr=False, default=lambda: 0)
    _close: Callable[[], None] = field(repr=False, default=lambda: None)

    def __post_init__(self) -> None:
        self.checks = RowChecks(file=self.file, width=len(self.names))

    def __enter__(self) -> Table:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a file object that was passed in stays open."""
        self._close()

    @property
    def bytes_read(self) -> int:
        """How many bytes were read, for a progress line beside `bytes_total`."""
        return min(self._position(), self.bytes_total)

    def column(self, index: int) -> str:
        """A column as a user finds it: its heading, or its letter if it has none."""
        heading = self.headings[index].strip() if index < len(self.headings) else ""
        return heading or column_letter(index + self.first_column)

    def records(self) -> Iterator[Numbered | Problem]:
        """(row number, cells in the order of `names`), untrimmed; every row has as many cells as there are headings.

        Blank rows are skipped. A row with filled cells beyond the last heading gives a problem instead of a row; missing cells at the end
        are empty, and reported once at the end. Remarks about the file come first.
        """
        yield from self.remarks
        width, checks = len(self.names), self.checks
        for record in self._numbered():
            if isinstance(record, Problem):
                checks.has_rows = True
                yield record
                continue
            number, cells = record
            if checks.has_rows and len(cells) == width and cells[0] and not cells[0].isspace():
                yield record
                continue
            checked = checks.check(number, cells)
            if checked is not None:
                yield checked if isinstance(checked, Problem) else (number, checked)
        if remark := checks.finish():
            yield remark

    def plain_text(self) -> PlainText:
        """The unsplit lines below the headings, for a reader of columns.

        Raises NotPlain for a spreadsheet, for UTF-16, and for a text whose cells have to be read one by one. The caller yields `remarks`
        first, as `records` does.
        """
        if self._plain is None:
            raise NotPlain
        return self._plain()

    def rows(self) -> Iterator[Row | Problem]:
        """The records as `Row`: cells trimmed and by heading name."""
        for record in self.records():
            if isinstance(record, Problem):
                yield record
            else:
                number, cells = record
                yield Row(number, {name: cell.strip() for name, cell in zip(self.names, cells, strict=True)})


def open_rows(
    source: Source,
    *,
    known: Callable[[str], bool],
    name: str | None = None,
    max_bytes: int = DEFAULT_MAX_BYTES,
) -> Table:
    """Open a path or a binary file object as a table.

    `known` says whether the import uses a heading name (see `heading_name`): the separator, the heading row and the sheet with the most
    known headings are chosen. Raises `FileRejected`.
    """
    name = name or _name_of(source)
    stream, close = _seekable(source, name=name, max_bytes=max_bytes)
    try:
        size = stream.seek(0, io.SEEK_END)
        _check_size(size, name=name, max_bytes=max_bytes)
        kind = kind_of(stream, name=name, max_unpacked=4 * max_bytes)
        if isinstance(kind, Problem):
            raise FileRejected(kind)
        if kind == "spreadsheet":
            return _spreadsheet_table(stream, name=name, known=known, size=size, close=close)
        return _text_table(stream, name=name, known=known, size=size, close=close)
    except BaseException:
        close()
        raise


def _spreadsheet_table(
    stream: BinaryIO, *, name: str, known: Callable[[str], bool], size: int, close: Callable[[], None]
) -> Table:
    sheet = open_sheet(stream, name=name, known=known)
    if isinstance(sheet, Problem):
        raise FileRejected(sheet)
    first_rows = [record for record, _ in zip(sheet.rows(), range(HEADER_WITHIN), strict=False)]
    header = header_among(first_rows, known=known)
    if header is None:
        raise FileRejected(empty_file(name))
    header_row, headings = header
    return Table(
        file=name,
        headings=headings,
        names=[heading_name(heading) for heading in headings],
        header_row=header_row,
        how_read=f"spreadsheet, sheet “{sheet.name}”, headings in row {header_row}",
        bytes_total=size,
        first_column=sheet.first_column,
        remarks=_sheet_remarks(sheet, name),
        _numbered=lambda: (record for record in sheet.rows() if record[0] > header_row),
        _close=close,
    )


def _sheet_remarks(sheet: Sheet, name: str) -> list[Problem]:
    if not sheet.others:
        return []
    message = (
        f"Only the sheet “{sheet.name}” was read; {count_of(sheet.others, 'other sheet')} with content was not. "
        "If you need another sheet, save it as a separate file."
    )
    return [query(file=name, code="other_sheets", message=message)]


def _text_table(
    stream: BinaryIO, *, name: str, known: Callable[[str], bool], size: int, close: Callable[[], None]
) -> Table:
    encoding = encoding_of(stream, name=name)
    if isinstance(encoding, Problem):
        raise FileRejected(encoding)
    layout = layout_of(sample_of(stream, encoding), known=known)
    if layout is None:
        raise FileRejected(empty_file(name))
    remark = remark_about(encoding, name=name)
    reading = TextRows(stream, name=name, encoding=encoding, layout=layout)
    return Table(
        file=name,
        headings=layout.headings,
        names=[heading_name(heading) for heading in layout.headings],
        header_row=layout.header_row,
        how_read=(
            f"text, {encoding.spoken}, separated by {SEPARATORS.get(layout.separator, layout.separator)}, "
            f"headings in row {layout.header_row}"
        ),
        bytes_total=size,
        remarks=[remark] if remark else [],
        _numbered=reading.numbered,
        _plain=reading.plain_text,
        _position=reading.position,
        _close=close,
    )


def _name_of(source: Source) -> str:
    """The name of the file, without the folders of the server."""
    if isinstance(source, (str, Path)):
        return Path(source).name
    return Path(str(getattr(source, "name", None) or "the file")).name


def _seekable(source: Source, *, name: str, max_bytes: int) -> tuple[BinaryIO, Callable[[], None]]:
    """A stream that can be read twice, and a function that closes it. A stream that cannot be rewound is copied to a temporary file."""
    if isinstance(source, (str, Path)):
        try:
            opened = open(source, "rb")  # noqa: SIM115 - closed by Table.close
        except OSError:
            message = "File not found, or Haven cannot read it. Check the name and the folder."
            raise FileRejected(error(file=name, code="file_missing", message=message)) from None
        return opened, opened.close
    if source.seekable():
        return source, lambda: None
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed by Table.close
    while piece := source.read(1 << 20):
        copy.write(piece)
        if copy.tell() > max_bytes:
            break
    return cast(BinaryIO, copy), copy.close


def _check_size(size: int, *, name: str, max_bytes: int) -> None:
    if size == 0:
        raise FileRejected(empty_file(name))
    if size > max_bytes:
        message = (
            f"This file is larger than {max_bytes / 1_000_000:,.0f} MB, which is the limit of this site. Split it, "
            "for example by term, and import the parts one after the other."
        )
        raise FileRejected(error(file=name, code="file_too_large", message=message))


def empty_file(name: str) -> Problem:
    message = "The file is empty. Check that you chose the right file and save it again."
    return error(file=name, code="file_empty", message=message)
