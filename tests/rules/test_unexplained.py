"""Code N runs out after five school days of the school (SI 2024/208 regulation 10(7) to (9))."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.rules.clocks import CalendarTooShort
from haven.rules.unexplained import n_runs_out_on, proposed_for


def days(first: date, last: date, *, closed: tuple[date, ...] = ()) -> list[date]:
    """Monday to Friday from one day to another, without those on which the school is closed."""
    every = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return [day for day in every if day.weekday() < 5 and day not in closed]


SPRING = days(date(2026, 1, 5), date(2026, 2, 13))
HALF_TERM = [*SPRING, *days(date(2026, 2, 23), date(2026, 3, 27))]


@pytest.mark.parametrize(
    ("session_on", "open_days", "last"),
    [
        # Regulation 10(8): five school days after the session.
        (date(2026, 1, 5), SPRING, date(2026, 1, 12)),  # a Monday: the next Monday
        (date(2026, 1, 7), SPRING, date(2026, 1, 14)),
        # Half term lies between: working days would say 18 February.
        (date(2026, 2, 11), HALF_TERM, date(2026, 2, 25)),
        # A snow day and an INSET day are working days and no school days.
        (date(2026, 1, 5), days(date(2026, 1, 5), date(2026, 2, 13), closed=(date(2026, 1, 6), date(2026, 1, 9))),
         date(2026, 1, 14)),
        # A school that opens on a Saturday counts it.
        (date(2026, 1, 5), [*SPRING, date(2026, 1, 10)], date(2026, 1, 10)),
    ],
)  # fmt: skip
def test_the_last_day_of_code_n(session_on: date, open_days: list[date], last: date) -> None:
    assert n_runs_out_on(session_on, open_days) == last
    assert proposed_for("N", session_on, last - timedelta(days=1), open_days) is None
    assert proposed_for("N", session_on, last, open_days) == "O"


@pytest.mark.parametrize("code", [None, "O", "I", "U", "/"])
def test_no_other_mark_is_proposed_for(code: str | None) -> None:
    assert proposed_for(code, SPRING[0], SPRING[-1], SPRING) is None


def test_a_mark_on_a_closed_day_is_not_proposed_for() -> None:
    assert proposed_for("N", date(2026, 1, 10), SPRING[-1], SPRING) is None


def test_a_calendar_that_ends_too_soon_is_said() -> None:
    with pytest.raises(CalendarTooShort):
        n_runs_out_on(date(2026, 2, 11), SPRING)


@given(
    st.sets(st.dates(date(2026, 1, 1), date(2026, 3, 31)), min_size=1),
    st.dates(date(2026, 1, 1), date(2026, 3, 31)),
    st.data(),
)
def test_day_by_day_the_same(open_days: set[date], as_of: date, data: st.DataObject) -> None:
    session_on = data.draw(st.sampled_from(sorted(open_days)))
    passed, day = 0, session_on
    while day < as_of:
        day += timedelta(days=1)
        passed += day in open_days
    assert (proposed_for("N", session_on, as_of, open_days) == "O") == (passed >= 5)
    if passed >= 5:
        assert n_runs_out_on(session_on, open_days) <= as_of
