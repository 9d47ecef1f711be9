"""A pupil's line of figures: against the law book's measures of the same register, on many days of made-up registers."""

import random
from datetime import date

import pytest

from haven.attendance.models import Sheet
from haven.attendance.queries.figures import Figures, year_figures
from haven.attendance.queries.marks import pupil_year
from haven.rules.absence import Tally
from haven.rules.attendance_codes import to_byte
from haven.rules.measures import PersistenceOutlook, Place, measure, sessions_until_persistent
from haven.rules.sessions import session_of
from haven.rules.visibility import Compartment, zone_of
from haven.schools.models import Calendar
from haven.walls.viewing import viewing
from tests.families import AT, Families, lay_out
from tests.registers import weekdays
from tests.walls import owner

FIRST = weekdays(date(2025, 6, 2), date(2025, 7, 18))
THEN = weekdays(date(2025, 9, 3), date(2026, 2, 13))
CODES = ["/"] * 12 + ["O", "G", "U", "N", "I", "L", "C", "B", "X"]


@pytest.fixture
def stage(db: None) -> Families:
    return lay_out()


def sheet_of(rng: random.Random, sessions: list[int]) -> list[str | None]:
    """A register: a code at most places, no mark at some."""
    return [rng.choice(CODES) if rng.random() > 0.03 else None for _ in sessions]


@pytest.mark.parametrize("seed", range(4))
def test_the_line_says_what_the_law_book_says(stage: Families, seed: int) -> None:
    rng = random.Random(seed)
    done = stage.admit("Aisha", "Rahman", begins_on=date(2025, 6, 2))
    sheets = {"2024-25": sheet_of(rng, FIRST), "2025-26": sheet_of(rng, THEN)}
    with owner():
        for year, sessions in (("2024-25", FIRST), ("2025-26", THEN)):
            calendar = Calendar.objects.create(school=stage.larkfield, year=year, sessions=sessions, made_at=AT)
            Sheet.objects.create(
                school=stage.larkfield, zone=zone_of(stage.larkfield.id, Compartment.ATTENDANCE), pupil=done.pupil,
                author_id=stage.users["head"].id, enrolment=done.enrolment, year=year, calendar=calendar,
                marks=bytes(map(to_byte, sheets[year])),
            )  # fmt: skip
    before, now = (places(sheets[year], sessions) for year, sessions in (("2024-25", FIRST), ("2025-26", THEN)))
    with viewing(stage.users["head"].id):
        for on in rng.sample(sorted({day for day, _, _ in now}), 12):
            cells = pupil_year(pupil_id=done.pupil.id, year="2025-26", as_of=on, school_id=stage.larkfield.id)
            figures = year_figures(school_id=stage.larkfield.id, pupil_id=done.pupil.id, cells=cells, as_of=on)
            told = measure([place for place in now if place[0] <= on], date(2025, 9, 1), on, before)
            assert figures.tally == told.tally
            assert figures.lates == told.late_before + told.late_after
            left = sum(day > on for day, _, _ in now)
            assert figures.outlook == sessions_until_persistent(told.absent, told.possible, left)
            on_the_day = measure([place for place in now if place[0] <= on], on, on, before)
            assert (figures.in_ten_weeks >= 10) == (on_the_day.threshold_met_on == on)


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
        (7, "3 more unauthorised sessions in these ten school weeks would reach the level"),
        (9, "One more unauthorised session in these ten school weeks would reach the level"),
        (10, "The level at which a penalty notice must be considered is reached."),
        (14, "The level at which a penalty notice must be considered is reached."),
    ],
)
def test_what_is_said_of_the_ten_school_weeks(in_ten_weeks: int, sentence: str) -> None:
    figures = Figures(Tally(), 0, 0, in_ten_weeks, "", OUTLOOK)
    assert figures.until_penalty.startswith(sentence) and bool(figures.until_penalty) == bool(sentence)


@pytest.mark.parametrize(
    ("until", "unavoidable", "out_of_reach", "sentence"),
    [
        (3, False, False, "3 more sessions until persistent absence."),
        (1, False, False, "1 more session until persistent absence."),
        (0, True, False, "Ten per cent of the whole year is missed: the year ends as persistent absence."),
        (30, False, True, ""),
    ],
)
def test_what_is_said_of_persistent_absence(until: int, unavoidable: bool, out_of_reach: bool, sentence: str) -> None:
    outlook = PersistenceOutlook(19, until, 0, unavoidable, out_of_reach)
    assert Figures(Tally(), 0, 0, 0, "", outlook).until_persistent == sentence
