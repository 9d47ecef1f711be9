"""What would a file of marks do? Checked against calendar, roll and registers, pupil by pupil, and counted before anything is written.

The marks of the whole file are held packed (five bytes each); the sheets they are compared with are fetched some hundred pupils at a
time. A place that is empty is a new mark; one that has another code is a change, which will be an amendment with the file as its reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.utils import timezone

from haven.access.viewer import Viewer
from haven.attendance.actions import note_marks, take_marks
from haven.attendance.calendars import calendar_for, lay_anew, place_in, roll_window, versions_of
from haven.attendance.models import MarkNote, Sheet
from haven.attendance.storage import lock_registers
from haven.mis import sentences
from haven.mis.formats import read_marks
from haven.mis.marks import Ledger, PupilMarks
from haven.mis.marks_wide import is_session_heading
from haven.mis.plan import MOST_EXAMPLES, Figures, Plan, Progress
from haven.mis.problems import Problem, ProblemLog
from haven.mis.reading import Options, Reading
from haven.mis.sentences import Place
from haven.mis.tabular import Source
from haven.people.models import Enrolment, Identifier
from haven.rules.attendance_codes import MISSING, Class, code_for, from_byte, to_byte
from haven.rules.sessions import academic_year_of, session_key, session_of
from haven.schools.models import Calendar, School

PUPILS_AT_ONCE = 400
NOT_AHEAD = frozenset(["N", "O", "U"])
GOOD, DISPUTED, UNKNOWN_PUPIL, NO_CALENDAR, OUTSIDE, FUTURE, NOT_ON_ROLL, TWO_ENROLMENTS = range(8)


class _Spell(NamedTuple):
    enrolment_id: int
    begins_on: date
    ends_on: date | None


class _Year(NamedTuple):
    label: str
    calendar: Calendar
    versions: dict[int, Calendar]


@dataclass(slots=True)
class _Fault:
    """Marks of one pupil that may not stand: their rows, session numbers and what is wrong with each."""

    upn: str
    rows: Any
    sessions: Any
    kinds: Any
    spells: Sequence[_Spell]


@dataclass(slots=True)
class _Found:
    """What the comparison found. `writes` by (year, enrolment): places of the calendar and the bytes to stand there."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    writes: dict[tuple[int, int], tuple[Any, Any]] = field(default_factory=dict)
    notes: dict[int, list[tuple[int, int, int | None, str]]] = field(default_factory=lambda: defaultdict(list))
    faults: list[_Fault] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)


def plan_marks(
    *, by: Viewer, at: datetime, school: School, source: Source, options: Options, is_applying: bool = False
) -> Plan:
    """The plan of a file of marks, in the long or the wide form. With `is_applying` the registers of the years in it are locked before
    anything is compared, so that what is counted is what is written."""
    log, ledger = ProblemLog(), Ledger()
    reading = read_marks(source, options=options, ledger=ledger, hand_out=False)
    for item in reading:
        if isinstance(item, Problem):
            log.add(item)
    faults_of_file = log.counts["error"]
    years = sorted({academic_year_of(on) for on, _ in ledger.sessions})
    if is_applying:
        for year in years:
            lock_registers(school.id, year)
    check = _Check(school, ledger, reading, years, timezone.localtime(at).date())
    found = check.compare()
    check.report(found, log)
    read = ledger.marks + faults_of_file - len(ledger.disputed)
    figures = Figures(read, found.new, found.changed, found.unchanged, sum(map(len, found.notes.values())))

    def writing(import_ref: UUID | None, progress: Progress) -> Figures:
        return _write(by, at, check, found, figures, import_ref, progress)

    return Plan(
        "marks", reading.file, "mark", log, figures, found.examples, reading.how_read,
        reading.layout, tuple(reading.table.headings) if reading.table else (), writing=writing,
    )  # fmt: skip


def _where(reading: Reading[Any]) -> Callable[[str, int], str | None]:
    """The heading under which a field of a session stands: in the wide form each session has its own."""
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


class _Check:
    """Compares a ledger with one school's calendars, roll and registers."""

    def __init__(self, school: School, ledger: Ledger, reading: Reading[Any], years: list[str], today: date) -> None:
        self.school, self.ledger, self.file, self.where = school, ledger, reading.file, _where(reading)
        self.years: list[_Year | None] = []
        numbers = {label: number for number, label in enumerate(years)}
        for label in years:
            calendar = calendar_for(school.id, label)
            self.years.append(_Year(label, calendar, versions_of(school.id, label)) if calendar else None)
        labels = [academic_year_of(on) for on, _ in ledger.sessions]
        keys = [session_key(on, half) for on, half in ledger.sessions]
        self.year = np.array([numbers[label] for label in labels], np.int16)
        self.place = np.array([self._place(numbers[label], key) for label, key in zip(labels, keys, strict=True)], int)
        self.is_later = np.array([on > today for on, _ in ledger.sessions], bool)
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
        """The place in the calendar; -1 where the school is shut, -2 where the year has no calendar."""
        found = self.years[year]
        if found is None:
            return -2
        place = place_in(found.calendar.sessions, key)
        return -1 if place is None else place

    def compare(self) -> _Found:
        found = _Found()
        pupils = iter(self.ledger.pupils.values())
        while some := list(islice(pupils, PUPILS_AT_ONCE)):
            spells = self._spells([pupil.upn for pupil in some])
            sheets = self._sheets([spell.enrolment_id for each in spells.values() for spell in each])
            for pupil in some:
                self._compare_pupil(pupil, spells.get(pupil.upn), sheets, found)
        self._keep_new_notes(found)
        return found

    def _spells(self, upns: list[str]) -> dict[str, list[_Spell]]:
        """The enrolments at the school of each UPN that one pupil has there."""
        rows = Identifier.objects.filter(school_id=self.school.id, value__in=upns)
        holders: dict[str, set[int]] = defaultdict(set)
        for value, pupil_id in rows.filter(kind__in=("upn", "temporary_upn", "former_upn")).values_list(
            "value", "pupil_id"
        ):
            holders[value].add(pupil_id)
        certain = {upn: next(iter(ids)) for upn, ids in holders.items() if len(ids) == 1}
        spells: dict[int, list[_Spell]] = defaultdict(list)
        for pupil_id, enrolment_id, begins_on, ends_on in Enrolment.objects.filter(
            school_id=self.school.id, pupil_id__in=set(certain.values())
        ).values_list("pupil_id", "id", "begins_on", "ends_on"):
            spells[pupil_id].append(_Spell(enrolment_id, begins_on, ends_on))
        return {upn: spells[pupil_id] for upn, pupil_id in certain.items() if pupil_id in spells}

    def _sheets(self, enrolment_ids: list[int]) -> dict[tuple[int, int], bytes]:
        """The marks that stand, by (year, enrolment), each on the newest calendar of its year."""
        found = {}
        for number, year in enumerate(self.years):
            if year is None:
                continue
            rows = Sheet.objects.filter(school_id=self.school.id, year=year.label, enrolment_id__in=enrolment_ids)
            for enrolment_id, calendar_id, marks in rows.values_list("enrolment_id", "calendar_id", "marks"):
                old = year.versions[calendar_id].sessions
                found[number, enrolment_id] = lay_anew(bytes(marks), old, year.calendar.sessions)
        return found

    def _roll(self, year: int, spell: _Spell) -> tuple[int, int]:
        key = (year, spell.begins_on, spell.ends_on)
        if key not in self._rolls:
            found = self.years[year]
            sessions = found.calendar.sessions if found else []
            self._rolls[key] = roll_window(sessions, spell.begins_on, spell.ends_on)
        return self._rolls[key]

    def _compare_pupil(
        self,
        pupil: PupilMarks,
        spells: list[_Spell] | None,
        sheets: dict[tuple[int, int], bytes],
        found: _Found,
    ) -> None:
        codes = np.frombuffer(pupil.codes, np.uint8)
        sessions = np.flatnonzero(codes)
        if not len(sessions):
            return
        codes, rows = codes[sessions], np.frombuffer(pupil.rows, np.uint32)[sessions]
        place, year = self.place[sessions], self.year[sessions]
        owner = np.full(len(sessions), -1)
        kinds = self._kinds(pupil.upn, spells, sessions, codes, owner)
        if kinds.any():
            wrong = kinds != GOOD
            found.faults.append(_Fault(pupil.upn, rows[wrong], sessions[wrong], kinds[wrong], spells or ()))
        for number, spell in enumerate(spells or ()):
            for in_year in np.unique(year):
                mine = np.flatnonzero((kinds == GOOD) & (owner == number) & (year == in_year))
                if len(mine):
                    standing = sheets.get((int(in_year), spell.enrolment_id))
                    key = (int(in_year), spell.enrolment_id)
                    self._count(found, key, standing, place[mine], codes[mine], rows[mine], sessions[mine])
        self._take_notes(pupil.upn, spells or (), sessions, kinds, owner, found)

    def _kinds(self, upn: str, spells: list[_Spell] | None, sessions: Any, codes: Any, owner: Any) -> Any:
        """What is wrong with each mark, GOOD for nothing; `owner` is filled with the number of its enrolment."""
        place, year = self.place[sessions], self.year[sessions]
        kinds = np.zeros(len(sessions), np.uint8)
        if spells is None:
            kinds[:] = UNKNOWN_PUPIL
            return kinds
        times = np.zeros(len(sessions), np.uint8)
        for number, spell in enumerate(spells):
            for in_year in np.unique(year):
                first, after = self._roll(int(in_year), spell)
                inside = (year == in_year) & (place >= first) & (place < after)
                owner[inside] = number
                times[inside] += 1
        kinds[times == 0] = NOT_ON_ROLL
        kinds[times > 1] = TWO_ENROLMENTS
        kinds[self.is_later[sessions] & self.is_of_the_day[codes]] = FUTURE
        kinds[place == -1] = OUTSIDE
        kinds[place == -2] = NO_CALENDAR
        if upn in self.disputed:
            kinds[np.isin(sessions, self.disputed[upn])] = DISPUTED
        return kinds

    def _count(
        self, found: _Found, key: tuple[int, int], standing: bytes | None, place: Any, codes: Any, rows: Any, at: Any
    ) -> None:
        wanted = self.bytes[codes]
        now = np.frombuffer(standing, np.uint8)[place] if standing else np.full(len(place), MISSING, np.uint8)
        differs = now != wanted
        changes = np.flatnonzero(differs & (now != MISSING))
        found.unchanged += int(len(place) - np.count_nonzero(differs))
        found.changed += len(changes)
        found.new += int(np.count_nonzero(differs)) - len(changes)
        if differs.any():
            found.writes[key] = place[differs].astype(np.uint16), wanted[differs]
        for index in changes[: max(0, MOST_EXAMPLES - len(found.examples))].tolist():
            on, half = self.ledger.sessions[at[index]]
            cell = self._at(int(rows[index]), "code", int(at[index]))
            before, after = from_byte(int(now[index])), from_byte(int(wanted[index]))
            found.examples.append(
                f"Row {cell.row:,}, column “{cell.column}”: {half.value} of {sentences.in_words(on)}, {before} becomes {after}."
            )

    def _take_notes(
        self, upn: str, spells: Sequence[_Spell], sessions: Any, kinds: Any, owner: Any, found: _Found
    ) -> None:
        for session in self.noted.get(upn, ()):
            index = int(np.searchsorted(sessions, session))
            if index < len(sessions) and sessions[index] == session and kinds[index] == GOOD:
                on, half = self.ledger.sessions[session]
                note = self.ledger.extras[upn, session]
                spell = spells[int(owner[index])]
                found.notes[int(self.year[session])].append((spell.enrolment_id, session_key(on, half), *note))

    def _keep_new_notes(self, found: _Found) -> None:
        """Leave out the notes that stand so already."""
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

    def report(self, found: _Found, log: ProblemLog) -> None:
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
            return sentences.session_in_future(at, on=on)
        if kind == TWO_ENROLMENTS:
            return sentences.two_enrolments(at, on=on)
        spells = fault.spells
        one = spells[0] if len(spells) == 1 else None
        return sentences.not_on_roll(at, on=on, first=one.begins_on if one else None, last=one.ends_on if one else None)

    def marks_to_write(self, found: _Found, year: int, enrolment_ids: Sequence[int]) -> Iterator[tuple[int, int, str]]:
        calendar = self.years[year]
        assert calendar is not None
        keys = calendar.calendar.sessions
        for enrolment_id in enrolment_ids:
            places, wanted = found.writes[year, enrolment_id]
            for place, byte in zip(places.tolist(), wanted.tolist(), strict=True):
                yield enrolment_id, keys[place], from_byte(byte) or ""


def _is_of_the_day(symbol: str) -> bool:
    """Whether a code says what was seen on the day, so that it cannot be entered ahead."""
    return symbol in NOT_AHEAD or code_for(symbol).classed is Class.PRESENT


def _write(
    by: Viewer, at: datetime, check: _Check, found: _Found, figures: Figures, ref: UUID | None, progress: Progress
) -> Figures:
    """Enter the marks, some hundred pupils at a time, in the transaction that is open."""
    taken = amended = notes = done = 0
    why = f"Imported from {check.file}"
    for number, year in enumerate(check.years):
        if year is None:
            continue
        theirs = [enrolment_id for in_year, enrolment_id in found.writes if in_year == number]
        for start in range(0, len(theirs), PUPILS_AT_ONCE):
            some = theirs[start : start + PUPILS_AT_ONCE]
            counts = take_marks(
                by=by, at=at, school_id=check.school.id, year=year.label, source=f"import of {check.file}", reason=why,
                marks=check.marks_to_write(found, number, some), import_ref=ref,
            )  # fmt: skip
            taken, amended, done = taken + counts.taken, amended + counts.amended, done + len(some)
            progress(done, len(found.writes))
        if found.notes.get(number):
            notes += note_marks(
                by=by, at=at, school_id=check.school.id, year=year.label, notes=found.notes[number]
            )  # fmt: skip
    return Figures(figures.read, taken, amended, figures.unchanged, notes)
