"""Marks as typed rows, the same for every form of file, and the checks that need only the file.

A file may contain millions of marks, so repeated values are checked once: a date, a code on a date, a UPN. The marks are stored in two
matrices, five bytes a pupil and session; `ParsedMarks` gives the import all of them together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import NamedTuple

import numpy as np

from haven.exchange.imports import sentences
from haven.exchange.imports.problems import Problem
from haven.exchange.imports.sentences import Place
from haven.exchange.imports.values import read_date, read_whole_number
from haven.platform.text import read_cell
from haven.rules.attendance_codes import UnknownCode, classify, code_for, parse_symbol
from haven.rules.identifiers import why_upn_is_wrong
from haven.rules.sessions import BadHalf, Half, parse_half

_PUPILS, _SESSIONS = 1024, 16
_YEAR = 400
LATE_CODES = ("L", "U")
_PRESENT = {"AM": "/", "PM": "\\"}


class MarkRow(NamedTuple):
    """One mark of one pupil in one session. A named tuple and not a dataclass, because a file has millions of them.

    `row` and `column` are its place in the file, `upn` is valid, `symbol` is a code in force on `on` and allowed in `half`.
    """

    row: int
    column: str
    upn: str
    on: date
    half: Half
    symbol: str
    minutes_late: int | None
    comment: str


new_mark: Callable[[tuple[int, str, str, date, Half, str, int | None, str]], MarkRow] = partial(tuple.__new__, MarkRow)
"""A MarkRow from its values in order, in half the time."""


class MarkCell(NamedTuple):
    """A session with a code, checked once for all pupils who have it; numbers as in the parsed marks."""

    session: int
    code: int
    on: date
    half: Half
    symbol: str


class PupilMarks:
    """The marks of one pupil so far: a row of the matrices."""

    __slots__ = ("_ledger", "number", "upn")

    def __init__(self, upn: str, number: int, ledger: ParsedMarks) -> None:
        self.upn, self.number, self._ledger = upn, number, ledger

    @property
    def codes(self) -> memoryview:
        """The code number of each session, 0 without one. Not valid after pupils or sessions were added."""
        return memoryview(self._ledger.codes[self.number])

    @property
    def rows(self) -> memoryview:
        """The row of the file of each mark."""
        return memoryview(self._ledger.rows[self.number])


class ParsedMarks:
    """All marks of one file, packed: the bulk form of its `MarkRow`s, five bytes a pupil and session.

    `sessions[number]` is (date, half), numbered in order of the file; `symbols[number]` a code, number 0 none; `pupils` by UPN, numbered
    in the same way; `codes` and `rows` have a row for each pupil and a column for each session, and spare capacity; `extras` minutes late
    and comment by (UPN, session number); `disputed` the (UPN, session number) for which the file has two different codes, of which the
    matrices contain the first.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Remove all marks, for a file that is read again from its beginning."""
        self.sessions: list[tuple[date, Half]] = []
        self.symbols: list[str] = [""]
        self.pupils: dict[str, PupilMarks] = {}
        self.extras: dict[tuple[str, int], tuple[int | None, str]] = {}
        self.disputed: set[tuple[str, int]] = set()
        self.codes = np.zeros((_PUPILS, _SESSIONS), np.uint8)
        self.rows = np.zeros((_PUPILS, _SESSIONS), np.uint32)
        self._session_numbers: dict[tuple[date, Half], int] = {}
        self._code_numbers: dict[str, int] = {}

    def session_number(self, on: date, half: Half) -> int:
        number = self._session_numbers.get((on, half))
        if number is None:
            number = self._session_numbers[on, half] = len(self.sessions)
            self.sessions.append((on, half))
            if number == self.codes.shape[1]:
                self._grow(len(self.codes), 2 * number if 2 * number < _YEAR else (number // _YEAR + 1) * _YEAR)
        return number

    def code_number(self, symbol: str) -> int:
        number = self._code_numbers.get(symbol)
        if number is None:
            number = self._code_numbers[symbol] = len(self.symbols)
            self.symbols.append(symbol)
        return number

    def pupil(self, upn: str) -> PupilMarks:
        found = self.pupils.get(upn)
        if found is None:
            found = self.pupils[upn] = PupilMarks(upn, len(self.pupils), self)
            if found.number == len(self.codes):
                self._grow(2 * len(self.codes), self.codes.shape[1])
        return found

    def _grow(self, pupils: int, sessions: int) -> None:
        """Increase the capacity. Unused parts of a new matrix use no memory."""
        for name in ("codes", "rows"):
            old = getattr(self, name)
            new = np.zeros((pupils, sessions), old.dtype)
            new[: old.shape[0], : old.shape[1]] = old
            setattr(self, name, new)

    @property
    def marks(self) -> int:
        """The number of marks."""
        return int(np.count_nonzero(self.codes[: len(self.pupils)]))


class MarkChecks:
    """Turns texts of one file into slots and pupils of its parsed marks, or into problems.

    `codes` translates a school's own sub-codes (`{"I01": "I"}`).
    """

    def __init__(self, *, file: str, ledger: ParsedMarks, codes: Mapping[str, str] | None) -> None:
        self.file, self.ledger, self.own_codes = file, ledger, codes
        self._bad_upns: set[str] = set()

    def session(self, date_text: str, half_text: str, *, at_date: Place, at_half: Place) -> tuple[date, Half] | Problem:
        on = read_date(date_text, at=at_date)
        if isinstance(on, Problem):
            return on
        try:
            return on, parse_half(half_text)
        except BadHalf as fault:
            return sentences.bad_session(at_half, why=str(fault))

    def slot(self, on: date, half: Half, code_text: str, *, at: Place) -> MarkCell | Problem | None:
        """The session with its code; None for an empty cell; a problem if the code is not allowed there."""
        try:
            symbol = parse_symbol(code_text, self.own_codes)
            if symbol is None:
                return None
            classify(symbol, on)
        except UnknownCode as fault:
            return sentences.unknown_code(at, why=str(fault))
        only = code_for(symbol).half
        if only is not None and only != half.value:
            instead = _PRESENT[half.value] if symbol in _PRESENT.values() else None
            return sentences.wrong_half(at, symbol=symbol, half=half.value, instead=instead)
        return MarkCell(self.ledger.session_number(on, half), self.ledger.code_number(symbol), on, half, symbol)

    def pupil(self, upn_text: str, *, at: Place) -> PupilMarks | Problem | None:
        """The pupil's marks so far. A wrong UPN is a problem the first time and None after that, so that it is reported once."""
        upn = upn_text.strip()
        if upn in self.ledger.pupils:
            return self.ledger.pupils[upn]
        if upn in self._bad_upns:
            return None
        if not upn:
            return sentences.value_missing(at, what="UPN")
        why = why_upn_is_wrong(upn)
        if why is not None:
            self._bad_upns.add(upn)
            return sentences.bad_upn_throughout(at, why=why)
        return self.ledger.pupil(upn)

    def extras(
        self, slot: MarkCell | Problem | None, minutes_text: str, comment_text: str, *, at: Place
    ) -> tuple[int | None, str, Problem | None]:
        """Minutes late, comment, and the problem of the minutes `at` their place."""
        comment = read_cell(comment_text).strip()
        minutes = read_whole_number(minutes_text, what="number of minutes", at=at)
        if isinstance(minutes, Problem):
            return None, comment, minutes
        if minutes and isinstance(slot, MarkCell) and slot.symbol not in LATE_CODES:
            return minutes, comment, sentences.minutes_without_late(at, symbol=slot.symbol)
        return minutes, comment, None

    def again(self, pupil: PupilMarks, slot: MarkCell, *, at: Place) -> Problem:
        """The problem of a second mark for a session of a pupil."""
        first_row, first_code = pupil.rows[slot.session], pupil.codes[slot.session]
        if first_code == slot.code:
            return sentences.same_line_again(at, first_row=first_row)
        self.ledger.disputed.add((pupil.upn, slot.session))
        other = self.ledger.symbols[first_code]
        return sentences.two_codes(
            at, on=slot.on, half=slot.half.value, symbol=slot.symbol, other=other, other_row=first_row
        )
