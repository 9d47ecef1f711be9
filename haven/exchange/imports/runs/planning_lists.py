"""What would a file of schools, of pupils or of a calendar do?

Schools are tried out: the very action that would write them runs inside a savepoint that is rolled back, so that the counts are those
of the import and of nothing else. Pupils are compared by the very code that gathers what is to be written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from haven.attendance.calendar.actions import change_calendar
from haven.core.people.actions import import_pupils
from haven.core.people.matching import Match, match_rows
from haven.core.people.pupil_import import compare_pupils, lock_roll
from haven.core.schools.actions import Kept, SchoolFacts, keep_schools, set_calendar, set_spans
from haven.core.schools.calendars import KINDS, BadCalendar, Span, checked
from haven.core.schools.models import School
from haven.core.schools.queries import calendar_for, stretches_of
from haven.exchange.imports.formats.calendar import calendar_csv
from haven.exchange.imports.formats.calendar.calendar_csv import CalendarYear, Period
from haven.exchange.imports.formats.pupils import pupils_csv
from haven.exchange.imports.formats.pupils.rows import PupilRow
from haven.exchange.imports.formats.schools import gias
from haven.exchange.imports.formats.schools.gias import SchoolRow
from haven.exchange.imports.problems import ProblemLog, error, quoted
from haven.exchange.imports.reading.table import Options, Reading
from haven.exchange.imports.reading.tabular import Source
from haven.exchange.imports.runs.plan import MOST_EXAMPLES, Figures, Plan, Progress
from haven.exchange.imports.sentences import Place, school_of_others
from haven.platform.accounts.context import AccessContext
from haven.platform.dates import in_words
from haven.platform.errors import ActionRejected as CalendarRefused
from haven.rules.sessions import academic_year_of, session_key

T = TypeVar("T")


def _tried(work: Callable[[], T]) -> T:
    """What a piece of work would give; nothing of it is kept."""
    with transaction.atomic():
        answer = work()
        transaction.set_rollback(True)
    return answer


def _headings(reading: Reading[Any]) -> tuple[str, ...]:
    return tuple(reading.table.headings) if reading.table else ()


# Schools


def plan_schools(*, by: AccessContext, at: datetime, source: Source, options: Options) -> Plan:
    """The plan of a file of schools (Get Information About Schools, 2018 or 2024).

    Haven's own import keeps all of them. A person adds schools that Haven does not know, and changes those that they keep.
    """
    log = ProblemLog()
    reading = gias.read(source, options=options)
    rows = list(reading.rows_into(log))
    others = set() if by.is_service else _kept_by_others(by, [int(row.urn) for row in rows])
    for row in rows:
        if int(row.urn) in others:
            log.add(school_of_others(Place(reading.file, row.row), urn=row.urn))
    facts = [_facts(row) for row in rows if int(row.urn) not in others]
    kept = _tried(lambda: keep_schools(by=by, at=at, schools=facts)) if facts else Kept()
    figures = Figures(len(rows) + log.counts["error"], kept.new, kept.changed, kept.unchanged + len(others))

    def writing(import_ref: UUID | None, progress: Progress) -> Figures:
        done = keep_schools(by=by, at=at, schools=facts)
        progress(len(facts), len(facts))
        return Figures(figures.read, done.new, done.changed, done.unchanged + len(others))

    return Plan(
        "schools", reading.file, "school", log, figures, (), reading.how_read, reading.layout, _headings(reading),
        writing=writing,
    )  # fmt: skip


def _kept_by_others(by: AccessContext, urns: Sequence[int]) -> set[int]:
    """Schools that Haven knows and whose facts are not the viewer's to keep."""
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


def plan_pupils(
    *, by: AccessContext, at: datetime, school: School, source: Source, options: Options, is_applying: bool = False
) -> Plan:
    """The plan of a file of pupils, for the academic year of `at`. With `is_applying` the roll is locked before anything is compared,
    so that what is counted is what is written."""
    log = ProblemLog()
    reading = pupils_csv.read(source, options=options, school_urn=str(school.urn), as_of=timezone.localtime(at).date())
    rows = list(reading.rows_into(log))
    return _pupils_compared(by, at, school, reading, rows, log, is_applying=is_applying)


def _pupils_compared(
    by: AccessContext, at: datetime, school: School, reading: Reading[PupilRow], rows: list[PupilRow], log: ProblemLog, *,
    is_applying: bool,
) -> Plan:  # fmt: skip
    """The plan of the rows that were read. Where all that was wrong with them is at hand, it can be made anew without reading."""
    of_file, errors, is_told = log.shown(), log.counts["error"], log.total <= log.cap
    on = timezone.localtime(at).date()
    year, name = academic_year_of(on), f"{reading.file}, {in_words(on)}"
    if is_applying:
        lock_roll(school.id)
    matched = match_rows(school_id=school.id, rows=rows, year=year)
    for doubt in matched.problems:
        column = _column(reading, "upn" if "UPN" in doubt.text else "surname")
        log.add(error(file=reading.file, row=doubt.row, column=column, code="pupil_uncertain", message=doubt.text))
    doubtful = {doubt.row for doubt in matched.problems}
    good = [row for row in rows if row.row not in doubtful]
    changes = list(_pupil_changes(matched.matches))
    compared = compare_pupils(by=by, at=at, school_id=school.id, matches=matched.matches, year=year, source=name)
    figures = _pupil_figures(len(rows) + errors, compared.counts())

    def writing(import_ref: UUID | None, progress: Progress) -> Figures:
        import_pupils(
            by=by, at=at, school_id=school.id, rows=good, year=year, source=name,
            compared=compared if is_applying else None,
        )  # fmt: skip
        progress(len(good), len(good))
        return figures

    def anew(by: AccessContext, at: datetime) -> Plan:
        again = ProblemLog()
        again.extend(of_file)
        return _pupils_compared(by, at, school, reading, rows, again, is_applying=True)

    return Plan(
        "pupils", reading.file, "pupil", log, figures, changes, reading.how_read, reading.layout, _headings(reading),
        writing=writing, anew=anew if is_told else None,
    )  # fmt: skip


def _pupil_figures(read: int, counts: Mapping[str, int]) -> Figures:
    return Figures(read, counts["new"], counts["changed"], counts["unchanged"])


def _column(reading: Reading[Any], field: str) -> str | None:
    if reading.table is None or reading.resolved is None or field not in reading.resolved.positions:
        return None
    return reading.table.column(reading.resolved.positions[field])


def _pupil_changes(matches: Sequence[Match]) -> Iterator[str]:
    """The first changes of names, birth, class and leaving, old to new."""
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


def plan_calendar(
    *, by: AccessContext, at: datetime, school: School, source: Source, options: Options, confirm: bool = False
) -> Plan:
    """The plan of a calendar. Where marks stand on sessions that would go, `confirm` says that this is meant; without it the plan asks."""
    log = ProblemLog()
    reading = calendar_csv.read(source, options=options)
    years = list(reading.rows_into(log))
    plan = Plan(
        "calendar", reading.file, "session", log, Figures(), (), reading.how_read, reading.layout, _headings(reading),
        is_whole=True,
    )  # fmt: skip
    if not years or log.has_errors:
        return plan
    found = years[0]
    keys = [session_key(on, half) for on, half in found.sessions]
    spans = _spans(found.periods)
    try:
        checked(year=found.academic_year, sessions=keys, spans=spans)
    except BadCalendar as problem:
        log.add(error(file=reading.file, code="bad_calendar", message=str(problem)))
        return plan
    standing = calendar_for(school.id, found.academic_year)
    old = set(standing.sessions) if standing else set()
    stays = len(old & set(keys))
    other_names = bool(spans) and standing is not None and not _are_standing(spans, school.id, found.academic_year)
    gone = len(old - set(keys))
    changed = gone + int(other_names and not gone)
    plan.figures = Figures(len(keys) + changed, len(keys) - stays, changed, stays)
    plan.changes = _calendar_changes(found, gone, other_names)

    def writing(import_ref: UUID | None, progress: Progress) -> Figures:
        _write_calendar(by, at, school, found, keys, spans, standing is None, reading.file, confirm)
        progress(len(keys), len(keys))
        return plan.figures

    plan.writing = writing
    if gone and not confirm:
        try:
            _tried(lambda: writing(None, lambda done, total: None))
        except CalendarRefused as refusal:
            plan.confirm = str(refusal)
    return plan


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


def _write_calendar(
    by: AccessContext, at: datetime, school: School, found: CalendarYear, keys: list[int], spans: list[Span], is_first: bool,
    file: str, confirm: bool,
) -> None:  # fmt: skip
    year, reason = found.academic_year, f"Imported from {file}"
    if is_first:
        set_calendar(by=by, at=at, school_id=school.id, year=year, sessions=keys, spans=spans, reason=reason)
        return
    change_calendar(
        by=by, at=at, school_id=school.id, year=year, sessions=keys, reason=reason, spans=spans or None, confirm=confirm
    )
    if spans:
        set_spans(by=by, at=at, school_id=school.id, year=year, spans=spans)
