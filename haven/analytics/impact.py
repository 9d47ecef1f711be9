"""What came of it? Absence before and after, against like pupils for whom nothing was done.

Pupils are picked for help when they miss most, and a bad month is by itself followed by a better one: before against after alone sells
that as success. So each helped pupil is matched with pupils of the same group (school and year) who missed as much in the same weeks
before and were not helped, and what counts is how much more the helped pupil's absence fell than theirs (difference in differences),
with the interval in which chance leaves the true answer.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from haven.analytics.groups import numbered

LIKE_PUPILS = 5  # matched to each helped pupil, the nearest
NEAR = 0.05  # a like pupil's rate before lies at most so far away
FEWEST = 10  # helped pupils with a match, below which no figure is given
NORMAL_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Impact:
    """Changes in the absence rate (0 to 1), after minus before: a fall is negative. `low` to `high` is the 95 % interval of `effect`.

    `helped` pupils were given, `matched` of them had like pupils, `like` different pupils stood beside them.
    """

    helped: int
    matched: int
    like: int
    before: float
    after: float
    like_before: float
    like_after: float
    effect: float
    low: float
    high: float

    @property
    def plain_change(self) -> float:
        """Before against after, which is not the effect."""
        return self.after - self.before

    @property
    def is_more_than_chance(self) -> bool:
        """Whether the interval leaves out nothing at all."""
        return self.low > 0 or self.high < 0


def impact(
    *, absent_before: Any, possible_before: Any, absent_after: Any, possible_after: Any, helped: Any,
    groups: Sequence[Hashable],
) -> Impact | None:  # fmt: skip
    """The effect of help on absence. All arrays have one entry a pupil: sessions in the weeks before and after (the same weeks for
    all), whether helped, and the group in which like pupils are looked for.

    Pupils with nothing possible before or after are left out. None where fewer than ten helped pupils have a like one. The interval is
    the normal one of a matched mean, made wider by how often the same like pupil stands beside several (Abadie and Imbens, 2006).
    Raises ValueError for arrays of different lengths.
    """
    possible = np.minimum(np.asarray(possible_before), np.asarray(possible_after)) > 0
    treated = np.asarray(helped, bool)
    if len({len(possible), len(treated), len(groups), len(absent_before), len(absent_after)}) > 1:
        raise ValueError("Every list must have one entry for each pupil.")
    before = _rate(absent_before, possible_before, possible)
    after = _rate(absent_after, possible_after, possible)
    _, group = numbered(groups)
    free = possible & ~treated
    pairs = [
        (int(one), like)
        for one in np.flatnonzero(treated & possible)
        if len(like := _like(int(one), before, group, free))
    ]
    if len(pairs) < FEWEST:
        return None
    mine = np.array([one for one, _ in pairs])
    theirs_before = np.array([before[like].mean() for _, like in pairs])
    theirs_after = np.array([after[like].mean() for _, like in pairs])
    gain = (after[mine] - before[mine]) - (theirs_after - theirs_before)
    reach = NORMAL_95 * _standard_error(gain, after - before, [like for _, like in pairs])
    effect = float(gain.mean())
    return Impact(
        helped=int(treated.sum()),
        matched=len(pairs),
        like=len(np.unique(np.concatenate([like for _, like in pairs]))),
        before=float(before[mine].mean()),
        after=float(after[mine].mean()),
        like_before=float(theirs_before.mean()),
        like_after=float(theirs_after.mean()),
        effect=effect,
        low=effect - reach,
        high=effect + reach,
    )


def _standard_error(gain: Any, change: Any, likes: Sequence[Any]) -> float:
    """Of the mean gain: the spread of the gains, and what like pupils that are used more than once add to it."""
    used, share = np.concatenate(likes), np.concatenate([np.full(len(like), 1 / len(like)) for like in likes])
    weights = np.bincount(used, share)
    again = (weights**2).sum() - (share**2).sum()
    spread = np.var(change[np.unique(used)], ddof=1) if len(np.unique(used)) > 1 else 0.0
    return float(np.sqrt(np.var(gain, ddof=1) / len(gain) + again * spread / len(gain) ** 2))


def _rate(absent: Any, possible: Any, is_possible: Any) -> Any:
    rate = np.full(len(is_possible), np.nan)
    np.divide(np.asarray(absent, float), np.asarray(possible, float), out=rate, where=is_possible)
    return rate


def _like(one: int, before: Any, group: Any, free: Any) -> Any:
    """The pupils of the same group who were not helped and missed most nearly as much before."""
    candidates = np.flatnonzero(free & (group == group[one]) & (np.abs(before - before[one]) <= NEAR))
    nearest = np.argsort(np.abs(before[candidates] - before[one]), kind="stable")
    return candidates[nearest[:LIKE_PUPILS]]
