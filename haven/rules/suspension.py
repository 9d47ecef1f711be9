"""For how many school days may a pupil be suspended in a year?

Sources: The School Discipline (Pupil Exclusions and Reviews) (England) Regulations 2012, SI 2012/1033: no more than 45 school days in a
school year, at all the pupil's schools together; Suspension and permanent exclusion guidance, in the edition in force (`editions`). A
pupil who is kept off site for safety, a safeguarding separation, is not suspended: its sessions never count.
"""

from collections.abc import Iterable
from datetime import date

MOST_DAYS_A_YEAR = 45
"""School days in one school year, across schools."""


def counted(suspended: Iterable[date], separations: Iterable[tuple[date, date | None]]) -> int:
    """How many suspended sessions (the day of each) count towards the limit: those outside every safeguarding separation.

    `separations` are first and last day, both included; a last day of None is still to come. None suspended gives 0.
    """
    spans = list(separations)
    return sum(not any(first <= on and (last is None or on <= last) for first, last in spans) for on in suspended)


def days_left(sessions: int) -> float:
    """School days, in halves, for which a pupil with so many suspended sessions (half days) this year may still be suspended; never
    below 0. Raises ValueError for fewer than none."""
    if sessions < 0:
        raise ValueError("The number of suspended sessions cannot be negative.")
    return max(0.0, MOST_DAYS_A_YEAR - sessions / 2)
