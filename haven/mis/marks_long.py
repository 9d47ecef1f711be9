"""Marks in the long form: one line for each session of each pupil, `upn,date,session,code`.

Written to be fast without a compiler: a year of a school holds the same few hundred lines again and again once the UPN
is cut off, so a line is cut and checked the first time only, and found in a dictionary after that.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping

from haven.mis import sentences
from haven.mis.mapping import Resolved
from haven.mis.marks import LATE_CODES, Ledger, MarkChecks, MarkRow, PupilMarks, Slot, new_mark
from haven.mis.problems import Problem
from haven.mis.reading import DEFAULT, Options, Reading, read_table
from haven.mis.sentences import Place
from haven.mis.tabular import Source, Table
from haven.mis.text_rows import RawLines
from haven.mis.values import read_whole_number


def read(
    source: Source | Table,
    *,
    options: Options = DEFAULT,
    codes: Mapping[str, str] | None = None,
    ledger: Ledger | None = None,
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
        items=lambda table, found: _LongForm(table, found, ledger or Ledger(), codes).items(hand_out=hand_out),
        options=options,
    )


class _LongForm:
    def __init__(self, table: Table, found: Resolved, ledger: Ledger, codes: Mapping[str, str] | None) -> None:
        self.table, self.at, self.ledger = table, found.positions, ledger
        self.checks = MarkChecks(file=table.file, ledger=ledger, codes=codes)
        self.columns = {name: table.column(index) for name, index in found.positions.items()}
        self.pupils: dict[str, tuple[bytearray, array[int], PupilMarks]] = {}
        self.slots: dict[str | tuple[str, ...], Slot] = {}
        self.raw: RawLines | None = table.raw_lines() if self.at["upn"] == 0 else None
        self.stopped = False
        self.without_code, self.first_without_code = 0, 0

    def items(self, *, hand_out: bool) -> Iterator[MarkRow | Problem]:
        yield from self._by_lines(self.raw, hand_out) if self.raw else self._by_cells(hand_out)
        if self.without_code:
            yield sentences.no_code(self._place(self.first_without_code, "code"), rows=self.without_code)

    def _by_lines(self, raw: RawLines, hand_out: bool) -> Iterator[MarkRow | Problem]:
        """The UPN stands first: a line is cut there and nowhere else, unless something in it is new."""
        yield from self.table.remarks
        separator, pupils, slots, column = raw.separator, self.pupils, self.slots, self.columns["code"]
        try:
            for number, line in enumerate(raw, start=raw.header_row + 1):
                upn_key, _, rest = line.partition(separator)
                try:
                    session, code, on, half, symbol = slot = slots[rest]
                    codes, rows, pupil = pupils[upn_key]
                    is_again = codes[session]
                except (KeyError, IndexError):
                    yield from self._look(number, upn_key, rest, line, hand_out)
                    if self.stopped:
                        return
                    continue
                if is_again:
                    yield self.checks.again(pupil, slot, at=self._place(number, "code"))
                    continue
                codes[session] = code
                rows[session] = number
                if hand_out:
                    yield new_mark((number, column, pupil.upn, on, half, symbol, None, ""))
            if remark := self.table.checks.finish():
                yield remark
        finally:
            raw.close()

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
            if rest in self.slots and upn_key in self.pupils:
                slot, pupil = self.slots[rest], self.pupils[upn_key][2]
                yield from self._enter(number, pupil, slot, None, "", hand_out)
            else:
                yield from self._look(number, upn_key, rest, cells, hand_out)

    def _enter(
        self, number: int, pupil: PupilMarks, slot: Slot, minutes: int | None, comment: str, hand_out: bool
    ) -> Iterator[MarkRow | Problem]:
        """The mark into the ledger and out, unless its session has one already."""
        pupil.grow_to(slot.session)
        if pupil.codes[slot.session]:
            yield self.checks.again(pupil, slot, at=self._place(number, "code"))
            return
        pupil.codes[slot.session] = slot.code
        pupil.rows[slot.session] = number
        if comment or minutes is not None:
            self.ledger.extras[pupil.upn, slot.session] = minutes, comment
        if hand_out:
            yield MarkRow(number, self.columns["code"], pupil.upn, slot.on, slot.half, slot.symbol, minutes, comment)

    def _look(
        self, number: int, upn_key: str, rest: str | tuple[str, ...], whole: str | list[str], hand_out: bool
    ) -> Iterator[MarkRow | Problem]:
        """A line with something new in it: looked at in full, remembered if it is good, and entered."""
        cells = self._cells(number, whole)
        if not isinstance(cells, list):
            yield from [cells] if cells else []
            return
        pupil = self.checks.pupil(cells[self.at["upn"]], at=self._place(number, "upn"))
        slot = self._slot(number, cells)
        minutes, comment, remark = self._extras(number, cells, slot)
        problems = [found for found in (pupil, slot, remark) if isinstance(found, Problem)]
        yield from problems
        is_wrong = any(problem.is_error for problem in problems)
        if is_wrong or not isinstance(pupil, PupilMarks) or not isinstance(slot, Slot):
            return
        if self.raw is None or self.raw.cuts_between(upn_key, str(rest)):
            self.pupils[upn_key] = pupil.codes, pupil.rows, pupil
            if minutes is None and not comment:
                self.slots[rest] = slot
        yield from self._enter(number, pupil, slot, minutes, comment, hand_out)

    def _cells(self, number: int, whole: str | list[str]) -> list[str] | Problem | None:
        if isinstance(whole, list) or self.raw is None:
            return list(whole)
        cells = self.raw.cut(whole, number=number)
        if isinstance(cells, Problem):
            self.table.checks.has_rows = True
            self.stopped = cells.code == "quotation_open"
            return cells
        return self.table.checks.check(number, cells)

    def _slot(self, number: int, cells: list[str]) -> Slot | Problem | None:
        at_date, at_half = self._place(number, "date"), self._place(number, "session")
        session = self.checks.session(
            cells[self.at["date"]], cells[self.at["session"]], at_date=at_date, at_half=at_half
        )
        if isinstance(session, Problem):
            return session
        slot = self.checks.slot(*session, cells[self.at["code"]], at=self._place(number, "code"))
        if slot is None:
            self.without_code += 1
            self.first_without_code = self.first_without_code or number
        return slot

    def _extras(
        self, number: int, cells: list[str], slot: Slot | Problem | None
    ) -> tuple[int | None, str, Problem | None]:
        """Minutes late, comment, and what is wrong with the minutes."""
        comment = cells[self.at["comment"]].strip() if "comment" in self.at else ""
        if "minutes_late" not in self.at:
            return None, comment, None
        at = self._place(number, "minutes_late")
        minutes = read_whole_number(cells[self.at["minutes_late"]], what="number of minutes", at=at)
        if isinstance(minutes, Problem):
            return None, comment, minutes
        if minutes and isinstance(slot, Slot) and slot.symbol not in LATE_CODES:
            return minutes, comment, sentences.minutes_without_late(at, symbol=slot.symbol)
        return minutes, comment, None

    def _place(self, number: int, field: str) -> Place:
        return Place(self.table.file, number, self.columns[field])
