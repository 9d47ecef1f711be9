"""Which codes may be entered ahead, for how long, and what they fill."""

from datetime import date, timedelta

import pytest

from haven.rules.leave import is_plannable, may_plan, sessions_to_fill
from haven.rules.sessions import Half, SessionDate

MONDAY = date(2025, 11, 17)
FRIDAY = date(2025, 11, 21)


@pytest.mark.parametrize(
    ("symbol", "first", "last", "part"),
    [
        ("/", MONDAY, FRIDAY, "happened on the day"),
        ("N", MONDAY, MONDAY, "happened on the day"),
        ("#", MONDAY, FRIDAY, "calendar and roll"),
        ("Z", MONDAY, FRIDAY, "calendar and roll"),
        ("C", FRIDAY, MONDAY, "on or after the first"),
        ("H", MONDAY, FRIDAY, "withdrawn after 18 August 2024"),
        ("A", MONDAY, FRIDAY, "not an attendance code"),
        ("M", MONDAY, FRIDAY, "own day"),
        ("E", MONDAY, MONDAY + timedelta(days=7), "sixth school day"),
        ("C2", MONDAY, MONDAY + timedelta(weeks=12), "temporary"),
    ],
)
def test_refused_in_words(symbol: str, first: date, last: date, part: str) -> None:
    decision = may_plan(symbol, first, last)
    assert not decision
    assert part in decision.because


PLANNABLE = ["C", "C1", "C2", "M", "J1", "R", "S", "T", "I", "V", "P", "W", "B", "K", "D", "X", "G"]


@pytest.mark.parametrize("symbol", PLANNABLE)
def test_allowed(symbol: str) -> None:
    assert is_plannable(symbol)
    assert may_plan(symbol, MONDAY, MONDAY)


def test_school_days_are_counted_not_holidays() -> None:
    open_days = {MONDAY, MONDAY + timedelta(days=14)}
    assert may_plan("E", MONDAY, MONDAY + timedelta(days=14), open_days)
    assert may_plan("E", MONDAY, FRIDAY)


def test_sessions_to_fill() -> None:
    places = [SessionDate(MONDAY + timedelta(days=day), half) for day in (1, 0, 9) for half in (Half.PM, Half.AM)]
    filled = sessions_to_fill(places, MONDAY, FRIDAY, frozenset({Half.PM}))
    assert filled == [SessionDate(MONDAY, Half.PM), SessionDate(MONDAY + timedelta(days=1), Half.PM)]
    assert len(sessions_to_fill(places, MONDAY, FRIDAY)) == 4
    assert sessions_to_fill([], MONDAY, FRIDAY) == []


@pytest.mark.parametrize(("symbol", "days"), [("M", 1), ("J1", 5), ("E", 5), ("C2", 60), ("S", 60), ("I", 200)])
def test_each_limit_is_reached_and_not_passed(symbol: str, days: int) -> None:
    open_days = {MONDAY + timedelta(days=step) for step in range(400)}
    assert may_plan(symbol, MONDAY, MONDAY + timedelta(days=days - 1), open_days)
    assert not may_plan(symbol, MONDAY, MONDAY + timedelta(days=days), open_days)
    earlier = {*open_days, MONDAY - timedelta(days=1)}
    assert may_plan(symbol, MONDAY, MONDAY + timedelta(days=days - 1), earlier), "the day before is not counted"


def test_sessions_of_the_first_and_of_the_last_day_are_filled() -> None:
    places = [
        SessionDate(on, Half.AM) for on in (MONDAY - timedelta(days=1), MONDAY, FRIDAY, FRIDAY + timedelta(days=1))
    ]
    assert [session.on for session in sessions_to_fill(places, MONDAY, FRIDAY)] == [MONDAY, FRIDAY]
    assert [session.on for session in sessions_to_fill(places, MONDAY, MONDAY)] == [MONDAY]
