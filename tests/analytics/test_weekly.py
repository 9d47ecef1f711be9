"""Weeks of sheets against a loop over sessions; holidays are no weeks, and two years are one."""

from collections import defaultdict
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haven.analytics.calendar import build_calendar, day_number
from haven.analytics.sheets import BadSheet, OnRoll
from haven.analytics.weekly import Weeks, by_week, joined
from haven.rules.attendance_codes import Class, classify
from haven.rules.sessions import session_of
from tests.analytics.sheets_of_a_week import MONDAY, calendar_of, open_days, packed, sheet

ABSENT = (Class.AUTHORISED, Class.UNAUTHORISED)
POSSIBLE = (*ABSENT, Class.PRESENT, Class.APPROVED_ACTIVITY)


@settings(max_examples=60, deadline=None)
@given(
    weeks=st.sets(st.integers(0, 8), min_size=1, max_size=5),
    letters=st.lists(st.text("/LIOUGX#V-", min_size=1, max_size=60), min_size=1, max_size=4),
    first=st.integers(0, 20),
    last=st.integers(-1, 60),
)
def test_each_week_is_the_sum_of_its_sessions(weeks: set[int], letters: list[str], first: int, last: int) -> None:
    calendar = calendar_of(open_days(sorted(weeks)))
    marks = [text[: calendar.sessions].ljust(calendar.sessions, "/") for text in letters]
    found = by_week(packed(calendar, *marks), calendar, roll=OnRoll([first] * len(marks), [last] * len(marks)))
    for row, text in enumerate(marks):
        absent: dict[int, int] = defaultdict(int)
        possible: dict[int, int] = defaultdict(int)
        for place, letter in enumerate(text):
            on = session_of(int(calendar.keys[place])).on
            if first <= place <= last and letter != "-":
                absent[on.toordinal() - on.weekday()] += classify(letter, on) in ABSENT
                possible[on.toordinal() - on.weekday()] += classify(letter, on) in POSSIBLE
        mondays = [(MONDAY + timedelta(weeks=week)).toordinal() for week in sorted(weeks)]
        assert found.absent[row].tolist() == [absent[monday] for monday in mondays]
        assert found.possible[row].tolist() == [possible[monday] for monday in mondays]
    assert found.sessions.tolist() == [10] * len(weeks)


def test_a_day_finds_its_week_and_a_holiday_the_next() -> None:
    weeks = by_week(packed(calendar := calendar_of(open_days([0, 1, 4])), ""), calendar)
    monday = day_number(MONDAY)
    assert [weeks.week_of(monday + day) for day in (-1, 0, 6, 7, 13, 14, 27, 28, 34, 35)] == [
        0,
        0,
        0,
        1,
        1,
        2,
        2,
        2,
        2,
        3,
    ]
    assert [len(weeks.until(monday + day).monday) for day in (0, 6, 7, 13, 14, 34, 35)] == [0, 0, 1, 1, 2, 2, 3]


def test_two_years_are_one_and_a_pupil_on_two_rows_has_both() -> None:
    first, second = calendar_of(open_days([0, 1])), calendar_of(open_days([1, 2]))
    pupils, weeks = joined(
        [
            ([7, 5], by_week(packed(first, "I", "/" * 12 + "OO"), first)),
            ([5, 5], by_week(packed(second, "I" * 3, "G"), second)),
        ]
    )
    assert pupils == [5, 7]
    assert weeks.absent.tolist() == [[0, 6, 0], [1, 0, 0]]
    assert weeks.possible.tolist() == [[10, 30, 20], [10, 10, 0]]
    assert weeks.sessions.tolist() == [10, 20, 10]


def test_nothing_gives_nothing_and_a_wrong_byte_is_refused() -> None:
    pupils, weeks = joined([])
    assert pupils == [] and weeks.absent.shape == (0, 0)
    empty = build_calendar([])
    assert by_week(np.zeros((2, 0), np.uint8), empty).absent.shape == (2, 0)
    calendar = calendar_of(open_days([0]))
    matrix = np.frombuffer(sheet("/" * 9) + b"\x01", np.uint8).reshape(1, 10)
    with pytest.raises(BadSheet, match="not a code"):
        by_week(matrix, calendar)
    assert isinstance(by_week(matrix, calendar, roll=OnRoll([0], [8])), Weeks)  # off roll, so nobody reads it
