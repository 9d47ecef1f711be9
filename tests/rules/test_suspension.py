"""School days left for suspension in a year (SI 2012/1033: no more than 45)."""

import pytest

from haven.rules.suspension import days_left


@pytest.mark.parametrize(("sessions", "left"), [(0, 45), (1, 44.5), (89, 0.5), (90, 0), (91, 0), (200, 0)])
def test_two_sessions_are_a_school_day_and_nothing_is_below_none(sessions: int, left: float) -> None:
    assert days_left(sessions) == left


def test_fewer_than_none_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer than no sessions"):
        days_left(-1)
