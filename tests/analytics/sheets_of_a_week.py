"""A small school for these tests: calendars and sheets written as people write registers."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from haven.analytics.calendar import Calendar, build_calendar
from haven.analytics.sheets import pack
from haven.rules.attendance_codes import split_marks, to_byte
from haven.rules.sessions import Half, session_key

MONDAY = date(2025, 9, 1)


def open_days(weeks: Sequence[int], first: date = MONDAY) -> list[date]:
    """Monday to Friday of the weeks with these numbers, counted from `first`."""
    return [first + timedelta(weeks=week, days=day) for week in weeks for day in range(5)]


def calendar_of(days: Sequence[date], previous: Calendar | None = None) -> Calendar:
    """Both sessions of each day."""
    return build_calendar([session_key(on, half) for on in days for half in Half], previous)


def sheet(marks: str) -> bytes:
    """Bytes of marks written in a row, "-" for none; spaces are for the eye."""
    return bytes(to_byte(mark) for mark in split_marks(marks.replace(" ", "")))


def packed(calendar: Calendar, *marks: str) -> Any:
    """A matrix of sheets, each filled up with presents to the end of the calendar."""
    return pack([sheet(each).ljust(calendar.sessions, b"/") for each in marks], calendar)
