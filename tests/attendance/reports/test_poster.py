"""A class poster: whole per cents of completed weeks, for classes that are large enough, without names or counts of pupils."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from haven.attendance.registers.actions.registers import take_marks
from haven.platform.row_security.context import access_context
from haven.rules.sessions import session_of
from tests.factories.registers import AT, YEAR, SchoolData, build_school, enrol
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def school_data(settings: Any) -> SchoolData:
    """Twelve pupils in each of two classes and three in a third. One of 8 Kestrel was ill all of the week that is over, and on the
    Monday after."""
    settings.FIXED_NOW = "2026-01-14T09:30:00"
    school_data = build_school(pupils=24)
    with owner():
        small = school_data.groups["9 Osprey"]
        small.pk, small.name = None, "10 Merlin"
        small.save(force_insert=True)
        school_data.enrolments += [enrol(school_data, 100 + number, small) for number in range(3)]
    marks = []
    for number, each in enumerate(school_data.enrolments):
        for key in school_data.calendar.sessions:
            on = session_of(key).on
            if on <= date(2026, 1, 12):
                marks.append((each.id, key, "I" if number == 0 else "\\" if key % 2 else "/"))
    with access_context(school_data.users["officer"].id):
        take_marks(
            by=school_data.viewer("officer"),
            at=AT,
            school_id=school_data.school.id,
            year=YEAR,
            marks=marks,
            source="page",
        )
    return school_data


def page_of(school_data: SchoolData, who: str, more: str = "") -> Any:
    client = Client()
    client.force_login(school_data.users[who])
    return client.get(school_data.url(f"attendance/posters/{more}"))


def test_a_poster_of_a_class_has_whole_per_cents_of_the_weeks_that_are_over(school_data: SchoolData) -> None:
    answer = page_of(school_data, "officer")
    poster = answer.context["poster"]
    assert (poster.name, poster.to_on, poster.everybody) == ("8 Kestrel", date(2026, 1, 9), 0)
    assert [(week.missed, week.possible) for week in poster.weeks] == [(10, 120)]
    other = page_of(school_data, "officer", "?group=9+Osprey")
    assert other.context["poster"].everybody == 10
    section = re.search(r'<section class="haven-poster">.*?</section>', answer.content.decode(), re.DOTALL)
    assert section is not None
    assert ">92<" in section[0] and "92\N{NO-BREAK SPACE}%" in section[0]
    assert "120" not in section[0] and "Surname" not in section[0] and " of " not in section[0]
    assert "Everyone was here" not in section[0]  # nought sessions are not put on a row policy


def test_a_small_class_has_none_and_a_tutor_her_own(school_data: SchoolData) -> None:
    assert page_of(school_data, "officer", "?group=10+Merlin").status_code == 422
    assert page_of(school_data, "kestrel", "?group=9+Osprey").status_code == 422
    assert page_of(school_data, "kestrel").context["poster"].name == "8 Kestrel"
    assert page_of(school_data, "admin").status_code == 404


def test_without_a_calendar_or_a_large_class_the_page_says_so(school_data: SchoolData, settings: Any) -> None:
    small = build_school(pupils=6, urn=900005)
    assert "cannot see the register of any class with ten" in page_of(small, "head").content.decode()
    settings.FIXED_NOW = "2026-09-14T09:30:00"
    assert "no calendar for 2026-27" in page_of(school_data, "head").content.decode()
