"""What was unusual in the newest school week, compared with the school's own earlier weeks. Only what is more than chance.

Only completed days are used, so that a register in progress does not count, and the same half-days of each of the weeks before. Codes N are
left out: this week's are still to be explained, the others have been. The test: haven.rules.unusual.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from haven.analytics.calendar import Calendar, date_of, day_number
from haven.analytics.chosen_weeks import ChosenWeeks, side_by_side
from haven.analytics.walk import HALF_DAYS
from haven.attendance.registers.queries.register_reader import YearSheets, sheets_for
from haven.attendance.reports.groupings import Enrolled, groupings
from haven.attendance.reports.measures import NoMeasures
from haven.core.schools.models import School
from haven.platform.ui.words import count_of
from haven.rules.attendance_codes import Class, codes_in_force, to_byte
from haven.rules.patterns import WEEKDAYS
from haven.rules.sessions import academic_year_of, year_bounds
from haven.rules.unusual import MOST_WEEKS, Compared, compare, counting_spread
from haven.rules.visibility import RecordCategory

ABSENT = (Class.AUTHORISED, Class.UNAUTHORISED)


@dataclass(frozen=True, slots=True)
class Question:
    """One question about the week: its subject, the sentence that answers it, and the numbers behind it (shares, or differences of two
    shares)."""

    about: str
    sentence: str
    compared: Compared
    is_difference: bool = False

    def shown(self, value: float) -> str:
        """One of the numbers as text."""
        if not self.is_difference:
            return _rate(value)
        sign = "" if not round(value, 3) else "+" if value > 0 else "\N{MINUS SIGN}"
        return f"{sign}{abs(value) * 100:.1f} points"


@dataclass(frozen=True, slots=True)
class StandingOut:
    """The week from `first_on` to `last_on`, compared with `usual` weeks (their Mondays, in order), and every question about it, the least
    likely by chance first. `questions` is empty if there are too few usual weeks."""

    first_on: date
    last_on: date
    usual: tuple[date, ...]
    questions: tuple[Question, ...]

    @property
    def unusual(self) -> list[Question]:
        """The answers that are more than chance among all the questions."""
        return [question for question in self.questions if question.compared.is_unusual(len(self.questions))]


@dataclass(frozen=True)
class _Asked:
    """The weeks side by side, the newest last; sums over pupils int64 [pupils, weeks]."""

    weeks: ChosenWeeks
    count: int
    possible: Any
    absent: Any


def standing_out(*, school: School, on: date) -> StandingOut:
    """What was unusual in the newest school week with a day completed before `on`, for the pupils whose register the user sees.

    Raises NoMeasures, with a sentence, if the school has no calendar of the year or no day of it is completed.
    """
    year = academic_year_of(on)
    sheets = sheets_for(school_id=school.id, year=year, first_on=year_bounds(year)[0], last_on=on)
    if sheets is None:
        raise NoMeasures.without_calendar(year)
    calendar = sheets.calendar
    over = int(np.searchsorted(calendar.day, day_number(on), side="left"))
    if not over:
        raise NoMeasures("No school day of this year is complete yet.")
    newest = int(calendar.week[over - 1])
    half_days = sorted(set(calendar.half_day[int(calendar.week_starts[newest]) : over].tolist()) - {HALF_DAYS})
    usual = _usual_weeks(calendar, newest, half_days)
    chosen = [*usual, newest]
    weeks = side_by_side(sheets.matrix, calendar, chosen, half_days, roll=sheets.roll)
    count = len(chosen)
    asked = _Asked(weeks, count, weeks.per_week(weeks.possible, count), weeks.per_week(weeks.absent, count))
    groups = _year_groups(school, sheets, on)
    every = [*_whole(asked), *_groups(asked, groups), *_weekdays(asked), *_codes(asked, on)]
    return StandingOut(
        date_of(calendar.day[int(calendar.week_starts[newest])]), date_of(calendar.day[over - 1]),
        tuple(date_of(calendar.monday[week]) for week in usual),
        tuple(sorted(every, key=lambda question: question.compared.chance)),
    )  # fmt: skip


def _usual_weeks(calendar: Calendar, newest: int, half_days: list[int]) -> list[int]:
    """The weeks before with at least half of these half-days, the newest of them, in order."""
    held = np.isin(calendar.half_day, half_days)
    half_day_counts = np.bincount(calendar.week[held], minlength=len(calendar.monday))
    return [week for week in range(newest) if 2 * half_day_counts[week] >= len(half_days)][-MOST_WEEKS:]


def _year_groups(school: School, sheets: YearSheets, on: date) -> dict[str, Any]:
    grouping = groupings()["year"]
    held = grouping.labels(Enrolled(school.id, school.urn, on, sheets.enrolments, (RecordCategory.ATTENDANCE,)))
    labels = sorted({label for (label,) in held}, key=grouping.order)
    return {
        grouping.words(year_group): np.array([label == year_group for (label,) in held], bool) for year_group in labels
    }


def _whole(asked: _Asked) -> Iterator[Question]:
    missed, of = asked.absent.sum(axis=0), asked.possible.sum(axis=0)
    compared = _compared([(int(m), int(n)) for m, n in zip(missed, of, strict=True)])
    if compared is not None:
        yield Question(
            "All pupils",
            f"{_rate(compared.now)} of sessions were missed. Usual is {_rate(compared.mean)}"
            f" ({_rate(compared.lowest)} to {_rate(compared.highest)} in the previous {compared.weeks} weeks).",
            compared,
        )


def _groups(asked: _Asked, groups: dict[str, Any]) -> Iterator[Question]:
    if len(groups) < 2:
        return
    for name, rows in groups.items():
        compared = _beside(_pairs(asked, rows), _pairs(asked, ~rows))
        if compared is not None:
            missed, of = _pairs(asked, rows)[-1]
            yield Question(
                f"{name} compared with all other pupils",
                f"{name} missed {_rate(missed / of)} of its sessions, {_points(compared.now)} than all other pupils."
                f" Usually it is {_points(compared.mean)}.",
                compared,
                is_difference=True,
            )


def _pairs(asked: _Asked, rows: Any) -> list[tuple[int, int]]:
    """Missed and possible sessions of these pupils in each week."""
    return [
        (int(missed), int(of))
        for missed, of in zip(asked.absent[rows].sum(axis=0), asked.possible[rows].sum(axis=0), strict=True)
    ]


def _weekdays(asked: _Asked) -> Iterator[Question]:
    days = sorted({half_day // 2 for half_day in asked.weeks.half_day.tolist()})
    if len(days) < 2:
        return
    for day in days:
        compared, pairs = _weekday(asked, day)
        if compared is not None:
            missed, of = pairs[-1]
            yield Question(
                f"{WEEKDAYS[day]} compared with other days",
                f"On {WEEKDAYS[day]} {_rate(missed / of)} of sessions were missed, {_points(compared.now)} than on the other days."
                f" Usually it is {_points(compared.mean)}.",
                compared,
                is_difference=True,
            )


def _weekday(asked: _Asked, day: int) -> tuple[Compared | None, list[tuple[int, int]]]:
    weeks = asked.weeks
    sides = []
    for here in (weeks.half_day // 2 == day, weeks.half_day // 2 != day):
        of_week = [here & (weeks.week == week) for week in range(asked.count)]
        sides.append([(int(weeks.absent[:, at].sum()), int(weeks.possible[:, at].sum())) for at in of_week])
    return _beside(*sides), sides[0]


def _codes(asked: _Asked, on: date) -> Iterator[Question]:
    """How many pupils with a possible session had each code of absence, or L, at least once."""
    pupils = (asked.possible > 0).sum(axis=0)
    for code in codes_in_force(on):
        if code.symbol != "L" and (code.classed not in ABSENT or code.symbol == "N"):
            continue
        held = asked.weeks.marks == to_byte(code.symbol)
        had = (asked.weeks.per_week(held, asked.count) > 0).sum(axis=0)
        if not had.any():
            continue
        compared = _compared([(int(with_code), int(of)) for with_code, of in zip(had, pupils, strict=True)])
        if compared is not None:
            pupil_count, now = int(pupils[-1]), int(had[-1])
            yield Question(
                f"Code {code.symbol}: {code.name[0].lower()}{code.name[1:]}",
                f"{count_of(now, 'pupil')} had code {code.symbol} ({code.name[0].lower()}{code.name[1:]}) at least once."
                f" Usual is {compared.mean * pupil_count:.0f} ({compared.lowest * pupil_count:.0f} to {compared.highest * pupil_count:.0f}).",
                compared,
            )


def _compared(pairs: list[tuple[int, int]]) -> Compared | None:
    """This week's share, the last of the pairs, and those before; None if it has none."""
    if not pairs[-1][1]:
        return None
    *usual, now = [(part, of) for part, of in pairs if of]
    pooled = sum(part for part, _ in (*usual, now)), sum(of for _, of in (*usual, now))
    least = counting_spread(round(pooled[0] * now[1] / pooled[1]), now[1])
    return compare(now[0] / now[1], [part / of for part, of in usual], least)


def _beside(these: list[tuple[int, int]], others: list[tuple[int, int]]) -> Compared | None:
    """This week's difference of two shares, and those of the weeks that have both shares."""
    both = [(this, other) for this, other in zip(these, others, strict=True) if this[1] and other[1]]
    if not these[-1][1] or not others[-1][1]:
        return None
    differences = [this[0] / this[1] - other[0] / other[1] for this, other in both]
    return compare(differences[-1], differences[:-1], counting_spread(*these[-1], others[-1]))


def _rate(share: float) -> str:
    return f"{share * 100:.1f}\N{NO-BREAK SPACE}%"


def _points(difference: float) -> str:
    return f"{abs(difference) * 100:.1f} points {'fewer' if difference < 0 else 'more'}"
