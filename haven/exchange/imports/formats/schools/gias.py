"""Reads schools from Get Information About Schools (layouts of 2018 and 2024): every establishment, including closed ones.

The file may be UTF-8 or Windows-1252. An invalid value of a secondary field (an age, a closing date) is a query and left out. Only a
school without a name or a valid URN is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from haven.exchange.imports import sentences
from haven.exchange.imports.mapping.columns import Resolved
from haven.exchange.imports.problems import Problem
from haven.exchange.imports.reading.table import DEFAULT, Options, Reading, read_table
from haven.exchange.imports.reading.tabular import Source, Table
from haven.exchange.imports.sentences import Place
from haven.exchange.imports.values import postcode_of, read_date, with_leading_zero

_NOTHING = frozenset(["", "not applicable", "does not apply", "not recorded", "-"])


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """One establishment. Texts are as in the register of schools, and empty if the register is empty or says "Not applicable"."""

    row: int
    urn: str
    name: str
    la_code: str
    la_name: str
    establishment_number: str
    phase: str
    type: str
    status: str
    trust_ref: str
    trust_name: str
    low_age: int | None
    high_age: int | None
    street: str
    locality: str
    address3: str
    town: str
    county: str
    postcode: str
    telephone: str
    website: str
    head_name: str
    head_job_title: str
    gender: str
    religious_character: str
    ukprn: str
    capacity: int | None
    pupils: int | None
    opened_on: date | None
    closed_on: date | None

    @property
    def is_open(self) -> bool:
        """Whether the school is open or proposed to close, and not closed or proposed to open."""
        return self.status.casefold().startswith("open")


def read(source: Source, *, options: Options = DEFAULT) -> Reading[SchoolRow]:
    """The schools of a file in its order, with the problems between them. A repeated URN is an error."""
    return read_table(source, format="schools", items=_items, options=options)


def _items(table: Table, columns: Resolved) -> Iterator[SchoolRow | Problem]:
    rows_by_urn: dict[str, int] = {}
    for record in table.records():
        if isinstance(record, Problem):
            yield record
            continue
        school, problems = _SchoolCells(table, columns, *record).school()
        yield from problems
        if school is None:
            continue
        first_row = rows_by_urn.setdefault(school.urn, school.row)
        if first_row != school.row:
            at = Place(table.file, school.row, table.column(columns.positions["urn"]))
            yield sentences.school_twice(at, urn=school.urn, first_row=first_row)
        else:
            yield school


class _SchoolCells:
    """Reads one row into a SchoolRow."""

    def __init__(self, table: Table, columns: Resolved, number: int, cells: list[str]) -> None:
        self.table, self.positions, self.number, self.cells = table, columns.positions, number, cells
        self.problems: list[Problem] = []

    def school(self) -> tuple[SchoolRow | None, list[Problem]]:
        urn, name = self.text("urn"), self.text("name")
        if not (urn.isascii() and urn.isdigit() and len(urn) == 6):
            self.problems.append(sentences.bad_urn(self.place("urn"), text=urn))
        if not name:
            self.problems.append(sentences.value_missing(self.place("name"), what="name of the school"))
        if self.problems:
            return None, self.problems
        telephone, postcode = self.text("telephone"), self.text("postcode")
        return SchoolRow(
            row=self.number,
            urn=urn,
            name=name,
            la_code=self.digits("la_code", 3),
            la_name=self.text("la_name"),
            establishment_number=self.digits("establishment_number", 4),
            phase=self.text("phase"),
            type=self.text("type"),
            status=self.text("status"),
            trust_ref=self.text("trust_ref"),
            trust_name=self.text("trust_name"),
            low_age=self.whole("low_age"),
            high_age=self.whole("high_age"),
            street=self.text("street"),
            locality=self.text("locality"),
            address3=self.text("address3"),
            town=self.text("town"),
            county=self.text("county"),
            postcode=postcode_of(postcode) or postcode,
            telephone=with_leading_zero(telephone) or telephone,
            website=self.text("website"),
            head_name=" ".join(filter(None, map(self.text, ("head_title", "head_forename", "head_surname")))),
            head_job_title=self.text("head_job_title"),
            gender=self.text("gender"),
            religious_character=self.text("religious_character"),
            ukprn=self.text("ukprn"),
            capacity=self.whole("capacity"),
            pupils=self.whole("pupils"),
            opened_on=self.day("opened_on"),
            closed_on=self.day("closed_on"),
        ), self.problems

    def place(self, field: str) -> Place:
        return Place(self.table.file, self.number, self.table.column(self.positions[field]))

    def text(self, field: str) -> str:
        index = self.positions.get(field)
        cell = "" if index is None else self.cells[index].strip()
        return "" if cell.casefold() in _NOTHING else cell

    def digits(self, field: str, size: int) -> str:
        """A code of fixed length, with the leading zeros that a spreadsheet removes."""
        text = self.text(field)
        return text.zfill(size) if text.isdigit() else text

    def whole(self, field: str) -> int | None:
        text = self.text(field)
        if not text:
            return None
        if text.isascii() and text.isdigit() and len(text) < 10:
            return int(text)
        self.problems.append(
            sentences.value_unknown(self.place(field), text=text, what="whole number", choices="digits only")
        )
        return None

    def day(self, field: str) -> date | None:
        text = self.text(field)
        value = read_date(text, at=self.place(field)) if text else None
        if isinstance(value, Problem):
            choices = "a date like 21/11/2026"
            self.problems.append(sentences.value_unknown(self.place(field), text=text, what="date", choices=choices))
            return None
        return value
