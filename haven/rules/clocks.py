"""Calculates when a time limit runs out, in working days or in school days.

A working day is Monday to Friday, bank holidays excluded. The caller passes the bank holidays in (GOV.UK publishes
them). A school day is a day on which the school was open to its pupils, from its own calendar. Day 0 is the day of the
event: counting starts on the next day, and the limit runs out at the end of the returned day.
"""

from bisect import bisect_right
from collections.abc import Collection
from datetime import date, timedelta

from haven.rules.dates import in_words

SATURDAY = 5


class CalendarTooShort(ValueError):
    """The school's calendar ends before the time limit does. The message is for the user."""


def is_working_day(on: date, holidays: Collection[date]) -> bool:
    """Whether a date is Monday to Friday and not among the holidays."""
    return on.weekday() < SATURDAY and on not in holidays


def add_working_days(start: date, n: int, holidays: Collection[date]) -> date:
    """The n-th working day after `start`; `start` itself when n is 0. Raises ValueError if n < 0."""
    if n < 0:
        raise ValueError("The number of days of a time limit cannot be negative.")
    closed = frozenset(holidays)
    on = start
    while n:
        on += timedelta(days=1)
        n -= is_working_day(on, closed)
    return on


def working_days_between(start: date, end: date, holidays: Collection[date]) -> int:
    """How many working days lie after `start` up to and including `end`; 0 when end is not after start."""
    closed = frozenset(holidays)
    days = ((start + timedelta(days=offset)) for offset in range(1, (end - start).days + 1))
    return sum(is_working_day(on, closed) for on in days)


def add_school_days(start: date, n: int, open_days: Collection[date]) -> date:
    """The n-th day after `start` on which the school was open; `start` itself when n is 0.

    `open_days` may be in any order and contain repeats. Raises ValueError if n < 0, CalendarTooShort if there are too
    few days.
    """
    if n < 0:
        raise ValueError("The number of days of a time limit cannot be negative.")
    if n == 0:
        return start
    days = sorted(set(open_days))
    place = bisect_right(days, start) + n - 1
    if place >= len(days):
        raise CalendarTooShort(f"The school's calendar has fewer than {n} school days after {in_words(start)}.")
    return days[place]


def school_days_between(start: date, end: date, open_days: Collection[date]) -> int:
    """How many of the open days lie after `start` up to and including `end`; 0 when end is not after start."""
    return len({on for on in open_days if start < on <= end})
