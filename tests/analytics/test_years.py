"""Two academic years of an enrolment are one: sessions added, flags asked of the sums."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from haven.analytics.calendar import day_number
from haven.analytics.measures import MEASURES, walk_many
from haven.analytics.years import together
from haven.rules.absence import Tally
from tests.analytics.sheets_of_a_week import calendar_of, open_days, packed

ONE = calendar_of(open_days([0], date(2024, 9, 2)))
TWO = calendar_of(open_days([0, 1], date(2025, 9, 1)))


def test_sessions_are_added_and_an_enrolment_of_one_year_stays_as_it_is() -> None:
    first = walk_many(packed(ONE, "OOOOO", "O" * 10, "////"), ONE)
    second = walk_many(packed(TWO, "", "II"), TWO)
    enrolments, found = together([(np.array([4, 7, 9]), first), (np.array([2, 4]), second)])
    assert enrolments.tolist() == [2, 4, 7, 9]
    assert found["possible"].tolist() == [20, 30, 10, 10]
    assert found["absent"].tolist() == [0, 7, 10, 0]
    assert found["persistent"].tolist() == [False, True, True, False]
    assert found["severe"].tolist() == [False, False, True, False]  # 5 of 10 in one year are 7 of 30 in both
    assert found["threshold_met_on"].tolist() == [-1, -1, day_number(date(2024, 9, 6)), -1]
    assert found["possible_at"][1].tolist() == [3] * 10


def test_no_years_give_no_enrolments() -> None:
    enrolments, found = together([])
    assert (len(enrolments), len(found), found.dtype) == (0, 0, MEASURES)


@given(st.lists(st.dictionaries(st.integers(1, 6), st.integers(0, 20)), max_size=4))
def test_flags_are_those_of_the_sums(years: list[dict[int, int]]) -> None:
    """Each year an enrolment was absent so many of twenty sessions."""
    given_years = []
    for year in years:
        held = sorted(year)
        rows = walk_many(packed(TWO, *("I" * year[each] for each in held)), TWO) if held else np.zeros(0, MEASURES)
        given_years.append((np.array(held, np.int64), rows))
    enrolments, found = together(given_years)
    for each, row in zip(enrolments.tolist(), found, strict=True):
        parts = [year[each] for year in years if each in year]
        want = sum((Tally(20, 20 - absent, absent, absent) for absent in parts), Tally())
        assert (row["possible"], row["absent"]) == (want.possible, want.absent)
        assert (bool(row["persistent"]), bool(row["severe"])) == (want.is_persistent, want.is_severe)
