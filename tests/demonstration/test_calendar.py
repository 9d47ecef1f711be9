"""Does a school of the demonstration have England's year?"""

from datetime import date

import pytest

from haven.demonstration.calendar import bank_holidays, morning_on_or_before, school_year, years_back
from tests.support import published

LABELS = [f"{year}-{(year + 1) % 100:02d}" for year in range(2014, 2032)]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("pattern", range(4))
def test_a_year_has_190_days_on_weekdays_outside_holidays(label: str, pattern: int) -> None:
    year = school_year(label, inset_pattern=pattern)
    shut = {span for span in year.spans if span.kind in ("holiday", "inset", "bank_holiday")}
    assert len(year.days) == 190
    assert list(year.days) == sorted(set(year.days))
    assert all(day.weekday() < 5 for day in year.days)
    assert not any(span.begins_on <= day <= span.ends_on for span in shut for day in year.days)
    assert len([span for span in year.spans if span.kind == "inset"]) == 5
    assert len([span for span in year.spans if span.kind == "term"]) == 6
    assert year.days[-1] <= date(int(label[:4]) + 1, 7, 31)
    assert len(year.keys) == 380


def test_schools_differ_in_their_inset_days() -> None:
    assert school_year("2025-26").days != school_year("2025-26", inset_pattern=1).days


def test_bank_holidays_are_the_published_ones() -> None:
    holidays = published.bank_holidays()
    for year in range(2019, 2029):
        assert set(bank_holidays(year)) == {day for day in holidays if day.year == year}, year


@pytest.mark.parametrize(
    ("on", "morning"),
    [
        (date(2026, 11, 22), date(2026, 11, 20)),  # a Sunday: the Friday before
        (date(2026, 11, 20), date(2026, 11, 20)),
        (date(2026, 12, 27), date(2026, 12, 18)),  # Christmas holiday
        (date(2026, 8, 10), date(2026, 7, 17)),  # summer: the last day on which no school has an INSET day
        (date(2026, 9, 3), date(2026, 9, 3)),  # the first day of a year
    ],
)
def test_the_morning_is_the_last_day_on_which_all_schools_are_open(on: date, morning: date) -> None:
    assert morning_on_or_before(on) == morning


def test_years_go_back_from_the_year_of_the_morning() -> None:
    assert years_back(date(2026, 11, 20), 2) == ["2024-25", "2025-26", "2026-27"]
