"""Small numbers are not shown, and nobody who knows the rule and every number that is shown can work one out."""

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.rules.disclosure import LEAST_GROUP, LEAST_PUPILS, all_or_none, may_show, put_together

Groups = list[tuple[int, int]]


@pytest.mark.parametrize(
    ("number", "of", "shown"),
    [
        (0, 30, True), (1, 30, False), (4, 30, False), (5, 30, True), (25, 30, True), (26, 30, False), (30, 30, False),
        (0, 9, False), (0, 10, True), (5, 10, True), (6, 10, False), (0, 0, False),
    ],
)  # fmt: skip
def test_a_few_and_all_but_a_few_are_not_shown(number: int, of: int, shown: bool) -> None:
    assert may_show(number, of=of) is shown


@pytest.mark.parametrize(
    ("groups", "together"),
    [
        ([], []),
        ([(30, 12), (30, 8)], [(0,), (1,)]),
        ([(30, 0), (30, 8)], [(0,), (1,)]),
        ([(30, 3), (30, 8), (30, 9)], [(0, 1), (2,)]),
        ([(30, 12), (30, 8), (30, 3)], [(0,), (1, 2)]),
        ([(30, 12), (30, 0), (30, 3)], [(0, 1, 2)]),  # 0 + 3 would still be three
        ([(30, 12), (3, 1)], [(0, 1)]),
        ([(3, 3), (4, 0), (30, 12)], [(0, 1, 2)]),
        ([(30, 3), (3, 1)], []),
        ([(9, 0)], []),
        ([(30, 28), (30, 2)], [(0, 1)]),
    ],
)
def test_neighbours_go_together_until_nothing_tells(groups: Groups, together: list[tuple[int, ...]]) -> None:
    assert put_together(groups) == together


@pytest.mark.parametrize("sizes", [(12, 12, 12), (12, 8, 14), (10, 25), (6, 6, 12)])
def test_every_number_behind_what_is_shown_could_have_been_another_one(sizes: tuple[int, ...]) -> None:
    """The reader knows the rule, the sizes, and every sum that is shown. Every set of numbers is asked: behind what is shown of groups
    put together stand at least two possible numbers for each of them."""
    behind: dict[tuple[tuple[tuple[int, ...], int], ...], list[set[int]]] = defaultdict(lambda: [set() for _ in sizes])
    for numbers in product(*(range(size + 1) for size in sizes)):
        together = put_together(list(zip(sizes, numbers, strict=True)))
        shown = tuple((places, sum(numbers[place] for place in places)) for places in together)
        for place, number in enumerate(numbers):
            behind[shown][place].add(number)
    told = [
        (shown, place) for shown, possible in behind.items()
        for places, total in shown if len(places) > 1 and total > 0
        for place in places if len(possible[place]) < 2
    ]  # fmt: skip
    assert told == []


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: (max(pair), min(pair))), max_size=9))
def test_whatever_is_shown_is_a_plain_sum_that_may_be_shown_and_nothing_is_left_out(groups: Groups) -> None:
    together = put_together(groups)
    assert [place for places in together for place in places] in ([], list(range(len(groups))))
    for places in together:
        size, number = (sum(groups[place][each] for place in places) for each in (0, 1))
        assert (
            size >= LEAST_GROUP
            and (number == 0 or number >= LEAST_PUPILS)
            and (not number or size - number >= LEAST_PUPILS)
        )
    if groups and may_show(sum(number for _, number in groups), of=sum(size for size, _ in groups)):
        assert together
    if all(may_show(number, of=size) for size, number in groups):
        assert together == [(place,) for place in range(len(groups))]


def test_weeks_are_shown_together_or_not_at_all() -> None:
    assert all_or_none([]) and all_or_none([0, 5, 40]) and not all_or_none([0, 4, 40])
