import numpy as np
import pytest

from haven.analytics.measures import walk_many
from haven.analytics.sheets import BadSheet, OnRoll
from haven.analytics.totals import TOTALS, count_codes, daily_totals, series_by_week, session_totals
from tests.analytics.sheets_of_a_week import calendar_of, open_days, packed

CALENDAR = calendar_of(open_days([0, 3]))
SCHOOL = packed(CALENDAR, "/C2I", "UNL", "-#V", "OOO")
ROLL = OnRoll([0, 0, 0, 1], [19, 19, 19, 19])


def test_codes_of_the_school_on_one_session() -> None:
    assert count_codes(SCHOOL, CALENDAR, 0, roll=ROLL) == {"/": 1, "U": 1, None: 1}
    assert count_codes(SCHOOL, CALENDAR, 1, roll=ROLL) == {"C2": 1, "N": 1, "#": 1, "O": 1}
    assert count_codes(SCHOOL[:0], CALENDAR, 1) == {}


def test_each_session_of_the_year() -> None:
    daily = daily_totals(SCHOOL, CALENDAR, roll=ROLL)
    assert daily["on_roll"][:3].tolist() == [3, 4, 4]
    assert daily["possible"][:3].tolist() == [2, 3, 4]
    assert daily["missing"][:3].tolist() == [1, 0, 0]
    assert daily["unauthorised"][:3].tolist() == [1, 2, 1]
    assert daily["late_after"][:3].tolist() == [1, 0, 0]
    assert (daily["illness"][2], daily["late_before"][2], daily["attended"][2], daily["authorised"][2]) == (1, 1, 2, 1)


@pytest.mark.parametrize("session", range(4))
def test_one_session_is_that_session_of_the_year(session: int) -> None:
    assert session_totals(SCHOOL, CALENDAR, session, roll=ROLL) == daily_totals(SCHOOL, CALENDAR, roll=ROLL)[session]


def test_the_year_by_school_week_adds_up_to_the_walk() -> None:
    weekly = series_by_week(daily_totals(SCHOOL, CALENDAR, roll=ROLL), CALENDAR)
    rows = walk_many(SCHOOL, CALENDAR, roll=ROLL)
    assert len(weekly) == 2 and weekly["on_roll"].tolist() == [39, 40]
    for name in set(TOTALS.names or ()) & set(rows.dtype.names or ()):
        assert weekly[name].sum() == rows[name].sum(), name
    assert weekly["illness"].sum() == rows["illness_sessions"].sum()


def test_a_mark_that_is_no_code_is_refused() -> None:
    wrong = np.array(SCHOOL)
    wrong[2, 5] = ord("?")
    with pytest.raises(BadSheet, match="Sheet 2"):
        daily_totals(wrong, CALENDAR)
    with pytest.raises(BadSheet, match="Sheet 2"):
        session_totals(wrong, CALENDAR, 5)


@pytest.mark.parametrize("session", [-1, 20])
def test_a_session_outside_the_calendar_is_refused(session: int) -> None:
    with pytest.raises(IndexError):
        count_codes(SCHOOL, CALENDAR, session)
    with pytest.raises(IndexError):
        session_totals(SCHOOL, CALENDAR, session)
