"""School days left for suspension in a year (SI 2012/1033: no more than 45), outside every safeguarding separation."""

from datetime import date

import pytest

from haven.rules.suspension import counted, days_left

MON, TUE, WED = date(2026, 9, 7), date(2026, 9, 8), date(2026, 9, 9)


@pytest.mark.parametrize(("sessions", "left"), [(0, 45), (1, 44.5), (89, 0.5), (90, 0), (91, 0), (200, 0)])
def test_two_sessions_are_a_school_day_and_nothing_is_below_none(sessions: int, left: float) -> None:
    assert days_left(sessions) == left


def test_fewer_than_none_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        days_left(-1)


@pytest.mark.parametrize(
    ("suspended", "separations", "sessions"),
    [
        # A pupil kept off site for safety is not suspended: guidance applying from 26 July 2026.
        ([MON, MON, TUE], [], 3),
        ([MON, MON, TUE], [(MON, MON)], 1),
        ([MON, TUE, WED], [(TUE, None)], 1),
        ([MON, TUE, WED], [(MON, MON), (WED, None)], 1),
        ([MON, TUE, WED], [(MON, TUE), (TUE, WED)], 0),
        ([], [(MON, None)], 0),
    ],
)
def test_sessions_within_a_separation_never_count(
    suspended: list[date], separations: list[tuple[date, date | None]], sessions: int
) -> None:
    assert counted(suspended, separations) == sessions
