import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.analytics.groups import share, sum_group, sum_within
from haven.analytics.measures import walk_many
from haven.analytics.sheets import OnRoll
from tests.analytics.sheets_of_a_week import calendar_of, open_days, packed

CALENDAR = calendar_of(open_days([0, 1]))
# 2 of 20 absent; 10 of 20; all of a pupil's 2 sessions; a pupil with nothing possible
ROWS = walk_many(packed(CALENDAR, "II", "N" * 10, "OO", "#" * 20), CALENDAR, roll=OnRoll([0, 0, 0, 0], [19, 19, 1, 19]))


def test_sessions_are_summed_and_then_divided() -> None:
    group = sum_group(ROWS)
    assert (group.possible, group.attended, group.absent) == (42, 28, 14)
    assert group.attendance_rate == 28 / 42  # the average of the pupils' percentages would be 0.4667
    assert group.absence_rate == 14 / 42
    assert (group.authorised_rate, group.unauthorised_rate) == (2 / 42, 12 / 42)


def test_rates_of_enrolments_leave_out_those_with_nothing_possible() -> None:
    group = sum_group(ROWS)
    assert (group.enrolments, group.enrolments_with_possible) == (4, 3)
    assert (group.persistent_rate, group.severe_rate) == (1, 2 / 3)
    assert group.threshold_met == 1


def test_half_days_are_summed() -> None:
    group = sum_group(ROWS)
    assert group.possible_at == (5, 5, 4, 4, 4, 4, 4, 4, 4, 4)
    assert group.absent_at == (3, 3, 1, 1, 1, 1, 1, 1, 1, 1)


def test_nothing_to_divide_by_is_not_applicable() -> None:
    group = sum_group(ROWS[:0])
    assert group.enrolments == 0
    assert (group.attendance_rate, group.persistent_rate, share(0, 0)) == (None, None, None)


def test_groups_by_label_in_order_of_appearance() -> None:
    groups = sum_within(ROWS, [("Year 8",), (None,), ("Year 8",), ("Year 7",)])
    assert list(groups) == ["Year 8", None, "Year 7"]
    assert [group.possible for group in groups.values()] == [22, 20, 0]
    assert sum_within(ROWS[:0], []) == {}


def test_an_enrolment_may_be_in_several_groups_or_in_none() -> None:
    groups = sum_within(ROWS, [("K", "fsm"), (), {"fsm"}, ("K",)])
    assert list(groups) == ["K", "fsm"]
    assert (groups["K"].enrolments, groups["K"].possible, groups["fsm"].possible) == (2, 20, 22)
    assert groups["K"].suspended is None  # not counted, which is not nought
    with pytest.raises(ValueError, match="labels for each"):
        sum_within(ROWS, [("K",)])


@given(st.lists(st.sampled_from(["7", "8", None]), min_size=4, max_size=4))
def test_each_group_is_the_sum_of_its_own_rows(labels: list[str | None]) -> None:
    expected = {label: sum_group(ROWS[[each == label for each in labels]]) for label in dict.fromkeys(labels)}
    assert sum_within(ROWS, [(label,) for label in labels]) == expected
