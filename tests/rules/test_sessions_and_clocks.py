"""Dates, halves, weeks, years, and time limits."""

from datetime import date

import pytest

from haven.rules.clocks import CalendarTooShort, add_school_days, add_working_days, school_days_between
from haven.rules.sessions import (
    BadDate,
    BadHalf,
    Half,
    SessionDate,
    academic_year_of,
    parse_date,
    parse_half,
    school_week,
    session_key,
    session_of,
    year_before,
    year_bounds,
    year_label,
)
from tests.support.published import bank_holidays


@pytest.mark.parametrize(
    ("on", "label"),
    [
        (date(2026, 8, 31), "2025-26"),
        (date(2026, 9, 1), "2026-27"),
        (date(2025, 12, 31), "2025-26"),
        (date(2099, 9, 1), "2099-00"),
    ],
)
def test_academic_year(on: date, label: str) -> None:
    assert academic_year_of(on) == label
    first, last = year_bounds(label)
    assert first <= on <= last
    assert (first.month, first.day, last.month, last.day) == (9, 1, 8, 31)


def test_year_labels() -> None:
    assert year_label(2025) == "2025-26"
    assert year_before("2025-26") == "2024-25"
    for wrong in ("2025", "2025-27", "2025/26", "25-26", ""):
        with pytest.raises(ValueError, match="Write it like 2025-26"):
            year_bounds(wrong)


@pytest.mark.parametrize("text", ["2025-09-01", "01/09/2025", "1/9/2025", " 2025-09-01 "])
def test_dates_are_read(text: str) -> None:
    assert parse_date(text) == date(2025, 9, 1)


@pytest.mark.parametrize("text", ["", "2025-9-1", "31/02/2025", "2025-02-30", "1 September", "01/09/25", "09/13/2025"])
def test_wrong_dates_are_refused_in_words(text: str) -> None:
    with pytest.raises(BadDate, match="is not a da"):
        parse_date(text)


def test_halves() -> None:
    assert parse_half(" am ") is Half.AM
    assert parse_half("PM") is Half.PM
    with pytest.raises(BadHalf, match="Write AM or PM"):
        parse_half("A")


def test_keys_and_order() -> None:
    assert session_key(date(1970, 1, 1), Half.AM) == 0
    assert session_key(date(1970, 1, 2), Half.PM) == 3
    morning, afternoon = SessionDate(date(2025, 9, 1), Half.AM), SessionDate(date(2025, 9, 1), Half.PM)
    assert sorted([afternoon, morning]) == [morning, afternoon]


def test_school_week_over_new_year() -> None:
    assert school_week(date(2025, 12, 31)) == school_week(date(2026, 1, 1)) == (2026, 1)
    assert school_week(date(2027, 1, 1)) == (2026, 53)


def test_working_days_over_christmas() -> None:
    holidays = {date(2025, 12, 25), date(2025, 12, 26), date(2026, 1, 1)}
    assert add_working_days(date(2025, 12, 24), 1, holidays) == date(2025, 12, 29)
    assert add_working_days(date(2025, 12, 24), 5, holidays) == date(2026, 1, 5)
    assert add_working_days(date(2025, 12, 27), 0, holidays) == date(2025, 12, 27)
    with pytest.raises(ValueError, match="cannot be negative"):
        add_working_days(date(2025, 12, 27), -1, holidays)


def test_working_days_with_the_published_bank_holidays() -> None:
    holidays = bank_holidays()
    assert add_working_days(date(2026, 4, 2), 1, holidays) == date(2026, 4, 7), "Easter 2026"
    assert add_working_days(date(2025, 12, 1), 15, holidays) == date(2025, 12, 22), "conference within 15 working days"


def test_school_days() -> None:
    days = [date(2025, 10, 23), date(2025, 10, 24), date(2025, 11, 3), date(2025, 11, 4), date(2025, 11, 4)]
    assert add_school_days(date(2025, 10, 24), 1, days) == date(2025, 11, 3)
    assert add_school_days(date(2025, 10, 26), 2, days) == date(2025, 11, 4)
    assert add_school_days(date(2025, 10, 26), 0, days) == date(2025, 10, 26)
    assert school_days_between(date(2025, 10, 23), date(2025, 11, 4), days) == 3
    assert school_days_between(date(2025, 11, 4), date(2025, 10, 23), days) == 0
    with pytest.raises(CalendarTooShort, match="fewer than 3 school days after 24 October 2025"):
        add_school_days(date(2025, 10, 24), 3, days)
    with pytest.raises(ValueError, match="cannot be negative"):
        add_school_days(date(2025, 10, 24), -1, days)


def test_a_key_gives_its_session_back_and_no_session_comes_before_itself() -> None:
    for on in (date(1970, 1, 1), date(2025, 9, 1), date(2026, 2, 28)):
        for half in Half:
            session = SessionDate(on, half)
            assert session_of(session_key(on, half)) == session
            assert not session < session


def test_a_long_cell_is_shown_by_its_beginning() -> None:
    with pytest.raises(BadDate) as refused:
        parse_date("x" * 40)
    assert str(refused.value).startswith(f"“{'x' * 30}” is not")
    with pytest.raises(BadHalf) as refused_half:
        parse_half("x" * 40)
    assert str(refused_half.value).startswith(f"“{'x' * 20}” is not")
