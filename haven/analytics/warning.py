"""Estimates which pupils are likely to become persistently absent by the end of the term, from the marks alone.

The result is an estimate, never a finding: the share of pupils with similar marks who became persistently absent in a
past year. It uses the marks and no other data: no characteristic of the child or the family. It is a logistic
regression on six figures that a person can read. No figure may have the wrong sign (more absence never gives a smaller
chance). It is calibrated so that of those given 30 in 100 about 30 in 100 became persistently absent, and each estimate
shows which figures moved it.

Each use fits the model again on completed years (milliseconds for a school's year), so nothing of it is stored. It is
tested on a year that it was not fitted on before anybody sees it. It is switched off by default.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any, NamedTuple

import numpy as np

from haven.analytics import walk
from haven.analytics.sheets import OnRoll, within

FIGURES = (
    "missed since September", "missed in the last 20 sessions", "absences that began in the last 40 sessions",
    "unauthorised absences since September", "late since September", "missed last year",
)  # fmt: skip
"""The inputs of the estimate, each as a share of sessions (times: for each 40)."""

RECENT, BEGINNINGS = 20, 40
LIKELY = 0.3  # a pupil is named where the chance is three in ten or more
FEWEST_PUPILS, FEWEST_CASES = 200, 20  # pupils of completed years; with fewer there is no estimate
# pupils in each band of the calibration table: tenths, merged with neighbours until each has so many
BAND, LEAST_IN_BAND = 0.1, 20
RIDGE, STEPS, FOLDS = 1.0, 30, 5
SELDOM = 0.05


class Marks(NamedTuple):
    """Figures [pupils, FIGURES] before a session; which pupils can be estimated; which were persistent already and so
    are left out; which were persistent by the end (bool [pupils] each)."""

    figures: Any
    is_asked: Any
    is_already: Any
    became: Any


@dataclass(frozen=True)
class Estimate:
    """A fitted estimate: weights over standardised figures, and the calibration of the result. `bend` and `level` apply
    to the logarithms of a chance and of its complement, fitted on pupils whom the estimate had not seen (beta
    calibration: Kull, Silva Filho and Flach, 2017). A straight line over the odds would be too confident at high
    chances."""

    middle: Any
    spread: Any
    weight: Any
    start: float
    bend: Any
    level: float
    pupils: int
    cases: int

    def chances(self, figures: Any) -> Any:
        """The chance of each pupil, 0 to 1, float [pupils]."""
        return _chance(_both_logarithms(self._pull(figures).sum(axis=1) + self.start) @ self.bend + self.level)

    def working(self, figures: Any) -> Any:
        """How far each figure moves each pupil from the middle pupil, in the logarithm of the odds before calibration,
        which never reverses the direction; float [pupils, FIGURES]."""
        return self._pull(figures)

    def _pull(self, figures: Any) -> Any:
        return np.nan_to_num((np.asarray(figures) - self.middle) / self.spread) * self.weight


class Counts(NamedTuple):
    """Sessions of each pupil before a session, int [pupils] each: since September, in the last RECENT sessions of the
    school, and the number of absences that began in the last BEGINNINGS."""

    missed: Any
    possible: Any
    missed_lately: Any
    possible_lately: Any
    began: Any
    unauthorised: Any
    late: Any


def counts_before(kinds: Any, session: int) -> Counts:
    """Count the marks before a session. `kinds` as from `sheets.kinds_on_roll`."""
    possible, absent = kinds[:, :session] >= walk.PRESENT, kinds[:, :session] >= walk.AUTHORISED
    lately, longer = slice(max(0, session - RECENT), None), slice(max(0, session - BEGINNINGS), None)
    begins = absent.copy()
    begins[:, 1:] &= ~absent[:, :-1]
    return Counts(
        missed=absent.sum(axis=1), possible=possible.sum(axis=1),
        missed_lately=absent[:, lately].sum(axis=1), possible_lately=possible[:, lately].sum(axis=1),
        began=begins[:, longer].sum(axis=1), unauthorised=(kinds[:, :session] >= walk.UNAUTHORISED).sum(axis=1),
        late=(kinds[:, :session] == walk.LATE).sum(axis=1),
    )  # fmt: skip


def marks_before(kinds: Any, session: int, end: int, *, roll: OnRoll | None = None, last_year: Any = None) -> Marks:
    """The marks before `session`, and the result by `end` (both indexes of the calendar; `end` is included).

    `kinds` and `roll` are those of one year, as from `sheets.kinds_on_roll` and `sheets.on_roll` (None: on roll
    throughout). Pupils can be estimated who are on roll at `session`, have had 20 possible sessions and are not
    persistent yet. `last_year` is each pupil's absence rate of the year before (float, nan where unknown: it then does
    not move the estimate). Raises ValueError for indexes out of order.
    """
    if not 0 <= session <= end < kinds.shape[1]:
        raise ValueError("The session must lie before the end, and both within the calendar.")
    first, last = within(roll, len(kinds), kinds.shape[1])
    counts = counts_before(kinds, session)
    before = np.full(len(kinds), np.nan) if last_year is None else np.asarray(last_year, float)
    figures = np.stack(
        [
            _share(counts.missed, counts.possible),
            _share(counts.missed_lately, counts.possible_lately),
            counts.began / BEGINNINGS,
            _share(counts.unauthorised, counts.possible),
            _share(counts.late, counts.possible),
            before,
        ],
        axis=1,
    )
    is_there = (first <= session) & (last >= session) & (counts.possible >= RECENT)
    is_already = 10 * counts.missed >= counts.possible
    term = kinds[:, : end + 1]
    whole, wholly = (term >= walk.PRESENT).sum(axis=1), (term >= walk.AUTHORISED).sum(axis=1)
    return Marks(figures, is_there & ~is_already, is_there & is_already, (whole > 0) & (10 * wholly >= whole))


def together(years: Sequence[Marks]) -> Marks:
    """Concatenate the pupils of several years. Raises ValueError for no years."""
    return Marks(*(np.concatenate(parts) for parts in zip(*years, strict=True)))


def fit(marks: Marks) -> Estimate | None:
    """Fit the estimate on completed years; None where they have too few pupils or too few who became persistent."""
    figures, became = marks.figures[marks.is_asked], marks.became[marks.is_asked]
    if len(became) < FEWEST_PUPILS or became.sum() < FEWEST_CASES or (~became).sum() < FEWEST_CASES:
        return None
    is_known = ~np.isnan(figures)
    known_counts = np.maximum(is_known.sum(axis=0), 1)
    middle = np.where(is_known, figures, 0.0).sum(axis=0) / known_counts
    apart = np.where(is_known, figures - middle, 0.0)
    spread = np.sqrt((apart**2).sum(axis=0) / known_counts)
    spread[spread == 0] = 1.0
    ready = apart / spread
    fold = np.arange(len(became)) % FOLDS
    unseen = np.empty(len(became))  # each pupil's odds by an estimate that was not fitted on the pupil
    for held_out in range(FOLDS):
        weight, start = _rising(ready[fold != held_out], became[fold != held_out])
        unseen[fold == held_out] = ready[fold == held_out] @ weight + start
    weight, start = _rising(ready, became)
    bend, level = _rising(_both_logarithms(unseen), became)
    return Estimate(middle, spread, weight, start, bend, level, len(became), int(became.sum()))


class Band(NamedTuple):
    """Pupils given a chance from `low` up to, but not including, `high` (1 included): their number, the mean chance,
    and how many became persistent."""

    low: float
    high: float
    pupils: int
    said: float
    became: int


@dataclass(frozen=True)
class BackTest:
    """The accuracy of an estimate on a year that it was not fitted on, among pupils who were not persistent yet.

    Errors are Brier scores: mean square of chance minus result (0 is best); `plain_error` is that of giving everybody
    the same share. `named` are pupils given LIKELY or more, of whom `true_positives` became persistent. The plain rule names as
    many pupils, those nearest to ten per cent; `plain_true_positives` of them became persistent. `only_named` and `only_plain`
    are those whom only one of the two found. `already` were persistent at the session, and `stayed` of those were so at
    the end.
    """

    pupils: int
    cases: int
    error: float
    plain_error: float
    named: int
    true_positives: int
    plain_true_positives: int
    only_named: int
    only_plain: int
    already: int
    stayed: int
    bands: tuple[Band, ...]

    @property
    def false_alarms(self) -> int:
        """Pupils named who did not become persistent."""
        return self.named - self.true_positives

    @property
    def is_better(self) -> bool:
        """Whether it found more of them than the plain rule."""
        return self.true_positives > self.plain_true_positives

    @property
    def is_more_than_chance(self) -> bool:
        """Whether chance alone would rarely (one time in twenty) give so large a difference: a sign test."""
        return sign_test(self.only_named, self.only_plain) < SELDOM

    def band_of(self, chance: float) -> Band:
        """The band that contains a chance."""
        return next(band for band in reversed(self.bands) if chance >= band.low or band is self.bands[0])


def back_test(estimate: Estimate, marks: Marks) -> BackTest | None:
    """Test the estimate on a year that it was not fitted on; None where no pupil of that year can be estimated."""
    figures, became = marks.figures[marks.is_asked], marks.became[marks.is_asked]
    if not len(became):
        return None
    chance = estimate.chances(figures)
    named = chance >= LIKELY
    plain = np.zeros(len(became), bool)
    plain[np.lexsort((-figures[:, 1], -figures[:, 0]))[: named.sum()]] = True  # ties are broken by more recent absence
    return BackTest(
        pupils=len(became), cases=int(became.sum()), error=float(np.mean((chance - became) ** 2)),
        plain_error=float(np.mean((estimate.cases / estimate.pupils - became) ** 2)),
        named=int(named.sum()), true_positives=int((named & became).sum()), plain_true_positives=int((plain & became).sum()),
        only_named=int((named & became & ~plain).sum()), only_plain=int((plain & became & ~named).sum()),
        already=int(marks.is_already.sum()), stayed=int((marks.is_already & marks.became).sum()),
        bands=bands_of(chance, became),
    )  # fmt: skip


def bands_of(chance: Any, became: Any) -> tuple[Band, ...]:
    """The calibration table: tenths, each merged with the next until it has enough pupils; a remainder joins the last
    one. The bands contain everybody, from 0 to 1; no pupils give no bands."""
    edges = [round(step * BAND, 1) for step in range(round(1 / BAND))]
    bands: list[Band] = []
    low = 0.0
    for high in [*edges[1:], 1.0]:
        here = (chance >= low) & ((chance < high) | (high == 1.0))
        if here.sum() >= LEAST_IN_BAND:
            bands.append(_band(low, high, chance[here], became[here]))
            low = high
    if low < 1.0 and len(chance):
        low = bands.pop().low if bands else 0.0
        here = chance >= low
        bands.append(_band(low, 1.0, chance[here], became[here]))
    return tuple(bands)


def _band(low: float, high: float, chance: Any, became: Any) -> Band:
    return Band(low, high, len(chance), float(chance.mean()), int(became.sum()))


def sign_test(more: int, less: int) -> float:
    """The two-sided chance of so uneven a split where each side was equally likely: 1 for no pairs."""
    difference_count, most = more + less, max(more, less)
    return min(
        1.0,
        float(
            2 * sum(comb(difference_count, count) for count in range(most, difference_count + 1)) / 2**difference_count
        ),
    )


def _share(part: Any, whole: Any) -> Any:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _chance(odds: Any) -> Any:
    return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))


def _both_logarithms(odds: Any) -> Any:
    """The logarithm of the chance, and of one over its complement, from the logarithm of the odds, [pupils, 2]: both
    increase with it."""
    clipped = np.clip(odds, -30, 30)
    return np.column_stack([-np.log1p(np.exp(-clipped)), np.log1p(np.exp(clipped))])


def _rising(figures: Any, became: Any) -> tuple[Any, float]:
    """As `_logistic`, without weights below zero, so that more absence never gives a smaller chance: it removes the
    lowest weight until none is negative."""
    is_used = np.ones(figures.shape[1], bool)
    while True:
        weights, start = _logistic(figures[:, is_used], became)
        if (weights >= 0).all():
            weight = np.zeros(len(is_used))
            weight[is_used] = weights
            return weight, start
        is_used[np.flatnonzero(is_used)[weights.argmin()]] = False


def _logistic(figures: Any, became: Any) -> tuple[Any, float]:
    """Weights and intercept of a logistic regression with a small ridge penalty, by Newton's method."""
    with_one = np.column_stack([figures, np.ones(len(figures))])
    ridge = np.diag([RIDGE] * figures.shape[1] + [0.0])
    answer = np.zeros(with_one.shape[1])
    for _ in range(STEPS):
        chance = _chance(with_one @ answer)
        slope = with_one.T @ (became - chance) - ridge @ answer
        bend = (with_one * (chance * (1 - chance))[:, None]).T @ with_one + ridge
        step = np.linalg.solve(bend, slope)
        answer += step
        if np.abs(step).max() < 1e-8:
            break
    return answer[:-1], float(answer[-1])
