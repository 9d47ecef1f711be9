"""Tests whether a pupil is absent on one weekday, or in the afternoons, more often than chance explains.

Schools look for patterns ("Working together to improve school attendance": analyse data to identify patterns). A
pattern that chance easily produces is not one, and must not be presented to a family as one. The test is exact and can
be stated in a sentence: of the pupil's short absences, so many fell on Mondays. Had they fallen evenly on the pupil's
school days, as many or more would fall on one weekday for so many of a hundred such pupils.

A search through a whole school makes one test for each pupil, and each can be wrong: see `beyond_chance_among`.

Only *short absences* count, stretches of at most two school days: a week of influenza says nothing about Mondays. Each
stretch counts once, on the weekday on which it began.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
LONGEST_SHORT = 2  # school days of a stretch that still counts
FEWEST = 4  # short absences below which nothing is called a pattern
BY_CHANCE = 0.05
WEEKS_LOOKED_AT, WEEKS_BROKEN = 6, 5
"""A pupil habitually breaks weeks after part-absence in this many of so many school weeks (Haven's own rule: half of a
term)."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """The weekday on which most short absences began, compared with an even distribution."""

    weekday: int  # 0 Monday to 4 Friday
    began: int
    short_absences: int
    expected: float
    chance: float
    """Among pupils whose short absences fall evenly, the share with as many or more on any one weekday (at most 1)."""

    @property
    def is_more_than_chance(self) -> bool:
        """Whether there are enough absences and chance alone would rarely give this result."""
        return self.short_absences >= FEWEST and self.chance < BY_CHANCE


def weekday_pattern(began: Sequence[int], school_days: Sequence[int]) -> Pattern | None:
    """The pattern in short absences. `began` counts them by weekday (Monday to Friday); `days` counts possible school
    days by weekday.

    None where nothing was missed. The chance is the hypergeometric tail of the weekday with the strongest excess, times
    the number of weekdays on which the pupil had school (Bonferroni), since any of them could have been the strongest.
    Raises ValueError for counts below zero or more beginnings than days.
    """
    if len(began) != 5 or len(school_days) != 5 or min(began) < 0 or any(map(int.__gt__, began, school_days)):
        raise ValueError("There must be five weekdays, with no more absences than school days.")
    total, days = sum(began), sum(school_days)
    if total == 0:
        return None
    tails = {weekday: _tail(began[weekday], total, school_days[weekday], days) for weekday in range(5)}
    weekday = min(tails, key=lambda day: (tails[day], day))
    asked = sum(1 for number in school_days if number)
    return Pattern(
        weekday, began[weekday], total, total * school_days[weekday] / days, min(1.0, asked * tails[weekday])
    )


def _tail(on_day: int, drawn: int, marked: int, days: int) -> float:
    """The chance that `drawn` days out of `days` include at least `found` of the `marked` ones."""
    most = min(drawn, marked)
    ways = sum(comb(marked, k) * comb(days - marked, drawn - k) for k in range(on_day, most + 1))
    return ways / comb(days, drawn)


def beyond_chance_among(chances: Sequence[float]) -> list[bool]:
    """Select the patterns of many pupils that may be shown, so that at most one in twenty of them is expected to be
    chance.

    The step-up procedure of Benjamini and Hochberg (1995): sort the chances; accept all up to the last chance that is
    at most its rank divided by the number of chances, times BY_CHANCE. For one pupil this is `chance <= BY_CHANCE`. No
    chances give an empty list.
    """
    order = sorted(chances)
    last = max(
        (chance for place, chance in enumerate(order, 1) if chance <= BY_CHANCE * place / len(order)), default=-1.0
    )
    return [chance <= last for chance in chances]


def breaks_weeks(broken: Sequence[bool]) -> bool:
    """Whether a pupil habitually breaks weeks. `broken` says for each completed school week, newest last, whether the
    pupil was absent for part of it. False for fewer than WEEKS_LOOKED_AT weeks."""
    return len(broken) >= WEEKS_LOOKED_AT and sum(broken[-WEEKS_LOOKED_AT:]) >= WEEKS_BROKEN


def short_absences(days: Sequence[tuple[int, bool]]) -> tuple[int, ...]:
    """Count the beginnings of short absences by weekday. The input lists each possible school day of a pupil in order
    (weekday 0 to 4, missed or not).

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
