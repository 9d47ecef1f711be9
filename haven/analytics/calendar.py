"""A school's sessions of one academic year, as arrays that the compiled loops read.

A school week is an ISO week (Monday to Sunday) with at least one session; weeks without one do not exist. The class of
a code depends on the date, so each session knows which table of kinds is in force on it.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from haven.analytics import walk
from haven.rules.attendance_codes import CLASS_NUMBERS, Class, class_spans, class_table, to_byte
from haven.rules.sessions import EPOCH

MONDAY = 3  # days from the Monday before 1 January 1970, a Thursday

_KIND_OF_CLASS = {
    CLASS_NUMBERS[None]: walk.MISSING,
    CLASS_NUMBERS[Class.PRESENT]: walk.PRESENT,
    CLASS_NUMBERS[Class.APPROVED_ACTIVITY]: walk.APPROVED,
    CLASS_NUMBERS[Class.AUTHORISED]: walk.AUTHORISED,
    CLASS_NUMBERS[Class.UNAUTHORISED]: walk.UNAUTHORISED,
    CLASS_NUMBERS[Class.NOT_POSSIBLE]: walk.NOT_POSSIBLE,
}
_KIND_OF_CODE = {to_byte("L"): walk.LATE, to_byte("I"): walk.ILLNESS, to_byte("U"): walk.LATE_AFTER}


class BadCalendar(ValueError):
    """The sessions do not make a calendar."""


class Calendar(NamedTuple):
    """The n sessions of a school's year in order of time. Arrays are read-only; `weeks` is the number of school weeks.

    keys: int64 [n], `haven.rules.sessions.session_key`. day: int32 [n], days since 1970-01-01. half: uint8 [n], 0 AM, 1
    PM. half_day: uint8 [n], 0 Monday AM to 9 Friday PM, 10 at the weekend. week: int32 [n], school week from 0. monday:
    int32 [weeks], the Monday of each school week. school_day: int32 [n], number of its date from 0. week_starts,
    day_starts: int32 [weeks + 1], [dates + 1], first session of each, then n. half_days_before: int32 [n + 1, 11], the
    number of sessions of each half-day before a session. epoch: uint8 [n], row of `kinds`. kinds: uint8 [., 256], the
    kind of each byte (numbers in `walk`), one row for each table of codes in force during the year.

    The tail is the part of the year before that the ten school weeks of a date in this year can reach, from session
    `tail_start` of that year's calendar: tail_week (this year's numbering, so 0 and below), tail_epoch, tail_kinds.
    """

    keys: Any
    day: Any
    half: Any
    half_day: Any
    week: Any
    monday: Any
    school_day: Any
    week_starts: Any
    day_starts: Any
    half_days_before: Any
    epoch: Any
    kinds: Any
    tail_start: int
    tail_week: Any
    tail_epoch: Any
    tail_kinds: Any

    @property
    def sessions(self) -> int:
        """Number of sessions: the length of a sheet."""
        return len(self.keys)

    def first_from(self, on: date) -> int:
        """Index of the first session dated `on` or later; the number of sessions if there is none."""
        return int(np.searchsorted(self.day, day_number(on), side="left"))

    def last_to(self, on: date) -> int:
        """Index of the last session dated `on` or earlier; -1 if there is none."""
        return int(np.searchsorted(self.day, day_number(on), side="right")) - 1

    def last_begun(self, until: int) -> int:
        """Index of the last session up to a session key, which need not be in the calendar; -1 if there is none."""
        return int(np.searchsorted(self.keys, until, side="right")) - 1


def build_calendar(keys: Sequence[int] | Any, previous: Calendar | None = None) -> Calendar:
    """Build the calendar of a school's year from its session keys in ascending order; there may be none.

    `previous` is the calendar of the year before at the same school, if windows reach back into it. Raises BadCalendar
    if the keys do not ascend, or begin before the previous year's end.
    """
    key = np.asarray(keys, dtype=np.int64)
    if np.any(np.diff(key) <= 0):
        raise BadCalendar("The sessions of a calendar must be in order of time, each of them once.")
    if previous is not None and previous.sessions and len(key) and key[0] <= previous.keys[-1]:
        raise BadCalendar("The year before must end before this year begins.")
    day, half = key // 2, key % 2
    weekday = (day + MONDAY) % 7
    monday, week = np.unique(day - weekday, return_inverse=True)
    dates, school_day = np.unique(day, return_inverse=True)
    half_day = np.where(weekday < 5, weekday * 2 + half, walk.WEEKEND)
    epoch, kinds = _epochs(day)
    return Calendar(
        keys=_frozen(key, np.int64),
        day=_frozen(day, np.int32),
        half=_frozen(half, np.uint8),
        half_day=_frozen(half_day, np.uint8),
        week=_frozen(week, np.int32),
        monday=_frozen(monday, np.int32),
        school_day=_frozen(school_day, np.int32),
        week_starts=_frozen(np.searchsorted(week, np.arange(len(monday) + 1)), np.int32),
        day_starts=_frozen(np.searchsorted(day, np.append(dates, day[-1:] + 1)), np.int32),
        half_days_before=_frozen(_running(half_day), np.int32),
        epoch=_frozen(epoch, np.uint8),
        kinds=_frozen(kinds, np.uint8),
        **_tail(monday, previous),
    )


@lru_cache(maxsize=1024)
def reaching_back(keys: bytes, before: bytes | None) -> tuple[Calendar, Calendar | None]:
    """Build the calendar of a school's year and that of the end of the year before that windows reach (None without
    one).

    Together they equal what `build_calendar` makes of the whole years, with `tail_start` 0. Keys are bytes of int32.

    Calendars rarely change and many schools share them, so the last ones are cached. Raises BadCalendar.
    """
    own, last_year = np.frombuffer(keys, np.int32), np.frombuffer(before or b"", np.int32)
    whole = build_calendar(own, build_calendar(last_year))
    reached = last_year[whole.tail_start :]
    if not len(whole.tail_week):
        return whole, None
    tail = build_calendar(reached)
    return build_calendar(own, tail), tail


def day_number(on: date) -> int:
    """Days since 1970-01-01."""
    return (on - EPOCH).days


def date_of(number: int) -> date:
    """The date of the day number of a session or a Monday."""
    return EPOCH + timedelta(days=int(number))


def day_of(number: int) -> date | None:
    """The date of a day number; None for -1, which means that no date was reached."""
    return None if number == walk.NO_DATE else date_of(number)


@lru_cache(maxsize=64)
def kinds_on(on: date) -> bytes:
    """The kind of each of the 256 bytes on a date (numbers in `walk`; UNKNOWN where the byte is not a code that
    day)."""
    kinds = bytearray(_KIND_OF_CLASS.get(number, walk.UNKNOWN) for number in class_table(on))
    for byte, kind in _KIND_OF_CODE.items():
        if kinds[byte] != walk.UNKNOWN:
            kinds[byte] = kind
    return bytes(kinds)


def _running(half_day: Any) -> Any:
    """The number of sessions of each half-day before each session, and before the end."""
    is_half_day = half_day[:, None] == np.arange(walk.HALF_DAYS + 1)
    return np.concatenate([np.zeros((1, walk.HALF_DAYS + 1)), is_half_day.cumsum(axis=0)])


def _epochs(day: Any) -> tuple[Any, Any]:
    """The tables of kinds, and for each session the index of the table in force."""
    if not len(day):
        return np.zeros(0), np.zeros((0, 256))
    spans = class_spans(date_of(day[0]), date_of(day[-1]))
    starts = [day_number(start) for start, _ in spans]
    kinds = np.frombuffer(b"".join(kinds_on(start) for start, _ in spans), np.uint8).reshape(-1, 256)
    return np.searchsorted(starts, day, side="right") - 1, kinds


def _tail(monday: Any, previous: Calendar | None) -> dict[str, Any]:
    """The last school weeks of the year before, numbered back from this year's first (which may be one of them)."""
    if previous is None or not previous.sessions:
        none = np.zeros(0)
        week, epoch, kinds, start = none, none, np.zeros((0, 256)), 0
    else:
        shared = len(monday) > 0 and monday[0] == previous.monday[-1]
        week = previous.week - len(previous.monday) + (1 if shared else 0)
        start = int(np.searchsorted(week, 1 - walk.WINDOW_WEEKS, side="left"))
        week, epoch, kinds = week[start:], previous.epoch[start:], previous.kinds
    return {
        "tail_start": start,
        "tail_week": _frozen(week, np.int32),
        "tail_epoch": _frozen(epoch, np.uint8),
        "tail_kinds": _frozen(kinds, np.uint8),
    }


def _frozen(values: Any, kind: Any) -> Any:
    array = np.array(values, dtype=kind, order="C")
    array.setflags(write=False)
    return array
