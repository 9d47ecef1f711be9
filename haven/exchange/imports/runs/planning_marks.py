"""The file type of marks: read, checked against calendar, roll and registers, and counted before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from uuid import UUID

from haven.attendance.registers.actions.registers import note_marks, take_rows
from haven.attendance.registers.editor import lock_registers
from haven.attendance.registers.queries.days import last_begun
from haven.exchange.imports.formats.marks.comparison import PUPILS_AT_ONCE, Found, MarkComparison, fingerprint_of
from haven.exchange.imports.formats.marks.parsed import ParsedMarks
from haven.exchange.imports.formats.registry import read_marks
from haven.exchange.imports.problems import Problem, ProblemLog
from haven.exchange.imports.reading.table import Options
from haven.exchange.imports.reading.tabular import Source
from haven.exchange.imports.runs.plan import Comparison, Figures, FileContents, FileType, ImportContext
from haven.exchange.imports.runs.progress_reporter import Progress
from haven.rules.sessions import academic_year_of


@dataclass(frozen=True, slots=True)
class MarkChanges:
    """The comparison of a file of marks with the registers. `years` in the order of the numbers in `found`."""

    years: tuple[str, ...]
    found: Found

    @property
    def enrolments(self) -> int:
        """The number of registers that are written, one for each enrolment and year."""
        return sum(map(len, self.found.writes.values()))


class MarkFiles(FileType[ParsedMarks, MarkChanges]):
    """Marks in the long or the wide form. The locks of the registers keep the comparison valid until the marks are written."""

    unit = "mark"

    def read(self, context: ImportContext, source: Source, options: Options) -> FileContents[ParsedMarks]:
        ledger, problems = ParsedMarks(), ProblemLog()
        reading = read_marks(source, options=options, ledger=ledger, hand_out=False)
        for item in reading:
            if isinstance(item, Problem):
                problems.add(item)
        return FileContents(self, reading, ledger, problems)

    def lock(self, context: ImportContext, contents: FileContents[ParsedMarks]) -> None:
        for year in _years(contents.rows):
            lock_registers(context.school_id, year)

    def fingerprint(self, context: ImportContext, contents: FileContents[ParsedMarks]) -> object:
        """None for a file with notes, because the fingerprint does not cover the rows of notes."""
        if contents.rows.extras:
            return None
        return context.by.user_id, context.on, fingerprint_of(context.school_id)

    def compare(
        self,
        context: ImportContext,
        contents: FileContents[ParsedMarks],
        problems: ProblemLog,
        confirm: bool,
        on_progress: Progress,
    ) -> Comparison[MarkChanges]:
        assert context.school is not None
        ledger, years = contents.rows, _years(contents.rows)
        check = MarkComparison(
            context.school, ledger, contents.reading, list(years), last_begun(context.school_id, context.on, context.at)
        )
        found = check.compare(on_progress)
        check.report(found, problems)
        read = ledger.marks + contents.problems.counts["error"] - len(ledger.disputed)
        figures = Figures(read, found.new, found.changed, found.unchanged, sum(map(len, found.notes.values())))
        return Comparison(MarkChanges(years, found), figures, found.examples)

    def write(
        self, context: ImportContext, file: str, changes: MarkChanges, import_ref: UUID | None, on_progress: Progress
    ) -> Figures:
        """Write the marks, for some thousand pupils at a time."""
        done, figures = 0, Figures()
        by, at, school_id, found = context.by, context.at, context.school_id, changes.found
        for number, year in enumerate(changes.years):
            theirs = iter(found.writes[number].items())
            while rows := dict(islice(theirs, PUPILS_AT_ONCE)):
                counts = take_rows(
                    by=by, at=at, school_id=school_id, year=year, rows=rows, source=f"import of {file}",
                    reason=f"Imported from {file}", import_ref=import_ref,
                )  # fmt: skip
                figures = replace(figures, new=figures.new + counts.taken, changed=figures.changed + counts.amended)
                done += len(rows)
                on_progress(done, changes.enrolments)
            if found.notes.get(number):
                notes = note_marks(by=by, at=at, school_id=school_id, year=year, notes=found.notes[number])
                figures = replace(figures, notes=figures.notes + notes)
        return replace(figures, unchanged=found.unchanged)


def _years(ledger: ParsedMarks) -> tuple[str, ...]:
    return tuple(sorted({academic_year_of(on) for on, _ in ledger.sessions}))
