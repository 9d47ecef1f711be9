"""The file types of schools, pupils and calendars: read, compared with the database, and written.

For pupils and schools, the same code compares the rows and collects what is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.db import transaction

from haven.attendance.calendar.actions import change_calendar
from haven.attendance.registers.editor import lock_registers
from haven.attendance.registers.queries.outside import marks_outside
from haven.core.people.actions import import_pupils
from haven.core.people.matching import Match, RowProblem, match_rows
from haven.core.people.pupil_import import PupilImport, compare_pupils, lock_roll
from haven.core.schools.actions import SchoolFacts, compare_schools, keep_schools, set_calendar, set_spans
from haven.core.schools.calendars import KINDS, BadCalendar, Span, checked
from haven.core.schools.models import School
from haven.core.schools.queries import calendar_for, stretches_of
from haven.exchange.imports import sentences
from haven.exchange.imports.formats.calendar import calendar_csv
from haven.exchange.imports.formats.calendar.calendar_csv import CalendarYear, Period
from haven.exchange.imports.formats.pupils import pupils_csv
from haven.exchange.imports.formats.pupils.rows import PupilRow
from haven.exchange.imports.formats.schools import gias
from haven.exchange.imports.formats.schools.gias import SchoolRow
from haven.exchange.imports.problems import Problem, ProblemLog, error, query, quoted
from haven.exchange.imports.reading.table import Options
from haven.exchange.imports.reading.tabular import Source
from haven.exchange.imports.runs.plan import MOST_EXAMPLES, Comparison, Figures, FileContents, FileType, ImportContext
from haven.exchange.imports.runs.progress_reporter import Progress
from haven.exchange.imports.sentences import Place, school_of_others
from haven.platform.accounts.context import AccessContext
from haven.platform.dates import in_words
from haven.platform.errors import ActionRejected
from haven.rules.sessions import academic_year_of, session_key

# Schools


@dataclass(frozen=True, slots=True)
class SchoolChanges:
    """The schools of a file whose details the import may change. `others`: how many of its schools maintain their own details."""

    schools: list[SchoolFacts]
    others: int


class SchoolFiles(FileType[list[SchoolRow], SchoolChanges]):
    """Schools (Get Information About Schools, 2018 or 2024).

    An import from the console changes all of them. A user adds schools that Haven does not have, and changes those that they manage.
    """

    unit = "school"

    def read(self, context: ImportContext, source: Source, options: Options) -> FileContents[list[SchoolRow]]:
        reading, problems = gias.read(source, options=options), ProblemLog()
        return FileContents(self, reading, list(reading.rows_into(problems)), problems)

    def lock(self, context: ImportContext, contents: FileContents[list[SchoolRow]]) -> None:
        """Locks nothing: the lock of imports already makes two imports of schools run one after another."""

    def compare(
        self, context: ImportContext, contents: FileContents[list[SchoolRow]], problems: ProblemLog, confirm: bool,
        on_progress: Progress,
    ) -> Comparison[SchoolChanges]:  # fmt: skip
        rows, by = contents.rows, context.by
        others = set() if by.is_service else _kept_by_others(by, [int(row.urn) for row in rows])
        for row in rows:
            if int(row.urn) in others:
                problems.add(school_of_others(Place(contents.reading.file, row.row), urn=row.urn))
        schools = [_facts(row) for row in rows if int(row.urn) not in others]
        kept = compare_schools(schools)
        read = len(rows) + contents.problems.counts["error"]
        figures = Figures(read, kept.new, kept.changed, kept.unchanged + len(others))
        return Comparison(SchoolChanges(schools, len(others)), figures)

    def write(
        self, context: ImportContext, file: str, changes: SchoolChanges, import_ref: UUID | None, on_progress: Progress
    ) -> Figures:
        kept = keep_schools(by=context.by, at=context.at, schools=changes.schools)
        on_progress(1, 1)
        return Figures(0, kept.new, kept.changed, kept.unchanged + changes.others)


def _kept_by_others(by: AccessContext, urns: Sequence[int]) -> set[int]:
    """Existing schools whose details the viewer may not change."""
    known = set(School.objects.filter(urn__in=urns).values_list("urn", flat=True))
    mine = {place.urn for place in by.places if by.may("manage_school", place.school_id)}
    return known - mine


def _facts(row: SchoolRow) -> SchoolFacts:
    return SchoolFacts(
        urn=int(row.urn),
        name=row.name,
        local_authority=(row.la_code, row.la_name) if row.la_code else None,
        trust=(row.trust_ref, row.trust_name) if row.trust_ref else None,
        facts={
            "establishment_number": row.establishment_number, "phase": row.phase, "type": row.type, "status": row.status,
            "low_age": row.low_age, "high_age": row.high_age, "postcode": row.postcode, "telephone": row.telephone,
            "address": ", ".join(filter(None, (row.street, row.locality, row.address3, row.town, row.county))),
        },
    )  # fmt: skip


# Pupils


@dataclass(frozen=True, slots=True)
class PupilChanges:
    """The rows with a certain pupil, and their changes, compared for an academic year."""

    rows: list[PupilRow]
    year: str
    filling: PupilImport

    @property
    def figures(self) -> Figures:
        counts = self.filling.counts()
        return Figures(0, counts["new"], counts["changed"], counts["unchanged"])


class PupilFiles(FileType[list[PupilRow], PupilChanges]):
    """Pupils of one school, for the academic year of the import."""

    unit = "pupil"

    def read(self, context: ImportContext, source: Source, options: Options) -> FileContents[list[PupilRow]]:
        assert context.school is not None
        reading = pupils_csv.read(source, options=options, school_urn=str(context.school.urn), as_of=context.on)
        problems = ProblemLog()
        return FileContents(self, reading, list(reading.rows_into(problems)), problems)

    def lock(self, context: ImportContext, contents: FileContents[list[PupilRow]]) -> None:
        lock_roll(context.school_id)

    def compare(
        self, context: ImportContext, contents: FileContents[list[PupilRow]], problems: ProblemLog, confirm: bool,
        on_progress: Progress,
    ) -> Comparison[PupilChanges]:  # fmt: skip
        rows, file, year = contents.rows, contents.reading.file, academic_year_of(context.on)
        matched = match_rows(school_id=context.school_id, rows=rows, year=year, on=context.on)
        for doubt in matched.problems:
            problems.add(_problem_of(doubt, contents))
        doubtful = {doubt.row for doubt in matched.problems}
        matches = list(_within_marks(context.school_id, matched.matches, contents, problems))
        examples = list(_pupil_changes(matches))  # before comparing, which puts the new values in place
        filling = compare_pupils(
            by=context.by, at=context.at, school_id=context.school_id, matches=matches, year=year,
            source=f"{file}, {in_words(context.on)}",
        )  # fmt: skip
        for question in filling.questions:
            problems.add(_problem_of(question, contents))
        changes = PupilChanges([row for row in rows if row.row not in doubtful], year, filling)
        figures = replace(changes.figures, read=len(rows) + contents.problems.counts["error"])
        return Comparison(changes, figures, examples)

    def write(
        self, context: ImportContext, file: str, changes: PupilChanges, import_ref: UUID | None, on_progress: Progress
    ) -> Figures:
        import_pupils(
            by=context.by, at=context.at, school_id=context.school_id, rows=changes.rows, year=changes.year,
            compared=changes.filling,
        )  # fmt: skip
        on_progress(1, 1)
        return changes.figures


def _within_marks(
    school_id: int, matches: Sequence[Match], contents: FileContents[list[PupilRow]], problems: ProblemLog
) -> Iterator[Match]:
    """The matches without those changes of a first or last day that would put marks outside the enrolment. Each is a query with their
    number."""
    windows = {}
    for match in matches:
        held = match.standing.enrolment if match.standing else None
        row: PupilRow = match.row
        if held is None or (held.ends_on and row.start_date and row.start_date > held.ends_on):
            continue
        begins_on, ends_on = row.start_date or held.begins_on, row.leave_date or held.ends_on
        if begins_on > held.begins_on or (ends_on and (held.ends_on is None or ends_on < held.ends_on)):
            windows[held.id] = (begins_on, ends_on)
    outside = marks_outside(school_id=school_id, windows=windows) if windows else {}
    for match in matches:
        held = match.standing.enrolment if match.standing else None
        if held is None or held.id not in outside:
            yield match
            continue
        problems.add(sentences.marks_outside(
            Place(contents.reading.file, match.number, contents.heading("start_date")), marks=outside[held.id]
        ))  # fmt: skip
        yield replace(match, row=replace(match.row, start_date=None, leave_date=None))


def _problem_of(doubt: RowProblem, contents: FileContents[list[PupilRow]]) -> Problem:
    problem = query if doubt.is_question else error
    return problem(
        file=contents.reading.file,
        row=doubt.row,
        column=contents.heading(doubt.column),
        code=doubt.code,
        message=doubt.text,
    )


def _pupil_changes(matches: Sequence[Match]) -> Iterator[str]:
    """The first changes of names, date of birth, class and leaving, old to new."""
    said = 0
    for match in matches:
        if match.standing is None or said >= MOST_EXAMPLES:
            continue
        for what, before, after in _differences(match):
            said += 1
            yield f"Row {match.number:,}: {what} {quoted(before) if before else 'nothing'} becomes {quoted(after)}."


def _differences(match: Match) -> Iterator[tuple[str, str, str]]:
    row: PupilRow = match.row
    standing = match.standing
    assert standing is not None
    pupil, enrolment, placement = standing.pupil, standing.enrolment, standing.placement
    pairs = [
        ("surname", pupil.surname, row.surname),
        ("forename", pupil.forename, row.forename),
        ("date of birth", in_words(pupil.born_on) if pupil.born_on else "", in_words(row.dob)),
        ("year group", placement.year_group if placement else "", row.year_group),
        ("class", placement.group.name if placement and placement.group else "", row.registration_group),
        (
            "last day on roll",
            in_words(enrolment.ends_on) if enrolment and enrolment.ends_on else "",
            in_words(row.leave_date) if row.leave_date else "",
        ),
    ]
    return ((what, before, after) for what, before, after in pairs if after and before != after)


# Calendar


@dataclass(frozen=True, slots=True)
class CalendarChanges:
    """The sessions (as keys) and named periods of one academic year; `year` is empty for a file without a valid calendar.

    `is_first`: the school has no calendar of that year. `confirm`: the user agreed that marks on removed sessions are withdrawn.
    """

    year: str = ""
    sessions: list[int] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    is_first: bool = False
    confirm: bool = False
    figures: Figures = Figures()


class CalendarFiles(FileType[list[CalendarYear], CalendarChanges]):
    """A school's calendar of one academic year, imported completely or not at all."""

    unit = "session"
    is_whole = True

    def read(self, context: ImportContext, source: Source, options: Options) -> FileContents[list[CalendarYear]]:
        reading, problems = calendar_csv.read(source, options=options), ProblemLog()
        return FileContents(self, reading, list(reading.rows_into(problems)), problems)

    def lock(self, context: ImportContext, contents: FileContents[list[CalendarYear]]) -> None:
        for found in contents.rows:
            lock_registers(context.school_id, found.academic_year)

    def compare(
        self, context: ImportContext, contents: FileContents[list[CalendarYear]], problems: ProblemLog, confirm: bool,
        on_progress: Progress,
    ) -> Comparison[CalendarChanges]:  # fmt: skip
        """If removed sessions have marks, `confirm` means that the user agreed to this; without it the comparison asks."""
        if not contents.rows or problems.has_errors:
            return Comparison(CalendarChanges(), Figures())
        found, file = contents.rows[0], contents.reading.file
        keys = [session_key(on, half) for on, half in found.sessions]
        spans, year = _spans(found.periods), found.academic_year
        try:
            checked(year=year, sessions=keys, spans=spans)
        except BadCalendar as problem:
            problems.add(error(file=file, code="bad_calendar", message=str(problem)))
            return Comparison(CalendarChanges(), Figures())
        standing = calendar_for(context.school_id, year)
        old = set(standing.sessions) if standing else set()
        stays, gone = len(old & set(keys)), len(old - set(keys))
        other_names = bool(spans) and standing is not None and not _are_standing(spans, context.school_id, year)
        changed = gone + int(other_names and not gone)
        figures = Figures(len(keys) + changed, len(keys) - stays, changed, stays)
        changes = CalendarChanges(year, keys, spans, standing is None, confirm, figures)
        question = _refusal_of(context, file, changes) if gone and not confirm else ""
        return Comparison(changes, figures, _calendar_changes(found, gone, other_names), question)

    def write(
        self,
        context: ImportContext,
        file: str,
        changes: CalendarChanges,
        import_ref: UUID | None,
        on_progress: Progress,
    ) -> Figures:
        _write_calendar(context, file, changes)
        on_progress(1, 1)
        return changes.figures


def _refusal_of(context: ImportContext, file: str, changes: CalendarChanges) -> str:
    """The reason why the registers refuse a calendar, "" if they accept it: the calendar is written in a savepoint and rolled back."""
    try:
        with transaction.atomic():
            _write_calendar(context, file, changes)
            transaction.set_rollback(True)
    except ActionRejected as refusal:
        return str(refusal)
    return ""


def _calendar_changes(found: CalendarYear, gone: int, other_names: bool) -> list[str]:
    said = []
    if gone:
        sessions = "1 session that is" if gone == 1 else f"{gone:,} sessions that are"
        said.append(f"{sessions} in the current calendar of {found.academic_year} would be removed.")
    if other_names:
        said.append("Names or dates of terms, holidays, INSET days or closures would change.")
    return said


def _spans(periods: Sequence[Period]) -> list[Span]:
    return [Span(each.kind, each.name or KINDS[each.kind], each.first, each.last) for each in periods]


def _are_standing(spans: Sequence[Span], school_id: int, year: str) -> bool:
    return set(stretches_of(school_id, year)) == set(spans)


def _write_calendar(context: ImportContext, file: str, changes: CalendarChanges) -> None:
    by, at, school_id, year, reason = context.by, context.at, context.school_id, changes.year, f"Imported from {file}"
    sessions, spans = changes.sessions, changes.spans
    if changes.is_first:
        set_calendar(by=by, at=at, school_id=school_id, year=year, sessions=sessions, spans=spans, reason=reason)
        return
    change_calendar(
        by=by, at=at, school_id=school_id, year=year, sessions=sessions, reason=reason, spans=spans or None,
        confirm=changes.confirm,
    )  # fmt: skip
    if spans:
        set_spans(by=by, at=at, school_id=school_id, year=year, spans=spans)
