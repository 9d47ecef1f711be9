"""Reading Part One of Keeping children safe in education: which edition, required of whom, and which day counts."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.rules.editions import Check, edition_in_force
from haven.rules.staff_reading import edition_to_read, may_count_as_read, required_of_all

EDITION = edition_in_force("kcsie", date(2026, 9, 1))
TODAY = date(2026, 9, 7)


@pytest.mark.parametrize(
    ("on", "edition", "required"),
    [
        (date(2024, 9, 1), None, None),  # before the first edition of the table
        (date(2024, 9, 2), "2024", None),
        (date(2026, 8, 31), "2025", "no"),  # annex A until the 2025 edition
        (date(2026, 9, 1), "2026", "yes"),  # no condensed route any more (likely)
    ],
)
def test_the_edition_of_a_day_and_whether_all_staff_read_it(
    on: date, edition: str | None, required: str | None
) -> None:
    found, reading = edition_to_read(on), required_of_all(on)
    assert (found and found.edition, reading and reading.value) == (edition, required)
    assert reading is None or reading.check is Check.LIKELY


@pytest.mark.parametrize(
    ("read_on", "counts"),
    [
        (TODAY, True),
        (TODAY + timedelta(days=1), False),
        (date(2026, 9, 1) - timedelta(days=92), True),
        (date(2026, 9, 1) - timedelta(days=93), False),
    ],
)
def test_which_day_counts(read_on: date, counts: bool) -> None:
    assert bool(may_count_as_read(read_on, EDITION, TODAY)) is counts


@given(st.dates(date(2025, 1, 1), date(2028, 1, 1)), st.dates(date(2026, 9, 1), date(2028, 1, 1)))
def test_day_by_day_the_same(read_on: date, today: date) -> None:
    days = {date(2026, 5, 31) + timedelta(days=step) for step in range(1, 1000)}
    assert bool(may_count_as_read(read_on, EDITION, today)) == (read_on in days and read_on <= today)


def test_each_refusal_says_why() -> None:
    future = may_count_as_read(TODAY + timedelta(days=1), EDITION, TODAY)
    assert future.because == "The date you finished reading is in the future."
    early = may_count_as_read(date(2026, 9, 1) - timedelta(days=93), EDITION, TODAY)
    assert early.because == "The 2026 edition was not published then. Enter the date you read this edition."
