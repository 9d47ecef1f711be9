"""Is a pupil missing on one weekday, or in the afternoons, more often than chance would have it?

Schools look for patterns ("Working together to improve school attendance": analyse data to identify patterns); a
pattern that chance makes easily is none, and must not be put to a family as one. The test is exact and can be said in a sentence:
of the pupil's short absences, so many fell on Mondays; had they fallen evenly on the school days of the pupil, so many or more
would fall on some one weekday in so many of a hundred such pupils.

Where a whole school is looked through, each of its pupils is a chance to be wrong: see `beyond_chance_among`.

Only *short absences* count, stretches of at most two school days: a week of influenza says nothing about Mondays. Each stretch counts
once, on the weekday on which it began.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
LONGEST_SHORT = 2  # school days of a stretch that still counts
FEWEST = 4  # short absences below which nothing is called a pattern
BY_CHANCE = 0.05
WEEKS_LOOKED_AT, WEEKS_BROKEN = 6, 5
"""A pupil breaks weeks by habit who was away for a part of this many of so many school weeks (a rule of this house: a term's half)."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """The weekday on which most short absences began, against what would be even."""

    weekday: int  # 0 Monday to 4 Friday
    began: int
    short_absences: int
    expected: float
    chance: float
    """Of pupils whose short absences fall evenly, the share with as many or more on some one weekday (at most 1)."""

    @property
    def is_more_than_chance(self) -> bool:
        """Enough absences, and seldom enough by chance alone."""
        return self.short_absences >= FEWEST and self.chance < BY_CHANCE


def weekday_pattern(began: Sequence[int], school_days: Sequence[int]) -> Pattern | None:
    """The pattern in short absences, `began` by weekday (Monday to Friday), over so many possible school days of each weekday.

    None where nothing was missed. The chance is the hypergeometric tail of the weekday that stands out most, times the weekdays on
    which the pupil had school (Bonferroni), since any of them could have stood out. Raises ValueError for counts below zero or more
    beginnings than days.
    """
    if len(began) != 5 or len(school_days) != 5 or min(began) < 0 or any(map(int.__gt__, began, school_days)):
        raise ValueError("There must be five weekdays, with no more absences than school days.")
    many, days = sum(began), sum(school_days)
    if many == 0:
        return None
    tails = {weekday: _tail(began[weekday], many, school_days[weekday], days) for weekday in range(5)}
    weekday = min(tails, key=lambda one: (tails[one], one))
    asked = sum(1 for number in school_days if number)
    return Pattern(weekday, began[weekday], many, many * school_days[weekday] / days, min(1.0, asked * tails[weekday]))


def _tail(found: int, drawn: int, marked: int, days: int) -> float:
    """The chance that of `drawn` days out of `days` at least `found` are among the `marked` ones."""
    most = min(drawn, marked)
    ways = sum(comb(marked, k) * comb(days - marked, drawn - k) for k in range(found, most + 1))
    return ways / comb(days, drawn)


def beyond_chance_among(chances: Sequence[float]) -> list[bool]:
    """Which of many pupils' patterns may be told, so that of those told no more than one in twenty is expected to be chance.

    The step-up procedure of Benjamini and Hochberg (1995): with the chances in order, all up to the last that is at most its place in the
    order, over how many there are, times BY_CHANCE. Of one pupil it is `chance <= BY_CHANCE`. No chances give an empty list.
    """
    order = sorted(chances)
    last = max(
        (chance for place, chance in enumerate(order, 1) if chance <= BY_CHANCE * place / len(order)), default=-1.0
    )
    return [chance <= last for chance in chances]


def breaks_weeks(broken: Sequence[bool]) -> bool:
    """Whether a pupil breaks weeks by habit: `broken` says of each school week that is over, the newest last, whether the pupil was
    away for a part of it. False for fewer than WEEKS_LOOKED_AT weeks."""
    return len(broken) >= WEEKS_LOOKED_AT and sum(broken[-WEEKS_LOOKED_AT:]) >= WEEKS_BROKEN


def short_absences(days: Sequence[tuple[int, bool]]) -> tuple[int, ...]:
    """Where short absences began, by weekday: from each possible school day of a pupil in order (weekday 0 to 4, missed or not).

    A day counts as missed when any possible session of it is absent. No days give five zeros.
    """
    began = [0] * 5
    length = 0
    for place, (_, missed) in enumerate(days):
        length = length + 1 if missed else 0
        ends = missed and (place + 1 == len(days) or not days[place + 1][1])
        if ends and length <= LONGEST_SHORT:
            began[days[place + 1 - length][0]] += 1
    return tuple(began)
