"""Suspensions counted by hand, and against the plainest way of reading a row of marks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.analytics.sheets import OnRoll, pack
from haven.analytics.suspensions import suspensions
from haven.rules.attendance_codes import Class, classify
from haven.rules.sessions import session_of
from haven.rules.suspension import counted
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


MARKS = st.lists(st.sampled_from(["E", "/", "I", "#", "-"]), min_size=20, max_size=20)
DAYS = sorted({session_of(key).on for key in CALENDAR.keys.tolist()})


@given(MARKS, st.lists(st.tuples(st.sampled_from(DAYS), st.sampled_from([*DAYS, None])), max_size=3))
def test_sessions_within_a_separation_count_as_in_the_rule(marks: list[str], separations: list[tuple]) -> None:  # type: ignore[type-arg]
    days = [session_of(key).on for key in CALENDAR.keys.tolist()]
    apart = np.array([[any(a <= on and (b is None or on <= b) for a, b in separations) for on in days]])
    found = suspensions(pack([sheet("".join(marks))], CALENDAR), CALENDAR, apart=apart)
    suspended = [on for on, mark in zip(days, marks, strict=True) if mark == "E"]
    assert found["sessions"].tolist() == [counted(suspended, separations)]
    blanked = ["-" if is_apart else mark for mark, is_apart in zip(marks, apart[0], strict=True)]
    without = suspensions(pack([sheet("".join(blanked))], CALENDAR), CALENDAR)
    assert found["times"].tolist() == without["times"].tolist()
