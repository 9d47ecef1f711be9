"""Marks in the long form: one line for each session of each pupil, `upn,date,session,code`.

A year of a school holds the same few hundred lines again and again once the UPN is cut off, so a line is cut and checked the first
time only, and recognised after that: by compiled code where the UPN stands first in a text, else in a dictionary. Both ways give the
same marks and the same problems.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from haven.analytics.lines import AGAIN, NEW, Words, ahead, walk
from haven.exchange.imports import sentences
from haven.exchange.imports.formats.marks.parsed import (
    LATE_CODES,
    MarkCell,
    MarkChecks,
    MarkRow,
    ParsedMarks,
    PupilMarks,
)
from haven.exchange.imports.mapping.columns import Resolved
from haven.exchange.imports.problems import Problem
from haven.exchange.imports.reading.table import DEFAULT, Options, Reading, read_table
from haven.exchange.imports.reading.tabular import Source, Table
from haven.exchange.imports.reading.text_rows import RawLines
from haven.exchange.imports.sentences import Place
from haven.exchange.imports.values import read_whole_number

NEAREST, FURTHEST = 1 << 8, 1 << 16
"""Bytes in which it is looked ahead for somebody new, at first and at most."""


def read(
    source: Source | Table,
    *,
    options: Options = DEFAULT,
    codes: Mapping[str, str] | None = None,
    ledger: ParsedMarks | None = None,
    hand_out: bool = True,
) -> Reading[MarkRow]:
    """The marks of a file in the long form, in its order, with the problems between them.

    A line without a code stays a missing mark. The same mark twice counts once (a query). Two different codes for one
    session are an error that names both rows; the first of them was handed out by then, so the session goes into
    `ledger.disputed` for an import that takes only the good rows. `codes` translates the school's own sub-codes. All
    marks go into `ledger`; with `hand_out=False` only there, and the reading yields the problems alone, much faster.
    """
    return read_table(
        source,
        format="marks_long",
        items=lambda table, found: _LongForm(table, found, ledger or ParsedMarks(), codes).items(hand_out=hand_out),
        options=options,
    )


class _LongForm:
    def __init__(self, table: Table, found: Resolved, ledger: ParsedMarks, codes: Mapping[str, str] | None) -> None:
        self.table, self.at, self.ledger = table, found.positions, ledger
        self.checks = MarkChecks(file=table.file, ledger=ledger, codes=codes)
        self.columns = {name: table.column(index) for name, index in found.positions.items()}
        self.pupils: dict[str, PupilMarks] = {}
        self.slots: dict[tuple[str, ...], MarkCell] = {}
        self.ahead = NEAREST
        self.blanks = np.zeros(2, np.int64)  # lines without a code, and the row of the first

    def items(self, *, hand_out: bool) -> Iterator[MarkRow | Problem]:
        raw = None if hand_out or self.at["upn"] else self.table.raw_lines()
        yield from self._by_lines(raw) if raw else self._by_cells(hand_out)
        without_code, first_of_them = self.blanks.tolist()
        if without_code:
            yield sentences.no_code(self._place(first_of_them, "code"), rows=without_code)

    def _by_lines(self, raw: RawLines) -> Iterator[Problem]:
        """The UPN stands first: a line is cut there, by compiled code, and looked at in full only if something in it is new."""
        yield from self.table.remarks
        yield from self._walk(raw)
        if remark := self.table.checks.finish():
            yield remark

    def _walk(self, raw: RawLines) -> Iterator[Problem]:
        known, number = _Known(self.ledger, self.blanks), raw.header_row + 1
        while raw.fill():
            piece, text = raw.piece, np.frombuffer(raw.piece, np.uint8)
            while raw.piece is piece and raw.at < len(piece):
                why, raw.at, number, first, rest = known.walk(text, raw.at, number, raw.separator)
                if why == AGAIN:
                    pupil, slot = known.pupils[first], known.slots[rest]
                    assert slot is not None  # an end without a code takes no place, so it is never there twice
                    yield self.checks.again(pupil, slot, at=self._place(number - 1, "code"))
                elif why == NEW and rest >= 0 and self._look_ahead(raw, text, known):
                    continue
                elif why == NEW and rest >= 0 and (cell := raw.first_cell()):
                    if problem := self._somebody_new(number, *cell, known):
                        yield problem
                    if not known.knows(cell[0]):
                        self.blanks += (0, 0) if known.slots[rest] else (1, 0 if self.blanks[0] else number)
                        raw.pass_line()
                        number += 1
                elif why == NEW:
                    cells, line = raw.cut(number=number), raw.last_cut
                    for item in self._look(number, cells, False, partial(known.remember, raw.parts_of(line))):
                        assert isinstance(item, Problem)
                        yield item
                    number += 1
                    if isinstance(cells, Problem) and cells.code == "quotation_open":
                        return

    def _look_ahead(self, raw: RawLines, text: Any, known: _Known) -> bool:
        """Know the good UPNs of the lines from here on, up to the first in which anything else is new or wrong; whether there was one. The
        file of a day has somebody new in every second line, that of a year hardly ever: it looks further as long as it finds many."""
        many, new = known.ahead(text, raw.at, raw.at + self.ahead, raw.separator)
        firsts = list(dict.fromkeys([raw.piece[begin:end] for begin, end in new]))
        pupils = self.checks.good_pupils(firsts, raw.codec)
        self.ahead = min(2 * self.ahead, FURTHEST) if 4 * len(pupils) >= many > 2 else NEAREST
        if pupils:
            known.remember_firsts(firsts[: len(pupils)], pupils)
        return bool(pupils)

    def _somebody_new(self, number: int, first: bytes, upn: str, known: _Known) -> Problem | None:
        """A line of which only the UPN was not seen before: that alone is looked at, and known from now on if it is good."""
        pupil = self.checks.pupil(upn, at=self._place(number, "upn"))
        if isinstance(pupil, PupilMarks):
            known.remember_first(first, pupil)
        return pupil if isinstance(pupil, Problem) else None

    def _by_cells(self, hand_out: bool) -> Iterator[MarkRow | Problem]:
        """Any order of columns, and spreadsheets: every line is cut into cells."""
        upn_at = self.at["upn"]
        others = [self.at[name] for name in ("date", "session", "code", "minutes_late", "comment") if name in self.at]
        for record in self.table.records():
            if isinstance(record, Problem):
                yield record
                continue
            number, cells = record
            upn_key, rest = cells[upn_at], tuple([cells[index] for index in others])
            pupil, slot = self.pupils.get(upn_key), self.slots.get(rest)
            if pupil is not None and slot is not None:
                yield from self._enter(number, pupil, slot, None, "", hand_out)
            else:
                yield from self._look(number, cells, hand_out, partial(self._remember, upn_key, rest))

    def _remember(
        self, upn_key: str, rest: tuple[str, ...], pupil: PupilMarks, slot: MarkCell | None, is_alone: bool
    ) -> None:
        self.pupils[upn_key] = pupil
        if slot is not None and is_alone:
            self.slots[rest] = slot

    def _enter(
        self, number: int, pupil: PupilMarks, slot: MarkCell, minutes: int | None, comment: str, hand_out: bool
    ) -> Iterator[MarkRow | Problem]:
        """The mark into the ledger and out, unless its session has one already."""
        place = pupil.number, slot.session
        if self.ledger.codes[place]:
            yield self.checks.again(pupil, slot, at=self._place(number, "code"))
            return
        self.ledger.codes[place] = slot.code
        self.ledger.rows[place] = number
        if comment or minutes is not None:
            self.ledger.extras[pupil.upn, slot.session] = minutes, comment
        if hand_out:
            yield MarkRow(number, self.columns["code"], pupil.upn, slot.on, slot.half, slot.symbol, minutes, comment)

    def _look(
        self, number: int, cells: list[str] | Problem, hand_out: bool, remember: Callable[[PupilMarks, MarkCell | None, bool], None],
    ) -> Iterator[MarkRow | Problem]:  # fmt: skip
        """A line with something new in it: looked at in full, remembered if it is good, and entered."""
        if isinstance(cells, Problem):
            self.table.checks.has_rows = True
            yield cells
            return
        checked = self.table.checks.check(number, cells)
        if not isinstance(checked, list):
            yield from [checked] if checked else []
            return
        pupil = self.checks.pupil(checked[self.at["upn"]], at=self._place(number, "upn"))
        slot = self._slot(number, checked)
        minutes, comment, remark = self._extras(number, checked, slot)
        problems = [found for found in (pupil, slot, remark) if isinstance(found, Problem)]
        yield from problems
        is_wrong = any(problem.is_error for problem in problems)
        if is_wrong or not isinstance(pupil, PupilMarks) or isinstance(slot, Problem):
            return
        remember(pupil, slot, minutes is None and not comment)
        if slot is not None:
            yield from self._enter(number, pupil, slot, minutes, comment, hand_out)

    def _slot(self, number: int, cells: list[str]) -> MarkCell | Problem | None:
        at_date, at_half = self._place(number, "date"), self._place(number, "session")
        session = self.checks.session(
            cells[self.at["date"]], cells[self.at["session"]], at_date=at_date, at_half=at_half
        )
        if isinstance(session, Problem):
            return session
        slot = self.checks.slot(*session, cells[self.at["code"]], at=self._place(number, "code"))
        if slot is None:
            self.blanks += (1, 0 if self.blanks[0] else number)
        return slot

    def _extras(
        self, number: int, cells: list[str], slot: MarkCell | Problem | None
    ) -> tuple[int | None, str, Problem | None]:
        """Minutes late, comment, and what is wrong with the minutes."""
        comment = cells[self.at["comment"]].strip() if "comment" in self.at else ""
        if "minutes_late" not in self.at:
            return None, comment, None
        at = self._place(number, "minutes_late")
        minutes = read_whole_number(cells[self.at["minutes_late"]], what="number of minutes", at=at)
        if isinstance(minutes, Problem):
            return None, comment, minutes
        if minutes and isinstance(slot, MarkCell) and slot.symbol not in LATE_CODES:
            return minutes, comment, sentences.minutes_without_late(at, symbol=slot.symbol)
        return minutes, comment, None

    def _place(self, number: int, field: str) -> Place:
        return Place(self.table.file, number, self.columns[field])


class _Known:
    """What the compiled walk knows of a file so far: beginnings of lines, by pupil, and ends of lines, by slot."""

    def __init__(self, ledger: ParsedMarks, blanks: Any) -> None:
        self.ledger, self.blanks = ledger, blanks
        self.firsts, self.rests = Words(), Words()
        self.pupils: list[PupilMarks] = []
        self.slots: list[MarkCell | None] = []
        self._seen: tuple[set[bytes], set[bytes]] = set(), set()
        self._owners, self._places = np.zeros(1024, np.int64), np.zeros(1024, np.int64)
        self._values = np.zeros(1024, np.uint8)

    def remember(
        self, line: tuple[bytes, bytes] | None, pupil: PupilMarks, slot: MarkCell | None, is_alone: bool
    ) -> None:
        """Know the two parts of a line (None: it cannot be told apart) from now on; its end only where that `is_alone`, without
        minutes or a comment beside the code."""
        if line is None:
            return
        first, rest = line
        self.remember_first(first, pupil)
        if is_alone and rest not in self._seen[1]:
            self._seen[1].add(rest)
            number = self.rests.add(rest)
            self._places = _with(self._places, number, slot.session if slot else 0)
            self._values = _with(self._values, number, slot.code if slot else 0)
            self.slots.append(slot)

    def remember_first(self, first: bytes, pupil: PupilMarks) -> None:
        """Know the beginning of a line from now on."""
        if first not in self._seen[0]:
            self.remember_firsts([first], [pupil])

    def remember_firsts(self, firsts: list[bytes], pupils: list[PupilMarks]) -> None:
        """Know some beginnings of lines that are new, each another one."""
        self._seen[0].update(firsts)
        begin = self.firsts.add_all(firsts)
        while begin + len(firsts) > len(self._owners):
            self._owners = np.concatenate([self._owners, np.zeros_like(self._owners)])
        self._owners[begin : begin + len(firsts)] = [pupil.number for pupil in pupils]
        self.pupils += pupils

    def knows(self, first: bytes) -> bool:
        return first in self._seen[0]

    def ahead(self, text: Any, at: int, limit: int, separator: str) -> tuple[int, list[list[int]]]:
        """Of the lines from byte `at` to byte `limit`, up to the first whose end is new: how many, and where each beginning that is new
        begins and ends."""
        spans = np.empty((limit - at, 2), np.int64)
        many, new = ahead(text, at, limit, ord(separator), ord('"'), self.firsts, self.rests, spans)
        return many, spans[:new].tolist()

    def walk(self, text: Any, at: int, number: int, separator: str) -> tuple[int, int, int, int, int]:
        ledger = self.ledger
        return walk(
            text, at, number, ord(separator), self.firsts, self.rests, self._owners, self._places, self._values,
            ledger.codes, ledger.rows, self.blanks,
        )  # fmt: skip


def _with(values: Any, place: int, value: int) -> Any:
    """The array with a value at a place; a longer one where it has no such place."""
    if place >= len(values):
        values = np.concatenate([values, np.zeros_like(values)])
    values[place] = value
    return values
