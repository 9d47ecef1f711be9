"""Unusual this week: a week in which one year group is ill is told, an ordinary one is not, and the numbers are those counted by hand."""

import random
from datetime import date, timedelta
from statistics import fmean
from typing import Any

import pytest
from django.test import Client

from haven.attendance.registers.actions.registers import take_marks
from haven.attendance.reports.unusual.query import StandingOut, standing_out
from haven.platform.row_security.context import access_context
from haven.rules.sessions import session_of
from tests.factories.registers import AT, YEAR, SchoolData, build_school

pytestmark = pytest.mark.django_db
FIRST, TODAY, MONDAY = date(2025, 10, 6), date(2026, 1, 14), date(2026, 1, 12)
Marks = dict[tuple[int, int], str]


@pytest.fixture
def school_data(settings: Any) -> SchoolData:
    settings.FIXED_NOW = "2026-01-14T09:30:00"
    return build_school(pupils=60, first=FIRST)


def enter(school_data: SchoolData, ill: float, until: date = TODAY) -> Marks:
    """Ordinary weeks in which five of a hundred sessions are missed; this week that share of year 8 (even numbers) is ill instead."""
    dice = random.Random(11)
    marks: Marks = {}
    for number, each in enumerate(school_data.enrolments):
        for key in school_data.calendar.sessions:
            on = session_of(key).on
            if on < until:
                share = ill if number % 2 == 0 and on >= MONDAY else 0.05
                marks[each.id, key] = "I" if dice.random() < share else "\\" if key % 2 else "/"
    with access_context(school_data.users["officer"].id):
        listed = [(enrolment, key, code) for (enrolment, key), code in marks.items()]
        take_marks(
            by=school_data.viewer("officer"),
            at=AT,
            school_id=school_data.school.id,
            year=YEAR,
            marks=listed,
            source="page",
        )
    return marks


def found_by(school_data: SchoolData, on: date = TODAY) -> StandingOut:
    with access_context(school_data.users["officer"].id):
        return standing_out(school=school_data.school, on=on)


def test_a_year_group_that_is_ill_stands_out_with_its_working(school_data: SchoolData) -> None:
    marks = enter(school_data, ill=0.5)
    found = found_by(school_data)
    assert (found.first_on, found.last_on, len(found.usual)) == (MONDAY, date(2026, 1, 13), 12)
    about = {each.about for each in found.unusual}
    assert {"Year 8 compared with all other pupils", "All pupils", "Code I: illness"} <= about
    assert not any("day compared with other" in each for each in about)
    whole = next(each.compared for each in found.questions if each.about == "All pupils")
    shares = {}
    for monday in (*found.usual, MONDAY):
        days = (monday, monday + timedelta(days=1))  # Monday and Tuesday, the completed days of this week
        codes = [code for (_, key), code in marks.items() if session_of(key).on in days]
        shares[monday] = codes.count("I") / len(codes)
    assert whole.now == pytest.approx(shares.pop(MONDAY))
    assert whole.mean == pytest.approx(fmean(shares.values()))
    assert (whole.lowest, whole.highest, whole.weeks) == (min(shares.values()), max(shares.values()), 12)
    had = {enrolment for (enrolment, key), code in marks.items() if code == "I" and session_of(key).on >= MONDAY}
    code = next(each for each in found.questions if each.about.startswith("Code I"))
    assert code.sentence.startswith(f"{len(had)} pupils had code I (illness) at least once. Usual is ")


def test_an_ordinary_week_shows_nothing(school_data: SchoolData) -> None:
    enter(school_data, ill=0.05)
    found = found_by(school_data)
    assert found.questions and found.unusual == []


def test_before_six_weeks_nothing_is_said_and_today_is_not_counted(school_data: SchoolData) -> None:
    enter(school_data, ill=0.5)
    early = found_by(school_data, on=date(2025, 11, 10))
    assert early.questions == () and len(early.usual) == 4
    assert found_by(school_data, on=date(2025, 11, 24)).questions  # Monday: last week, beside six
    assert found_by(school_data, on=MONDAY).last_on == date(2026, 1, 9)


def page_of(school_data: SchoolData, who: str, more: str = "") -> Any:
    client = Client()
    client.force_login(school_data.users[who])
    return client.get(school_data.url(f"attendance/unusual/{more}"))


def test_the_page_says_it_in_sentences_with_the_working_beside(school_data: SchoolData) -> None:
    enter(school_data, ill=0.5)
    answer = page_of(school_data, "head")
    page = answer.content.decode()
    many = len(answer.context["found"].questions)
    assert "Year 8 missed" in page and "points more than all other pupils" in page
    assert f"{many} questions were asked, so each chance is multiplied by {many}" in page
    assert "%}" not in page and "{{" not in page
    rows = b"".join(page_of(school_data, "head", "?format=csv")).decode("utf-8-sig").splitlines()
    assert len(rows) == many + 1
    assert "There is not enough data yet" not in page
    assert page_of(school_data, "kestrel").status_code == 200  # her class alone: no other year group to stand beside
    assert page_of(school_data, "admin").status_code == 404


def test_a_school_without_marks_or_days_has_nothing_to_say(school_data: SchoolData, settings: Any) -> None:
    assert "There is not enough data yet." in page_of(school_data, "head").content.decode()
    settings.FIXED_NOW = "2025-10-06T09:30:00"
    assert "No school day of this year is complete yet." in page_of(school_data, "head").content.decode()
    settings.FIXED_NOW = "2026-09-03T09:30:00"
    assert "no calendar for 2026-27" in page_of(school_data, "head").content.decode()
