"""An impact in sentences: the displayed difference equals the difference of the displayed rates."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.analytics.impact import Impact, Pair, TooFew
from haven.attendance.reports.impact.words import AFTER, DURING, more_or_fewer, said, tenths

PAIRS = tuple(Pair(row, 3, (row + 100, 200)) for row in range(12))


def of(**more: Any) -> Impact:
    given = {
        "helped": 14, "measured": 13, "pairs": PAIRS, "before": 0.182, "after": 0.141, "like_before": 0.179, "like_after": 0.15,
        "effect": -0.012, "low": -0.032, "high": 0.008, "earlier": None, "like_earlier": None,
    }  # fmt: skip
    return Impact(**{**given, **more})


def test_the_sentences_of_a_difference_that_may_be_chance() -> None:
    found = said(of(), length=6, window=DURING)
    assert found.figure == "1.2 fewer"
    assert found.own == (
        "In the 6 school weeks before support began, these 12 pupils missed 18.2 of every hundred sessions."
        " They missed 14.1 in the 6 weeks from then on: 4.1 fewer."
    )
    assert found.like == "13 similar pupils with no such support on record missed 17.9 and then 15.0: 2.9 fewer."
    assert found.left == (
        "The difference is 1.2 fewer. It may be chance. With 95 % confidence, the true difference is between 3.2 fewer and 0.8 more"
        " per hundred sessions."
    )


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"low": -0.02, "high": -0.004}, "It is more than chance. With 95 % confidence, the true difference is between 2.0 fewer and 0.4 fewer"),
        ({"after": 0.2, "low": 0.001, "high": 0.09}, "The difference is 4.7 more. It is more than chance"),
        ({"after": 0.182, "like_after": 0.179, "low": -0.01, "high": 0.01}, "There is no difference. It may be chance."),
    ],
)  # fmt: skip
def test_more_than_chance_either_way_and_nothing_at_all(more: dict[str, float], expected: str) -> None:
    assert expected in said(of(**more), length=6, window=AFTER).left


@pytest.mark.parametrize(
    ("found", "window", "expected"),
    [
        (TooFew(9, 9, 9), DURING, "A comparison needs 10 pupils or more with registers for 4 school weeks before and 4 from then on, all of them over. Here there are 9 of 9, so nothing is compared."),
        (TooFew(30, 0, 0), AFTER, "4 school weeks before, 4 from then on and 4 after those, all of them over. Here there are none of 30, so"),
        (TooFew(30, 12, 1), DURING, "A comparison needs 10 pupils or more with similar pupils. Here there is 1 of 12, so"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_is_missing(found: TooFew, window: str, expected: str) -> None:
    answer = said(found, length=4, window=window)
    assert expected in answer.refusal and not answer.own


@pytest.mark.parametrize(
    ("rate", "expected"), [(0.0, 0), (0.0825, 83), (0.08249, 82), (1.0, 1000), (-0.0825, -82), (-0.032, -32), (1e-9, 0)]
)
def test_half_up_in_tenths_of_a_hundred(rate: float, expected: int) -> None:
    assert tenths(rate) == expected


@given(rates=st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_whoever_subtracts_finds_what_is_said(rates: list[float]) -> None:
    before, after, like_before, like_after = rates
    found = said(
        of(before=before, after=after, like_before=like_before, like_after=like_after), length=6, window=DURING
    )

    def change(sentence: str) -> int:
        first, then = (round(float(number) * 10) for number in re.findall(r"\d+\.\d", sentence)[:2])
        told = sentence.rsplit(": ", 1)[1].rstrip(".")
        assert told == more_or_fewer(then - first)
        return then - first

    assert found.figure == more_or_fewer(change(found.own) - change(found.like))
