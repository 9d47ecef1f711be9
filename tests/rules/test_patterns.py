"""Cases worked by hand, and the exact chance against drawing all possible days one by one."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.rules.patterns import Pattern, beyond_chance_among, breaks_weeks, short_absences, weekday_pattern

WEEK = [(weekday, False) for weekday in range(5)]


def missing(*places: int, weeks: int = 3) -> list[tuple[int, bool]]:
    return [(weekday, place in places) for place, (weekday, _) in enumerate(WEEK * weeks)]


@pytest.mark.parametrize(
    ("days", "began"),
    [
        (missing(), (0, 0, 0, 0, 0)),
        (missing(0, 5), (2, 0, 0, 0, 0)),  # two Mondays
        (missing(4, 5), (0, 0, 0, 0, 1)),  # Friday and Monday are one stretch, begun on Friday
        (missing(0, 1, 2), (0, 0, 0, 0, 0)),  # three days are no short absence
        (missing(12, 13), (0, 0, 1, 0, 0)),
        (missing(14), (0, 0, 0, 0, 1)),  # still missing on the last day known
        ([], (0, 0, 0, 0, 0)),
    ],
)
def test_where_short_absences_begin(days: list[tuple[int, bool]], began: tuple[int, ...]) -> None:
    assert short_absences(days) == began


def test_five_mondays_of_five_are_more_than_chance_and_an_even_spread_is_not() -> None:
    found = weekday_pattern((5, 0, 0, 0, 0), (12, 13, 13, 13, 13))
    assert found is not None and (found.weekday, found.began) == (0, 5) and found.is_more_than_chance
    even = weekday_pattern((2, 2, 1, 2, 2), (12, 13, 13, 13, 13))
    assert even is not None and not even.is_more_than_chance


def test_three_absences_are_never_a_pattern() -> None:
    found = weekday_pattern((3, 0, 0, 0, 0), (38, 38, 38, 38, 38))
    assert found is not None and found.chance < 0.05 and not found.is_more_than_chance


def test_nothing_missed_is_no_pattern_and_impossible_counts_are_refused() -> None:
    assert weekday_pattern((0, 0, 0, 0, 0), (9, 9, 9, 9, 9)) is None
    with pytest.raises(ValueError, match="no more absences"):
        weekday_pattern((3, 0, 0, 0, 0), (2, 9, 9, 9, 9))


@given(st.lists(st.integers(0, 3), min_size=5, max_size=5), st.data())
def test_the_chance_is_what_counting_every_draw_gives(school_days: list[int], data: st.DataObject) -> None:
    began = [data.draw(st.integers(0, number)) for number in school_days]
    days = [weekday for weekday, number in enumerate(school_days) for _ in range(number)]
    many = sum(began)
    found = weekday_pattern(began, school_days)
    if found is None:
        assert many == 0
        return
    draws = list(combinations(days, many))

    def tail(weekday: int) -> float:
        return sum(draw.count(weekday) >= began[weekday] for draw in draws) / len(draws)

    expected = min(1.0, min(map(tail, range(5))) * sum(number > 0 for number in school_days))
    assert found.chance == pytest.approx(expected)


@pytest.mark.parametrize(
    ("chances", "told"),
    [
        ([], []),
        ([0.05], [True]),  # one pupil: as if asked alone
        ([0.06], [False]),
        ([0.04] * 100, [True] * 100),
        ([0.04, 1.0], [False, False]),  # of two, one below a fortieth
        ([1.0, 0.02], [False, True]),
        (
            [0.03, 0.024, 0.9],
            [True, True, False],
        ),  # two thirds of a twentieth is 0.033: the second takes the first along
        ([0.0004, *[0.5] * 99], [True, *[False] * 99]),
        ([0.0006, *[0.5] * 99], [False] * 100),
    ],
)
def test_of_many_pupils_fewer_are_told_of(chances: list[float], told: list[bool]) -> None:
    """Benjamini and Hochberg, 1995: at most one in twenty of those told of is expected to be chance."""
    assert beyond_chance_among(chances) == told


@given(st.lists(st.floats(0, 1), max_size=40))
def test_the_most_that_may_be_told_of_are(chances: list[float]) -> None:
    """Of all numbers k, the greatest for which k chances are at most k twentieths of one over how many there are."""
    many = len(chances)
    greatest = max(
        (k for k in range(many + 1) if sum(each <= 0.05 * k / max(many, 1) for each in chances) >= k), default=0
    )
    assert sum(beyond_chance_among(chances)) == greatest


@pytest.mark.parametrize(
    ("broken", "habit"),
    [
        ("", False),
        ("11111", False),
        ("111110", True),
        ("111101", True),
        ("110101", False),
        ("1111110000", False),
        ("00011111", True),
    ],
)
def test_five_of_the_last_six_weeks_broken_are_a_habit(broken: str, habit: bool) -> None:
    assert breaks_weeks([week == "1" for week in broken]) is habit


def test_four_short_absences_may_be_a_pattern_and_a_chance_of_one_in_twenty_is_none() -> None:
    assert Pattern(0, 4, 4, 0.8, 0.049).is_more_than_chance
    assert not Pattern(0, 3, 3, 0.6, 0.049).is_more_than_chance
    assert not Pattern(0, 4, 4, 0.8, 0.05).is_more_than_chance


def test_the_expected_number_is_the_weekdays_share_of_the_school_days() -> None:
    pattern = weekday_pattern([3, 1, 0, 0, 0], [10, 10, 10, 10, 0])
    assert pattern is not None
    assert (pattern.weekday, pattern.began, pattern.short_absences, pattern.expected) == (0, 3, 4, 1.0)
