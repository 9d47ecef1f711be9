"""How is one pupil's year so far, in a line of figures?

Sessions missed and possible as the Department defines them (haven.rules.absence); persistent absence is ten per cent of the whole
year's sessions; the penalty notice framework counts sessions coded G, N, O and U in ten school weeks, which may reach back into the year
before (National Framework for Penalty Notices, August 2024). Codes N that still stand are counted as they stand.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from haven.attendance.queries.marks import pupil_year
from haven.rules.absence import Tally, display_rate, tally
from haven.rules.attendance_codes import classify
from haven.rules.measures import (
    ABSENT,
    PENALTY_CODES,
    POSSIBLE,
    THRESHOLD_SESSIONS,
    THRESHOLD_WEEKS,
    PersistenceOutlook,
    sessions_until_persistent,
)
from haven.rules.sessions import academic_year_of, school_week, session_of, year_before
from haven.schools.queries import calendar_for
from haven.ui.pictures import WEEKDAYS, Cell

ENOUGH_MISSED = 4
"""Fewer absences than this show no pattern of weekdays."""


@dataclass(frozen=True)
class Figures:
    """One pupil's year up to a day. `in_ten_weeks` of `penalty_level` unauthorised sessions; `weekday` names the weekday that is missed
    markedly more than the others, or is ""."""

    tally: Tally
    lates: int
    unmarked: int
    in_ten_weeks: int
    weekday: str
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
        """What the picture of the year says, for those who do not see it."""
        return f"{self.tally.absent} of {self.tally.possible} sessions missed, {self.attended} attended."

    @property
    def until_persistent(self) -> str:
        """Where the pupil stands against persistent absence, in a sentence."""
        if self.outlook.is_unavoidable:
            return "Ten per cent of the whole year is missed: the year ends as persistent absence."
        if self.outlook.is_out_of_reach:
            return ""
        many = self.outlook.until_persistent
        return f"{many} more session{'' if many == 1 else 's'} until persistent absence."

    @property
    def until_penalty(self) -> str:
        """What the ten school weeks say, in a sentence; "" while the level is far."""
        left = self.penalty_level - self.in_ten_weeks
        if left <= 0:
            return "The level at which a penalty notice must be considered is reached."
        if left > 3:
            return ""
        one = "One more unauthorised session" if left == 1 else f"{left} more unauthorised sessions"
        return f"{one} in these ten school weeks would reach the level at which a penalty notice must be considered."


def year_figures(*, school_id: int, pupil_id: int, cells: Sequence[Cell], as_of: date) -> Figures:
    """The figures of a pupil's year at a school from its cells (queries.marks.pupil_year), sessions after `as_of` still to come.

    No cells give zeros. Raises UnknownCode for a code that was not in force on its day.
    """
    past = [cell for cell in cells if cell.on <= as_of]
    counts = Counter(cell.letter for cell in past if cell.letter)
    found = tally(counts, as_of)
    return Figures(
        tally=found,
        lates=counts["L"] + counts["U"],
        unmarked=sum(not cell.letter for cell in past if cell.on < as_of),
        in_ten_weeks=_in_ten_weeks(school_id, pupil_id, past, as_of),
        weekday=_weekday(past),
        outlook=sessions_until_persistent(found.absent, found.possible, len(cells) - len(past)),
    )


def _in_ten_weeks(school_id: int, pupil_id: int, past: Sequence[Cell], as_of: date) -> int:
    year = academic_year_of(as_of)
    before = year_before(year)
    calendars = [calendar_for(school_id, label) for label in (before, year)]
    days = {session_of(key).on for calendar in calendars if calendar for key in calendar.sessions}
    weeks = sorted({school_week(day) for day in days if day <= as_of})[-THRESHOLD_WEEKS:]
    if not weeks:
        return 0
    marks = list(past)
    if any(school_week(day) in weeks for day in days if academic_year_of(day) == before):
        marks += pupil_year(pupil_id=pupil_id, year=before, as_of=as_of, school_id=school_id)
    return sum(cell.letter in PENALTY_CODES and school_week(cell.on) in weeks for cell in marks if cell.letter)


def _weekday(past: Sequence[Cell]) -> str:
    """The weekday with at least half as much again of its sessions missed as the year as a whole, where enough is missed to tell."""
    possible: Counter[int] = Counter()
    absent: Counter[int] = Counter()
    for cell in past:
        classed = classify(cell.letter, cell.on) if cell.letter else None
        possible[cell.on.weekday()] += classed in POSSIBLE
        absent[cell.on.weekday()] += classed in ABSENT
    missed, sessions = sum(absent.values()), sum(possible.values())
    if missed < ENOUGH_MISSED:
        return ""
    day, many = max(
        absent.items(), key=lambda pair: (pair[1] / possible[pair[0]] if possible[pair[0]] else 0, -pair[0])
    )
    is_marked = many >= ENOUGH_MISSED // 2 and 2 * many * sessions >= 3 * missed * possible[day] and day < 5
    return WEEKDAYS[day] if is_marked else ""
