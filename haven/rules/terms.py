"""Divides a school's year into autumn, spring and summer term.

This is Haven's own rule. It uses the open days of the school. The names in a calendar would not do: not every calendar
has them, and half-terms share them. The autumn term ends before Christmas Day. The spring term ends with the longest
break that begins from 10 March to 30 April (Easter is between 22 March and 25 April) and includes a week without
school.
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

WEEK_WITHOUT_SCHOOL = 9
"""From a Friday to the Monday after next are ten days; a bank holiday at one end leaves nine."""


def terms(days: Sequence[date]) -> list[tuple[date, date]]:
    """First and last day of each term, in order, from the open days of one academic year (in order). A year with open
    days on only one side of Christmas, or without such a break, has fewer terms. No days give no terms."""
    if not days:
        return []
    christmas = date(days[0].year if days[0].month >= 8 else days[0].year - 1, 12, 25)
    ends = [before for before, after in pairwise(days) if before < christmas < after]
    breaks = [
        (before - after, before)
        for before, after in pairwise(days)
        if date(christmas.year + 1, 3, 10) <= before <= date(christmas.year + 1, 4, 30)
        and (after - before).days >= WEEK_WITHOUT_SCHOOL
    ]
    if breaks:
        ends.append(min(breaks)[1])
    lasts = [*ends, days[-1]]
    firsts = [days[0], *(next(day for day in days if day > end) for end in ends)]
    return list(zip(firsts, lasts, strict=True))
