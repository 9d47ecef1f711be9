"""The place of a session in a sheet, and the sessions of a school's days and weeks.

A sheet is one byte for each session of a school's calendar, in order of time. A calendar never changes: a snow day creates the
next version, and each sheet is realigned to it. Session keys: haven.rules.sessions. Calendars: haven.core.schools.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from haven.core.schools.models import Calendar
from haven.core.schools.queries import calendar_for, calendar_versions
from haven.rules.attendance_codes import MISSING
from haven.rules.sessions import Half, SessionDate, session_key, session_of

__all__ = [
    "calendar_for", "empty_sheet", "halves_on", "key_of", "open_days", "place_in", "position", "roll_window",
    "versions_of", "week_of",
]  # fmt: skip


def position(calendar: Calendar, key: int) -> int | None:
    """The place of a session (a `session_key`) in the sheets of this calendar, from 0; None if the school was closed."""
    return place_in(calendar.sessions, key)


def place_in(sessions: Sequence[int], key: int) -> int | None:
    """The place of a session among ordered session keys; None if it is not there."""
    place = bisect_left(sessions, key)
    return place if place < len(sessions) and sessions[place] == key else None


@lru_cache(maxsize=4096)
def key_of(on: date, half: str) -> int:
    """The session key of a row that has a day and a half ("AM" or "PM")."""
    return session_key(on, Half(half))


def versions_of(school_id: int, year: str) -> dict[int, Calendar]:
    """Every version of a school's calendar of a year by id, the newest last; empty if there is none."""
    return {calendar.id: calendar for calendar in calendar_versions(school_id, year)}


def empty_sheet(calendar: Calendar) -> bytes:
    """A sheet without a mark."""
    return bytes([MISSING]) * len(calendar.sessions)


def roll_window(sessions: Sequence[int], begins_on: date, ends_on: date | None) -> tuple[int, int]:
    """The first place on roll and one after the last, for an enrolment from `begins_on` to `ends_on` (included; None: still on roll)."""
    first = bisect_left(sessions, session_key(begins_on, Half.AM))
    after = len(sessions) if ends_on is None else bisect_right(sessions, session_key(ends_on, Half.PM))
    return first, max(first, after)


def halves_on(calendar: Calendar | None, on: date) -> list[Half]:
    """The sessions of a day: both, one, or none if the school is closed or has no calendar."""
    return [half for half in Half if calendar is not None and position(calendar, session_key(on, half)) is not None]


def open_days(calendar: Calendar | None) -> list[date]:
    """The days with a session, in order; empty without a calendar."""
    return sorted({session_of(key).on for key in calendar.sessions}) if calendar else []


def week_of(calendar: Calendar | None, on: date) -> list[SessionDate]:
    """The sessions of the school week (Monday to Sunday) in which a day lies, in order."""
    sessions = [session_of(key) for key in calendar.sessions] if calendar else []
    return [session for session in sessions if session.on.isocalendar()[:2] == on.isocalendar()[:2]]
