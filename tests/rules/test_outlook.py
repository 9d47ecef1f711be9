"""At the present rate: cases by hand, and counting session by session."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.rules.outlook import PERSISTENT, RECENT_SESSIONS, SEVERE, Band, sessions_to_leave, sessions_to_reach


@pytest.mark.parametrize(
    ("band", "absent", "possible", "recent", "after"),
    [
        (PERSISTENT, 10, 100, Fraction(0), 0),  # is there already
        (PERSISTENT, 9, 100, Fraction(1), 2),  # 10 of 101 is not yet ten in a hundred, 11 of 102 is
        (PERSISTENT, 0, 100, Fraction(1), 12),  # 12 of 112
        (PERSISTENT, 0, 100, Fraction(1, 10), None),  # a tenth of what comes never makes a tenth of all
        (PERSISTENT, 5, 100, Fraction(2, 10), 50),  # 15 of 150
        (SEVERE, 40, 100, Fraction(3, 4), 40),  # 70 of 140
        (PERSISTENT, 0, 0, Fraction(1), 1),  # nothing yet, and the first one missed
        (SEVERE, 0, 0, Fraction(1, 2), 1),  # half of all that comes is severe from the first on
        (SEVERE, 0, 0, Fraction(1, 3), None),
    ],
)
def test_sessions_until_the_band(band: Band, absent: int, possible: int, recent: Fraction, after: int | None) -> None:
    assert sessions_to_reach(band, absent, possible, recent) == after


@pytest.mark.parametrize(("absent", "possible", "after"), [(9, 100, 0), (10, 100, 1), (15, 100, 51), (0, 0, 0)])
def test_sessions_that_leave_it_behind(absent: int, possible: int, after: int) -> None:
    assert sessions_to_leave(PERSISTENT, absent, possible) == after


counts = st.integers(0, 60).flatmap(lambda possible: st.tuples(st.integers(0, possible), st.just(possible)))


@given(counts, st.sampled_from([PERSISTENT, SEVERE]))
def test_leaving_is_what_attending_one_by_one_gives(given_counts: tuple[int, int], band: Band) -> None:
    absent, possible = given_counts
    attended = 0
    while band.holds(absent, possible + attended):
        attended += 1
    assert sessions_to_leave(band, absent, possible) == attended


@given(counts, st.sampled_from([PERSISTENT, SEVERE]), st.fractions(0, 1, max_denominator=40))
def test_reaching_is_what_going_on_one_by_one_gives(
    given_counts: tuple[int, int], band: Band, recent: Fraction
) -> None:
    absent, possible = given_counts
    further = 0
    while (
        not (possible + further and band.times * (absent + recent * further) >= possible + further) and further < 3000
    ):
        further += 1
    assert sessions_to_reach(band, absent, possible, recent) == (further if further < 3000 else None)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="number of possible"):
        sessions_to_leave(SEVERE, 3, 2)
    with pytest.raises(ValueError, match="between 0 and 1"):
        sessions_to_reach(SEVERE, 1, 2, Fraction(3, 2))


def test_the_last_session_that_is_short_of_the_band_is_still_short() -> None:
    """One session attended and three of four missed from then on: after one more 0.75 of 2, after two 1.5 of 3."""
    assert sessions_to_reach(SEVERE, 0, 1, Fraction(3, 4)) == 2


def test_the_present_rate_is_that_of_four_weeks() -> None:
    assert RECENT_SESSIONS == 4 * 5 * 2


def test_one_session_missed_of_one_is_in_each_band() -> None:
    assert PERSISTENT.holds(1, 1) and SEVERE.holds(1, 1)
    assert not PERSISTENT.holds(0, 0) and not SEVERE.holds(0, 1)
