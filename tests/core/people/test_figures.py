"""A pupil's line of figures compared with the statutory measures of the same register, on many days of made-up registers."""

import random
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.attendance.registers.models import Sheet
from haven.attendance.registers.queries.figures import Figures, year_figures
from haven.attendance.registers.queries.marks import pupil_year
from haven.core.schools.models import Calendar
from haven.platform.row_security.context import access_context
from haven.rules.absence import Tally
from haven.rules.attendance_codes import classify, to_byte
from haven.rules.measures import PersistenceOutlook, Place, measure, sessions_until_persistent
from haven.rules.patterns import Pattern, weekday_pattern
from haven.rules.sessions import session_of
from tests.factories.families import AT, Families, build_school
from tests.factories.registers import weekdays
from tests.support.database_owner import owner

FIRST = weekdays(date(2025, 6, 2), date(2025, 7, 18))
THEN = weekdays(date(2025, 9, 3), date(2026, 2, 13))
CODES = ["/"] * 12 + ["O", "G", "U", "N", "I", "L", "C", "B", "X"]


@pytest.fixture
def school_data(db: None) -> Families:
    return build_school()


def sheet_of(rng: random.Random, sessions: list[int]) -> list[str | None]:
    """A register: a code at most places, no mark at some."""
    return [rng.choice(CODES) if rng.random() > 0.03 else None for _ in sessions]


@pytest.mark.parametrize("seed", range(4))
def test_the_line_says_what_the_law_book_says(school_data: Families, seed: int) -> None:
    rng = random.Random(seed)
    done = school_data.admit("Aisha", "Rahman", begins_on=date(2025, 6, 2))
    sheets = {"2024-25": sheet_of(rng, FIRST), "2025-26": sheet_of(rng, THEN)}
    with owner():
        for year, sessions in (("2024-25", FIRST), ("2025-26", THEN)):
            calendar = Calendar.objects.create(school=school_data.larkfield, year=year, sessions=sessions, made_at=AT)
            Sheet.objects.create(
                school=school_data.larkfield, pupil=done.pupil,
                author_id=school_data.users["head"].id, enrolment=done.enrolment, year=year, calendar=calendar,
                marks=bytes(map(to_byte, sheets[year])),
            )  # fmt: skip
    before, now = (places(sheets[year], sessions) for year, sessions in (("2024-25", FIRST), ("2025-26", THEN)))
    with access_context(school_data.users["head"].id):
        for on in rng.sample(sorted({day for day, _, _ in now}), 12):
            cells = pupil_year(pupil_id=done.pupil.id, year="2025-26", as_of=on, school_id=school_data.larkfield.id)
            figures = year_figures(school_id=school_data.larkfield.id, pupil_id=done.pupil.id, cells=cells, as_of=on)
            told = measure([place for place in now if place[0] <= on], date(2025, 9, 1), on, before)
            assert figures.tally == told.tally
            assert figures.lates == told.late_before + told.late_after
            left = sum(day > on for day, _, _ in now)
            assert figures.outlook == sessions_until_persistent(told.absent, told.possible, left)
            by_day = {day: [c for d, _, c in now if d == day and c] for day, _, _ in now if day <= on}
            missed = {day: absent for day, codes in by_day.items() if (absent := _missed(day, codes)) is not None}
            began, days = _by_hand(missed)
            assert figures.pattern == weekday_pattern(began, days)
            on_the_day = measure([place for place in now if place[0] <= on], on, on, before)
            assert (figures.in_ten_weeks >= 10) == (on_the_day.threshold_met_on == on)


def _missed(on: date, codes: list[str]) -> bool | None:
    """Whether any possible session of the day was missed; None for a day without one."""
    classes = [classify(code, on).value for code in codes]
    possible = [one for one in classes if one != "not_possible"]
    return any(one.endswith("authorised") for one in possible) if possible else None


def _by_hand(missed: dict[date, bool]) -> tuple[list[int], list[int]]:
    """Runs of one or two missed days, by the weekday on which they begin, and the possible days."""
    letters = "".join("x" if missed[day] else "." for day in sorted(missed))
    order = sorted(missed)
    began = [0] * 5
    for found in re.finditer(r"(?<!x)x{1,2}(?!x)", letters):
        began[order[found.start()].weekday()] += 1
    return began, [sum(day.weekday() == weekday for day in order) for weekday in range(5)]


def places(marks: list[str | None], sessions: list[int]) -> list[Place]:
    found = [session_of(key) for key in sessions]
    return [(session.on, session.half, mark) for session, mark in zip(found, marks, strict=True)]


OUTLOOK = PersistenceOutlook(
    limit=19, until_persistent=3, may_still_miss=2, is_unavoidable=False, is_out_of_reach=False
)


@pytest.mark.parametrize(
    ("in_ten_weeks", "sentence"),
    [
        (6, ""),
        (7, "3 more unauthorised sessions in these ten school weeks would reach the threshold"),
        (9, "One more unauthorised session in these ten school weeks would reach the threshold"),
        (10, "The threshold for considering a penalty notice is reached."),
        (14, "The threshold for considering a penalty notice is reached."),
    ],
)
def test_what_is_said_of_the_ten_school_weeks(in_ten_weeks: int, sentence: str) -> None:
    figures = Figures(Tally(), 0, 0, in_ten_weeks, None, (0, 0), OUTLOOK)
    assert figures.until_penalty.startswith(sentence) and bool(figures.until_penalty) == bool(sentence)


@pytest.mark.parametrize(
    ("absent", "possible", "remaining", "recent", "sentence"),
    [
        (5, 100, 280, (4, 40), "6 more sessions would make absence persistent."),
        (1, 100, 280, (8, 40), "10 more sessions would make absence persistent."),
        (9, 99, 281, (4, 40), "1 more session would make absence persistent."),
        (0, 19, 361, (0, 19), ""),  # too early in the year
        (0, 200, 180, (0, 40), ""),
        (3, 200, 180, (8, 40), ""),  # too far off
        (10, 200, 180, (12, 40),
         "If the last four weeks (12 of 40 sessions missed) continued, ten per cent would be missed in 50 sessions."),
        (5, 30, 350, (5, 30), "Persistently absent so far: 21 sessions attended in a row would end this."),
        (3, 30, 350, (3, 30), "Persistently absent so far: 1 session attended in a row would end this."),
        (60, 300, 80, (4, 40), "Persistently absent: one in ten sessions of the whole year is missed already."),
        (15, 30, 350, (15, 30), "Severely absent so far: half of the sessions or more were missed."),
        (300, 300, 80, (40, 40), "Severely absent so far: half of the sessions or more were missed."),
        (0, 0, 380, (0, 0), ""),
    ],
)  # fmt: skip
def test_what_is_said_of_the_band_of_absence(
    absent: int, possible: int, remaining: int, recent: tuple[int, int], sentence: str
) -> None:
    seen = Tally(possible=possible, attended=possible - absent, absent=absent, authorised=absent)
    figures = Figures(seen, 0, 0, 0, None, recent, sessions_until_persistent(absent, possible, remaining))
    assert figures.band == sentence


@given(st.integers(0, 390), st.integers(0, 390), st.integers(0, 390), st.integers(0, 40))
def test_the_sentences_contradict_neither_the_figures_nor_each_other(
    absent: int, present: int, remaining: int, weeks: int
) -> None:
    possible = absent + present
    seen = Tally(possible=possible, attended=present, absent=absent, authorised=absent)
    figures = Figures(
        seen, 0, 0, weeks, Pattern(4, 6, 7, 1.4, 0.002), (0, 0), sessions_until_persistent(absent, possible, remaining)
    )
    assert len(figures.sentences) <= 3
    is_persistent = possible > 0 and absent * 10 >= possible
    assert ("ersistently absent" in figures.band or "everely absent" in figures.band) is is_persistent
    if match := re.match(r"(\d+) more sessions? would", figures.band):
        more = int(match[1])
        assert (absent + more) * 10 >= possible + more and (absent + more - 1) * 10 < possible + more - 1
    if match := re.search(r"(\d+) sessions? attended in a row", figures.band):
        row = int(match[1])
        assert row <= remaining and absent * 10 < possible + row


def test_a_pattern_is_said_with_its_working_and_only_where_it_is_more_than_chance() -> None:
    marked = Figures(Tally(), 0, 0, 0, Pattern(4, 6, 7, 1.4, 0.002), (0, 0), OUTLOOK)
    assert marked.weekday_pattern == (
        "6 of 7 short absences began on a Friday; an even spread would be 1.4. Chance alone would do this for 1 in 100 pupils."
    )
    for pattern in (None, Pattern(4, 3, 3, 0.6, 0.01), Pattern(4, 3, 7, 1.4, 0.3)):
        assert Figures(Tally(), 0, 0, 0, pattern, (0, 0), OUTLOOK).weekday_pattern == ""
