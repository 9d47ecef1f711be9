"""The figures of one pupil's year so far.

Sessions missed and possible as the Department defines them (haven.rules.absence); persistent absence is ten per cent of the whole
year's sessions; the penalty notice framework counts sessions coded G, N, O and U in ten school weeks, which may reach back into the year
before (National Framework for Penalty Notices, August 2024). Unexplained sessions (code N) are counted as unauthorised.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from haven.attendance.registers.queries.marks import pupil_year
from haven.core.schools.queries import calendar_for
from haven.platform.ui.pictures import Cell
from haven.platform.ui.words import count_of
from haven.rules.absence import Tally, display_rate, tally
from haven.rules.attendance_codes import Class, classify
from haven.rules.crossings import FEWEST_SESSIONS
from haven.rules.measures import (
    ABSENT,
    PENALTY_CODES,
    POSSIBLE,
    THRESHOLD_SESSIONS,
    THRESHOLD_WEEKS,
    PersistenceOutlook,
    sessions_until_persistent,
)
from haven.rules.outlook import PERSISTENT, RECENT_SESSIONS, SEVERE, sessions_to_leave, sessions_to_reach
from haven.rules.patterns import WEEKDAYS as PATTERN_DAYS
from haven.rules.patterns import Pattern, short_absences, weekday_pattern
from haven.rules.sessions import academic_year_of, school_week, session_of, year_before

NEAR = 60
"""The outlook is mentioned if persistent absence is at most this many sessions away (six school weeks)."""
STRAIGHT = 10
"""Missed sessions in a row (one school week) from which on persistent absence is called near."""


@dataclass(frozen=True)
class Figures:
    """One pupil's year up to a day. `in_ten_weeks` of `penalty_level` unauthorised sessions; `pattern` of short absences over the
    weekdays, None where there are none; `recent` absences and possible sessions of the last 40 possible ones."""

    tally: Tally
    lates: int
    unmarked: int
    in_ten_weeks: int
    pattern: Pattern | None
    recent: tuple[int, int]
    outlook: PersistenceOutlook
    penalty_level: int = THRESHOLD_SESSIONS

    @property
    def attended(self) -> str:
        return display_rate(self.tally.attended, self.tally.possible)

    @property
    def missed(self) -> str:
        return display_rate(self.tally.absent, self.tally.possible)

    @property
    def description(self) -> str:
        """The text alternative of the picture of the year."""
        return f"{self.tally.absent} of {self.tally.possible} sessions missed, {self.attended} attended."

    @property
    def sentences(self) -> list[str]:
        """At most three sentences, each true beside the others: the band of absence, the ten school weeks, the weekday."""
        return [sentence for sentence in (self.band, self.until_penalty, self.weekday_pattern) if sentence]

    @property
    def band(self) -> str:
        """The band of absence so far and what would end it, or how near persistent absence is; "" if it is far away or the year is young."""
        absent, possible = self.tally.absent, self.tally.possible
        if SEVERE.holds(absent, possible):
            return "Severely absent so far: half of the sessions or more were missed."
        if PERSISTENT.holds(absent, possible):
            if self.outlook.is_unavoidable:
                return "Persistently absent: one in ten sessions of the whole year is missed already."
            sessions = sessions_to_leave(PERSISTENT, absent, possible)
            return f"Persistently absent so far: {count_of(sessions, 'session')} attended in a row would end this."
        if possible < FEWEST_SESSIONS:
            return ""
        straight = sessions_to_reach(PERSISTENT, absent, possible, Fraction(1)) or 0
        if straight <= STRAIGHT:
            return f"{count_of(straight, 'more session')} would make absence persistent."
        missed, of = self.recent
        after = sessions_to_reach(PERSISTENT, absent, possible, Fraction(missed, of)) if of == RECENT_SESSIONS else None
        if after is None or after > NEAR:
            return ""
        return f"If the last four weeks ({missed} of {of} sessions missed) continued, ten per cent would be missed in {after} sessions."

    @property
    def weekday_pattern(self) -> str:
        """A weekday pattern that is more than chance, with its working; "" if there is none."""
        pattern = self.pattern
        if pattern is None or not pattern.is_more_than_chance:
            return ""
        return (
            f"{pattern.began} of {pattern.short_absences} short absences began on a {PATTERN_DAYS[pattern.weekday]}; an even spread would be "
            f"{pattern.expected:.1f}. Chance alone would do this for {max(1, round(100 * pattern.chance))} in 100 pupils."
        )

    @property
    def until_penalty(self) -> str:
        """How close the ten school weeks are to the penalty notice threshold, in a sentence; "" if they are far from it."""
        left = self.penalty_level - self.in_ten_weeks
        if left <= 0:
            return "The threshold for considering a penalty notice is reached."
        if left > 3:
            return ""
        sessions = "One more unauthorised session" if left == 1 else f"{left} more unauthorised sessions"
        return f"{sessions} in these ten school weeks would reach the threshold for considering a penalty notice."


def year_figures(*, school_id: int, pupil_id: int, cells: Sequence[Cell], as_of: date) -> Figures:
    """The figures of a pupil's year at a school from its cells (queries.marks.pupil_year), sessions after `as_of` still to come.

    No cells give zeros. Raises UnknownCode for a code that was not in force on its day.
    """
    past = [cell for cell in cells if cell.on <= as_of]
    counts = Counter(cell.letter for cell in past if cell.letter)
    classed = [(cell.on, classify(cell.letter, cell.on)) for cell in past if cell.letter]
    totals = tally(counts, as_of)
    return Figures(
        tally=totals,
        lates=counts["L"] + counts["U"],
        unmarked=sum(not cell.letter for cell in past if cell.on < as_of),
        in_ten_weeks=_in_ten_weeks(school_id, pupil_id, past, as_of),
        pattern=weekday_pattern(*_short_absences(classed)),
        recent=_recent(classed),
        outlook=sessions_until_persistent(totals.absent, totals.possible, len(cells) - len(past)),
    )


def _in_ten_weeks(school_id: int, pupil_id: int, past: Sequence[Cell], as_of: date) -> int:
    year = academic_year_of(as_of)
    before = year_before(year)
    days = _days_of(school_id, year)
    weeks = sorted({school_week(day) for day in days if day <= as_of})
    # The first week of an academic year may begin in the year before.
    if len(weeks) <= THRESHOLD_WEEKS:
        days |= _days_of(school_id, before)
        weeks = sorted({school_week(day) for day in days if day <= as_of})
    weeks = weeks[-THRESHOLD_WEEKS:]
    if not weeks:
        return 0
    marks = list(past)
    if any(school_week(day) in weeks for day in days if academic_year_of(day) == before):
        marks += pupil_year(pupil_id=pupil_id, year=before, as_of=as_of, school_id=school_id)
    return sum(cell.letter in PENALTY_CODES and school_week(cell.on) in weeks for cell in marks if cell.letter)


def _days_of(school_id: int, year: str) -> set[date]:
    calendar = calendar_for(school_id, year)
    return {session_of(key).on for key in calendar.sessions} if calendar else set()


def _short_absences(classed: Sequence[tuple[date, Class]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where short absences began, and the pupil's possible school days, by weekday (Monday to Friday), from marks in order of day."""
    days: dict[date, bool] = {}
    for on, classed_as in classed:
        if classed_as in POSSIBLE and on.weekday() < 5:
            days[on] = days.get(on, False) or classed_as in ABSENT
    listed = [(on.weekday(), missed) for on, missed in sorted(days.items())]
    by_weekday = Counter(weekday for weekday, _ in listed)
    return short_absences(listed), tuple(by_weekday[weekday] for weekday in range(5))


def _recent(classed: Sequence[tuple[date, Class]]) -> tuple[int, int]:
    """Absences and possible sessions among the last 40 possible ones."""
    last = [classed_as for _, classed_as in classed if classed_as in POSSIBLE][-RECENT_SESSIONS:]
    return sum(classed_as in ABSENT for classed_as in last), len(last)
