"""Reads marks in the long form: one line for each session of each pupil, `upn,date,session,code`.

A plain file, as most school systems write, is read by columns (`columns`) if only the parsed marks are needed. Every other file is read
here, row by row: with columns in any order, from spreadsheets, and with a sentence for every problem. Both readers give the same marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from haven.exchange.imports import sentences
from haven.exchange.imports.formats.marks.columns import Blanks, read_columns
from haven.exchange.imports.formats.marks.parsed import MarkCell, MarkChecks, MarkRow, ParsedMarks, PupilMarks
from haven.exchange.imports.mapping.columns import Resolved
from haven.exchange.imports.problems import Problem
from haven.exchange.imports.reading.table import DEFAULT, Options, Reading, read_table
from haven.exchange.imports.reading.tabular import Source, Table
from haven.exchange.imports.reading.text_rows import NotPlain
from haven.exchange.imports.sentences import Place


def read(
    source: Source | Table,
    *,
    options: Options = DEFAULT,
    codes: Mapping[str, str] | None = None,
    ledger: ParsedMarks | None = None,
    hand_out: bool = True,
) -> Reading[MarkRow]:
    """The marks of a file in the long form, in its order, with the problems between them.

    A line without a code stays a missing mark. The same mark twice counts once (a query). Two different codes for one session are an error
    that names both rows; the first of them has already been yielded, so the session is added to `ledger.disputed` for an import of the
    good rows only. `codes` translates the school's own sub-codes. All marks are added to `ledger`, which is empty; with `hand_out=False`
    the reading yields only the problems, much faster.
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
        self.blanks = Blanks()

    def items(self, *, hand_out: bool) -> Iterator[MarkRow | Problem]:
        if not hand_out and self._is_read_by_columns():
            yield from self.table.remarks
        else:
            yield from self._rows(hand_out)
        if self.blanks.count:
            yield sentences.no_code(self._place(self.blanks.first_row, "code"), rows=self.blanks.count)

    def _is_read_by_columns(self) -> bool:
        """Whether the file was plain, so that all its marks were added. Otherwise none were."""
        checks = MarkChecks(file=self.table.file, ledger=self.ledger, codes=self.checks.own_codes)
        try:
            self.blanks = read_columns(self.table, self.at, checks)
        except NotPlain:
            self.ledger.clear()
            return False
        return True

    def _rows(self, hand_out: bool) -> Iterator[MarkRow | Problem]:
        """Every line split into cells. Repeated values are checked once: a UPN, and the cells beside it."""
        upn_at = self.at["upn"]
        others = [self.at[name] for name in ("date", "session", "code", "minutes_late", "comment") if name in self.at]
        for record in self.table.records():
            if isinstance(record, Problem):
                yield record
                continue
            number, cells = record
            upn, rest = cells[upn_at], tuple([cells[index] for index in others])
            pupil, slot = self.pupils.get(upn), self.slots.get(rest)
            if pupil is not None and slot is not None:
                yield from self._enter(number, pupil, slot, None, "", hand_out)
            else:
                yield from self._look(number, cells, upn, rest, hand_out)

    def _enter(
        self, number: int, pupil: PupilMarks, slot: MarkCell, minutes: int | None, comment: str, hand_out: bool
    ) -> Iterator[MarkRow | Problem]:
        """Store and return the mark, unless its session already has one."""
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
        self, number: int, cells: list[str], upn: str, rest: tuple[str, ...], hand_out: bool
    ) -> Iterator[MarkRow | Problem]:
        """A line with a new value: checked in full, cached if it is good, and added."""
        pupil = self.checks.pupil(upn, at=self._place(number, "upn"))
        slot = self._slot(number, cells)
        minutes_text, comment_text = (
            cells[self.at[name]] if name in self.at else "" for name in ("minutes_late", "comment")
        )
        at = self._place(number, "minutes_late") if "minutes_late" in self.at else Place(self.table.file, number)
        minutes, comment, remark = self.checks.extras(slot, minutes_text, comment_text, at=at)
        problems = [found for found in (pupil, slot, remark) if isinstance(found, Problem)]
        yield from problems
        is_wrong = any(problem.is_error for problem in problems)
        if is_wrong or not isinstance(pupil, PupilMarks) or isinstance(slot, Problem):
            return
        self.pupils[upn] = pupil
        if slot is None:
            return
        if minutes is None and not comment:
            self.slots[rest] = slot
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
            self.blanks = Blanks(self.blanks.count + 1, self.blanks.first_row or number)
        return slot

    def _place(self, number: int, field: str) -> Place:
        return Place(self.table.file, number, self.columns[field])
