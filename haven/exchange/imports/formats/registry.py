"""The registry of file types that can be imported, for `haven import` and its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from haven.exchange.imports.formats.calendar import calendar_csv
from haven.exchange.imports.formats.marks import long as marks_long
from haven.exchange.imports.formats.marks import wide as marks_wide
from haven.exchange.imports.formats.marks.parsed import MarkRow, ParsedMarks
from haven.exchange.imports.formats.marks.wide import is_session_heading
from haven.exchange.imports.formats.pupils import pupils_csv
from haven.exchange.imports.formats.schools import gias
from haven.exchange.imports.mapping import columns as mapping
from haven.exchange.imports.problems import Problem
from haven.exchange.imports.reading.table import DEFAULT, Options, Reading, open_or_problem, refused_reading
from haven.exchange.imports.reading.tabular import Source


@dataclass(frozen=True, slots=True)
class Format:
    """One file type, named by WORD in `haven import WORD FILE`. `columns` are the required columns, by their usual headings."""

    word: str
    title: str
    read: Callable[..., Reading[Any]]
    needs_school: bool
    needs_first: tuple[str, ...]
    needs: str
    columns: tuple[str, ...]
    layouts: tuple[str, ...]


def read_marks(
    source: Source,
    *,
    options: Options = DEFAULT,
    codes: Mapping[str, str] | None = None,
    ledger: ParsedMarks | None = None,
    hand_out: bool = True,
) -> Reading[MarkRow]:
    """Reads marks of either form: wide if a heading is that of a session, otherwise long."""
    knows = [mapping.knows(format, options.mapping) for format in ("marks_long", "marks_wide")]
    table = open_or_problem(
        source,
        known=lambda name: is_session_heading(name) or any(is_known(name) for is_known in knows),
        options=options,
    )
    if isinstance(table, Problem):
        return refused_reading(table)
    form = marks_wide.read if any(map(is_session_heading, table.names)) else marks_long.read
    return form(table, options=options, codes=codes, ledger=ledger, hand_out=hand_out)


def _layouts(*formats: str) -> tuple[str, ...]:
    return tuple(layout.title for format in formats for layout in mapping.layouts_for(format))


def formats() -> dict[str, Format]:
    """Every file type by its word, in the order in which a new school imports them."""
    every = (
        Format(
            word="schools",
            title="Schools from Get Information About Schools",
            read=gias.read,
            needs_school=False,
            needs_first=(),
            needs="the CSV of all establishment data, layout of 2018 or 2024",
            columns=("URN", "EstablishmentName", "LA (code)", "EstablishmentStatus (name)"),
            layouts=_layouts("schools"),
        ),
        Format(
            word="calendar",
            title="A school's calendar of one academic year",
            read=calendar_csv.read,
            needs_school=True,
            needs_first=("schools",),
            needs="one line for each open session (date, session), or terms, holidays, INSET days and closures (kind, from, to)",
            columns=("date", "session"),
            layouts=_layouts("calendar"),
        ),
        Format(
            word="pupils",
            title="Pupils and their contacts",
            read=pupils_csv.read,
            needs_school=True,
            needs_first=("schools",),
            needs="one line for each pupil; a class list without UPNs will do",
            columns=("upn", "surname", "forename", "dob"),
            layouts=_layouts("pupils"),
        ),
        Format(
            word="marks",
            title="Register marks",
            read=read_marks,
            needs_school=True,
            needs_first=("calendar", "pupils"),
            needs="one row per pupil and session, or one row per pupil with a column per session",
            columns=("upn", "date", "session", "code"),
            layouts=_layouts("marks_long", "marks_wide"),
        ),
    )
    return {entry.word: entry for entry in every}


def list_lines() -> list[str]:
    """The output of `haven import --list`."""
    return [
        f"{entry.word}: {entry.title}. Needs {entry.needs}."
        + (f" Import {' and '.join(entry.needs_first)} first." if entry.needs_first else "")
        for entry in formats().values()
    ]
