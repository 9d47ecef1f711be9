"""Which box is a pupil in, how many days without a reason, and which mark does a late pupil get?"""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.rules.attendance_codes import codes_in_force
from haven.rules.lateness import Arrival, SessionHours, arrival
from haven.rules.sessions import Half
from haven.rules.whereabouts import (
    CLAIM_STANDS_FOR,
    NOT_A_REGISTER,
    Known,
    Whereabouts,
    box_of_code,
    days_without_reason,
    is_usual_weekday,
    sessions_missed,
    whereabouts,
    whereabouts_by_now,
)

ON = date(2026, 1, 14)
HERE, ELSEWHERE, REASON, MISSING, WAITING, NOT_EXPECTED = Whereabouts
CODES = [code.symbol for code in codes_in_force(ON)]


@pytest.mark.parametrize(
    ("known", "box"),
    [
        # what the mark says (SI 2024/208 regulation 10, tables 1 to 3)
        (Known("/"), HERE),
        (Known("L"), HERE),
        (Known("U"), HERE),  # an absence for the figures, and a child in the building
        (Known("V"), ELSEWHERE),
        (Known("B"), ELSEWHERE),
        (Known("D"), ELSEWHERE),
        (Known("I"), REASON),
        (Known("G"), REASON),
        (Known("Q"), REASON),
        (Known("X"), NOT_EXPECTED),
        (Known("#"), NOT_EXPECTED),
        # without a reason
        (Known("N"), MISSING),
        (Known("O"), MISSING),
        (Known("O", said=True), ELSEWHERE),
        (Known("O", is_listed=True, is_closed=True, register_taken=True), MISSING),
        # no mark: by the register of the class
        (Known(None), WAITING),
        (Known(None, is_closed=True), WAITING),
        (Known(None, register_taken=True), MISSING),
        (Known(None, is_closed=True, is_listed=True), MISSING),
        (Known(None, is_listed=True), WAITING),
        # a planned absence covers the empty place and N, and not O
        (Known(None, planned="M", register_taken=True), REASON),
        (Known("N", planned="V"), ELSEWHERE),
        (Known("O", planned="I"), MISSING),
        (Known("/", planned="I"), HERE),
        # what a person says
        (Known("N", said=True), ELSEWHERE),
        (Known(None, said=True, register_taken=True), ELSEWHERE),
        (Known("/", said=False), MISSING),
        (Known("I", said=True), REASON),
    ],
)
def test_the_box_of_a_pupil(known: Known, box: Whereabouts) -> None:
    assert whereabouts(known, ON) is box


def test_missing_in_the_morning_stays_until_the_afternoon_says_more() -> None:
    assert whereabouts_by_now(Known("N"), Known(None), ON) is MISSING
    assert whereabouts_by_now(Known("N"), Known("\\"), ON) is HERE
    assert whereabouts_by_now(Known("/"), Known("N"), ON) is MISSING
    assert whereabouts_by_now(Known("/"), Known(None), ON) is WAITING
    assert whereabouts_by_now(None, Known(None), ON) is WAITING


knowns = st.builds(
    Known, st.sampled_from([None, *CODES]), st.sampled_from([None, *CODES]), st.sampled_from([None, True, False]),
    st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip


@given(knowns)
def test_nobody_is_missing_whose_mark_explains_itself_and_of_whom_nobody_says_so(known: Known) -> None:
    box = whereabouts(known, ON)
    if box is MISSING:
        assert known.said is False or known.code in (None, "N", "O") or known.planned == "N"
    if known.code in ("N", "O") and known.planned is None and known.said is None:
        assert box is MISSING
    if box is WAITING:
        assert known.code is None and not known.register_taken


def _days(*codes: str | None) -> list[tuple[date, Half, str | None]]:
    """Two marks a day, ending on ON."""
    first = ON - timedelta(days=len(codes) // 2 - 1)
    return [(first + timedelta(days=place // 2), list(Half)[place % 2], code) for place, code in enumerate(codes)]


@pytest.mark.parametrize(
    ("codes", "days"),
    [
        (("N", None), 1),
        (("N", "N", "N", None), 2),
        (("O", "O", "N", "N", "N", None), 3),
        (("N", "N", "I", "I", "N", None), 1),
        (("N", "N", "/", "N", "N", None), 1),  # came in the morning: the run begins anew
        (("N", "N", None, None, "N", None), 2),  # no register that day: neither counts nor ends it
        (("N", "N", "#", "#", "N", None), 2),
        (("/", "\\", "N", "N", "N", None), 2),  # the run is counted backwards from today
        ((None, None), 1),
        ((), 1),
    ],
)
def test_days_without_a_reason(codes: tuple[str | None, ...], days: int) -> None:
    assert days_without_reason(_days(*codes)) == days


def test_usual_weekday_needs_four_weeks_and_a_third() -> None:
    wednesdays = [
        (ON - timedelta(weeks=week), half, "I" if week in (1, 2) else "/") for week in range(1, 6) for half in Half
    ]
    assert is_usual_weekday(wednesdays, 2)
    assert not is_usual_weekday(wednesdays[:6], 2)
    assert not is_usual_weekday(wednesdays, 3)
    assert not is_usual_weekday([(on, half, "/") for on, half, _ in wednesdays], 2)


@given(st.lists(st.sampled_from([None, *CODES]), max_size=60))
def test_sessions_missed_never_exceed_the_possible(codes: list[str | None]) -> None:
    missed, possible = sessions_missed(_days(*codes))
    assert 0 <= missed <= possible <= len(codes)


HOURS = (
    SessionHours(Half.AM, time(8, 45), time(9, 15), time(12, 0)),
    SessionHours(Half.PM, time(13, 0), time(13, 20), time(15, 15)),
)


@pytest.mark.parametrize(
    ("at", "came"),
    [
        (time(8, 45), Arrival(Half.AM, None, 0)),
        (time(8, 46), Arrival(Half.AM, "L", 1)),
        (time(9, 14, 59), Arrival(Half.AM, "L", 29)),
        (time(9, 15), Arrival(Half.AM, "U", 30)),
        (time(11, 59), Arrival(Half.AM, "U", 194)),
        (time(12, 0), Arrival(Half.PM, None, 0)),
        (time(13, 5), Arrival(Half.PM, "L", 5)),
        (time(13, 40), Arrival(Half.PM, "U", 40)),
        (time(15, 15), None),
    ],
)
def test_which_mark_a_late_pupil_gets(at: time, came: Arrival | None) -> None:
    assert arrival(HOURS, at) == came


@given(st.times())
def test_minutes_late_are_within_the_session(at: time) -> None:
    came = arrival(HOURS, at)
    if came and came.code:
        assert 0 < came.minutes < 195


def test_the_whereabouts_of_a_morning_are_those_of_its_session() -> None:
    assert whereabouts_by_now(Known("/"), None, ON) is HERE
    assert whereabouts_by_now(Known("N"), None, ON) is MISSING


def test_a_code_alone_names_its_group() -> None:
    assert [box_of_code(code, ON) for code in "N/#DI"] == [MISSING, HERE, NOT_EXPECTED, ELSEWHERE, REASON]


def test_a_third_of_nine_sessions_is_often_and_less_is_not() -> None:
    places = [(ON - timedelta(weeks=week), Half.AM, "I" if week <= 3 else "/") for week in range(1, 10)]
    assert is_usual_weekday(places, 2)
    assert not is_usual_weekday([*places, (ON - timedelta(weeks=10), Half.AM, "/")], 2)
    assert is_usual_weekday(places[:8], 2), "eight sessions are enough"
    assert not is_usual_weekday(places[:7], 2)


def test_somebody_who_rings_is_shown_for_twenty_minutes() -> None:
    assert timedelta(minutes=20) == CLAIM_STANDS_FOR


def test_codes_of_pupils_who_are_not_expected_do_not_show_that_a_register_was_taken() -> None:
    assert set("DQXZ#") <= NOT_A_REGISTER
    assert not NOT_A_REGISTER & set("/\\LNIMOGBVCEU")
