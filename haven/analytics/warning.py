"""Who is likely to become persistently absent by the end of the term, from the marks alone?

An estimate, never a finding: the share of pupils with such marks who did become persistently absent in a year that is over. It knows
the marks and nothing else: no characteristic of the child or the family. It is a logistic regression on six figures that a person can
read, calibrated so that of those given 30 in 100 about 30 in 100 became so, and each estimate shows what moved it. It is fitted anew on
a year that is over whenever it is asked (a school's year takes milliseconds), so nothing of it is stored and it can be told how well it
would have done. Haven leaves it switched off until somebody decides otherwise.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from haven.analytics import walk
from haven.analytics.calendar import Calendar
from haven.analytics.sheets import OnRoll, fitted, within

FIGURES = (
    "missed since September", "missed in the last 20 sessions", "times the pupil began to be away in the last 40 sessions",
    "sessions missed without authority since September", "late since September", "missed last year",
)  # fmt: skip
"""What the estimate rests on, each as a share of sessions (times: for each 40)."""

RECENT, BEGINNINGS = 20, 40
FEWEST_PUPILS, FEWEST_CASES = 200, 20  # of the year that is over; with fewer nothing is estimated
RIDGE, STEPS, FOLDS = 1.0, 30, 5


class Marks(NamedTuple):
    """Figures [pupils, FIGURES] before a session; who can be asked about; who had become persistent by the end (bool [pupils])."""

    figures: Any
    is_asked: Any
    became: Any


@dataclass(frozen=True)
class Estimate:
    """A fitted estimate: weights over figures made comparable, and the calibration: `slope` and `level` over the logarithm of the odds,
    found on chances that were given to pupils whom the estimate had not seen (Platt, 1999)."""

    middle: Any
    spread: Any
    weight: Any
    start: float
    slope: float
    level: float
    pupils: int
    cases: int

    def chances(self, figures: Any) -> Any:
        """The chance of each pupil, 0 to 1, float [pupils]."""
        return _chance(self.slope * (self._pull(figures).sum(axis=1) + self.start) + self.level)

    def working(self, figures: Any) -> Any:
        """How far each figure moves each pupil from the middle pupil, in the logarithm of the odds, float [pupils, FIGURES]."""
        return self.slope * self._pull(figures)

    def _pull(self, figures: Any) -> Any:
        return (np.asarray(figures) - self.middle) / self.spread * self.weight


def marks_before(
    matrix: Any, calendar: Calendar, session: int, end: int, *, roll: OnRoll | None = None, last_year: Any = None
) -> Marks:
    """What the marks before `session` say, and what had come of it by `end` (both places of the calendar; `end` is included).

    Asked about: pupils on roll at `session`, with 20 possible sessions behind them and not persistent yet. `last_year` is each pupil's
    absence rate of the year before (float, nan where unknown, taken as the middle). Raises ValueError for places out of order.
    """
    if not 0 <= session <= end < calendar.sessions:
        raise ValueError("The session must lie before the end, and both within the calendar.")
    sheets = fitted(matrix, calendar)
    first, last = within(roll, len(sheets), calendar.sessions)
    places = np.arange(calendar.sessions)
    kinds = np.where(
        (places >= first[:, None]) & (places <= last[:, None]), calendar.kinds[calendar.epoch, sheets], walk.MISSING
    )
    possible, absent = kinds >= walk.PRESENT, kinds >= walk.AUTHORISED
    sofar = possible[:, :session].sum(axis=1)
    recent, longer = slice(max(0, session - RECENT), session), slice(max(0, session - BEGINNINGS), session)
    begins = absent.copy()
    begins[:, 1:] &= ~absent[:, :-1]
    before = np.full(len(sheets), np.nan) if last_year is None else np.asarray(last_year, float)
    known = before[~np.isnan(before)]
    figures = np.stack(
        [
            _share(absent[:, :session].sum(axis=1), sofar),
            _share(absent[:, recent].sum(axis=1), possible[:, recent].sum(axis=1)),
            _share(begins[:, longer].sum(axis=1), np.full(len(sheets), BEGINNINGS)),
            _share((kinds[:, :session] >= walk.UNAUTHORISED).sum(axis=1), sofar),
            _share((kinds[:, :session] == walk.LATE).sum(axis=1), sofar),
            np.where(np.isnan(before), np.median(known) if len(known) else 0.0, before),
        ],
        axis=1,
    )
    missed = absent[:, :session].sum(axis=1)
    is_asked = (first <= session) & (last >= session) & (sofar >= RECENT) & (10 * missed < sofar)
    whole, wholly = possible[:, : end + 1].sum(axis=1), absent[:, : end + 1].sum(axis=1)
    return Marks(figures, is_asked, (whole > 0) & (10 * wholly >= whole))


def fit(marks: Marks) -> Estimate | None:
    """The estimate that a year which is over yields; None where it has too few pupils or too few who became persistent."""
    figures, became = marks.figures[marks.is_asked], marks.became[marks.is_asked]
    if len(became) < FEWEST_PUPILS or became.sum() < FEWEST_CASES or (~became).sum() < FEWEST_CASES:
        return None
    middle, spread = figures.mean(axis=0), figures.std(axis=0)
    spread[spread == 0] = 1.0
    ready = (figures - middle) / spread
    fold = np.arange(len(became)) % FOLDS
    unseen = np.empty(len(became))  # each pupil's odds by an estimate that has not seen the pupil
    for one in range(FOLDS):
        weight, start = _logistic(ready[fold != one], became[fold != one])
        unseen[fold == one] = ready[fold == one] @ weight + start
    weight, start = _logistic(ready, became)
    slope, level = _logistic(unseen[:, None], became)
    return Estimate(middle, spread, weight, start, float(slope[0]), level, len(became), int(became.sum()))


@dataclass(frozen=True)
class BackTest:
    """How an estimate would have done on a year that is over. Errors are Brier scores: mean square of chance less what came (0 best).

    `plain_error` is that of saying the same share for everybody. `bands`: (lowest chance, pupils, mean chance, share who became so).
    """

    pupils: int
    cases: int
    error: float
    plain_error: float
    bands: tuple[tuple[float, int, float, float], ...]


def back_test(estimate: Estimate, marks: Marks, bands: tuple[float, ...] = (0.0, 0.1, 0.3, 0.5)) -> BackTest | None:
    """The estimate against a year that it was not fitted on; None where nobody of that year can be asked about."""
    figures, became = marks.figures[marks.is_asked], marks.became[marks.is_asked].astype(float)
    if not len(became):
        return None
    chance = estimate.chances(figures)
    rows = []
    for low, high in zip(bands, [*bands[1:], 1.01], strict=True):
        here = (chance >= low) & (chance < high)
        if here.any():
            rows.append((low, int(here.sum()), float(chance[here].mean()), float(became[here].mean())))
    return BackTest(
        len(became), int(became.sum()), float(np.mean((chance - became) ** 2)),
        float(np.mean((estimate.cases / estimate.pupils - became) ** 2)), tuple(rows),
    )  # fmt: skip


def _share(part: Any, whole: Any) -> Any:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _chance(odds: Any) -> Any:
    return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))


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
