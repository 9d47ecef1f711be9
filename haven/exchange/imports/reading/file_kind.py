"""Detects the kind of a file from its first bytes, whatever its name is."""

from __future__ import annotations

import io
import zipfile
from typing import BinaryIO, Literal

from haven.exchange.imports.problems import Problem, error

Kind = Literal["text", "spreadsheet"]

_SAVE_AS_CSV = "Open it, save the table as CSV or as an Excel workbook, and upload that file."
_REFUSED: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF document", "Ask for the same report as CSV or as an Excel workbook and upload that file."),
    (b"MZ", "a program", "Choose the file with the table and upload that one."),
    (b"\x7fELF", "a program", "Choose the file with the table and upload that one."),
    (b"\x1f\x8b", "a compressed file", "Unpack it and upload the file inside."),
    (b"7z\xbc\xaf", "a compressed folder", "Unpack it and upload the file inside."),
    (b"Rar!", "a compressed folder", "Unpack it and upload the file inside."),
    (b"\x89PNG", "a picture", "Upload the table itself as CSV or as an Excel workbook."),
    (b"\xff\xd8\xff", "a picture", "Upload the table itself as CSV or as an Excel workbook."),
    (b"GIF8", "a picture", "Upload the table itself as CSV or as an Excel workbook."),
    (b"{\\rtf", "a text document (RTF)", _SAVE_AS_CSV),
    (b"SQLite format 3", "a database", "Upload the table as CSV or as an Excel workbook."),
)
LOCKED = "This workbook has a password. Open it, remove the password, save it and upload that file."

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_WORKBOOK = (b"W\0o\0r\0k\0b\0o\0o\0k\0", b"B\0o\0o\0k\0")
_OLE_ENCRYPTED = b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"


def kind_of(stream: BinaryIO, *, name: str, max_unpacked: int) -> Kind | Problem:
    """`text`, `spreadsheet`, or the problem that refuses the file; the stream is rewound."""
    stream.seek(0)
    head = stream.read(4096)
    stream.seek(0)
    for magic, what, advice in _REFUSED:
        if head.startswith(magic) and _is_binary_enough(magic, head):
            return _refused(name, what, advice)
    if head.startswith((_ZIP, b"PK\x05\x06")):
        return _kind_of_zip(stream, name=name, max_unpacked=max_unpacked)
    if head.startswith(_OLE):
        return _kind_of_ole(stream, name=name)
    return _kind_of_text(head, name)


def _is_binary_enough(magic: bytes, head: bytes) -> bool:
    """`MZ` may begin a pupil's name; a program has zero bytes soon after it."""
    return magic != b"MZ" or b"\0" in head[:128]


def _kind_of_text(head: bytes, name: str) -> Kind | Problem:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head")):
        return _refused(name, "a web page", _SAVE_AS_CSV)
    if start.startswith(b"<?xml"):
        return _refused(name, "an XML file", "Choose the import for its format, or upload the table as CSV.")
    if start.startswith((b'{"', b"[{", b"{\n", b"{\r\n")):
        return _refused(name, "a JSON file", "Upload the table as CSV or as an Excel workbook.")
    return "text"


def _kind_of_zip(stream: BinaryIO, *, name: str, max_unpacked: int) -> Kind | Problem:
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
            unpacked = sum(member.file_size for member in archive.infolist())
            is_ods = "mimetype" in names and archive.read("mimetype").strip() == _ODS
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError):
        return _refused(name, "a damaged spreadsheet or compressed folder", "Save it again and upload the new file.")
    finally:
        stream.seek(0)
    if unpacked > max_unpacked:
        megabytes = max_unpacked // 1_000_000
        return error(
            file=name,
            code="file_too_large",
            message=f"Unpacked, this spreadsheet is larger than {megabytes:,} MB. Save the table as CSV, or split it.",
        )
    if is_ods or names & {"xl/workbook.xml", "xl/workbook.bin"}:
        return "spreadsheet"
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        return _refused(name, "a document, not a table", _SAVE_AS_CSV)
    return _refused(name, "a compressed folder (zip)", "Unpack it and upload the file inside.")


def _kind_of_ole(stream: BinaryIO, *, name: str) -> Kind | Problem:
    content = stream.read()
    stream.seek(0, io.SEEK_SET)
    if _OLE_ENCRYPTED in content:
        return error(
            file=name,
            code="file_locked",
            message=LOCKED,
        )
    if any(part in content for part in _OLE_WORKBOOK):
        return "spreadsheet"
    return _refused(name, "an old Office document, not a workbook", _SAVE_AS_CSV)


def _refused(name: str, what: str, advice: str) -> Problem:
    return error(file=name, code="file_kind", message=f"This is {what}, so no table can be read from it. {advice}")
