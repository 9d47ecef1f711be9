"""Which numbers about groups of pupils may be shown to people who see no pupil?

A number from one to four would point at children, and so would "all but a few". Hiding such a number is not enough: whoever knows the
rule and the total can often work it out. So groups are put together with their neighbours until no number tells, and each number that is
shown is the plain sum of a group. House rule, after the field's practice of hiding fewer than five pupils, and figures of groups of
fewer than ten (the usual thresholds of summaries for governors).
"""

from collections.abc import Sequence

LEAST_PUPILS = 5
"""A smaller number of pupils, above nought, is not shown."""
LEAST_GROUP = 10
"""A smaller group has no figures of its own."""


def may_show(number: int, *, of: int) -> bool:
    """Whether a number of pupils out of a group of `of` points at nobody: the group is large enough, and neither those counted nor
    those left are a few. Nobody at all may be said; everybody may not."""
    return of >= LEAST_GROUP and (number == 0 or (number >= LEAST_PUPILS and of - number >= LEAST_PUPILS))


def put_together(groups: Sequence[tuple[int, int]]) -> list[tuple[int, ...]]:
    """The places of the groups (size, number of pupils counted), neighbours put together until each number may be shown.

    From the first on, each group takes in the next until it may be shown; what is left at the end goes to the one before. Together they
    are all places, in order. Where not even all of them together may be shown, and for no groups, an empty list. Groups without a pupil
    go with their neighbours.
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
    """Whether numbers that only make sense side by side (the weeks of a year) may be shown: none of them is small."""
    return all(number == 0 or number >= LEAST_PUPILS for number in numbers)


def _is_safe(groups: Sequence[tuple[int, int]], places: Sequence[int]) -> bool:
    return may_show(sum(groups[place][1] for place in places), of=sum(groups[place][0] for place in places))
