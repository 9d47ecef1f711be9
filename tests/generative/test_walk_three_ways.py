"""Compiled, uncompiled and in the obvious form of `haven.rules.measures`: every measure must come out the same."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from haven.analytics import walk
from haven.analytics.calendar import Calendar, build_calendar, day_of
from haven.analytics.measures import COUNTS, FLAGS, MEASURES, walk_many
from haven.analytics.sheets import OnRoll, pack
from haven.rules.attendance_codes import CODES, code_for, to_byte
from haven.rules.measures import Measures, Place, measure
from haven.rules.sessions import Half, school_week, session_key

STARTS = [date(2023, 9, 4), date(2024, 6, 10), date(2024, 8, 12), date(2025, 9, 1)]  # two of them cross 19 August 2024
LIKELY = ["/", "N", "O", "U", "G", "I", "#", "D", "V", "J", "J1", "H", "C2", None]
Window = tuple[int, int]


@dataclass(frozen=True)
class Case:
    """A pupil's places in this year and in the year before, the sessions on roll of each, and the dates asked about."""

    places: list[Place]
    before: list[Place]
    roll: Window
    roll_before: Window
    from_on: date
    to_on: date


@st.composite
def school_days(draw: st.DrawFn) -> list[tuple[date, Half]]:
    """Weeks of which some are holidays, days of which some are closed, a school open on Saturday now and then."""
    monday = draw(st.sampled_from(STARTS))
    sessions: list[tuple[date, Half]] = []
    for number, days in enumerate(draw(st.lists(st.sampled_from([0, 5, 5, 5, 4, 6]), min_size=1, max_size=26))):
        for day in range(days):
            on = monday + timedelta(weeks=number, days=day)
            sessions += [(on, half) for half in draw(st.sampled_from([tuple(Half)] * 8 + [(Half.AM,), (Half.PM,)]))]
    return sessions


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Marks in stretches, so that runs and thresholds occur; the year turns on any day, in mid-week too."""
    sessions = draw(school_days())
    marks: list[str | None] = []
    while len(marks) < len(sessions):
        code = draw(st.one_of(st.sampled_from(LIKELY), st.sampled_from([code.symbol for code in CODES])))
        marks += [code] * draw(st.one_of(st.integers(1, 4), st.integers(8, 12), st.integers(18, 32)))
    filled: list[Place] = [
        (on, half, code if code is not None and code_for(code).is_in_force(on) else None)
        for (on, half), code in zip(sessions, marks, strict=False)
    ]
    days = sorted({on for on, _ in sessions}) or [STARTS[0]]
    turn = draw(st.sampled_from([days[0], *days]))
    places, before = [p for p in filled if p[0] >= turn], [p for p in filled if p[0] < turn]
    asked = st.integers(-2, (days[-1] - turn).days + 2)
    return Case(
        places,
        before,
        draw(windows(len(places))),
        draw(windows(len(before))),
        turn + timedelta(days=draw(st.one_of(st.just(-2), asked))),
        turn + timedelta(days=draw(st.one_of(st.just((days[-1] - turn).days + 2), asked))),
    )


@st.composite
def windows(draw: st.DrawFn, sessions: int) -> Window:
    """On roll for the whole year, or in it, or (left before starting) not at all."""
    whole = (0, sessions - 1)
    return draw(st.one_of(st.just(whole), st.tuples(st.integers(0, sessions), st.integers(-1, sessions - 1))))


def calendar_of(case: Case) -> Calendar:
    before = build_calendar([session_key(on, half) for on, half, _ in case.before])
    return build_calendar([session_key(on, half) for on, half, _ in case.places], before)


def packed(places: list[Place], calendar: Calendar) -> Any:
    return pack([bytes(to_byte(code) for _, _, code in places)], calendar)


def on_roll(places: list[Place], roll: Window) -> list[Place]:
    return places[roll[0] : roll[1] + 1]


def threshold(case: Case) -> date | None:
    """The ten school weeks are the school's: those without the pupil on roll exist too."""
    school_weeks = sorted({school_week(on) for on, _, _ in case.before + case.places}, reverse=True)
    marks = on_roll(case.before, case.roll_before) + on_roll(case.places, case.roll)
    for day in (on for on, _, _ in on_roll(case.places, case.roll) if case.from_on <= on <= case.to_on):
        window = [week for week in school_weeks if week <= school_week(day)][:10]
        if sum(code in ("G", "N", "O", "U") for on, _, code in marks if on <= day and school_week(on) in window) >= 10:
            return day
    return None


def expected(case: Case) -> Measures:
    shown = on_roll(case.places, case.roll)
    return measure(shown, case.from_on, case.to_on, before=on_roll(case.before, case.roll_before))


def compiled(case: Case) -> Any:
    calendar = calendar_of(case)
    previous = build_calendar([session_key(on, half) for on, half, _ in case.before])
    return walk_many(
        packed(case.places, calendar),
        calendar,
        roll=roll_of(case.roll),
        from_on=case.from_on,
        to_on=case.to_on,
        previous=packed(case.before, previous),
        previous_roll=roll_of(case.roll_before),
    )[0]


def uncompiled(case: Case) -> Any:
    calendar = calendar_of(case)
    before = packed(case.before, build_calendar([session_key(on, half) for on, half, _ in case.before]))
    begin, end = calendar.first_from(case.from_on), calendar.last_to(case.to_on)
    rows = np.zeros(1, MEASURES)
    sheets, scratch = packed(case.places, calendar), walk.scratch_for(calendar)
    first, last = roll_of(case.roll)
    before_first, before_last = roll_of(case.roll_before)
    assert walk.walk_rows.py_func(
        sheets, first, last, before, before_first, before_last, begin, end, calendar, scratch, rows
    ) == (-1, -1)
    return rows[0]


def roll_of(roll: Window) -> OnRoll:
    return OnRoll(np.array([roll[0]]), np.array([roll[1]]))


def repeated(code: str, sessions: int, then: int = 40) -> Case:
    """`sessions` of one code from the year's first, presents after."""
    days = [date(2025, 9, 1) + timedelta(weeks=n // 5, days=n % 5) for n in range((sessions + then + 1) // 2)]
    places: list[Place] = [(on, half, None) for on in days for half in Half]
    marks = [code] * sessions + ["/"] * (len(places) - sessions)
    filled: list[Place] = [(on, half, mark) for (on, half, _), mark in zip(places, marks, strict=True)]
    return Case(filled, [], (0, len(filled) - 1), (0, -1), days[0], days[-1])


@settings(deadline=None, max_examples=80)
@given(cases())
@example(repeated("N", 9))
@example(repeated("N", 10))
@example(repeated("N", 11))
@example(repeated("O", 18))
@example(repeated("O", 19))
@example(repeated("O", 20))
@example(repeated("I", 29))
@example(repeated("I", 30))
@example(repeated("I", 31))
@example(repeated("C2", 4, 36))
@example(repeated("C2", 4, 37))
@example(repeated("C2", 5, 5))
def test_all_three_give_the_same_measures(case: Case) -> None:
    found, reference = compiled(case), expected(case)
    assert found == uncompiled(case)
    for name in (*COUNTS, *FLAGS):
        assert found[name] == getattr(reference, name), name
    assert day_of(found["unauthorised_run_met_on"]) == reference.unauthorised_run_met_on
    assert day_of(found["illness_met_on"]) == reference.illness_met_on
    assert day_of(found["threshold_met_on"]) == threshold(case)
    assert found["possible_at"].tolist() == [slot.possible for slot in reference.pattern]
    assert found["absent_at"].tolist() == [slot.absent for slot in reference.pattern]


@settings(deadline=None, max_examples=30)
@given(cases())
def test_the_threshold_is_that_of_the_rules_where_the_pupil_was_on_roll_throughout(case: Case) -> None:
    whole, whole_before = (0, len(case.places) - 1), (0, len(case.before) - 1)
    from_on = max([case.from_on, *(on for on, _, _ in case.before[-1:])])  # dates of this year's sheet alone
    always = Case(case.places, case.before, whole, whole_before, from_on + timedelta(days=1), case.to_on)
    assert day_of(compiled(always)["threshold_met_on"]) == expected(always).threshold_met_on
