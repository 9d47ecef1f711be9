"""Decides which numbers about groups of pupils may be shown to people who may not see individual pupils.

A number from one to four could identify children, and so could "all but a few". Hiding such a number is not enough,
because the total often reveals it. So neighbouring groups are merged until no number identifies a child, and each shown
number is the plain sum of a group. This is Haven's own rule. It follows the field's practice of hiding fewer than five
pupils, and figures of groups of fewer than ten (the usual thresholds of summaries for governors).
"""

from collections.abc import Sequence

LEAST_PUPILS = 5
"""A smaller number of pupils, above zero, is not shown."""
LEAST_GROUP = 10
"""A smaller group has no figures of its own."""


def may_show(number: int, *, of: int) -> bool:
    """Whether a number of pupils out of a group of `of` identifies nobody: the group is large enough, and neither the
    pupils counted nor the others are a few. None of the pupils may be shown; all of them may not."""
    return of >= LEAST_GROUP and (number == 0 or (number >= LEAST_PUPILS and of - number >= LEAST_PUPILS))


def put_together(groups: Sequence[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Merge neighbouring groups until each number may be shown; return the indexes of the groups in each merged group.

    `groups` are pairs (size, number of pupils counted). From the first on, each group takes in the next until it may be
    shown; a remainder at the end joins the last one. Together the results contain all indexes, in order. Returns an
    empty list for no groups, and where even all groups together may not be shown. Groups without a pupil join their
    neighbours.
    """
    together: list[tuple[int, ...]] = []
    open_places: tuple[int, ...] = ()
    for place in range(len(groups)):
        open_places += (place,)
        if _is_safe(groups, open_places):
            together.append(open_places)
            open_places = ()
    while open_places and together:
        open_places = together.pop() + open_places
        if _is_safe(groups, open_places):
            together.append(open_places)
            open_places = ()
    return together


def all_or_none(numbers: Sequence[int]) -> bool:
    """Whether numbers that only make sense side by side (the weeks of a year) may be shown: only if none of them is
    small."""
    return all(number == 0 or number >= LEAST_PUPILS for number in numbers)


def _is_safe(groups: Sequence[tuple[int, int]], places: Sequence[int]) -> bool:
    return may_show(sum(groups[place][1] for place in places), of=sum(groups[place][0] for place in places))
