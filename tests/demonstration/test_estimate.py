"""The estimate on the demonstration's registers, with bars that it can miss: three years of a secondary school. It is fitted on the second,
which knows what was missed in the first, and tested on the third.

The pupils are the same in each year and miss about as much from year to year, as the demonstration makes them.
"""

from typing import Any

import numpy as np
import pytest

from haven.analytics import walk
from haven.analytics.sheets import kinds_on_roll
from haven.analytics.warning import BackTest, back_test, fit, marks_before
from haven.demonstration.marks import another_year, shares_to_miss, ways_of, year_of_marks
from tests.analytics.sheets_of_a_week import calendar_of, open_days

PUPILS = 1500
CALENDAR = calendar_of(open_days(range(38)))
WEEKDAYS, MONTHS = np.arange(190) % 5, np.repeat([9, 10, 11, 12, 1, 2, 3, 4, 5, 6], 19)
END = 139
"""The last session of the autumn term."""


@pytest.fixture(scope="module")
def years() -> list[Any]:
    rng = np.random.default_rng(2026)
    share, groups = shares_to_miss(rng, "Secondary", PUPILS), np.arange(PUPILS) % 5 + 7
    ways = ways_of("Secondary")
    return [year_of_marks(rng, ways, another_year(rng, share), groups, WEEKDAYS, MONTHS) for _ in range(3)]


def rates(marks: Any) -> Any:
    kinds = kinds_on_roll(marks, CALENDAR)
    return (kinds >= walk.AUTHORISED).sum(axis=1) / (kinds >= walk.PRESENT).sum(axis=1)


@pytest.fixture(scope="module", params=[60, 100], ids=["after six weeks", "after ten weeks"])
def tested(request: pytest.FixtureRequest, years: list[Any]) -> BackTest:
    first, second, third = years
    fitted = fit(marks_before(kinds_on_roll(second, CALENDAR), request.param, END, last_year=rates(first)))
    assert fitted is not None
    found = back_test(fitted, marks_before(kinds_on_roll(third, CALENDAR), request.param, END, last_year=rates(second)))
    assert found is not None
    return found


def test_of_those_given_three_in_ten_about_three_in_ten_became_so(tested: BackTest) -> None:
    """Each band within chance (2.6 standard errors) and three in a hundred."""
    assert len(tested.bands) >= 3
    for band in tested.bands:
        apart = abs(band.said - band.became / band.pupils)
        assert apart < 0.03 + 2.6 * (band.said * (1 - band.said) / band.pupils) ** 0.5, band


def test_it_is_nearer_the_truth_than_one_share_for_everybody(tested: BackTest) -> None:
    assert tested.error < 0.92 * tested.plain_error


def test_it_finds_more_than_the_plain_rule_and_is_right_of_three_in_ten_at_least(tested: BackTest) -> None:
    assert tested.named >= 20
    assert tested.true_positives >= tested.plain_true_positives
    assert tested.true_positives >= 0.3 * tested.named
