"""Student's tails from printed tables and by adding up the curve; the rule on weeks made by chance alone."""

import random
from math import exp, lgamma, log, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.rules.unusual import BY_CHANCE, FEWEST_WEEKS, MOST_WEEKS, Compared, compare, counting_spread, student_tails


@pytest.mark.parametrize(
    ("t", "freedom", "tails"),
    [  # printed tables of Student's t, both sides
        (12.706, 1, 0.05), (4.303, 2, 0.05), (3.182, 3, 0.05), (2.571, 5, 0.05), (2.201, 11, 0.05), (3.106, 11, 0.01),
        (3.169, 10, 0.01), (2.042, 30, 0.05), (0.0, 7, 1.0),
    ],
)  # fmt: skip
def test_tails_are_those_of_the_printed_tables(t: float, freedom: int, tails: float) -> None:
    assert student_tails(t, freedom) == pytest.approx(tails, abs=0.0002)
    assert student_tails(-t, freedom) == student_tails(t, freedom)


@given(st.floats(0, 30), st.integers(1, 40))
def test_tails_are_what_adding_up_the_curve_gives(t: float, freedom: int) -> None:
    """Simpson's rule over the density between 0 and t."""
    top = lgamma((freedom + 1) / 2) - lgamma(freedom / 2) - log(freedom * pi) / 2

    def density(x: float) -> float:
        return exp(top - (freedom + 1) / 2 * log(1 + x * x / freedom))

    steps = 2000
    width = t / steps
    inside = sum(
        density(step * width) * (1 if step in (0, steps) else 4 if step % 2 else 2) for step in range(steps + 1)
    )
    assert student_tails(t, freedom) == pytest.approx(1 - 2 * inside * width / 3, abs=1e-6)


@pytest.mark.parametrize(
    ("now", "usual", "least", "is_unusual"),
    [
        (0.12, [0.05, 0.06, 0.055, 0.06, 0.05, 0.065, 0.058, 0.052], 0.002, True),
        (0.07, [0.05, 0.06, 0.055, 0.06, 0.05, 0.065, 0.058, 0.052], 0.002, False),
        (0.01, [0.05, 0.06, 0.055, 0.06, 0.05, 0.065, 0.058, 0.052], 0.002, True),  # far below counts too
        (0.12, [0.06] * 8, 0.04, False),  # much alike by luck: counting alone spreads more
        (0.12, [0.06] * 8, 0.004, True),
    ],
)
def test_what_lies_further_off_than_the_weeks_do_themselves(
    now: float, usual: list[float], least: float, is_unusual: bool
) -> None:
    found = compare(now, usual, least)
    assert found is not None and found.is_unusual(10) == is_unusual


def test_too_few_weeks_or_nothing_to_measure_with_says_nothing() -> None:
    assert compare(0.9, [0.05] * (FEWEST_WEEKS - 1), 0.01) is None
    assert compare(0.9, [0.0] * 12, 0.0) is None
    with pytest.raises(ValueError, match="zero or more"):
        compare(0.9, [0.1] * 12, -1.0)
    with pytest.raises(ValueError, match="degree of freedom"):
        student_tails(1.0, 0)


@pytest.mark.parametrize(
    ("parts", "spread"),
    [
        (((5, 100),), 0.02179),
        (((5, 100), (5, 100)), 0.03082),
        (((0, 100),), 0.0),
        (((0, 0),), 0.0),
        (((1, 2), (0, 0)), 0.0),
    ],
)
def test_the_spread_of_counting(parts: tuple[tuple[int, int], ...], spread: float) -> None:
    assert counting_spread(*parts[0], *parts[1:]) == pytest.approx(spread, abs=0.00001)


@given(st.lists(st.floats(0, 1), min_size=FEWEST_WEEKS, max_size=20), st.floats(0, 1), st.floats(0.001, 1))
def test_a_week_at_the_mean_is_never_unusual_and_more_questions_never_make_it_so(
    usual: list[float], now: float, least: float
) -> None:
    at_mean = compare(sum(usual) / len(usual), usual, least)
    assert at_mean is not None and at_mean.chance == pytest.approx(1.0, abs=1e-6)
    found = compare(now, usual, least)
    assert found is not None
    assert found.is_unusual(1) or not found.is_unusual(2)
    assert found.chance_among(1000) <= 1


def test_of_ordinary_weeks_few_show_anything_by_chance() -> None:
    """A school whose weeks differ more than counting does (good and bad weeks): twelve questions of each of 600 weeks."""
    dice, shown = random.Random(20), 0
    for _ in range(600):
        answers = []
        for _ in range(12):
            shares = [
                sum(dice.random() < p for _ in range(60)) / 60 for p in (dice.gauss(0.08, 0.02) for _ in range(13))
            ]
            missed = round(shares[-1] * 60)
            found = compare(shares[-1], shares[:-1], counting_spread(missed, 60))
            answers.append(found is not None and found.is_unusual(12))
        shown += any(answers)
    assert shown / 600 <= BY_CHANCE + 0.02


def test_a_week_is_compared_with_six_to_twelve_others() -> None:
    assert (FEWEST_WEEKS, MOST_WEEKS) == (6, 12)
    assert compare(0.9, [0.05] * 6, 0.01) is not None


def test_the_distance_is_in_spreads_of_one_more_week() -> None:
    """Mean 3, spread 2, of four degrees by hand: one more week beside seven spreads by 2 x sqrt(8 / 7)."""
    usual = [3.0 - 2.0, 3.0 + 2.0, 3.0 - 2.0, 3.0 + 2.0, 3.0 - 2.0, 3.0 + 2.0, 3.0]
    compared = compare(7.0, usual, 0.0)
    assert compared is not None
    assert (compared.mean, compared.weeks) == (3.0, 7) and compared.spread == pytest.approx(2.0)
    assert compared.distance == pytest.approx(4 / (2 * (8 / 7) ** 0.5))
    assert compared.chance == pytest.approx(student_tails(compared.distance, 6))


def test_a_chance_of_exactly_one_in_twenty_is_not_unusual() -> None:
    compared = Compared(1.0, 0.0, 0.0, 0.0, 1.0, 7, 1.0, BY_CHANCE)
    assert not compared.is_unusual(1)
    assert not Compared(1.0, 0.0, 0.0, 0.0, 1.0, 7, 1.0, 0.8).is_unusual(3)
    assert Compared(1.0, 0.0, 0.0, 0.0, 1.0, 7, 1.0, 0.8).chance_among(3) == 1.0
