"""The nightly run of a school: proposals for a person to decide, from the registers up to a day.

Proposals only: each becomes a task for the office, and a named person decides. What is proposed, with its source:

* 10 sessions coded G, N, O or U in ten school weeks: consider a penalty notice (National Framework for Penalty Notices);
* ten school days in a row of unauthorised absence: the attendance return (SI 2024/208 reg. 13 and its practice);
* 30 sessions of illness in the year: the sickness return;
* pupils who became persistently or severely absent in the week that ends that day (10 or 50 % of their own possible sessions, from 20
  sessions on; Working together asks for a plan with others for each severely absent pupil);
* pupils whose short absences turned out, in the week, to fall on one weekday more often than chance, or who broke five of the last six
  school weeks (haven.rules.patterns; Working together asks schools to look for patterns);
* marks N whose five school days have passed: code O (haven.rules.unexplained), on the last day, and week by week for those left since. The
  task proposes; the marks change when a person prepares the change and another approves it.

The run can be repeated safely: a proposal carries the fact behind it as its source, and each fact is proposed once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from haven.analytics.calendar import day_of
from haven.attendance.registers.queries.worklists import Unexplained, unexplained_older_than
from haven.attendance.reports.measures import NoMeasures, SchoolMeasures, measures_of
from haven.attendance.reports.weekly_patterns import breakers_of_weeks, weekday_habits
from haven.attendance.task_sources import AttendanceTaskSource
from haven.core.people.models import Enrolment
from haven.core.schools.models import School
from haven.core.tasks.actions import NewTask, raise_task
from haven.core.tasks.models import Task
from haven.core.tasks.sources import Source
from haven.platform.accounts.context import AccessContext
from haven.platform.accounts.queries import colleagues
from haven.platform.audit.actions import action, append_event
from haven.platform.ui.words import count_of
from haven.rules.crossings import FEWEST_SESSIONS
from haven.rules.sessions import academic_year_of, year_bounds
from haven.rules.visibility import RecordCategory

DAYS_BACK = 28
"""Older facts are no longer proposed: otherwise the first night would give an office the tasks of a whole autumn."""
BECAME = (
    ("persistent", "become persistently absent (10 % or more). Review each and decide on support."),
    ("severe", "become severely absent (50 % or more). Agree a support plan for each."),
)
WEEKDAY = "with short absences on one weekday more often than chance. Review each and decide on support."
BROKEN = "absent for part of five of the last six school weeks. Review each and decide on support."
DECIDE_O = "enter the reason, or change them to code O."
OFFICE = ("attendance_officer", "attendance_coordinator", "pastoral_coordinator", "head", "dsl")
"""The roles that receive the task: the first of these that somebody holds at the school."""


@dataclass(frozen=True)
class Proposal:
    """A decision for a person to make. `fact` names what it rests on, so that it is proposed once."""

    fact: str
    title: str
    pupil_ids: tuple[int, ...]


@dataclass(frozen=True)
class Night:
    """What one run did at a school: the number of proposals, of which new; `why_not` if the school could not be processed.

    `is_for_nobody`: no user there has a role that could receive a proposal, so none was made; a later night makes them.
    """

    school: School
    proposed: int = 0
    new: int = 0
    why_not: str = ""
    is_for_nobody: bool = False


def proposals(*, school: School, as_of: date) -> list[Proposal]:
    """All proposals from the registers, up to and including `as_of`. Raises NoMeasures if the school has no calendar then."""
    start, _ = year_bounds(academic_year_of(as_of))
    now = measures_of(school=school, from_on=start, to_on=as_of)
    proposed = list(_met(now, as_of - timedelta(days=DAYS_BACK)))
    week_before = max(start, as_of - timedelta(days=7))
    before = measures_of(school=school, from_on=start, to_on=week_before)
    for flag, words in BECAME:
        proposed += _became(now, before, flag, words, as_of)
    proposed += _began("weekday", weekday_habits(now), weekday_habits(before), WEEKDAY, as_of)
    proposed += _began("broken-weeks", breakers_of_weeks(now), breakers_of_weeks(before), BROKEN, as_of)
    proposed += _unexplained(school, as_of)
    return proposed


def _unexplained(school: School, as_of: date) -> Iterator[Proposal]:
    """Code O for marks N whose five school days have passed: one proposal for each last day of the week that ends with `as_of`, and one a
    week for all older ones."""
    by_day: dict[date, list[Unexplained]] = defaultdict(list)
    old: list[Unexplained] = []
    for mark in unexplained_older_than(school_id=school.id, on=as_of):
        (by_day[mark.runs_out_on] if mark.runs_out_on > as_of - timedelta(days=7) else old).append(mark)
    for last_on, marks in sorted(by_day.items()):
        words = f"Code N runs out on {last_on.day} {last_on:%B} for {count_of(len(marks), 'mark')}: {DECIDE_O}"
        yield Proposal(f"n-to-o:{last_on.isoformat()}", words, _pupils_of(marks))
    if old:
        words = f"Code N has run out for {count_of(len(old), 'mark')} of earlier weeks: {DECIDE_O}"
        yield _of_the_week("old-n", words, (), as_of)


def _pupils_of(marks: Collection[Unexplained]) -> tuple[int, ...]:
    enrolments = Enrolment.objects.filter(id__in={mark.enrolment_id for mark in marks})
    return tuple(sorted(set(enrolments.values_list("pupil_id", flat=True))))


def _met(measures: SchoolMeasures, since: date) -> Iterator[Proposal]:
    kinds = (
        (
            "threshold_met_on",
            "Ten sessions of unauthorised absence in ten school weeks. Consider whether a penalty notice is appropriate.",
        ),
        ("unauthorised_run_met_on", "Ten consecutive school days of unauthorised absence. Send the attendance return."),
        ("illness_met_on", "Fifteen school days of illness this year. Decide whether to send the sickness return."),
    )
    for column, title in kinds:
        for enrolment, number in zip(measures.sheets.enrolments, measures.measures[column], strict=True):
            met = day_of(int(number))
            if met is not None and met > since:
                yield Proposal(f"{column}:{enrolment.enrolment_id}:{met.isoformat()}", title, (enrolment.pupil_id,))


def _became(now: SchoolMeasures, before: SchoolMeasures, flag: str, words: str, as_of: date) -> list[Proposal]:
    """One proposal for pupils who got the flag in the week; none in the first weeks, before any pupil has enough sessions."""
    known = before.measures["possible"] >= FEWEST_SESSIONS
    if not known.any():
        return []
    was = {
        enrolment.enrolment_id
        for enrolment, row, enough in zip(before.sheets.enrolments, before.measures, known, strict=True)
        if row[flag] and enough
    }
    became = tuple(
        enrolment.pupil_id
        for enrolment, row in zip(now.sheets.enrolments, now.measures, strict=True)
        if row[flag] and row["possible"] >= FEWEST_SESSIONS and enrolment.enrolment_id not in was
    )
    if not became:
        return []
    has = "has" if len(became) == 1 else "have"
    return [_of_the_week(flag, f"This week {count_of(len(became), 'pupil')} {has} {words}", became, as_of)]


def _began(name: str, now: Collection[int], before: Collection[int], words: str, as_of: date) -> list[Proposal]:
    """One proposal for pupils for whom a pattern is found that was not found a week before."""
    began = tuple(sorted(set(now) - set(before)))
    return [_of_the_week(name, f"{count_of(len(began), 'pupil')} {words}", began, as_of)] if began else []


def _of_the_week(name: str, title: str, pupil_ids: tuple[int, ...], as_of: date) -> Proposal:
    """A proposal that is made once a week, even if further pupils join it by the end of the week."""
    iso = as_of.isocalendar()
    return Proposal(f"{name}:{iso.year}-{iso.week:02d}", title, pupil_ids)


@action
def run_night(*, by: AccessContext, at: datetime, school: School, as_of: date) -> Night:
    """Create tasks for the school's office from the new proposals, in one transaction. Returns the number of proposals and of new ones."""
    role = next(
        (role for role in OFFICE if colleagues(school_id=school.id, on=timezone.localtime(at).date(), roles=(role,))),
        None,
    )
    night = _propose(by, at, school, as_of, role)
    append_event(
        by=by,
        at=at,
        verb="attendance.run_night",
        about=("school", school.urn),
        school_id=school.id,
        detail={"as_of": as_of.isoformat(), "found": night.proposed, "new": night.new},
    )
    return night


def _propose(by: AccessContext, at: datetime, school: School, as_of: date, role: str | None) -> Night:
    try:
        proposed = proposals(school=school, as_of=as_of)
    except NoMeasures as reason:
        return Night(school, why_not=str(reason))
    if role is None:
        return Night(school, proposed=len(proposed), is_for_nobody=True)
    known = set(
        Task.objects.filter(school=school, source_kind=AttendanceTaskSource.NIGHT).values_list("source_ref", flat=True)
    )
    new = [proposal for proposal in proposed if proposal.fact not in known]
    for proposal in new:
        raise_task(
            by=by,
            at=at,
            school_id=school.id,
            task=NewTask(
                record_category=RecordCategory.ATTENDANCE,
                title=proposal.title,
                pupil_ids=proposal.pupil_ids,
                source=Source(AttendanceTaskSource.NIGHT, proposal.fact),
                assignee_role=role,
                due_at=at + timedelta(days=2),
            ),
        )
    return Night(school, len(proposed), len(new))
