"""Where each pupil stands at the end of each day, against asking haven.rules.measures of every single day."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haven.analytics.calendar import build_calendar, day_of
from haven.analytics.measures import walk_many
from haven.analytics.sheets import OnRoll
from haven.analytics.standings import crossed, standings
from haven.rules.crossings import FEWEST_SESSIONS, LINES, Standing
from haven.rules.measures import PENALTY_CODES, Place, measure
from haven.rules.sessions import school_week, session_key
from tests.generative.test_walk_three_ways import Case, calendar_of, cases, on_roll, packed


def standing_on(case: Case, on: date) -> Standing:
    """By counting, from what was on roll."""
    sheet, before = on_roll(case.places, case.roll), on_roll(case.before, case.roll_before)
    found = measure([place for place in sheet if place[0] <= on], date(2000, 1, 1), on)
    weeks = sorted({school_week(day) for day, _, _ in case.before + case.places if day <= on})[-10:]
    in_weeks = sum(
        code in PENALTY_CODES and day <= on and school_week(day) in weeks for day, _, code in before + sheet if code
    )
    return Standing(found.absent, found.possible, in_weeks, run_by(sheet, on), found.illness_sessions)


def run_by(sheet: list[Place], on: date) -> int:
    """The longest run that ends with that day: cut days off the front until it is the whole of the rest."""
    run = 0
    for day in sorted({each for each, _, _ in sheet if each <= on}, reverse=True):
        of_day = measure([place for place in sheet if place[0] == day], day, day)
        if of_day.possible == 0:
            continue
        if of_day.unauthorised < of_day.possible:
            break
        run += 1
    return run


def last_year(case: Case) -> Any:
    """The sheet of the year before, empty where the pupil was not on roll; None without one."""
    first, last = case.roll_before
    shown = [(on, half, code if first <= place <= last else None) for place, (on, half, code) in enumerate(case.before)]
    return packed(shown, build_calendar([session_key(on, half) for on, half, _ in shown])) if shown else None


@given(case=cases())
@settings(max_examples=60)
def test_each_day_is_what_counting_up_to_it_says(case: Case) -> None:
    calendar = calendar_of(case)
    previous = last_year(case)
    roll = OnRoll(np.array([case.roll[0]], np.int32), np.array([case.roll[1]], np.int32))
    found = standings(packed(case.places, calendar), calendar, roll=roll, previous=previous)
    days = [day_of(number) for number in np.unique(calendar.day)]
    assert all(each.shape == (1, len(days)) for each in found)
    for place, on in enumerate(days):
        assert on is not None
        assert Standing(*(int(each[0, place]) for each in found)) == standing_on(case, on), on


@given(case=cases())
@settings(max_examples=40)
def test_the_first_day_within_a_line_is_the_day_that_the_walk_gives(case: Case) -> None:
    calendar = calendar_of(case)
    matrix = packed(case.places, calendar)
    found, row = standings(matrix, calendar), walk_many(matrix, calendar)[0]
    by_name = {line.name: line.holds(found)[0] for line in LINES}
    days = np.unique(calendar.day)
    for name, column in (("threshold", "threshold_met_on"), ("run", "unauthorised_run_met_on"), ("illness", "illness_met_on")):  # fmt: skip
        first = int(days[np.argmax(by_name[name])]) if by_name[name].any() else -1
        assert first == row[column], name
    if len(days) and row["possible"] >= FEWEST_SESSIONS:
        assert bool(by_name["persistent"][-1]) == bool(row["persistent"])
        assert bool(by_name["severe"][-1]) == bool(row["severe"])


def last_crossing(states: list[bool], first: int) -> int:
    """Look back from the last day for one that differs from the day before."""
    for day in range(len(states) - 1, first - 1, -1):
        if states[day] != (states[day - 1] if day else False):
            return day
    return -1


@pytest.mark.parametrize(
    ("states", "first", "day"),
    [
        ([False, True, True], 0, 1),
        ([True, True, True], 0, 0),  # within from the first day: crossed on it
        ([True, True, True], 1, -1),
        ([False, True, False], 0, 2),
        ([False, True, False, False], 2, 2),
        ([], 0, -1),
    ],
)
def test_the_newest_crossing_since_a_day(states: list[bool], first: int, day: int) -> None:
    assert last_crossing(states, first) == day
    assert crossed(np.array([states], bool).reshape(1, len(states)), first).tolist() == [day]


@given(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), max_size=4), st.integers(0, 8))
def test_the_newest_crossing_of_many_is_that_of_each(rows: list[list[bool]], first: int) -> None:
    states = np.array(rows, bool).reshape(len(rows), 7)
    assert crossed(states, first).tolist() == [last_crossing(row, first) for row in rows]
