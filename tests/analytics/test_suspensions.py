"""Suspensions counted by hand, and against the plainest way of reading a row of marks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.analytics.sheets import OnRoll, pack
from haven.analytics.suspensions import suspensions
from haven.rules.attendance_codes import Class, classify
from haven.rules.sessions import session_of
from tests.analytics.sheets_of_a_week import MONDAY, calendar_of, open_days, packed, sheet

CALENDAR = calendar_of(open_days([0, 1]))


@pytest.mark.parametrize(
    ("marks", "sessions", "times"),
    [
        ("", 0, 0),
        ("EEEE", 4, 1),
        ("EE//EE", 4, 2),
        ("EE##EE", 4, 1),  # the school was shut to pupils between them
        ("EE--EE", 4, 1),  # nobody took the register between them
        ("EEIIEE", 4, 2),  # an absence of another kind parts them
        ("/E\\E/", 2, 2),
        ("EE" * 10, 20, 1),
    ],
)
def test_sessions_one_after_another_are_one_suspension(marks: str, sessions: int, times: int) -> None:
    found = suspensions(packed(CALENDAR, marks), CALENDAR)
    assert (found["sessions"].tolist(), found["times"].tolist()) == ([sessions], [times])


def test_only_days_asked_for_and_on_roll_count() -> None:
    two = packed(CALENDAR, "E" * 20, "E" * 20)
    found = suspensions(two, CALENDAR, roll=OnRoll([0, 15], [19, 19]), from_on=MONDAY, to_on=MONDAY)
    assert found["sessions"].tolist() == [2, 0]
    assert found["times"].tolist() == [1, 0]
    assert len(suspensions(two[:0], CALENDAR)) == 0


@given(st.lists(st.sampled_from(["E", "/", "I", "#", "-", "V", "D"]), min_size=20, max_size=20))
def test_as_somebody_reads_the_row(marks: list[str]) -> None:
    times, is_out = 0, False
    for key, mark in zip(CALENDAR.keys.tolist(), marks, strict=True):
        if mark == "-" or classify(mark, session_of(key).on) is Class.NOT_POSSIBLE:
            continue
        times += mark == "E" and not is_out
        is_out = mark == "E"
    found = suspensions(pack([sheet("".join(marks))], CALENDAR), CALENDAR)
    assert (found["sessions"].tolist(), found["times"].tolist()) == ([marks.count("E")], [times])
