"""Estimates the effect of support: sessions missed before, during and after it, compared with similar unsupported
pupils.

Pupils are chosen for help when they miss most, and after a bad month a better one usually follows anyway. A comparison
of before and after alone would count that as success. So each helped pupil is matched with similar pupils: about the
same year group, as much missed in the same school weeks before and in the year before those, and not helped. The effect
is how much more the helped pupils' absence fell than theirs (difference in differences), with a confidence interval.

The windows are equal: the same number of school weeks before the week in which help began, from that week on, and after
those. Sessions are summed, then divided, as in every figure about a group: one week on roll does not weigh as much as
six.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from haven.analytics.weekly import Weeks

LIKE_PUPILS = 5  # matched to each helped pupil: the nearest, and all that are as near as the fifth
# largest difference between a similar pupil's rates and the helped pupil's: in the window before, and in the year
# before that
NEAR = 0.05
YEAR = 38  # school weeks before the window before that show a pupil's usual absence, where so many are known
YEARS = 1  # year groups apart, at most
FEWEST = 10  # with fewer matched helped pupils no figure is given
# share of the school's sessions of a window that must be possible for a pupil, or the pupil is left out
LEAST_SHARE = 0.5
SURE = 0.975  # the interval contains the true value in 95 of 100 cases
EQUALLY = 1e-9  # smaller differences between distances count as equal


class Pair(NamedTuple):
    """A helped pupil (a row of the weeks), the week in which help began, and the rows of the similar pupils."""

    row: int
    begins: int
    like: tuple[int, ...]


class Moment(NamedTuple):
    """One week, counted from the week in which help began (0): sessions of the helped pupils, and the rate (0 to 1) of
    the similar pupils over the same weeks, weighted by the helped pupil to whom they are matched; None where nobody had
    a possible session."""

    week: int
    missed: int
    possible: int
    like: float | None


@dataclass(frozen=True, slots=True)
class TooFew:
    """No figure: of the `helped` pupils only `measured` were on roll long enough, and only `matched` of those had
    similar pupils."""

    helped: int
    measured: int
    matched: int


@dataclass(frozen=True, slots=True)
class Impact:
    """Absence rates (0 to 1) in the window before and in the later window, of the helped pupils and of similar pupils.

    `effect` is the difference of the differences: negative when the helped pupils' absence fell more. `low` to `high`
    is its 95 % interval. `earlier` has the rates of the year before these windows, of the pupils with at least one more
    known window; None for too few.
    """

    helped: int
    measured: int
    pairs: tuple[Pair, ...]
    before: float
    after: float
    like_before: float
    like_after: float
    effect: float
    low: float
    high: float
    earlier: float | None
    like_earlier: float | None

    @property
    def matched(self) -> int:
        """Helped pupils with similar pupils: the rates are theirs."""
        return len(self.pairs)

    @property
    def like(self) -> int:
        """Number of different similar pupils."""
        return len({row for pair in self.pairs for row in pair.like})

    @property
    def change(self) -> float:
        """The change from before to after, which is not the effect."""
        return self.after - self.before

    @property
    def like_change(self) -> float:
        """The change of similar pupils, who were not helped."""
        return self.like_after - self.like_before

    @property
    def is_more_than_chance(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0 or self.high < 0


class _Sums(NamedTuple):
    """Sessions of every pupil around one starting week, each [pupils]; `enough` marks pupils with enough sessions.
    `earlier_possible` is 0 where too little is known of the year before."""

    before: Any
    before_possible: Any
    after: Any
    after_possible: Any
    earlier: Any
    earlier_possible: Any
    is_there: Any


def impact(
    weeks: Weeks, begins: Mapping[int, int], *, length: int, later: int = 0, year_groups: Any = None
) -> Impact | TooFew:
    """Estimate the effect on absence of help that began in a week. `begins` maps the row of the weeks to the index of
    the week.

    It compares the `length` school weeks before that week with as many from `later` weeks after it on (0: from that
    week itself). Similar pupils are rows that are not in `begins`. `year_groups` is a number for each row (nan where
    unknown, which matches only unknown), or None to ignore year groups. Returns TooFew where fewer than ten helped
    pupils have a match. Raises ValueError for windows of no weeks and weeks before the first.

    The interval is that of a matched ratio: the spread of what remains of each pupil after subtracting the similar
    pupils, widened by how often the same similar pupil is matched several times (Abadie and Imbens, 2006), with
    Student's t for small groups.
    """
    if length < 1 or later < 0 or any(week < 0 for week in begins.values()):
        raise ValueError("A window has at least one week, and support begins within the weeks.")
    rows = len(weeks.absent)
    groups = np.zeros(rows) if year_groups is None else np.asarray(year_groups, float)
    free = np.ones(rows, bool)
    free[list(begins)] = False
    running = Weeks(*(np.pad(np.cumsum(series, axis=-1), [*[(0, 0)] * (series.ndim - 1), (1, 0)]) for series in weeks))
    sums = {week: _sums(running, week, length, later) for week in set(begins.values())}
    measured = {row: week for row, week in sorted(begins.items()) if (there := sums[week]) and there.is_there[row]}
    pairs = [
        Pair(row, week, tuple(like.tolist()))
        for row, week in measured.items()
        if (there := sums[week]) and len(like := _like(row, there, free, groups))
    ]
    if len(pairs) < FEWEST:
        return TooFew(len(begins), len(measured), len(pairs))
    return _answer(len(begins), len(measured), pairs, sums)


def moments(weeks: Weeks, pairs: Sequence[Pair], *, length: int, until: int) -> list[Moment]:
    """Week by week from `length` weeks before help began up to but not including `until`, over the pairs whose week is
    over and known."""
    if not pairs:
        return [Moment(offset, 0, 0, None) for offset in range(-length, until)]
    rows, begins = np.array([[pair.row, pair.begins] for pair in pairs]).T
    like_counts = np.array([len(pair.like) for pair in pairs])
    like, first = np.concatenate([pair.like for pair in pairs]), np.cumsum(like_counts) - like_counts
    by_week = []
    for offset in range(-length, until):
        week = begins + offset
        is_over = (week >= 0) & (week < len(weeks.monday))
        at = np.where(is_over, week, 0)
        mine = weeks.possible[rows, at] * is_over
        part, of = (
            np.add.reduceat(sessions[like, np.repeat(at, like_counts)], first)
            for sessions in (weeks.absent, weeks.possible)
        )
        weight = mine * (of > 0)
        beside = float((weight * part / np.maximum(of, 1)).sum() / weight.sum()) if weight.any() else None
        by_week.append(Moment(offset, int((weeks.absent[rows, at] * is_over).sum()), int(mine.sum()), beside))
    return by_week


def _sums(running: Weeks, begins: int, length: int, later: int) -> _Sums | None:
    """What every pupil missed in the windows around a week, from running totals; None where a window extends beyond the
    known weeks."""
    start = begins + later
    if begins < length or start + length >= len(running.sessions):
        return None

    def window(first: int, after: int) -> tuple[Any, Any, Any]:
        first = max(0, first)
        possible = running.possible[:, after] - running.possible[:, first]
        enough = (possible > 0) & (possible >= LEAST_SHARE * (running.sessions[after] - running.sessions[first]))
        return running.absent[:, after] - running.absent[:, first], possible, enough

    missed, possible, was_there = window(begins - length, begins)
    missed_after, possible_after, is_there = window(start, start + length)
    earlier = of_earlier = np.zeros(len(missed), np.int64)
    if begins >= 2 * length:
        earlier, of_earlier, enough = window(begins - length - YEAR, begins - length)
        of_earlier = np.where(enough, of_earlier, 0)
    return _Sums(missed, possible, missed_after, possible_after, earlier, of_earlier, was_there & is_there)


def _like(row: int, sums: _Sums, free: Any, groups: Any) -> Any:
    """The rows of similar pupils: not helped, on roll as long, and close in earlier absence and in year group."""
    candidates = np.flatnonzero(free & sums.is_there)
    before = sums.before[candidates] / sums.before_possible[candidates]
    apart = np.abs(before - sums.before[row] / sums.before_possible[row])
    known = sums.earlier_possible[candidates] > 0
    apart_earlier = np.zeros(len(candidates))
    if is_known := sums.earlier_possible[row] > 0:
        theirs = sums.earlier[candidates[known]] / sums.earlier_possible[candidates[known]]
        apart_earlier[known] = np.abs(theirs - sums.earlier[row] / sums.earlier_possible[row])
    of_group = (
        np.isnan(groups[candidates]) if np.isnan(groups[row]) else np.abs(groups[candidates] - groups[row]) <= YEARS
    )
    near = (apart <= NEAR) & (apart_earlier <= NEAR) & (known == is_known) & of_group
    distance = (apart + apart_earlier)[near]
    if not len(distance):
        return candidates[near]
    edge = np.sort(distance)[min(LIKE_PUPILS, len(distance)) - 1]
    return candidates[near][distance <= edge + EQUALLY]


def _answer(helped: int, measured: int, pairs: Sequence[Pair], sums: Mapping[int, _Sums | None]) -> Impact:
    changes = [(pair, sums[pair.begins]) for pair in pairs]
    held = [(pair, there) for pair, there in changes if there is not None]
    missed = np.array([[there.before[pair.row], there.after[pair.row]] for pair, there in held], float)
    possible = np.array(
        [[there.before_possible[pair.row], there.after_possible[pair.row]] for pair, there in held], float
    )
    like = np.array([_like_rates(there, pair.like) for pair, there in held])
    before, after = missed.sum(axis=0) / possible.sum(axis=0)
    like_before, like_after = (like * possible).sum(axis=0) / possible.sum(axis=0)
    effect = float((after - before) - (like_after - like_before))
    reach = students_t(len(pairs) - 1) * _standard_error(missed - like * possible, possible, held)
    earlier = _earlier(held)
    return Impact(
        helped, measured, tuple(pairs), float(before), float(after), float(like_before), float(like_after), effect,
        effect - reach, effect + reach, *earlier,
    )  # fmt: skip


def _like_rates(sums: _Sums, like: Sequence[int]) -> tuple[float, float]:
    rows = list(like)
    return (
        sums.before[rows].sum() / sums.before_possible[rows].sum(),
        sums.after[rows].sum() / sums.after_possible[rows].sum(),
    )


def _earlier(held: Sequence[tuple[Pair, _Sums]]) -> tuple[float, float] | tuple[None, None]:
    """Rates of the year before, of the helped pupils for whom it is known and of their similar pupils; None for too
    few."""
    known = [(there, pair.row, list(pair.like)) for pair, there in held if there.earlier_possible[pair.row]]
    if len(known) < FEWEST:
        return None, None
    weight = sum(int(there.earlier_possible[row]) for there, row, _ in known)
    mine = sum(int(there.earlier[row]) for there, row, _ in known)
    theirs = sum(
        there.earlier_possible[row] * there.earlier[like].sum() / there.earlier_possible[like].sum()
        for there, row, like in known
    )
    return mine / weight, float(theirs / weight)


def _standard_error(more: Any, possible: Any, held: Sequence[tuple[Pair, _Sums]]) -> float:
    """The standard error of the effect. `more` [pairs, 2] are sessions missed beyond the similar pupils' rate, before
    and after."""
    member_count = len(more)
    left = (more - possible * (more.sum(axis=0) / possible.sum(axis=0))) / possible.mean(axis=0)
    own = np.var(left[:, 1] - left[:, 0], ddof=1) / member_count
    weight = possible.mean(axis=1) / possible.mean(axis=1).sum()
    used = np.concatenate([pair.like for pair, _ in held])
    share = np.concatenate(
        [np.full(len(pair.like), part / len(pair.like)) for (pair, _), part in zip(held, weight, strict=True)]
    )
    again = (np.bincount(used, share) ** 2).sum() - (share**2).sum()
    change = np.concatenate([_changes(there, pair.like) for pair, there in held])
    return float(np.sqrt(own + max(0.0, again) * (np.var(change, ddof=1) if len(change) > 1 else 0.0)))


def _changes(sums: _Sums, like: Sequence[int]) -> Any:
    rows = list(like)
    return sums.after[rows] / sums.after_possible[rows] - sums.before[rows] / sums.before_possible[rows]


def students_t(freedom: int) -> float:
    """The 97.5 % point of Student's t with so many degrees of freedom (9 or more), to three places: the expansion of
    Cornish and Fisher around the normal one (Abramowitz and Stegun, 1964, 26.7.5). Raises ValueError for fewer degrees
    of freedom."""
    if freedom < FEWEST - 1:
        raise ValueError("Below nine degrees of freedom the expansion is too coarse, and so would be an interval.")
    z = NormalDist().inv_cdf(SURE)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return float(sum(term / freedom**power for power, term in enumerate(terms)))
