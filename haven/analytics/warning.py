"""Who is likely to become persistently absent by the end of the term, from the marks alone?

An estimate, never a finding: the share of pupils with such marks who did become persistently absent in a year that is over. It knows
the marks and nothing else: no characteristic of the child or the family. It is a logistic regression on six figures that a person can
read, none of which may speak the wrong way (more absence never makes a smaller chance), calibrated so that of those given 30 in 100 about
30 in 100 became so; each estimate shows what moved it. It is fitted anew on
years that are over whenever it is asked (a school's year takes milliseconds), so nothing of it is stored, and it is tested on a year that
it has not seen before anybody is shown it. Haven leaves it switched off until somebody decides otherwise.
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
"""What the estimate rests on, each as a share of sessions (times: for each 40)."""

RECENT, BEGINNINGS = 20, 40
LIKELY = 0.3  # a pupil is named where the chance is three in ten or more
FEWEST_PUPILS, FEWEST_CASES = 200, 20  # of the years that are over; with fewer nothing is estimated
BAND, LEAST_IN_BAND = 0.1, 20  # chances beside what came: in tenths, neighbours together until each has so many pupils
RIDGE, STEPS, FOLDS = 1.0, 30, 5
SELDOM = 0.05


class Marks(NamedTuple):
    """Figures [pupils, FIGURES] before a session; who can be asked about; who was persistent already and so is not asked about; who was
    persistent by the end (bool [pupils] each)."""

    figures: Any
    is_asked: Any
    is_already: Any
    became: Any


@dataclass(frozen=True)
class Estimate:
    """A fitted estimate: weights over figures made comparable, and the calibration of what they give: `bend` and `level` over the logarithms
    of a chance and of its opposite, found on pupils whom the estimate had not seen (beta calibration: Kull, Silva Filho and Flach, 2017). A
    straight line over the odds would be too sure of itself at the top."""

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
        """How far each figure moves each pupil from the middle pupil, in the logarithm of the odds before they are calibrated, which turns
        no more into less, float [pupils, FIGURES]."""
        return self._pull(figures)

    def _pull(self, figures: Any) -> Any:
        return np.nan_to_num((np.asarray(figures) - self.middle) / self.spread) * self.weight


class Counts(NamedTuple):
    """Sessions of each pupil before a session, int [pupils] each: since September, in the last RECENT sessions of the school, and how often
    the pupil began to be away in the last BEGINNINGS."""

    missed: Any
    possible: Any
    missed_lately: Any
    possible_lately: Any
    began: Any
    unauthorised: Any
    late: Any


def counts_before(kinds: Any, session: int) -> Counts:
    """What stands in the marks before a session. `kinds` as of `sheets.kinds_on_roll`."""
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
    """What the marks before `session` say, and what had come of it by `end` (both places of the calendar; `end` is included). `kinds` and
    `roll` of one year, as `sheets.kinds_on_roll` and `sheets.on_roll` give them (None: on roll throughout).

    Asked about: pupils on roll at `session`, with 20 possible sessions behind them and not persistent yet. `last_year` is each pupil's
    absence rate of the year before (float, nan where unknown: it then moves the estimate neither way). Raises ValueError for places out of order.
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
    """The pupils of several years as one. Raises ValueError for none."""
    return Marks(*(np.concatenate(parts) for parts in zip(*years, strict=True)))


def fit(marks: Marks) -> Estimate | None:
    """The estimate that years which are over yield; None where they have too few pupils or too few who became persistent."""
    figures, became = marks.figures[marks.is_asked], marks.became[marks.is_asked]
    if len(became) < FEWEST_PUPILS or became.sum() < FEWEST_CASES or (~became).sum() < FEWEST_CASES:
        return None
    is_known = ~np.isnan(figures)
    many = np.maximum(is_known.sum(axis=0), 1)
    middle = np.where(is_known, figures, 0.0).sum(axis=0) / many
    apart = np.where(is_known, figures - middle, 0.0)
    spread = np.sqrt((apart**2).sum(axis=0) / many)
    spread[spread == 0] = 1.0
    ready = apart / spread
    fold = np.arange(len(became)) % FOLDS
    unseen = np.empty(len(became))  # each pupil's odds by an estimate that has not seen the pupil
    for one in range(FOLDS):
        weight, start = _rising(ready[fold != one], became[fold != one])
        unseen[fold == one] = ready[fold == one] @ weight + start
    weight, start = _rising(ready, became)
    bend, level = _rising(_both_logarithms(unseen), became)
    return Estimate(middle, spread, weight, start, bend, level, len(became), int(became.sum()))


class Band(NamedTuple):
    """Pupils given a chance from `low` up to, but not including, `high` (1 included): how many, the mean chance, how many became so."""

    low: float
    high: float
    pupils: int
    said: float
    became: int


@dataclass(frozen=True)
class BackTest:
    """How an estimate would have done on a year that it had not seen, among pupils who were not persistent yet.

    Errors are Brier scores: mean square of chance less what came (0 best); `plain_error` is that of saying the same share for everybody.
    `named`: pupils given LIKELY or more, of whom `found` became persistent. The plain rule names as many pupils, those nearest to ten per
    cent; `plain_found` of them became so. `only_found` and `only_plain` are those whom the one found and the other did not. `already`
    were persistent when asked, and `stayed` of those were so at the end.
    """

    pupils: int
    cases: int
    error: float
    plain_error: float
    named: int
    found: int
    plain_found: int
    only_found: int
    only_plain: int
    already: int
    stayed: int
    bands: tuple[Band, ...]

    @property
    def false_alarms(self) -> int:
        """Pupils named who did not become persistent."""
        return self.named - self.found

    @property
    def is_better(self) -> bool:
        """Whether it found more of them than the plain rule."""
        return self.found > self.plain_found

    @property
    def is_more_than_chance(self) -> bool:
        """Whether chance alone would seldom (one time in twenty) part the two so far: a sign test."""
        return sign_test(self.only_found, self.only_plain) < SELDOM

    def band_of(self, chance: float) -> Band:
        """The band in which a chance lies."""
        return next(band for band in reversed(self.bands) if chance >= band.low or band is self.bands[0])


def back_test(estimate: Estimate, marks: Marks) -> BackTest | None:
    """The estimate against a year that it was not fitted on; None where nobody of that year can be asked about."""
    figures, became = marks.figures[marks.is_asked], marks.became[marks.is_asked]
    if not len(became):
        return None
    chance = estimate.chances(figures)
    named = chance >= LIKELY
    plain = np.zeros(len(became), bool)
    plain[np.lexsort((-figures[:, 1], -figures[:, 0]))[: named.sum()]] = True  # of equals, who missed more lately
    return BackTest(
        pupils=len(became), cases=int(became.sum()), error=float(np.mean((chance - became) ** 2)),
        plain_error=float(np.mean((estimate.cases / estimate.pupils - became) ** 2)),
        named=int(named.sum()), found=int((named & became).sum()), plain_found=int((plain & became).sum()),
        only_found=int((named & became & ~plain).sum()), only_plain=int((plain & became & ~named).sum()),
        already=int(marks.is_already.sum()), stayed=int((marks.is_already & marks.became).sum()),
        bands=bands_of(chance, became),
    )  # fmt: skip


def bands_of(chance: Any, became: Any) -> tuple[Band, ...]:
    """Chances beside what came: in tenths, each put together with the next until it has enough pupils; what is left goes to the one
    before. The bands hold everybody, from 0 to 1; nobody gives none."""
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
    """The chance of so uneven a split, either way, where each was as likely: 1 for none."""
    many, most = more + less, max(more, less)
    return min(1.0, float(2 * sum(comb(many, count) for count in range(most, many + 1)) / 2**many))


def _share(part: Any, whole: Any) -> Any:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _chance(odds: Any) -> Any:
    return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))


def _both_logarithms(odds: Any) -> Any:
    """The logarithm of the chance, and of one over its opposite, from the logarithm of the odds, [pupils, 2]: both grow with it."""
    kept = np.clip(odds, -30, 30)
    return np.column_stack([-np.log1p(np.exp(-kept)), np.log1p(np.exp(kept))])


def _rising(figures: Any, became: Any) -> tuple[Any, float]:
    """As `_logistic`, with no weight below nought, so that more never turns into less: the lowest goes until none is."""
    kept = np.ones(figures.shape[1], bool)
    while True:
        found, start = _logistic(figures[:, kept], became)
        if (found >= 0).all():
            weight = np.zeros(len(kept))
            weight[kept] = found
            return weight, start
        kept[np.flatnonzero(kept)[found.argmin()]] = False


def _logistic(figures: Any, became: Any) -> tuple[Any, float]:
    """Weights and start of a logistic regression with a little ridge, by Newton's steps."""
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
