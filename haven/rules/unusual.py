"""Tests whether a number of this week differs from those of the usual weeks by more than chance.

Schools look at their data regularly and act on it ("Working together to improve school attendance"). A normal
difference between weeks needs no action. The test is the simplest one that allows for varying weeks: it measures the
distance of this week from the mean of the usual weeks in standard deviations, and how often one more ordinary week
would be as far away (Student's t with one degree of freedom fewer than there are weeks, two-sided).

There are two corrections. Usual weeks that happen to be very similar have a small spread, so the spread is never
smaller than the binomial one that counting alone gives. And each week is tested many times, and any test may be
positive by chance. So each chance is multiplied by the number of tests (Bonferroni): of a hundred ordinary weeks fewer
than five show any result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, pi, sin, sqrt
from statistics import fmean, stdev

FEWEST_WEEKS = 6
"""With fewer usual weeks no comparison is made."""
MOST_WEEKS = 12
"""Number of past weeks that are the usual ones: a term, so that seasons are not compared with each other."""
BY_CHANCE = 0.05


@dataclass(frozen=True, slots=True)
class Compared:
    """A number of this week beside those of the usual weeks. `spread` is their standard deviation, or that of counting
    where it is larger. `distance` is this week's distance from their mean, in spreads of one further week. `chance` is
    that of one test alone."""

    now: float
    mean: float
    lowest: float
    highest: float
    spread: float
    weeks: int
    distance: float
    chance: float

    def is_unusual(self, questions: int) -> bool:
        """Whether the result is more than chance, given the number of tests of the week."""
        return self.chance_among(questions) < BY_CHANCE

    def chance_among(self, questions: int) -> float:
        """The chance times the number of tests, at most 1."""
        return min(1.0, questions * self.chance)


def compare(now: float, usual: Sequence[float], least_spread: float) -> Compared | None:
    """Compare this week's number with the usual ones; `least_spread` is the spread that counting alone gives.

    None for fewer than FEWEST_WEEKS usual weeks, or where both spreads are zero and there is no unit of comparison.
    Raises ValueError for a spread below zero.
    """
    if least_spread < 0:
        raise ValueError("A spread must be zero or more.")
    if len(usual) < FEWEST_WEEKS:
        return None
    mean, spread = fmean(usual), max(stdev(usual), least_spread)
    if spread == 0:
        return None
    distance = (now - mean) / (spread * sqrt(1 + 1 / len(usual)))
    return Compared(
        now, mean, min(usual), max(usual), spread, len(usual), distance, student_tails(distance, len(usual) - 1)
    )


def counting_spread(count: int, of: int, *more: tuple[int, int]) -> float:
    """The standard deviation that counting alone gives a share of `of`, or a difference of shares, all with the same
    true share: that of `count` over `of` together with `more`. 0 where there is nothing to count."""
    parts = [(count, of), *more]
    whole = sum(size for _, size in parts)
    if not whole or any(not size for _, size in parts):
        return 0.0
    share = sum(part for part, _ in parts) / whole
    return sqrt(share * (1 - share) * sum(1 / size for _, size in parts))


def student_tails(t: float, freedom: int) -> float:
    """The chance that Student's t with so many degrees of freedom (1 or more) is at least as far from 0 as `t`, on
    either side.

    The finite series for whole degrees of freedom (Abramowitz and Stegun 26.7.3 and 26.7.4). Raises ValueError for
    fewer than one.
    """
    if freedom < 1:
        raise ValueError("There must be at least one degree of freedom.")
    angle = atan2(abs(t), sqrt(freedom))
    if freedom % 2:
        within = 2 / pi * (angle + (sin(angle) * _series(angle, freedom) if freedom > 1 else 0.0))
    else:
        within = sin(angle) * _series(angle, freedom)
    return max(0.0, 1.0 - within)


def _series(angle: float, freedom: int) -> float:
    """cos + 2/3 cos^3 + 2·4/3·5 cos^5 … for odd, 1 + 1/2 cos^2 + 1·3/2·4 cos^4 … for even degrees of freedom, up to cos^(freedom - 2)."""
    power, term, whole = freedom % 2, cos(angle) if freedom % 2 else 1.0, 0.0
    while power <= freedom - 2:
        whole += term
        term *= (power + 1) / (power + 2) * cos(angle) ** 2
        power += 2
    return whole
