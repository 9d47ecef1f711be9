"""What would a file of marks do? Checked against calendar, roll and registers, and counted before anything is written."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from haven.attendance.registers.actions.registers import note_marks, take_rows
from haven.attendance.registers.editor import lock_registers
from haven.core.schools.models import School
from haven.exchange.imports.formats.marks.comparison import PUPILS_AT_ONCE, Found, MarkComparison, standing_of
from haven.exchange.imports.formats.marks.parsed import ParsedMarks
from haven.exchange.imports.formats.registry import read_marks
from haven.exchange.imports.problems import Problem, ProblemLog
from haven.exchange.imports.reading.table import Options, Reading
from haven.exchange.imports.reading.tabular import Source
from haven.exchange.imports.runs.locks import lock_imports
from haven.exchange.imports.runs.plan import Figures, Plan, Progress, no_progress
from haven.platform.accounts.context import AccessContext
from haven.rules.sessions import academic_year_of


class _Before(NamedTuple):
    """What was compared before the locks, and what it stood on."""

    standing: tuple[Any, ...]
    check: MarkComparison
    found: Found


def plan_marks(
    *, by: AccessContext, at: datetime, school: School, source: Source, options: Options, is_applying: bool = False, at_once: int = 0,
    compared: Progress = no_progress,
) -> Plan:  # fmt: skip
    """The plan of a file of marks, in the long or the wide form. With `is_applying` the registers of the years in it are locked before
    anything is compared, so that what is counted is what is written; so they are, with the school's imports, for a file of up to
    `at_once` marks. `compared` is told of how many pupils."""
    ledger, problems = ParsedMarks(), ProblemLog()
    reading = read_marks(source, options=options, ledger=ledger, hand_out=False)
    for item in reading:
        if isinstance(item, Problem):
            problems.add(item)
    is_held = 0 < ledger.marks <= at_once
    if is_held:
        lock_imports(school.id)
    return _compared(
        by, at, school, reading, ledger, problems, is_applying=is_applying or is_held, is_held=is_held, told=compared
    )


def _compared(
    by: AccessContext, at: datetime, school: School, reading: Reading[Any], ledger: ParsedMarks, log: ProblemLog, *, is_applying: bool,
    is_held: bool = False, told: Progress = no_progress, before: _Before | None = None,
) -> Plan:  # fmt: skip
    """The plan of what was read. Where all that was wrong with the file is at hand, the plan can be made anew without reading it, and
    what was compared `before` holds if nothing that it stood on has changed."""
    of_file, faults_of_file = log.shown(), log.counts["error"]
    is_told = len(of_file) == log.total
    years = sorted({academic_year_of(on) for on, _ in ledger.sessions})
    if is_applying:
        for year in years:
            lock_registers(school.id, year)
    # Before what it stands for is read: see queries.register_cache. What is held is not compared again.
    standing = () if is_held else standing_of(school.id)
    if before and before.standing == standing:
        check, found = before.check, before.found
    else:
        check = MarkComparison(school, ledger, reading, years, timezone.localtime(at).date(), keeps_rows=is_held)
        found = check.compare(told)
    check.report(found, log)
    read = ledger.marks + faults_of_file - len(ledger.disputed)
    figures = Figures(read, found.new, found.changed, found.unchanged, sum(map(len, found.notes.values())))

    def writing(import_ref: UUID | None, progress: Progress) -> Figures:
        return _write(by, at, check, found, figures, import_ref, progress)

    def anew(by: AccessContext, at: datetime) -> Plan:
        again = ProblemLog()
        again.extend(of_file)
        # Notes beside marks are not among what is looked at.
        was = None if ledger.extras else _Before(standing, check, found)
        return _compared(by, at, school, reading, ledger, again, is_applying=True, before=was)

    return Plan(
        "marks", reading.file, "mark", log, figures, found.examples, reading.how_read,
        reading.layout, tuple(reading.table.headings) if reading.table else (), writing=writing,
        anew=anew if is_told and not is_held else None, is_held=is_held,
    )  # fmt: skip


def _write(
    by: AccessContext,
    at: datetime,
    check: MarkComparison,
    found: Found,
    figures: Figures,
    ref: UUID | None,
    progress: Progress,
) -> Figures:
    """Enter the marks, some thousand pupils at a time, in the transaction that is open."""
    taken = amended = notes = done = 0
    total = sum(map(len, found.writes.values()))
    for number, year in enumerate(check.years):
        if year is None:
            continue
        theirs = iter(found.writes[number].items())
        while rows := dict(islice(theirs, PUPILS_AT_ONCE)):
            counts = take_rows(
                by=by, at=at, school_id=check.school.id, year=year.label, rows=rows, source=f"import of {check.file}",
                reason=f"Imported from {check.file}", import_ref=ref, at_hand=check.at_hand(number, rows),
            )  # fmt: skip
            taken, amended, done = taken + counts.taken, amended + counts.amended, done + len(rows)
            progress(done, total)
        if found.notes.get(number):
            notes += note_marks(
                by=by, at=at, school_id=check.school.id, year=year.label, notes=found.notes[number]
            )  # fmt: skip
    return Figures(figures.read, taken, amended, figures.unchanged, notes)
