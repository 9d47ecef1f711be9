"""Reads marks in the wide form: one line for each pupil, and one column for each session, headed `2026-09-02 AM`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from haven.exchange.imports import sentences
from haven.exchange.imports.formats.marks.parsed import MarkCell, MarkChecks, MarkRow, ParsedMarks, PupilMarks, new_mark
from haven.exchange.imports.mapping.columns import Resolved
from haven.exchange.imports.problems import Problem
from haven.exchange.imports.reading.table import DEFAULT, Options, Reading, read_table
from haven.exchange.imports.reading.tabular import Source, Table
from haven.exchange.imports.sentences import Place
from haven.rules.sessions import Half

_SESSION_NAME = re.compile(r"(\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{2,4})[-t]?(am|pm)")


class _SessionColumn(NamedTuple):
    place: int
    heading: str
    on: date
    half: Half
    slots: dict[str, MarkCell | None]


def is_session_heading(name: str) -> bool:
    """Whether a heading name (without spaces and case) is that of a session: `2026-09-02am`, `02/09/2026pm`."""
    return _SESSION_NAME.fullmatch(name) is not None


def read(
    source: Source | Table,
    *,
    options: Options = DEFAULT,
    codes: Mapping[str, str] | None = None,
    ledger: ParsedMarks | None = None,
    hand_out: bool = True,
) -> Reading[MarkRow]:
    """The marks of a file in the wide form, row by row, with the problems between them.

    Empty cells are missing marks and give no row. A pupil in two rows is checked mark by mark: the same code counts once; different codes
    are an error and add the session to `ledger.disputed`. Otherwise as for the long form.
    """
    return read_table(
        source,
        format="marks_wide",
        items=lambda table, found: _items(
            table, found, MarkChecks(file=table.file, ledger=ledger or ParsedMarks(), codes=codes), hand_out=hand_out
        ),
        options=options,
        also_known=is_session_heading,
    )


def _items(table: Table, found: Resolved, checks: MarkChecks, *, hand_out: bool) -> Iterator[MarkRow | Problem]:
    columns, faults = _session_columns(table, checks)
    yield from faults
    if faults:
        return
    upn_at = found.positions["upn"]
    upn_column = table.column(upn_at)
    for record in table.records():
        if isinstance(record, Problem):
            yield record
            continue
        number, cells = record
        pupil = checks.pupil(cells[upn_at], at=Place(table.file, number, upn_column))
        if isinstance(pupil, PupilMarks):
            marks = _marks_of(pupil, number, cells, columns, checks)
            yield from marks if hand_out else (mark for mark in marks if isinstance(mark, Problem))
        elif pupil is not None:
            yield pupil


def _marks_of(
    pupil: PupilMarks, number: int, cells: list[str], columns: list[_SessionColumn], checks: MarkChecks
) -> Iterator[MarkRow | Problem]:
    """The marks in one row. Each column caches its codes, so that a code is checked once a session."""
    upn, seen, rows = pupil.upn, pupil.codes, pupil.rows
    for place, heading, on, half, slots in columns:
        text = cells[place]
        if not text:
            continue
        try:
            slot = slots[text]
        except KeyError:
            looked = checks.slot(on, half, text, at=Place(checks.file, number, heading))
            if isinstance(looked, Problem):
                yield looked
                continue
            slot = slots[text] = looked
        if slot is None:
            continue
        session = slot.session
        if seen[session]:
            yield checks.again(pupil, slot, at=Place(checks.file, number, heading))
            continue
        seen[session] = slot.code
        rows[session] = number
        yield new_mark((number, heading, upn, on, half, slot.symbol, None, ""))


def _session_columns(table: Table, checks: MarkChecks) -> tuple[list[_SessionColumn], list[Problem]]:
    """The columns that are sessions, in order of the file, or the problem of the headings."""
    columns: dict[tuple[date, Half], _SessionColumn] = {}
    faults: list[Problem] = []
    for index, name in enumerate(table.names):
        match = _SESSION_NAME.fullmatch(name)
        if match is None:
            continue
        heading = table.column(index)
        at = Place(table.file, table.header_row, heading)
        session = checks.session(match[1], match[2], at_date=at, at_half=at)
        if isinstance(session, Problem):
            faults.append(session)
        elif session in columns:
            faults.append(sentences.session_column_twice(at, first_column=columns[session].heading))
        else:
            checks.ledger.session_number(*session)
            columns[session] = _SessionColumn(index, heading, *session, {})
    if not columns and not faults:
        faults.append(sentences.no_session_columns(Place(table.file, table.header_row)))
    return list(columns.values()), faults
