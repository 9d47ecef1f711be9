"""Generates a year of marks for many pupils at once, with the reasons and the distribution of absence in England.

Each pupil has a share of sessions to miss, drawn from the published bands. Each day of each pupil has a random number
that carries over from day to day (so that absence comes in spells), and that is higher on Mondays, Fridays and in
winter. The days with the highest numbers are days of absence, as many as the pupil's share requires. Each spell has one
reason. Lateness, appointments and part-time timetables are added afterwards. All of it comes from the generator that is
passed in: the same seed gives the same marks.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from haven.demonstration.shares import BANDS, REASONS
from haven.rules.attendance_codes import to_byte

Array = Any
BETWEEN_THE_YEARS = 1.12
"""How far the spells exceed the newest reasons, because the year of the bands had more absence."""
CHUNK = 4000
"""Number of pupils generated at a time, to limit memory."""

WEEKDAY = np.array([0.10, -0.03, -0.05, 0.0, 0.14], np.float32)
"""What Monday to Friday add to a day's number: absence is highest at the start and end of the week."""
SPELL_REASONS = ("I", "O", "G", "E", "C", "T", "K")
"""Reasons of a whole spell. The other reasons apply to single sessions."""
# How the weight of a reason grows with the share of sessions a pupil misses, and with the length of the spell in days.
BY_SHARE = np.array([0.0, 0.85, -0.25, 0.7, 0.3, 0.4, 0.9], np.float32)
BY_LENGTH = np.array(
    # one day, two, three or four, five to ten, longer
    [
        [1.0, 1.1, 1.0, 0.6, 0.5],
        [1.0, 0.8, 0.7, 0.6, 1.2],
        [0.01, 0.05, 0.9, 3.5, 1.5],
        [0.6, 1.2, 1.4, 0.6, 0.2],
        [1.2, 0.9, 0.7, 0.5, 0.4],
        [0.1, 0.3, 0.6, 1.5, 2.0],
        [0.1, 0.2, 0.5, 1.5, 3.0],
    ],
    np.float32,
)


def byte(symbol: str) -> int:
    """The byte of a code in a sheet."""
    return to_byte(symbol)


@dataclass(frozen=True)
class Ways:
    """The parameters for the marks of one phase, made by `ways_of` from the published figures."""

    phase: str
    weights: Array
    """float [reasons of a spell]: the weight of each, set so that the shares of sessions match."""
    ease: float
    """How much the shares to miss are lowered, most for those who miss least (see `eased`)."""


def shares_to_miss(rng: np.random.Generator, phase: str, pupils: int) -> Array:
    """The share of sessions that each pupil will miss in a year: float32 [pupils], 0 to 0.98, by the published
    bands."""
    bands = np.array(BANDS[phase]) / np.sum(BANDS[phase])
    band = rng.choice(len(bands), size=pupils, p=bands)
    within = rng.random(pupils)
    share = (band + within) * 0.05
    # inside the first band most pupils are near the middle; in each other band most are near the lower end
    share = np.where(band == 0, 0.05 * (0.02 + 0.98 * within) ** 1.1, share)
    share = np.where((band > 0) & (band < len(bands) - 1), (band + within**1.6) * 0.05, share)
    share = np.where(band == len(bands) - 1, 0.5 + 0.48 * within**1.4, share)
    return share.astype(np.float32)


def eased(share: Array, ease: float) -> Array:
    """The shares lowered by `ease`: almost fully at the lower end and hardly at the upper end, so that the tail is
    kept."""
    return share * (1 - ease * (1 - share) ** 2)


def another_year(rng: np.random.Generator, share: Array) -> Array:
    """The shares of the same pupils in another year: most are similar, some much higher or much lower."""
    return (share * np.exp(rng.normal(-0.03, 0.25, len(share)))).clip(0, 0.98).astype(np.float32)


def spells(rng: np.random.Generator, share: Array, weekdays: Array, months: Array) -> Array:
    """Whether each pupil misses each day: bool [pupils, days]. `share` per pupil, `weekdays` 0 to 4 and `months` per day."""
    pupils, days = len(share), len(weekdays)
    fresh = rng.standard_normal((pupils, days), np.float32)
    number = fresh.copy()
    keep = np.float32(0.72)
    for day in range(1, days):
        number[:, day] = keep * number[:, day - 1] + np.float32(0.69) * fresh[:, day]
    winter = np.where(np.isin(months, (11, 12, 1, 2)), 0.22, 0.0).astype(np.float32)
    number += WEEKDAY[weekdays] + winter
    wanted = share * np.float32(days)
    spell_counts = np.floor(wanted + rng.random(pupils, np.float32)).astype(np.int64).clip(0, days)
    order = np.argsort(number, axis=1)[:, ::-1]
    absent = np.zeros((pupils, days), bool)
    np.put_along_axis(absent, order, np.arange(days)[None, :] < spell_counts[:, None], axis=1)
    return absent


def reasons(rng: np.random.Generator, absent: Array, share: Array, weights: Array) -> Array:
    """The byte of the reason for each missed day, one reason for each spell: uint8 [pupils, days], 0 where the day is
    not missed."""
    pupils, days = absent.shape
    padded = np.zeros((pupils, days + 1), bool)
    padded[:, :days] = absent
    flat = padded.ravel()
    edges = np.diff(flat.astype(np.int8), prepend=np.int8(0))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    lengths = ends - starts
    kind = np.searchsorted([2, 3, 5, 11], lengths, side="right")
    who = share[starts // (days + 1)].clip(0.01, 1.0)
    odds = weights[None, :] * BY_LENGTH[:, kind].T * who[:, None] ** BY_SHARE[None, :]
    edge = np.cumsum(odds, axis=1)
    drawn = (edge < (rng.random(len(starts)) * edge[:, -1])[:, None]).sum(axis=1)
    codes = np.array([byte(symbol) for symbol in SPELL_REASONS], np.uint8)[drawn]
    out = np.zeros(flat.shape, np.uint8)
    out[flat] = np.repeat(codes, lengths)
    return out.reshape(pupils, days + 1)[:, :days]


def ease_for(share: Array, wanted: float) -> float:
    """The `ease` that gives the wanted mean of the eased shares, by bisection; at most 0.9."""
    low, high = -0.5, 0.9
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if eased(share, middle).mean() > wanted else (low, middle)
    return high


@cache
def ways_of(phase: str) -> Ways:
    """Set the weights of a phase so that the published shares result over a whole year of many pupils."""
    rng = np.random.default_rng([2026, len(phase)])
    published = REASONS[phase]
    target = np.array([published.get(symbol, 0.0) for symbol in SPELL_REASONS]) / 100
    target[SPELL_REASONS.index("O")] += published["N"] / 100
    weekdays, months = np.arange(190) % 5, np.repeat([9, 10, 11, 12, 1, 2, 3, 4, 5, 6], 19)
    share = shares_to_miss(rng, phase, 6000)
    # The bands are of an earlier year with more absence than the reasons, and single sessions are missed in addition.
    ease = ease_for(share, float(target.sum()) * BETWEEN_THE_YEARS)
    absent = spells(rng, eased(share, ease), weekdays, months)
    codes = np.array([byte(symbol) for symbol in SPELL_REASONS])
    weights = np.maximum(target, 1e-9) * share.mean()
    for _ in range(12):
        drawn = reasons(np.random.default_rng(7), absent, share, weights.astype(np.float32))
        got = np.array([(drawn == code).sum() for code in codes]) / max(1, (drawn > 0).sum())
        weights = weights * (target / target.sum()) / np.maximum(got, 1e-6)
    return Ways(phase, weights.astype(np.float32), ease)


def year_of_marks(
    rng: np.random.Generator, ways: Ways, share: Array, year_groups: Array, weekdays: Array, months: Array
) -> Array:
    """The marks of one year: uint8 [pupils, 2 x days], morning and afternoon alternating, bytes of `attendance_codes`.

    `share` float [pupils] as from `shares_to_miss`, `year_groups` int [pupils], `weekdays` (0 to 4) and `months` int
    [days].
    """
    parts = []
    for start in range(0, len(share), CHUNK):
        part = slice(start, start + CHUNK)
        parts.append(_some_marks(rng, ways, share[part], year_groups[part], weekdays, months))
    return np.concatenate(parts) if parts else np.zeros((0, 2 * len(weekdays)), np.uint8)


def _some_marks(
    rng: np.random.Generator, ways: Ways, share: Array, groups: Array, weekdays: Array, months: Array
) -> Array:
    published = REASONS[ways.phase]
    absent = spells(rng, eased(share, ways.ease), weekdays, months)
    reason = reasons(rng, absent, share, ways.weights)
    morning, afternoon = reason.copy(), reason.copy()
    _part_time(rng, afternoon, share, published["C2"])
    _trips(rng, morning, afternoon, groups, published["V"])
    _elsewhere(rng, morning, afternoon, groups, months, published)
    _religious(rng, morning, afternoon, published["R"])
    # absence for part of the day: ill after lunch, collected at noon, an appointment, late after the register closed
    _half_days(rng, morning, afternoon)
    _single(rng, morning, share, "U", published["U"] * 1.8, 0.8)
    _single(rng, afternoon, share, "U", published["U"] * 0.2, 0.8)
    _single(rng, morning, share, "M", published["M"] * 1.15, 0.15)
    _single(rng, afternoon, share, "M", published["M"] * 0.85, 0.15)
    _single(rng, morning, share, "J1", published["J1"] * 2, 0.0)
    _single(rng, morning, share, "L", published["L"] * 1.62, 0.45)
    _single(rng, afternoon, share, "L", published["L"] * 0.38, 0.45)
    morning[morning == 0], afternoon[afternoon == 0] = byte("/"), byte("\\")
    both = np.empty((len(share), 2 * len(weekdays)), np.uint8)
    both[:, 0::2], both[:, 1::2] = morning, afternoon
    return both


def _single(rng: np.random.Generator, half: Array, share: Array, symbol: str, percent: float, by_share: float) -> None:
    """Write single sessions of a code where the pupil would be present; some pupils have many and most have few."""
    if percent <= 0:
        return
    lean = rng.gamma(0.7, 1 / 0.7, len(share)) * (share.clip(0.01) / 0.07) ** by_share
    lean *= percent / 100 / max(1e-9, float((lean * (half == 0).mean(axis=1)).mean()))
    here = (half == 0) & (rng.random(half.shape, np.float32) < lean.clip(0, 0.6)[:, None])
    half[here] = byte(symbol)


def _half_days(rng: np.random.Generator, morning: Array, afternoon: Array) -> None:
    """On one missed day of seventeen, make the child attend the afternoon, or leave at noon."""
    drawn = rng.random(morning.shape, np.float32)
    whole = (morning == afternoon) & np.isin(morning, [byte("I"), byte("O")])
    came, went = whole & (drawn < 0.025), whole & (drawn > 0.965)
    swapped = (morning == 0) & (afternoon == 0)
    morning[came], afternoon[went] = 0, 0
    # the same number of days begin in school and end at home, so that the sum stays the same
    days = swapped.sum()
    if days:
        ill = swapped & (rng.random(morning.shape, np.float32) < (came.sum() + went.sum()) / days)
        afternoon[ill] = byte("I")


def _part_time(rng: np.random.Generator, afternoon: Array, share: Array, percent: float) -> None:
    """A part-time timetable: afternoons at home for about six weeks, for a few of those who miss most."""
    pupils, days = afternoon.shape
    weeks = 30
    # sessions wanted / sessions of one timetable that would not be missed anyway
    lean = share.clip(0.02, 0.5) * (1 - share.clip(0, 0.9))
    chance = percent / 100 * 2 * days / weeks
    chosen = np.flatnonzero(rng.random(pupils) < (lean / lean.mean() * chance / 0.86).clip(0, 0.9))
    for pupil in chosen:
        first = int(rng.integers(0, max(1, days - 10)))
        run = afternoon[pupil, first : first + weeks]
        run[run == 0] = byte("C2")


def _trips(rng: np.random.Generator, morning: Array, afternoon: Array, groups: Array, percent: float) -> None:
    """Send each year group on a day's visit now and then; pupils who are in school take part."""
    days = morning.shape[1]
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        for _ in range(int(percent / 100 * days * 1.7 + rng.random())):
            day = int(rng.integers(5, days)) if days > 5 else 0
            goers = rows[rng.random(len(rows)) < 0.65]
            _lay(morning, afternoon, goers, slice(day, day + 1), "V")


def _elsewhere(
    rng: np.random.Generator,
    morning: Array,
    afternoon: Array,
    groups: Array,
    months: Array,
    published: dict[str, float],
) -> None:
    """Work experience of year 10, study leave of year 11, sport, education elsewhere: consecutive days of some
    pupils."""
    pupils, days = morning.shape
    for symbol, group, when, length in (("W", 10, (6, 7), 5), ("S", 11, (5, 6), 8)):
        rows = np.flatnonzero(groups == group)
        season = np.flatnonzero(np.isin(months, when))
        percent = published.get(symbol, 0.0)
        if not len(rows) or len(season) < length or not percent:
            continue
        chance = percent / 100 * days * pupils / (len(rows) * length)
        goers = rows[rng.random(len(rows)) < min(0.95, chance * 1.1)]
        first = int(season[rng.integers(0, max(1, len(season) - length))])
        _lay(morning, afternoon, goers, slice(first, first + length), symbol)
    for symbol, length in (("B", 12), ("P", 2)):
        chance = published[symbol] / 100 * days / length * 1.09
        for pupil in np.flatnonzero(rng.random(pupils) < chance):
            first = int(rng.integers(0, days))
            step = 5 if symbol == "B" else 1
            _lay(
                morning,
                afternoon,
                np.array([pupil]),
                slice(first % 5 if step == 5 else first, first + length * step, step),
                symbol,
                length,
            )


def _lay(morning: Array, afternoon: Array, rows: Array, days: slice, symbol: str, most: int | None = None) -> None:
    """Write a code on days of pupils that are still free; at most this many days."""
    for half in (morning, afternoon):
        for row in rows:
            places = np.arange(half.shape[1])[days][:most]
            free = places[half[row, places] == 0]
            half[row, free] = byte(symbol)


def _religious(rng: np.random.Generator, morning: Array, afternoon: Array, percent: float) -> None:
    """Two religious holidays a year, observed by some of the pupils."""
    pupils, days = morning.shape
    if days < 20:
        return
    keeps = np.flatnonzero(rng.random(pupils) < percent / 100 * days / 2)
    for day in rng.choice(np.arange(5, days), 2, replace=False):
        _lay(morning, afternoon, keeps, slice(int(day), int(day) + 1), "R")
