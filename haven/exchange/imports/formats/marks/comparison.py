"""Compares the marks of a file with the calendar, the roll and the registers of a school.

The marks of the whole file are in memory, packed (five bytes each); the registers are fetched for a thousand pupils at a time. A mark for
an empty session is new; a mark with another code is a change, which becomes an amendment with the file as its reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from django.db import connection

from haven.analytics.sheets import realign_to_calendar
from haven.attendance.registers.binary import binary_cursor
from haven.attendance.registers.calendars import empty_sheet, place_in, roll_window, versions_of
from haven.attendance.registers.editor import sheets_of
from haven.attendance.registers.models import MarkNote
from haven.attendance.registers.queries.register_cache import version_tokens
from haven.core.schools.models import Calendar, School
from haven.exchange.imports import sentences
from haven.exchange.imports.formats.marks.parsed import ParsedMarks
from haven.exchange.imports.formats.marks.wide import is_session_heading
from haven.exchange.imports.problems import Problem, ProblemLog
from haven.exchange.imports.reading.table import Reading
from haven.exchange.imports.runs.plan import MOST_EXAMPLES
from haven.exchange.imports.runs.progress_reporter import Progress, no_progress
from haven.exchange.imports.sentences import Place
from haven.platform.dates import in_words
from haven.rules.attendance_codes import MISSING, Class, code_for, from_byte, to_byte
from haven.rules.sessions import academic_year_of, session_key, session_of

PUPILS_AT_ONCE = 1000
NOT_AHEAD = frozenset(["N", "O", "U"])
GOOD, DISPUTED, UNKNOWN_PUPIL, NO_CALENDAR, OUTSIDE, FUTURE, NOT_ON_ROLL = range(7)


# Reads the whole roll: a file contains most of it, and a list of a thousand UPNs takes PostgreSQL three times as long to plan as all rows
# take to read. The two queries are separate, because under row-level security the planner expects one pupil and would look up the
# enrolments of each.
_HOLDERS = """
    select i.value, min(i.pupil_id) from people_identifier i
    where i.school_id = %b and i.kind in ('upn', 'temporary_upn', 'former_upn')
    group by i.value having min(i.pupil_id) = max(i.pupil_id)
"""
_SPELLS = """
    select e.pupil_id, e.id, e.begins_on, e.ends_on from people_enrolment e where e.school_id = %b order by e.begins_on, e.id
"""

_IDENTIFIERS_NOW = """
    select count(*), sum(hashint8(xmin::text::bigint)) from people_identifier where school_id = %(school)s
"""


class _Spell(NamedTuple):
    pupil_id: int
    enrolment_id: int
    begins_on: date
    ends_on: date | None


class _Year(NamedTuple):
    label: str
    calendar: Calendar
    versions: dict[int, Calendar]


@dataclass(slots=True)
class _Fault:
    """Invalid marks of one pupil: their rows, session numbers and the fault of each."""

    upn: str
    rows: Any
    sessions: Any
    kinds: Any
    spells: Sequence[_Spell]


@dataclass(slots=True)
class Found:
    """The result of the comparison. `writes` by year and enrolment: one byte for each session of the calendar, 0 if nothing is written."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    writes: dict[int, dict[int, bytes]] = field(default_factory=lambda: defaultdict(dict))
    notes: dict[int, list[tuple[int, int, int | None, str]]] = field(default_factory=lambda: defaultdict(list))
    faults: list[_Fault] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Block:
    """Some pupils of the file, a row each, and all its sessions, a column each: `codes` of the parsed marks (0: no mark), `rows` of the
    file, `kinds` of fault, `owner` the index of the enrolment among the pupil's own, -1 for none."""

    upns: list[str]
    spells: list[list[_Spell]]
    codes: Any
    rows: Any
    kinds: Any
    owner: Any


def _where(reading: Reading[Any]) -> Callable[[str, int], str | None]:
    """The heading of a field of a session: in the wide form each session has its own."""
    table, resolved = reading.table, reading.resolved
    if table is None or resolved is None:
        return lambda name, session: None
    if "code" in resolved.positions:
        return lambda name, session: table.column(resolved.positions[name])
    sessions = [table.column(index) for index, name in enumerate(table.names) if is_session_heading(name)]
    upn = resolved.positions.get("upn")
    return lambda name, session: (
        (table.column(upn) if upn is not None else None) if name == "upn" else sessions[session]
    )


def fingerprint_of(school_id: int) -> tuple[Any, ...]:
    """Fingerprint of all rows that a MarkComparison reads, notes excluded. It changes when any of them changes.

    Registers, enrolments and calendars have a version (decision 0013); a changed UPN has the number of its transaction. The fingerprint is
    taken before the rows are read.
    """
    with connection.cursor() as cursor:
        cursor.execute(_IDENTIFIERS_NOW, {"school": school_id})
        return version_tokens([school_id]), cursor.fetchone()


class MarkComparison:
    """Compares the marks of a file with one school's calendars, roll and registers."""

    def __init__(
        self,
        school: School,
        ledger: ParsedMarks,
        reading: Reading[Any],
        years: list[str],
        begun: int,
    ) -> None:
        """`begun`: the key of the last session that has begun."""
        self.school, self.ledger, self.file, self.where = school, ledger, reading.file, _where(reading)
        self.years: list[_Year | None] = []
        numbers = {label: number for number, label in enumerate(years)}
        for label in years:
            versions = versions_of(school.id, label)
            newest = next(reversed(versions.values()), None)
            self.years.append(_Year(label, newest, versions) if newest else None)
        labels = [academic_year_of(on) for on, _ in ledger.sessions]
        keys = [session_key(on, half) for on, half in ledger.sessions]
        self.year = np.array([numbers[label] for label in labels], np.int16)
        self.place = np.array([self._place(numbers[label], key) for label, key in zip(labels, keys, strict=True)], int)
        self.columns = {
            number: np.flatnonzero((self.year == number) & (self.place >= 0))
            for number, found in enumerate(self.years) if found is not None
        }  # fmt: skip
        self.is_later = np.array([key > begun for key in keys], bool)
        self.bytes = np.array([to_byte(symbol or None) for symbol in ledger.symbols], np.uint8)
        self.is_of_the_day = np.array([bool(symbol) and _is_of_the_day(symbol) for symbol in ledger.symbols], bool)
        self.disputed: dict[str, list[int]] = defaultdict(list)
        for upn, session in ledger.disputed:
            self.disputed[upn].append(session)
        self.noted: dict[str, list[int]] = defaultdict(list)
        for upn, session in ledger.extras:
            self.noted[upn].append(session)
        self._rolls: dict[tuple[int, date, date | None], tuple[int, int]] = {}

    def _place(self, year: int, key: int) -> int:
        """The position in the calendar; -1 if the school is closed, -2 if the year has no calendar."""
        found = self.years[year]
        if found is None:
            return -2
        place = place_in(found.calendar.sessions, key)
        return -1 if place is None else place

    def compare(self, on_progress: Progress = no_progress) -> Found:
        found, pupils = Found(), list(self.ledger.pupils)
        for start in range(0, len(pupils), PUPILS_AT_ONCE):
            block = self._block(start, pupils[start : start + PUPILS_AT_ONCE])
            good = (block.codes != 0) & (block.kinds == GOOD)
            self._keep_faults(block, found)
            self._keep_marks(block, good, found)
            self._take_notes(block, good, found)
            on_progress(start + len(block.upns), len(pupils))
        self._keep_new_notes(found)
        return found

    def _block(self, start: int, upns: list[str]) -> _Block:
        """The pupils of the file from index `start` on, with the fault of each of their marks."""
        part = slice(start, start + len(upns)), slice(0, len(self.ledger.sessions))
        codes, rows = self.ledger.codes[part], self.ledger.rows[part]
        spells = [self._roll_of_school.get(upn, []) for upn in upns]
        owner = np.full(codes.shape, -1, np.int8)
        for number in range(max(map(len, spells), default=0)):
            for year, columns in self.columns.items():
                windows = [self._roll(year, mine[number]) if number < len(mine) else (0, 0) for mine in spells]
                first, after = np.array(windows).T[:, :, None]
                inside = (self.place[columns] >= first) & (self.place[columns] < after)
                owner[:, columns] = np.where(inside, number, owner[:, columns])
        kinds = np.where(owner < 0, NOT_ON_ROLL, GOOD).astype(np.uint8)
        kinds[self.is_later & self.is_of_the_day[codes]] = FUTURE
        kinds[:, self.place == -1] = OUTSIDE
        kinds[:, self.place == -2] = NO_CALENDAR
        for row, upn in enumerate(upns):
            if upn in self.disputed:
                kinds[row, self.disputed[upn]] = DISPUTED
        kinds[[not mine for mine in spells]] = UNKNOWN_PUPIL
        return _Block(upns, spells, codes, rows, kinds, owner)

    def _keep_faults(self, block: _Block, found: Found) -> None:
        wrong = (block.codes != 0) & (block.kinds != GOOD)
        for row in np.flatnonzero(wrong.any(axis=1)).tolist():
            sessions = np.flatnonzero(wrong[row]).astype(np.uint16)
            kinds = block.kinds[row, sessions]
            found.faults.append(
                _Fault(block.upns[row], block.rows[row, sessions], sessions, kinds, tuple(block.spells[row]))
            )

    def _keep_marks(self, block: _Block, good: Any, found: Found) -> None:
        """Count the good marks, and collect what differs from the registers, by position in the calendar of its year."""
        wanted = self.bytes[block.codes]
        now = np.full(wanted.shape, MISSING, np.uint8)
        sheets = self._sheets([spell.enrolment_id for mine in block.spells for spell in mine])
        spells = range(max(map(len, block.spells), default=0))
        for number in spells:
            for year, columns in self.columns.items():
                standing = self._standing(block, number, year, sheets)[:, self.place[columns]]
                now[:, columns] = np.where(block.owner[:, columns] == number, standing, now[:, columns])
        differs = good & (now != wanted)
        changes = differs & (now != MISSING)
        many, changed = int(np.count_nonzero(differs)), int(np.count_nonzero(changes))
        found.unchanged += int(np.count_nonzero(good)) - many
        found.changed += changed
        found.new += many - changed
        self._take_examples(block, changes, now, wanted, found)
        for number in spells:
            mine = differs & (block.owner == number)
            for year, columns in self.columns.items():
                self._keep_rows(block, number, year, columns, np.where(mine, wanted, 0)[:, columns], found)

    def _standing(self, block: _Block, number: int, year: int, sheets: dict[tuple[int, int], bytes]) -> Any:
        """The marks of the enrolments with that index in a year, a row each; empty rows without a register."""
        calendar = self._calendar(year)
        empty = empty_sheet(calendar)
        rows = [
            sheets.get((year, mine[number].enrolment_id), empty) if number < len(mine) else empty
            for mine in block.spells
        ]
        return np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), len(calendar.sessions))

    def _keep_rows(self, block: _Block, number: int, year: int, columns: Any, wanted: Any, found: Found) -> None:
        rows = np.flatnonzero(wanted.any(axis=1))
        laid = np.zeros((len(rows), len(self._calendar(year).sessions)), np.uint8)
        laid[:, self.place[columns]] = wanted[rows]
        for row, marks in zip(rows.tolist(), laid, strict=True):
            found.writes[year][block.spells[row][number].enrolment_id] = marks.tobytes()

    def _take_examples(self, block: _Block, changes: Any, now: Any, wanted: Any, found: Found) -> None:
        if len(found.examples) == MOST_EXAMPLES or not changes.any():
            return
        for row, session in np.argwhere(changes)[: MOST_EXAMPLES - len(found.examples)].tolist():
            on, half = self.ledger.sessions[session]
            cell = self._at(int(block.rows[row, session]), "code", session)
            before, after = from_byte(int(now[row, session])), from_byte(int(wanted[row, session]))
            found.examples.append(
                f"Row {cell.row:,}, column “{cell.column}”: {half.value} of {in_words(on)}, {before} becomes {after}."
            )

    def _calendar(self, year: int) -> Calendar:
        found = self.years[year]
        assert found is not None  # `columns` contains only years with a calendar
        return found.calendar

    @cached_property
    def _roll_of_school(self) -> dict[str, list[_Spell]]:
        """The enrolments at the school by UPN, for UPNs of one pupil only, oldest first."""
        spells: dict[int, list[_Spell]] = defaultdict(list)
        with binary_cursor() as cursor:
            holders = cursor.execute(_HOLDERS, [self.school.id], binary=True).fetchall()
            for row in cursor.execute(_SPELLS, [self.school.id], binary=True).fetchall():
                spells[row[0]].append(_Spell._make(row))
        return {upn: spells[pupil_id] for upn, pupil_id in holders if pupil_id in spells}

    def _sheets(self, enrolment_ids: list[int]) -> dict[tuple[int, int], bytes]:
        """The current marks, by (year, enrolment), each on the newest calendar of its year."""
        found = {}
        for number, year in enumerate(self.years):
            if year is None:
                continue
            for sheet in sheets_of(self.school.id, year.label, enrolment_ids):
                laid = sheet.marks
                if sheet.calendar_id != year.calendar.id:
                    marks, old = np.frombuffer(laid, np.uint8), year.versions[sheet.calendar_id].sessions
                    laid = realign_to_calendar(marks, old, year.calendar.sessions).tobytes()
                found[number, sheet.enrolment_id] = laid
        return found

    def _roll(self, year: int, spell: _Spell) -> tuple[int, int]:
        key = (year, spell.begins_on, spell.ends_on)
        if key not in self._rolls:
            found = self.years[year]
            sessions = found.calendar.sessions if found else []
            self._rolls[key] = roll_window(sessions, spell.begins_on, spell.ends_on)
        return self._rolls[key]

    def _take_notes(self, block: _Block, good: Any, found: Found) -> None:
        if not self.noted:
            return
        for row, upn in enumerate(block.upns):
            for session in self.noted.get(upn, ()):
                if good[row, session]:
                    on, half = self.ledger.sessions[session]
                    note = self.ledger.extras[upn, session]
                    spell = block.spells[row][int(block.owner[row, session])]
                    found.notes[int(self.year[session])].append((spell.enrolment_id, session_key(on, half), *note))

    def _keep_new_notes(self, found: Found) -> None:
        """Leave out notes that are already stored."""
        for number, notes in found.notes.items():
            year = self.years[number]
            assert year is not None  # a mark without a calendar is not good, so it has no note here
            rows = MarkNote.objects.filter(
                sheet__school_id=self.school.id, sheet__year=year.label, sheet__enrolment_id__in={n[0] for n in notes}
            ).order_by("id")
            standing = {
                (enrolment_id, on, half): (minutes, comment)
                for enrolment_id, on, half, minutes, comment in rows.values_list(
                    "sheet__enrolment_id", "on", "half", "minutes_late", "comment"
                )
            }
            found.notes[number] = [
                note for note in notes
                if standing.get((note[0], session_of(note[1]).on, session_of(note[1]).half.value)) != note[2:]
            ]  # fmt: skip

    def _at(self, row: int, name: str, session: int) -> Place:
        return Place(self.file, row, self.where(name, session))

    def report(self, found: Found, log: ProblemLog) -> None:
        """Every fault as a sentence, in the order of the file."""
        if not found.faults:
            return
        rows = np.concatenate([fault.rows for fault in found.faults])
        which = np.repeat(np.arange(len(found.faults)), [len(fault.rows) for fault in found.faults])
        sessions = np.concatenate([fault.sessions for fault in found.faults])
        kinds = np.concatenate([fault.kinds for fault in found.faults])
        said: set[tuple[int, object]] = set()
        for index in np.lexsort((sessions, rows)).tolist():
            fault, kind, session = found.faults[which[index]], int(kinds[index]), int(sessions[index])
            once = {UNKNOWN_PUPIL: fault.upn, NO_CALENDAR: int(self.year[session])}.get(kind)
            if kind == DISPUTED or (once is not None and (kind, once) in said):
                continue
            said.add((kind, once))
            log.add(self._problem(kind, int(rows[index]), session, fault))

    def _problem(self, kind: int, row: int, session: int, fault: _Fault) -> Problem:
        on, half = self.ledger.sessions[session]
        at = self._at(row, "upn" if kind == UNKNOWN_PUPIL else "date", session)
        if kind == UNKNOWN_PUPIL:
            return sentences.upn_unknown(at, upn=fault.upn)
        if kind == NO_CALENDAR:
            return sentences.no_calendar(at, academic_year=academic_year_of(on))
        if kind == OUTSIDE:
            return sentences.outside_calendar(at, on=on, half=half.value)
        if kind == FUTURE:
            return sentences.session_in_future(at, on=on, half=half.value)
        spells = fault.spells
        one = spells[0] if len(spells) == 1 else None
        return sentences.not_on_roll(at, on=on, first=one.begins_on if one else None, last=one.ends_on if one else None)


def _is_of_the_day(symbol: str) -> bool:
    """Whether a code records what was seen on the day, so that it cannot be entered ahead."""
    return symbol in NOT_AHEAD or code_for(symbol).classed is Class.PRESENT
