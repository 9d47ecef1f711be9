"""Each definition at its edges, in registers that can be read."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from haven.analytics import measures
from haven.analytics.calendar import day_of
from haven.analytics.measures import MEASURES, walk_many
from haven.analytics.sheets import BadSheet, OnRoll
from tests.analytics.sheets_of_a_week import MONDAY, calendar_of, open_days, packed

WEEK = "/\\/\\/\\/\\/\\"


def walked(marks: str, weeks: int = 14, **given: Any) -> Any:
    calendar = calendar_of(open_days(range(weeks)))
    return walk_many(packed(calendar, marks), calendar, **given)[0]


def test_what_is_possible_attended_and_absent() -> None:
    row = walked("/\\LKVPWB C1C2MIT GNOU DXY1#Z --", weeks=3)
    found = {name: int(row[name]) for name in MEASURES.names or () if row[name].ndim == 0}
    assert found["attended"] == 8 + 6 and found["authorised"] == 5 and found["unauthorised"] == 4
    assert found["absent"] == 9 and found["possible"] == 23 and found["missing"] == 2
    assert found["late_before"] == 1 and found["late_after"] == 1 and found["illness_sessions"] == 1


@pytest.mark.parametrize(
    ("absent", "possible", "persistent", "severe"),
    [(0, 0, 0, 0), (1, 11, 0, 0), (1, 10, 1, 0), (1, 9, 1, 0), (4, 9, 1, 0), (5, 10, 1, 1), (5, 9, 1, 1), (1, 1, 1, 1)],
)
def test_persistent_from_a_tenth_and_severe_from_a_half(
    absent: int, possible: int, persistent: int, severe: int
) -> None:
    row = walked("I" * absent + "/" * (possible - absent) + "#" * (20 - possible), weeks=2)
    assert (row["possible"], row["persistent"], row["severe"]) == (possible, persistent, severe)


@pytest.mark.parametrize(("sessions", "met_on"), [(9, None), (10, date(2025, 9, 5)), (11, date(2025, 9, 5))])
def test_ten_unauthorised_sessions_meet_the_threshold(sessions: int, met_on: date | None) -> None:
    assert day_of(walked("G" * sessions)["threshold_met_on"]) == met_on


@pytest.mark.parametrize(("gap", "is_met"), [(8, True), (9, False)])
def test_the_window_is_ten_school_weeks(gap: int, is_met: bool) -> None:
    row = walked("NNNNNNNNN/" + WEEK * gap + "O")
    assert (row["threshold_met_on"] >= 0) == is_met


def test_holiday_weeks_do_not_lengthen_the_window() -> None:
    calendar = calendar_of(open_days([0, *range(20, 29)]))
    row = walk_many(packed(calendar, "NNNNNNNNN/" + WEEK * 8 + "O"), calendar)[0]
    assert day_of(row["threshold_met_on"]) == MONDAY + timedelta(weeks=28)


@pytest.mark.parametrize(("weeks_of_this_year", "is_met"), [(8, True), (9, False)])
def test_the_window_reaches_into_the_year_before(weeks_of_this_year: int, is_met: bool) -> None:
    last_year = calendar_of(open_days([0]))
    calendar = calendar_of(open_days(range(7, 20)), last_year)
    matrix = packed(calendar, WEEK * weeks_of_this_year + "U")
    row = walk_many(matrix, calendar, previous=packed(last_year, "/NNNNNNNNN"))[0]
    assert (row["threshold_met_on"] >= 0) == is_met
    assert row["unauthorised"] == 1  # the year before lends its weeks to the window and to nothing else
    assert walk_many(matrix, calendar)[0]["threshold_met_on"] == -1


def test_a_threshold_met_before_the_dates_asked_about_is_met_on_their_first_session() -> None:
    sunday = MONDAY + timedelta(days=13)
    assert day_of(walked("O" * 12, from_on=sunday)["threshold_met_on"]) == sunday + timedelta(days=1)


@pytest.mark.parametrize(("sessions", "days", "met_on"), [(18, 9, None), (19, 9, None), (20, 10, date(2025, 9, 12))])
def test_a_run_is_of_days_wholly_unauthorised(sessions: int, days: int, met_on: date | None) -> None:
    row = walked("O" * sessions)
    assert (row["unauthorised_run_days"], day_of(row["unauthorised_run_met_on"])) == (days, met_on)


def test_a_day_with_nothing_possible_neither_breaks_nor_lengthens_a_run() -> None:
    assert walked("NN ## -- DX N- NN IN")["unauthorised_run_days"] == 3


@pytest.mark.parametrize(("sessions", "met_on"), [(29, None), (30, date(2025, 9, 19)), (31, date(2025, 9, 19))])
def test_fifteen_days_of_illness_are_thirty_sessions_apart_or_together(sessions: int, met_on: date | None) -> None:
    row = walked("I" * sessions)
    assert (row["illness_run_sessions"], day_of(row["illness_met_on"])) == (sessions, met_on)
    apart = walked("I/" * 30)
    assert (apart["illness_run_sessions"], day_of(apart["illness_met_on"])) == (1, date(2025, 10, 10))


def test_illness_is_counted_from_the_start_of_the_year_but_dated_within_the_dates_asked_about() -> None:
    thirtieth = date(2025, 9, 19)
    assert day_of(walked("I" * 40, from_on=thirtieth)["illness_met_on"]) == thirtieth
    assert walked("I" * 40, from_on=thirtieth + timedelta(days=1))["illness_met_on"] == -1
    assert walked("I" * 40, to_on=thirtieth - timedelta(days=1))["illness_met_on"] == -1


def test_only_a_possible_session_that_is_not_illness_breaks_a_run_of_illness() -> None:
    assert walked("II#-IMI")["illness_run_sessions"] == 3


def test_a_week_is_broken_by_an_absence_beside_an_attendance() -> None:
    assert walked(WEEK + "IIIIIIIIII" + "I" + WEEK[1:] + "####IIII--" + "L" + "U" * 9, weeks=5)["broken_weeks"] == 2


def test_half_days_of_the_week() -> None:
    row = walked("I\\/\\/\\/\\#N" + "M" + WEEK[1:], weeks=2)
    assert row["possible_at"].tolist() == [2, 2, 2, 2, 2, 2, 2, 2, 1, 2]
    assert row["absent_at"].tolist() == [2, 0, 0, 0, 0, 0, 0, 0, 0, 1]


def test_marks_off_roll_count_for_nothing() -> None:
    row = walked("O" * 30, weeks=3, roll=OnRoll([4], [11]))
    assert (row["possible"], row["unauthorised_run_days"], day_of(row["threshold_met_on"])) == (8, 4, None)


def test_an_enrolment_that_ends_before_it_begins_has_nothing() -> None:
    row = walked("O" * 30, roll=OnRoll([9], [3]))
    assert row["possible"] == row["missing"] == 0 and not row["persistent"] and row["threshold_met_on"] == -1


def test_from_after_to_has_nothing() -> None:
    row = walked("O" * 30, from_on=MONDAY + timedelta(days=3), to_on=MONDAY)
    assert row["possible"] == 0 and row["threshold_met_on"] == -1


def test_a_mark_that_is_no_code_is_refused_only_where_it_counts() -> None:
    calendar = calendar_of(open_days([0]))
    matrix = np.full((3, 10), ord("/"), np.uint8)
    matrix[2, 6] = ord("?")
    with pytest.raises(BadSheet, match="Sheet 2: the mark of 2025-09-04 AM"):
        walk_many(matrix, calendar, threads=2)
    assert walk_many(matrix, calendar, to_on=MONDAY)["attended"].tolist() == [2, 2, 2]


def test_no_sheets_and_no_sessions() -> None:
    calendar = calendar_of([])
    assert len(walk_many(packed(calendar), calendar)) == 0
    assert walk_many(packed(calendar, ""), calendar)[0]["possible"] == 0


@pytest.mark.parametrize("threads", [None, 1, 2, 3, 50])
def test_threads_change_nothing(threads: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "SHEETS_PER_THREAD", 2)
    calendar = calendar_of(open_days([0]))
    matrix = packed(calendar, *["N" * count for count in range(11)])
    rows = walk_many(matrix, calendar, threads=threads)
    assert rows["unauthorised"].tolist() == list(range(11))
