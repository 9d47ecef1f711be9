"""Calculates what one pupil's register says: rates, thresholds, runs, illness, patterns and broken weeks.

This is the plain form of every attendance measure, one enrolment at a time. Pages of one pupil use it, and tests
compare the compiled engine with it. Rates follow the Department's definitions (see `absence`). The threshold is that of
the National Framework for Penalty Notices (from 19 August 2024): 10 sessions coded G, N, O or U in ten school weeks.
Weeks without a session are not counted, and the ten weeks may reach back into the year before. The attendance return
asks for ten school days in a row of unauthorised absence; the sickness return for 15 school days (30 sessions) of
illness in the academic year.

The sources leave three points open, which are fixed here. The date on which something is met is the date of a session
on the sheet, within from..to. Runs begin within from..to. The thirtieth session of illness counts from the first
session of the sheet, and its date is given only where it falls within from..to.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from haven.rules.absence import Tally, is_persistent, is_severe
from haven.rules.attendance_codes import Class, classify
from haven.rules.clocks import school_days_between
from haven.rules.sessions import Half, school_week

Place = tuple[date, Half, str | None]
"""One place of a sheet: date, half, and the code, or None where there is no mark."""

PENALTY_CODES = frozenset("GNOU")
THRESHOLD_SESSIONS = 10
THRESHOLD_WEEKS = 10
RUN_DAYS = 10
ILLNESS_SESSIONS = 30
N_STANDS_FOR_DAYS = 5
ATTENDED = frozenset({Class.PRESENT, Class.APPROVED_ACTIVITY})
ABSENT = frozenset({Class.AUTHORISED, Class.UNAUTHORISED})
POSSIBLE = ATTENDED | ABSENT
"""Classes that make a session possible."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One half-day of the week, Monday (0) to Friday (4): sessions possible and absent."""

    weekday: int
    half: Half
    possible: int
    absent: int


@dataclass(frozen=True, slots=True)
class Measures:
    """Every measure of one enrolment over from..to, in the order of the export. Sessions, unless named days."""

    possible: int
    attended: int
    absent: int
    authorised: int
    unauthorised: int
    late_before: int
    late_after: int
    missing: int
    attendance_rate: float | None
    persistent: bool
    severe: bool
    threshold_met_on: date | None
    unauthorised_run_days: int
    unauthorised_run_met_on: date | None
    illness_sessions: int
    illness_run_sessions: int
    illness_met_on: date | None
    broken_weeks: int
    pattern: tuple[Slot, ...]
    """Ten slots, Monday morning to Friday afternoon."""

    @property
    def tally(self) -> Tally:
        """The same counts as a Tally, to be added up into a group."""
        return Tally(self.possible, self.attended, self.absent, self.authorised, self.unauthorised,
                     self.late_before, self.late_after)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Session:
    on: date
    half: Half
    symbol: str | None
    classed: Class | None


def measure(
    sessions: Sequence[Place],
    start: date,
    end: date,
    before: Sequence[Place] = (),
    other_weeks: Collection[tuple[int, int]] = (),
) -> Measures:
    """Calculate every measure of one enrolment.

    `sessions` is the sheet of one academic year in order of time: every session of the school's list while the pupil
    was on roll, None where there is no mark. `start` and `end` are inclusive. `before` is the sheet of the year before
    at the same school, for the threshold only. `other_weeks` are school weeks (see `school_week`) without a session on
    either sheet, because the pupil was not on roll then; they also count among the ten weeks. An empty range gives
    zeros and None. Raises UnknownCode for a code that was not in force on its day.
    """
    sheet = [_Session(on, half, code, None if code is None else classify(code, on)) for on, half, code in sessions]
    shown = [session for session in sheet if start <= session.on <= end]
    codes = Counter(session.symbol for session in shown)
    classes = Counter(session.classed for session in shown)
    attended = sum(classes[class_name] for class_name in ATTENDED)
    absent = sum(classes[class_name] for class_name in ABSENT)
    possible = attended + absent
    run_days, run_met_on = _unauthorised_run(shown)
    return Measures(
        possible=possible,
        attended=attended,
        absent=absent,
        authorised=classes[Class.AUTHORISED],
        unauthorised=classes[Class.UNAUTHORISED],
        late_before=codes["L"],
        late_after=codes["U"],
        missing=codes[None],
        attendance_rate=attended / possible if possible else None,
        persistent=is_persistent(absent, possible),
        severe=is_severe(absent, possible),
        threshold_met_on=_threshold_met_on(sessions, before, other_weeks, start, end),
        unauthorised_run_days=run_days,
        unauthorised_run_met_on=run_met_on,
        illness_sessions=codes["I"],
        illness_run_sessions=_longest_run(session.symbol == "I" for session in shown if session.classed in POSSIBLE),
        illness_met_on=_illness_met_on(sheet, start, end),
        broken_weeks=_broken_weeks(shown),
        pattern=_pattern(shown),
    )


def _threshold_met_on(
    sessions: Sequence[Place],
    before: Sequence[Place],
    other_weeks: Collection[tuple[int, int]],
    start: date,
    end: date,
) -> date | None:
    marks = [*before, *sessions]
    weeks = sorted({school_week(on) for on, _, _ in marks}.union(other_weeks))
    place = {week: number for number, week in enumerate(weeks)}
    for day in sorted({on for on, _, _ in sessions if start <= on <= end}):
        last = place[school_week(day)]
        counted = sum(
            symbol in PENALTY_CODES and on <= day and last - THRESHOLD_WEEKS < place[school_week(on)]
            for on, _, symbol in marks
            if symbol is not None
        )
        if counted >= THRESHOLD_SESSIONS:
            return day
    return None


def _unauthorised_run(shown: Iterable[_Session]) -> tuple[int, date | None]:
    longest, run, met_on = 0, 0, None
    for day, marks in groupby(shown, key=lambda session: session.on):
        possible = [session.symbol for session in marks if session.classed in POSSIBLE]
        if not possible:
            continue
        run = run + 1 if PENALTY_CODES.issuperset(possible) else 0
        longest = max(longest, run)
        if met_on is None and run >= RUN_DAYS:
            met_on = day
    return longest, met_on


def _longest_run(flags: Iterable[bool]) -> int:
    return max((len(list(run)) for flag, run in groupby(flags) if flag), default=0)


def _illness_met_on(sheet: Iterable[_Session], start: date, end: date) -> date | None:
    ill = [session.on for session in sheet if session.symbol == "I"]
    if len(ill) < ILLNESS_SESSIONS:
        return None
    met_on = ill[ILLNESS_SESSIONS - 1]
    return met_on if start <= met_on <= end else None


def _broken_weeks(shown: Iterable[_Session]) -> int:
    weeks: dict[tuple[int, int], set[bool]] = {}
    for session in shown:
        if session.classed in POSSIBLE:
            weeks.setdefault(school_week(session.on), set()).add(session.classed in ABSENT)
    return sum(len(kinds) == 2 for kinds in weeks.values())


def _pattern(shown: Sequence[_Session]) -> tuple[Slot, ...]:
    slots = []
    for weekday in range(5):
        for half in Half:
            here = [session for session in shown if session.on.weekday() == weekday and session.half is half]
            possible = sum(session.classed in POSSIBLE for session in here)
            slots.append(Slot(weekday, half, possible, sum(session.classed in ABSENT for session in here)))
    return tuple(slots)


@dataclass(frozen=True, slots=True)
class PersistenceOutlook:
    """How close a pupil is to persistent absence at the end of the year."""

    limit: int
    """Number of absences at which the year would end as persistent; 0 when nothing is possible all year."""
    until_persistent: int
    """Further absences that would make the year end as persistent; 0 when that is already certain."""
    may_still_miss: int
    """Further absences that keep the year below persistent, at most the sessions that remain."""
    is_unavoidable: bool
    """Persistent at the end of the year even if nothing more is missed."""
    is_out_of_reach: bool
    """Not persistent at the end of the year even if everything more is missed."""


def sessions_until_persistent(absent: int, possible_so_far: int, remaining: int) -> PersistenceOutlook:
    """Calculate how many more sessions may be missed before the year ends as persistent absence (10 x absent >=
    possible).

    All numbers are sessions of one enrolment: `absent` and `possible_so_far` to date, `remaining` those still to come,
    all taken as possible. "3 more sessions until persistent absence" is `until_persistent` == 3. Raises ValueError for
    counts below zero or more absent than possible.
    """
    if min(absent, possible_so_far, remaining) < 0 or absent > possible_so_far:
        raise ValueError("Absences must be between 0 and the number of possible sessions.")
    limit = -(-(possible_so_far + remaining) // 10)
    until = max(limit - absent, 0)
    return PersistenceOutlook(
        limit=limit,
        until_persistent=until,
        may_still_miss=min(max(limit - 1 - absent, 0), remaining),
        is_unavoidable=limit > 0 and until == 0,
        is_out_of_reach=limit == 0 or until > remaining,
    )


def n_older_than_five_school_days(sessions: Iterable[Place], as_of: date, open_days: Iterable[date]) -> list[Place]:
    """The sessions still coded N when their five school days have run out, in the order given.

    N must be replaced within five school days (Working together to improve school attendance). The day of the session
    is day 0. A mark is listed when more than five school days have followed it, `as_of` included.
    """
    days = frozenset(open_days)
    return [
        mark for mark in sessions if mark[2] == "N" and school_days_between(mark[0], as_of, days) > N_STANDS_FOR_DAYS
    ]
