"""Terms from the days on which a school is open: cases of real and odd years, and a second, slower rule."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.rules.terms import terms


def days(*stretches: tuple[date, date]) -> list[date]:
    """The weekdays of some stretches."""
    found = [first + timedelta(days=step) for first, last in stretches for step in range((last - first).days + 1)]
    return [day for day in found if day.weekday() < 5]


D = date
USUAL = days(
    (D(2025, 9, 3), D(2025, 10, 24)), (D(2025, 11, 3), D(2025, 12, 19)), (D(2026, 1, 5), D(2026, 2, 13)), (D(2026, 2, 23), D(2026, 3, 27)),
    (D(2026, 4, 13), D(2026, 5, 22)), (D(2026, 6, 1), D(2026, 7, 21)),
)  # fmt: skip
TWO_WEEKS_IN_OCTOBER = days(
    (D(2025, 9, 3), D(2025, 10, 17)), (D(2025, 11, 3), D(2025, 12, 19)), (D(2026, 1, 5), D(2026, 3, 27)), (D(2026, 4, 13), D(2026, 7, 21))
)  # fmt: skip
LATE_EASTER = days(
    (D(2018, 9, 4), D(2018, 12, 21)), (D(2019, 1, 7), D(2019, 4, 5)), (D(2019, 4, 23), D(2019, 7, 19))
)  # fmt: skip


@pytest.mark.parametrize(
    ("open_days", "expected"),
    [
        (USUAL, [(D(2025, 9, 3), D(2025, 12, 19)), (D(2026, 1, 5), D(2026, 3, 27)), (D(2026, 4, 13), D(2026, 7, 21))]),
        (
            TWO_WEEKS_IN_OCTOBER,
            [(D(2025, 9, 3), D(2025, 12, 19)), (D(2026, 1, 5), D(2026, 3, 27)), (D(2026, 4, 13), D(2026, 7, 21))],
        ),
        (
            LATE_EASTER,
            [(D(2018, 9, 4), D(2018, 12, 21)), (D(2019, 1, 7), D(2019, 4, 5)), (D(2019, 4, 23), D(2019, 7, 19))],
        ),
        (
            days((D(2026, 1, 5), D(2026, 2, 13))),
            [(D(2026, 1, 5), D(2026, 2, 13))],
        ),  # begun after Christmas, no break yet
        (days((D(2025, 9, 3), D(2025, 12, 19))), [(D(2025, 9, 3), D(2025, 12, 19))]),
        ([D(2025, 12, 24), D(2025, 12, 29)], [(D(2025, 12, 24),) * 2, (D(2025, 12, 29),) * 2]),
        ([], []),
    ],
)
def test_terms_of_real_and_odd_years(open_days: list[date], expected: list[tuple[date, date]]) -> None:
    assert terms(open_days) == expected


@given(gaps=st.lists(st.integers(1, 20), min_size=1, max_size=60), first=st.integers(0, 90))
def test_every_day_lies_in_one_term_and_terms_part_at_christmas_and_the_longest_spring_break(
    gaps: list[int], first: int
) -> None:
    open_days = [D(2025, 9, 1) + timedelta(days=first)]
    for gap in gaps:
        if open_days[-1] + timedelta(days=gap) < D(2026, 8, 31):
            open_days.append(open_days[-1] + timedelta(days=gap))
    parted = set()
    longest = 0
    for before, after in zip(open_days, open_days[1:], strict=False):
        if before < D(2025, 12, 25) < after:
            parted.add(before)
        elif D(2026, 3, 10) <= before <= D(2026, 4, 30) and (after - before).days >= 9:
            longest = max(longest, (after - before).days)
    spring = [
        before for before, after in zip(open_days, open_days[1:], strict=False)
        if longest and D(2026, 3, 10) <= before <= D(2026, 4, 30) and (after - before).days == longest
    ]  # fmt: skip
    parted |= set(spring[:1])
    expected: list[list[date]] = [[]]
    for day in open_days:
        expected[-1].append(day)
        if day in parted:
            expected.append([])
    assert terms(open_days) == [(run[0], run[-1]) for run in expected if run]


WITHOUT_AUTUMN = days((D(2026, 1, 5), D(2026, 3, 27)), (D(2026, 4, 13), D(2026, 7, 21)))


@pytest.mark.parametrize(
    ("open_days", "lasts"),
    [
        # A year that begins in August belongs to the Christmas that follows.
        (days((D(2025, 8, 28), D(2025, 12, 19)), (D(2026, 1, 5), D(2026, 2, 13))), [D(2025, 12, 19), D(2026, 2, 13)]),
        # A year that begins after Christmas has its spring break in the same calendar year.
        (WITHOUT_AUTUMN, [D(2026, 3, 27), D(2026, 7, 21)]),
        # The first open day decides the year, also when it is the only one or the next one is in August.
        ([D(2025, 9, 3)], [D(2025, 9, 3)]),
        ([D(2026, 4, 20), D(2026, 8, 20)], [D(2026, 4, 20), D(2026, 8, 20)]),
        # A break that begins on 10 March or 30 April counts, a day earlier or later does not.
        ([D(2026, 1, 5), D(2026, 3, 10), D(2026, 3, 31)], [D(2026, 3, 10), D(2026, 3, 31)]),
        ([D(2026, 3, 9), D(2026, 3, 31)], [D(2026, 3, 31)]),
        ([D(2026, 4, 25), D(2026, 4, 30), D(2026, 5, 20)], [D(2026, 4, 30), D(2026, 5, 20)]),
        ([D(2026, 5, 1), D(2026, 5, 31)], [D(2026, 5, 31)]),
        # Nine days are a week without school, eight are not.
        ([D(2026, 4, 2), D(2026, 4, 11)], [D(2026, 4, 2), D(2026, 4, 11)]),
        ([D(2026, 4, 2), D(2026, 4, 10)], [D(2026, 4, 10)]),
        # A longer break in summer ends no term.
        (days((D(2026, 1, 5), D(2026, 3, 27)), (D(2026, 4, 13), D(2026, 6, 26))) + [D(2026, 8, 28)], [D(2026, 3, 27), D(2026, 8, 28)]),
    ],
)  # fmt: skip
def test_the_last_days_of_terms_at_each_boundary(open_days: list[date], lasts: list[date]) -> None:
    assert [last for _, last in terms(open_days)] == lasts


def test_a_year_with_one_open_day_is_one_term() -> None:
    assert terms([D(2026, 5, 4)]) == [(D(2026, 5, 4), D(2026, 5, 4))]
