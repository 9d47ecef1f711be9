from datetime import date, timedelta

import numpy as np
import pytest

from haven.analytics import walk
from haven.analytics.calendar import kinds_on
from haven.analytics.measures import walk_many
from haven.analytics.sheets import BadSheet, OnRoll, fitted, on_roll, pack, within
from haven.rules.attendance_codes import to_byte
from tests.analytics.sheets_of_a_week import MONDAY, calendar_of, open_days, packed, sheet

CALENDAR = calendar_of(open_days([0]))
WEEK = "/\\/\\/\\/\\/\\"


def test_sheets_become_one_matrix() -> None:
    matrix = pack([sheet(WEEK), sheet("-NC2IL" + "-----"), None], CALENDAR)
    assert matrix.dtype == np.uint8 and matrix.flags["C_CONTIGUOUS"] and not matrix.flags["WRITEABLE"]
    assert [bytes(row) for row in matrix] == [sheet(WEEK), sheet("-NC2IL-----"), b".........."]


def test_no_sheets_are_a_matrix_of_no_rows() -> None:
    assert pack([], CALENDAR).shape == (0, 10)


@pytest.mark.parametrize("marks", [b"", b"/" * 9, b"/" * 11])
def test_a_sheet_of_the_wrong_length_is_refused_by_its_place(marks: bytes) -> None:
    with pytest.raises(BadSheet, match=f"Sheet 1: it has {len(marks)} places, and the calendar has 10 sessions") as bad:
        pack([sheet(WEEK), marks], CALENDAR)
    assert bad.value.index == 1


@pytest.mark.parametrize("byte", [b"?", b"\x00", b"\xff", b"H", b" "])
def test_a_byte_that_is_no_code_that_day_is_refused_without_being_told(byte: bytes) -> None:
    with pytest.raises(BadSheet) as bad:
        pack([sheet(WEEK), b"///" + byte + b"//////"], CALENDAR)
    assert str(bad.value) == "Sheet 1: the mark of 2025-09-02 PM is not a code in force on that day."


def test_a_matrix_must_fit_the_calendar() -> None:
    with pytest.raises(BadSheet, match="9 places"):
        fitted(np.zeros((2, 9)), CALENDAR)
    with pytest.raises(BadSheet):
        fitted(np.zeros(10), CALENDAR)


def test_on_roll_from_the_first_day_to_the_last() -> None:
    tuesday, next_week, last_year = MONDAY + timedelta(days=1), MONDAY + timedelta(days=7), MONDAY - timedelta(days=300)
    roll = on_roll([None, tuesday, tuesday, next_week, last_year], [None, tuesday, MONDAY, None, last_year], CALENDAR)
    assert list(zip(roll.first.tolist(), roll.last.tolist(), strict=True)) == [(0, 9), (2, 3), (2, 1), (10, 9), (0, -1)]
    with pytest.raises(ValueError, match="Each enrolment needs"):
        on_roll([None], [], CALENDAR)


def test_a_window_never_reaches_out_of_the_calendar() -> None:
    roll = within(OnRoll([-5, 3, 99], [99, -7, 99]), 3, 10)
    assert (roll.first.tolist(), roll.last.tolist()) == ([0, 3, 10], [9, -1, 9])
    with pytest.raises(ValueError, match="for each sheet"):
        within(OnRoll([0], [9]), 2, 10)


def test_marks_of_last_year_off_roll_do_not_count_and_bad_ones_are_refused() -> None:
    calendar = calendar_of(open_days([3]), CALENDAR)
    last_year = packed(CALENDAR, "NNNNNNNNNN", "NNNNNNNNNN")
    this_year = packed(calendar, "NNNNN", "")

    def met(roll: OnRoll | None) -> list[bool]:
        rows = walk_many(this_year, calendar, previous=last_year, previous_roll=roll)
        return [bool(day >= 0) for day in rows["threshold_met_on"]]

    assert met(None) == [True, True]
    assert met(OnRoll([2, 1], [6, 9])) == [True, False]  # five and five; nine and none
    assert met(OnRoll([2, 0], [5, 9])) == [False, True]
    bad = np.frombuffer(b"//////////" + b"//?///////", np.uint8).reshape(2, 10)
    with pytest.raises(BadSheet, match="Sheet 1: a mark of the previous year"):
        walk_many(this_year, calendar, previous=bad)
    with pytest.raises(BadSheet, match="do not match"):
        walk_many(this_year, calendar, previous=last_year[:1])


def test_a_plain_present_is_present_whatever_the_date() -> None:
    assert (to_byte("/"), to_byte("\\")) == (walk.PLAIN_MORNING, walk.PLAIN_AFTERNOON)
    for on in (date(2012, 9, 3), date(2024, 8, 18), date(2026, 1, 5)):
        assert {kinds_on(on)[byte] for byte in (walk.PLAIN_MORNING, walk.PLAIN_AFTERNOON)} == {walk.PRESENT}
