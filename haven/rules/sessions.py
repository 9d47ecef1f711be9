"""Identifies sessions, school weeks and academic years.

A school day has two sessions, morning and afternoon (SI 2024/208 regulation 10: the register is taken at the start of
the morning session and once in the afternoon session). A school week is an ISO week, Monday to Sunday. An academic year
runs from 1 September to 31 August and is written 2025-26.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache

EPOCH = date(1970, 1, 1)


class Half(Enum):
    """Half of a school day. Sorts and packs by `number`: 0 in the morning, 1 in the afternoon."""

    AM = "AM"
    PM = "PM"

    @property
    def number(self) -> int:
        return 0 if self is Half.AM else 1


class BadDate(ValueError):
    """The text is not a date. The message is for the user."""


class BadHalf(ValueError):
    """The text is neither AM nor PM. The message is for the user."""


@dataclass(frozen=True, slots=True)
class SessionDate:
    """One session: a date and a half of it. Sorts in order of time."""

    on: date
    half: Half

    def __lt__(self, other: "SessionDate") -> bool:
        return self.key < other.key

    @property
    def key(self) -> int:
        """See `session_key`."""
        return session_key(self.on, self.half)


def session_key(on: date, half: Half) -> int:
    """A whole number for a session, in order of time: days since 1 January 1970, doubled, plus 1 in the afternoon."""
    return (on - EPOCH).days * 2 + half.number


@lru_cache(maxsize=16384)
def session_of(key: int) -> SessionDate:
    """The session of a `session_key`. Cached: a few years have a few thousand sessions, and a page may need as many."""
    return SessionDate(EPOCH + timedelta(days=key // 2), Half.PM if key % 2 else Half.AM)


def year_label(first_year: int) -> str:
    """The academic year that begins in September of `first_year`: 2025 gives "2025-26"."""
    return f"{first_year}-{(first_year + 1) % 100:02d}"


def academic_year_of(on: date) -> str:
    """The academic year of a date: 31 August 2026 is in "2025-26", 1 September 2026 in "2026-27"."""
    return year_label(on.year if on.month >= 9 else on.year - 1)


def year_bounds(label: str) -> tuple[date, date]:
    """First and last day: "2025-26" gives 1 September 2025 and 31 August 2026. Raises ValueError."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})", label)
    if match is None or year_label(int(match[1])) != label:
        raise ValueError(f"“{label}” is not an academic year. Write it like 2025-26.")
    first_year = int(match[1])
    return date(first_year, 9, 1), date(first_year + 1, 8, 31)


def year_before(label: str) -> str:
    """The academic year before: "2025-26" gives "2024-25"."""
    return year_label(year_bounds(label)[0].year - 1)


def school_week(on: date) -> tuple[int, int]:
    """The ISO week of a date as (ISO year, week), which sorts in order of time."""
    iso = on.isocalendar()
    return iso.year, iso.week


def parse_date(text: str) -> date:
    """Parse a date written 2026-11-21 or 21/11/2026 (day first); surrounding blanks are ignored. Raises BadDate."""
    cell = text.strip()
    if match := re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", cell):
        year, month, day = match.groups()
    elif match := re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", cell):
        day, month, year = match.groups()
    else:
        raise BadDate(f"“{cell[:30]}” is not a date. Write it like 2026-11-21 or 21/11/2026.")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise BadDate(f"“{cell}” is not a day of the calendar.") from None


def parse_half(text: str) -> Half:
    """Parse AM or PM, in capitals or not; surrounding blanks are ignored. Raises BadHalf."""
    try:
        return Half(text.strip().upper())
    except ValueError:
        raise BadHalf(f"“{text.strip()[:20]}” is not a session. Write AM or PM.") from None
