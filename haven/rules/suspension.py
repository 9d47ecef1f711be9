"""For how many school days may a pupil be suspended in a year?

Sources: The School Discipline (Pupil Exclusions and Reviews) (England) Regulations 2012, SI 2012/1033: no more than 45 school days in a
school year, at all the pupil's schools together; Suspension and permanent exclusion guidance (Department for Education, 2023).
"""

MOST_DAYS_A_YEAR = 45
"""School days in one school year, across schools."""


def days_left(sessions: int) -> float:
    """School days, in halves, for which a pupil with so many suspended sessions (half days) this year may still be suspended; never
    below 0. Raises ValueError for fewer than none."""
    if sessions < 0:
        raise ValueError("A pupil cannot have been suspended for fewer than no sessions.")
    return max(0.0, MOST_DAYS_A_YEAR - sessions / 2)
