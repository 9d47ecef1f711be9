"""Reads pupils and contacts from Haven's own layout, the usual reports of school systems, or a class list.

Names are read exactly as written, without surrounding spaces. A row is an error, and gives no pupil, without a surname, a forename or a
valid date of birth, with an invalid UPN, with contradictory dates, or for another school. Every other doubt is a query, whose sentence
says whether the value was used.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from haven.exchange.imports import sentences
from haven.exchange.imports.formats.pupils.cells import PupilCells
from haven.exchange.imports.formats.pupils.rows import PupilRow
from haven.exchange.imports.mapping.columns import Resolved
from haven.exchange.imports.problems import Problem
from haven.exchange.imports.reading.table import DEFAULT, Options, Reading, read_table
from haven.exchange.imports.reading.tabular import Source, Table
from haven.exchange.imports.sentences import Place


def read(
    source: Source, *, options: Options = DEFAULT, school_urn: str | None = None, as_of: date | None = None
) -> Reading[PupilRow]:
    """The pupils of a file in its order, with the problems between them.

    `school_urn` is the school that the file is imported for; rows for another school are errors. Dates of birth are checked against
    `as_of`, if given. The same pupil in two rows counts once; two rows with different details are an error.
    """
    return read_table(
        source,
        format="pupils",
        items=lambda table, columns: _items(table, columns, school_urn, as_of),
        options=options,
    )


def _items(table: Table, columns: Resolved, school_urn: str | None, as_of: date | None) -> Iterator[PupilRow | Problem]:
    if "upn" not in columns.positions:
        yield sentences.no_upn_column(Place(table.file, table.header_row))
    seen: dict[tuple[object, ...], PupilRow] = {}
    for record in table.records():
        if isinstance(record, Problem):
            yield record
            continue
        cells = PupilCells(table, columns, *record)
        pupil = cells.pupil(school_urn=school_urn, as_of=as_of)
        yield from cells.problems
        if pupil is None:
            continue
        repeat = _repeat_of(pupil, seen, Place(table.file, pupil.row))
        yield repeat or pupil


def _repeat_of(pupil: PupilRow, seen: dict[tuple[object, ...], PupilRow], at: Place) -> Problem | None:
    """The problem of a pupil who is in the file twice, by UPN or, without one, by name and date of birth."""
    by = "UPN" if pupil.upn else "name and date of birth"
    key = (pupil.upn,) if pupil.upn else (pupil.surname.casefold(), pupil.forename.casefold(), pupil.dob)
    first = seen.setdefault(key, pupil)
    if first is pupil:
        return None
    if first.is_same_as(pupil):
        return sentences.pupil_twice(at, first_row=first.row, by=by)
    return sentences.pupil_differs(at, first_row=first.row, by=by)
