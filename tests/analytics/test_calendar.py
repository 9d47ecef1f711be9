from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.analytics import walk
from haven.analytics.calendar import BadCalendar, build_calendar, day_number, day_of, kinds_on, reaching_back
from haven.rules.attendance_codes import CODES, UnknownCode, classify, to_byte
from haven.rules.sessions import Half, session_key
from tests.analytics.sheets_of_a_week import MONDAY, calendar_of, open_days


def test_weeks_without_a_session_are_not_counted() -> None:
    calendar = calendar_of(open_days([0, 1, 4]))
    assert calendar.week.tolist() == [0] * 10 + [1] * 10 + [2] * 10
    assert [day_of(monday) for monday in calendar.monday] == [MONDAY + timedelta(weeks=n) for n in (0, 1, 4)]


def test_half_days_run_from_monday_morning_to_friday_afternoon_and_leave_out_the_weekend() -> None:
    calendar = calendar_of([*open_days([0]), MONDAY + timedelta(days=5), MONDAY + timedelta(days=6)])
    assert calendar.half_day.tolist() == [*range(10), *[walk.WEEKEND] * 4]
    assert calendar.week.max() == 0  # Sunday ends the week
    assert calendar.half.tolist() == [0, 1] * 7


def test_a_day_may_have_one_session() -> None:
    calendar = build_calendar([session_key(MONDAY, Half.PM), session_key(MONDAY + timedelta(days=1), Half.AM)])
    assert calendar.half_day.tolist() == [1, 2]
    assert [day_of(day) for day in calendar.day] == [MONDAY, MONDAY + timedelta(days=1)]


def test_the_codes_change_in_mid_calendar_on_19_august_2024() -> None:
    before, after = date(2024, 8, 16), date(2024, 8, 19)
    calendar = calendar_of([before, after])
    assert calendar.epoch.tolist() == [0, 0, 1, 1]
    assert calendar.kinds[:, to_byte("J")].tolist() == [walk.APPROVED, walk.UNKNOWN]
    assert calendar.kinds[:, to_byte("J1")].tolist() == [walk.UNKNOWN, walk.AUTHORISED]


@pytest.mark.parametrize("on", [date(2012, 9, 3), date(2024, 8, 18), date(2024, 8, 19), date(2026, 1, 5)])
def test_every_code_has_the_kind_of_its_class(on: date) -> None:
    kinds = kinds_on(on)
    finer = {"L": walk.LATE, "I": walk.ILLNESS, "U": walk.LATE_AFTER}
    plain = {
        "present": walk.PRESENT,
        "approved_activity": walk.APPROVED,
        "authorised": walk.AUTHORISED,
        "unauthorised": walk.UNAUTHORISED,
        "not_possible": walk.NOT_POSSIBLE,
    }
    for code in CODES:
        try:
            wanted = finer.get(code.symbol, plain[classify(code.symbol, on).value])
        except UnknownCode:
            wanted = walk.UNKNOWN
        assert kinds[to_byte(code.symbol)] == wanted, code.symbol
    assert kinds[to_byte(None)] == walk.MISSING
    assert sum(kind != walk.UNKNOWN for kind in kinds) == 1 + sum(code.is_in_force(on) for code in CODES)


def test_an_empty_calendar_has_no_sessions_and_no_weeks() -> None:
    calendar = build_calendar([])
    assert (calendar.sessions, len(calendar.monday), calendar.first_from(MONDAY), calendar.last_to(MONDAY)) == (
        0,
        0,
        0,
        -1,
    )


def test_sessions_out_of_order_or_twice_are_refused() -> None:
    for keys in ([2, 1], [1, 1]):
        with pytest.raises(BadCalendar, match="in order of time"):
            build_calendar(keys)


def test_years_that_overlap_are_refused() -> None:
    with pytest.raises(BadCalendar, match="must end before"):
        build_calendar([10, 11], build_calendar([9, 10]))


def test_arrays_are_read_only() -> None:
    calendar = calendar_of(open_days([0]))
    with pytest.raises(ValueError, match="read-only"):
        calendar.week[0] = 3


def test_the_tail_is_what_ten_school_weeks_can_reach_of_the_year_before() -> None:
    previous = calendar_of(open_days(range(12)))
    calendar = calendar_of(open_days([20]), previous)
    assert calendar.tail_start == 30  # of twelve weeks the last nine
    assert np.unique(calendar.tail_week).tolist() == list(range(-9, 0))


def test_a_week_that_two_years_share_is_one_week() -> None:
    previous = calendar_of([MONDAY - timedelta(days=4), MONDAY])
    calendar = calendar_of([MONDAY + timedelta(days=1)], previous)
    assert calendar.tail_week.tolist() == [-1, -1, 0, 0]


weeks_open = st.sets(st.integers(0, 51))


@given(weeks_open, weeks_open)
def test_the_end_of_the_year_before_is_all_that_windows_need_of_it(last: set[int], this: set[int]) -> None:
    start = MONDAY - timedelta(weeks=52)
    before = calendar_of([start + timedelta(weeks=week, days=day) for week in sorted(last) for day in range(5)])
    keys = calendar_of(open_days(sorted(this))).keys
    whole = build_calendar(keys, before)
    calendar, tail = reaching_back(keys.astype(np.int32).tobytes(), before.keys.astype(np.int32).tobytes())
    assert calendar.tail_start == 0
    assert [np.asarray(one).tolist() for one in calendar._replace(tail_start=whole.tail_start)] == [
        np.asarray(one).tolist() for one in whole
    ]
    assert (tail.keys.tolist() if tail else []) == before.keys[whole.tail_start :].tolist()
    assert (tail is None) == (len(whole.tail_week) == 0)


def test_places_of_dates() -> None:
    calendar = calendar_of(open_days([0, 2]))
    gap = MONDAY + timedelta(days=8)
    assert (calendar.first_from(gap), calendar.last_to(gap)) == (10, 9)
    assert (calendar.first_from(MONDAY), calendar.last_to(MONDAY)) == (0, 1)
    assert day_of(-1) is None
    assert day_of(day_number(MONDAY)) == MONDAY
