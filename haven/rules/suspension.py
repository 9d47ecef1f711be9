"""Calculates for how many school days a pupil may be suspended in a year.

Sources: The School Discipline (Pupil Exclusions and Reviews) (England) Regulations 2012, SI 2012/1033: no more than 45
school days in a school year, at all the pupil's schools together; Suspension and permanent exclusion guidance, in the
edition in force (`editions`). A safeguarding separation (a pupil kept off site for safety) is not a suspension: its
sessions never count.
"""

from collections.abc import Iterable
from datetime import date

MOST_DAYS_A_YEAR = 45
"""Limit of school days in one school year, across schools."""


def counted(suspended: Iterable[date], separations: Iterable[tuple[date, date | None]]) -> int:
    """Count the suspended sessions (the day of each) that count towards the limit: those outside every safeguarding
    separation.

    `separations` are pairs of first and last day, both included; a last day of None means that the separation
    continues. Returns 0 for no sessions.
    """
    spans = list(separations)
    return sum(not any(first <= on and (last is None or on <= last) for first, last in spans) for on in suspended)


def days_left(sessions: int) -> float:
    """School days, in halves, for which a pupil with this many suspended sessions (half days) this year may still be
    suspended; never below 0. Raises ValueError for a number below zero."""
    if sessions < 0:
        raise ValueError("The number of suspended sessions cannot be negative.")
    return max(0.0, MOST_DAYS_A_YEAR - sessions / 2)
