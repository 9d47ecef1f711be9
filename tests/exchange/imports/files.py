"""Files for the tests of the readers: written into memory."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import xlsxwriter

from haven.exchange.imports.problems import Problem
from haven.exchange.imports.reading.table import Reading
from haven.rules.identifiers import make_upn

AMY, BEN = make_upn(801, 2001, 20, 1), make_upn(801, 2001, 20, 2)


def upload(content: str | bytes, name: str = "upload.csv", encoding: str = "utf-8") -> io.BytesIO:
    """A file object as a web upload gives it, with a name."""
    stream = io.BytesIO(content.encode(encoding) if isinstance(content, str) else content)
    stream.name = name
    return stream


def workbook(*sheets: list[list[Any]], name: str = "upload.csv", hidden: int = 0) -> io.BytesIO:
    """An Excel workbook, named as if it were CSV unless told otherwise; the first `hidden` sheets are hidden."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"default_date_format": "dd/mm/yyyy"})
    for number, rows in enumerate(sheets):
        sheet = book.add_worksheet()
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                sheet.write(row, column, cell)
        if number < hidden:
            sheet.hide()
        elif number == hidden:
            sheet.activate()
            sheet.set_first_sheet()
    book.close()
    return upload(content.getvalue(), name)


def open_document(rows: list[list[str]]) -> io.BytesIO:
    """A LibreOffice table, the least that is one."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    space = "urn:oasis:names:tc:opendocument:xmlns"
    text = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0" '
        f'xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet><table:table table:name="One">{cells}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", text)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return upload(content.getvalue(), "upload.ods")


def sorted_out(reading: Reading[Any]) -> tuple[list[Any], list[Problem]]:
    """The rows and the problems of a reading."""
    items = list(reading)
    problems = [item for item in items if isinstance(item, Problem)]
    for problem in problems:
        assert problem.sentence.startswith(f"{problem.place}: "), "a sentence says where"
        assert problem.message.rstrip().endswith("."), "a sentence ends as one"
        assert len(problem.message) > 20
    return [item for item in items if not isinstance(item, Problem)], problems


def codes_of(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]
