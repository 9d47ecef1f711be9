"""Thresholds, runs, illness, broken weeks and the pattern: cases on either side of each line, with their sources."""

from datetime import date, timedelta

import pytest

from haven.rules.attendance_codes import UnknownCode
from haven.rules.measure_words import OF_ONE
from haven.rules.measures import Measures, Place, measure, n_older_than_five_school_days, sessions_until_persistent
from haven.rules.sessions import Half, school_week

MONDAY = date(2025, 9, 1)


def term(weeks: int, first: date = MONDAY, holidays: tuple[int, ...] = (), code: str | None = "/") -> list[Place]:
    """Full school weeks in a row, all present; `holidays` are numbers of calendar weeks (1 is the first) left out."""
    places: list[Place] = []
    week, made = 0, 0
    while made < weeks:
        week += 1
        if week in holidays:
            continue
        made += 1
        for day in range(5):
            on = first + timedelta(weeks=week - 1, days=day)
            places += [(on, Half.AM, code), (on, Half.PM, "\\" if code == "/" else code)]
    return places


def put(places: list[Place], marks: dict[int, str | None]) -> list[Place]:
    """The places with other codes at some positions (0 is the first session)."""
    return [(on, half, marks.get(number, code)) for number, (on, half, code) in enumerate(places)]


def in_week(week: int, n: int, code: str = "O") -> dict[int, str | None]:
    """n sessions of a school week (1 is the first), from its Monday morning."""
    return {(week - 1) * 10 + number: code for number in range(n)}


def over_all(places: list[Place], before: list[Place] | None = None) -> Measures:
    return measure(places, places[0][0], places[-1][0], before or [])


def day(week: int, number: int = 0) -> date:
    return MONDAY + timedelta(weeks=week - 1, days=number)


THRESHOLD = [
    # marks, date it is met, source
    (in_week(1, 2) | in_week(10, 8), day(10, 3), "{1: 2, 10: 8}: met at week 10"),
    (in_week(1, 2) | in_week(11, 8), None, "{1: 2, 11: 8}: weeks 2 to 11 hold 8"),
    (in_week(1, 2) | in_week(10, 7), None, "9 sessions"),
    (in_week(3, 4, "G") | in_week(6, 6, "U"), day(6, 2), "4 G and 6 U in one window (Benn Partnership)"),
    (in_week(4, 10, "G"), day(4, 4), "10 G in one week: met at once"),
    (in_week(2, 5, "N") | in_week(3, 5, "O"), day(3, 2), "N counts (Manchester code of conduct)"),
    (in_week(2, 10, "I") | in_week(3, 10, "L") | in_week(4, 10, "C2") | in_week(5, 10, "D"), None, "never counted"),
]


@pytest.mark.parametrize(("marks", "met_on", "source"), THRESHOLD)
def test_ten_sessions_in_ten_school_weeks(marks: dict[int, str | None], met_on: date | None, source: str) -> None:
    assert over_all(put(term(12), marks)).threshold_met_on == met_on, source


def test_a_holiday_week_does_not_exist() -> None:
    """Weeks 8 and 9 of the calendar are holidays: the tenth school week is the twelfth of the calendar."""
    places = put(term(12, holidays=(8, 9)), in_week(1, 2) | in_week(10, 8))
    assert over_all(places).threshold_met_on == MONDAY + timedelta(weeks=11, days=3)


def test_the_window_reaches_into_the_year_before_and_before_the_first_date_asked() -> None:
    before = put(term(5, first=date(2025, 6, 23)), in_week(4, 6))
    places = put(term(10), in_week(5, 4))
    assert over_all(places).threshold_met_on is None
    assert over_all(places, before).threshold_met_on == day(5, 1)
    late = measure(places, day(8), day(10, 4), before)
    assert late.threshold_met_on == day(8), "still met on the first date asked"
    assert late.unauthorised == 0
    assert measure(places, day(9), day(10, 4), before).threshold_met_on is None, "week 4 of before has left the window"
    gap = [school_week(date(2025, 7, 28)), school_week(date(2025, 8, 4))]
    assert measure(places, MONDAY, day(8, 4), before, gap).threshold_met_on == day(5, 1)
    far = [school_week(date(2025, 7, 28) + timedelta(weeks=n)) for n in range(5)]
    assert measure(places, MONDAY, day(8, 4), before, far).threshold_met_on is None


RUNS = [
    # marks, days, met on, source
    (in_week(1, 10) | in_week(2, 10), 10, day(2, 4), "ten school days in a row (attendance return)"),
    (in_week(1, 10) | in_week(2, 8), 9, None, "nine"),
    (in_week(1, 10) | in_week(2, 10) | in_week(3, 2), 11, day(2, 4), "eleven: met on the tenth"),
    (in_week(1, 10) | in_week(2, 9) | {19: "\\"}, 9, None, "came on the last afternoon: that day breaks the run"),
    (in_week(1, 10) | in_week(2, 10) | {5: "I"}, 7, None, "ill one afternoon: broken on the third day"),
    (in_week(1, 10) | in_week(2, 10) | {4: "#", 5: "#"}, 9, None, "a day without a possible session does not count"),
    (in_week(1, 10) | in_week(2, 10) | {5: "Y4"}, 10, day(2, 4), "half a day closed: the other half decides"),
    (in_week(1, 10) | in_week(2, 10) | {5: None}, 10, day(2, 4), "an empty place is not possible"),
    ({}, 0, None, "none"),
]


@pytest.mark.parametrize(("marks", "days", "met_on", "source"), RUNS)
def test_ten_school_days_in_a_row(marks: dict[int, str | None], days: int, met_on: date | None, source: str) -> None:
    found = over_all(put(term(4), marks))
    assert (found.unauthorised_run_days, found.unauthorised_run_met_on) == (days, met_on), source


def test_a_closed_day_neither_breaks_nor_lengthens_a_run() -> None:
    marks = in_week(1, 10) | in_week(2, 10) | in_week(3, 2) | {8: "#", 9: "#"}
    found = over_all(put(term(4), marks))
    assert (found.unauthorised_run_days, found.unauthorised_run_met_on) == (10, day(3))


@pytest.mark.parametrize(("ill", "met_on"), [(29, None), (30, day(3, 4)), (31, day(3, 4))])
def test_fifteen_school_days_of_illness(ill: int, met_on: date | None) -> None:
    """Sickness return: 15 school days, in a row or together; a session is half a day."""
    found = over_all(put(term(6), dict.fromkeys(range(ill), "I")))
    assert (found.illness_sessions, found.illness_run_sessions, found.illness_met_on) == (ill, ill, met_on)


def test_illness_counts_from_the_start_of_the_year_and_is_dated_within_the_dates_asked() -> None:
    places = put(term(6), dict.fromkeys(range(31), "I"))
    assert measure(places, day(3), day(6, 4)).illness_met_on == day(3, 4)
    assert measure(places, day(3), day(6, 4)).illness_sessions == 11
    assert measure(places, day(4), day(6, 4)).illness_met_on is None
    assert measure(places, day(1), day(3, 3)).illness_met_on is None


def test_an_illness_run_skips_what_is_not_possible_and_ends_with_anything_else() -> None:
    found = over_all(put(term(2), {0: "I", 1: "I", 2: "#", 3: None, 4: "I", 5: "M", 6: "I"}))
    assert found.illness_run_sessions == 3


def test_counts_missing_and_dates_at_the_edges() -> None:
    places = put(term(2), {0: None, 1: "L", 2: "U", 3: "V", 4: "C2", 5: "D", 19: None})
    found = over_all(places)
    assert (found.possible, found.attended, found.absent) == (17, 15, 2)
    assert (found.authorised, found.unauthorised, found.late_before, found.late_after) == (1, 1, 1, 1)
    assert found.missing == 2
    assert found.attendance_rate == 15 / 17
    assert (found.persistent, found.severe) == (True, False)
    assert measure(places, day(1, 0), day(2, 3)).missing == 1
    assert found.tally.possible == 17


def test_nothing_in_the_dates_asked() -> None:
    found = measure(term(2), date(2026, 1, 1), date(2026, 1, 31))
    assert (found.possible, found.missing, found.attendance_rate, found.persistent) == (0, 0, None, False)
    assert found.threshold_met_on is None
    assert measure([], MONDAY, day(2)).broken_weeks == 0


def test_broken_weeks_and_pattern() -> None:
    marks = in_week(1, 1, "I") | in_week(2, 10, "I") | in_week(3, 9, "D") | {29: "O"} | in_week(4, 2, "U")
    found = over_all(put(term(5), marks))
    assert found.broken_weeks == 2, "weeks 1 and 4; week 2 wholly absent, week 3 with one session, absent"
    monday_am, monday_pm, *_, friday_pm = found.pattern
    assert (monday_am.weekday, monday_am.half, monday_am.possible, monday_am.absent) == (0, Half.AM, 4, 3)
    assert (monday_pm.possible, monday_pm.absent) == (4, 2)
    assert (friday_pm.weekday, friday_pm.half, friday_pm.possible, friday_pm.absent) == (4, Half.PM, 5, 2)


def test_a_code_out_of_force_is_an_error() -> None:
    with pytest.raises(UnknownCode):
        over_all([(MONDAY, Half.AM, "H")])


OUTLOOK = [
    # absent, possible so far, remaining, until, may still miss, unavoidable, out of reach
    (10, 100, 200, 20, 19, False, False),
    (29, 100, 200, 1, 0, False, False),
    (30, 100, 200, 0, 0, True, False),
    (31, 100, 200, 0, 0, True, False),
    (0, 100, 5, 11, 5, False, True),
    (5, 95, 5, 5, 4, False, False),
    (4, 95, 5, 6, 5, False, True),
    (0, 0, 0, 0, 0, False, True),
    (0, 0, 1, 1, 0, False, False),
    (9, 91, 0, 1, 0, False, True),
]


@pytest.mark.parametrize(("absent", "possible", "remaining", "until", "may_miss", "certain", "never"), OUTLOOK)
def test_sessions_until_persistent(
    absent: int, possible: int, remaining: int, until: int, may_miss: int, certain: bool, never: bool
) -> None:
    """Recoverable if and only if 10 x absent < possible + remaining."""
    found = sessions_until_persistent(absent, possible, remaining)
    assert (found.until_persistent, found.may_still_miss) == (until, may_miss)
    assert (found.is_unavoidable, found.is_out_of_reach) == (certain, never)


def test_sessions_until_persistent_refuses_nonsense() -> None:
    with pytest.raises(ValueError, match="number of possible"):
        sessions_until_persistent(3, 2, 1)


def test_n_older_than_five_school_days() -> None:
    """N of Monday: Tuesday to the next Monday are five school days; on Tuesday it is too old."""
    open_days = sorted({on for on, _, _ in term(3)})
    marks: list[Place] = [(MONDAY, Half.AM, "N"), (MONDAY, Half.PM, "O"), (day(1, 1), Half.AM, "N")]
    assert n_older_than_five_school_days(marks, day(2), open_days) == []
    assert n_older_than_five_school_days(marks, day(2, 1), open_days) == [marks[0]]
    assert n_older_than_five_school_days(marks, day(2, 2), open_days) == [marks[0], marks[2]]
    without_week_two = [on for on in open_days if on < day(2) or on > day(2, 4)]
    assert n_older_than_five_school_days(marks, day(3), without_week_two) == [], "a holiday does not age a mark"


def test_the_threshold_is_met_on_a_day_of_this_year_s_sheet_and_not_of_the_one_before() -> None:
    """`from` may lie before the first session: the date given is still one of from..to on this sheet."""
    before = [(date(2025, 7, day), half, "O") for day in (14, 15, 16, 17, 18) for half in Half]
    sheet = [(date(2025, 9, day), half, "/" if half is Half.AM else "\\") for day in (3, 4) for half in Half]
    found = measure(sheet, date(2025, 7, 1), date(2025, 9, 30), before=before)
    assert found.threshold_met_on == date(2025, 9, 3)


def test_a_limit_is_met_on_the_first_and_on_the_last_day_asked() -> None:
    unauthorised = put(term(2), in_week(1, 10))
    met_on = over_all(unauthorised).threshold_met_on
    assert met_on == day(1, 4)
    assert measure(unauthorised, day(1), met_on).threshold_met_on == met_on
    assert measure(unauthorised, met_on, day(2, 4)).threshold_met_on == met_on
    ill = put(term(6), dict.fromkeys(range(30), "I"))
    assert measure(ill, day(3, 4), day(6, 4)).illness_met_on == day(3, 4)
    assert measure(ill, day(1), day(3, 4)).illness_met_on == day(3, 4)


def test_one_absence_of_five_sessions_at_the_end_of_a_year_is_persistent() -> None:
    assert sessions_until_persistent(1, 5, 0).is_unavoidable
    assert not sessions_until_persistent(0, 5, 5).is_unavoidable


def test_the_sentences_name_the_four_penalty_codes() -> None:
    [threshold] = [words.definition for words in OF_ONE if words.column == "threshold_met_on"]
    assert "the sessions coded G, N, O or U in the 10 school weeks" in threshold


def test_the_thirtieth_session_of_illness_decides_and_no_illness_is_no_run() -> None:
    """The thirtieth session is a morning, the twenty-ninth the afternoon of the school day before."""
    assert over_all(put(term(6), dict.fromkeys(range(1, 31), "I"))).illness_met_on == day(4)
    assert over_all(term(1)).illness_run_sessions == 0
