"""A class poster: whole per cents of completed weeks, for classes that are large enough, without names or counts of pupils."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from haven.attendance.registers.actions.registers import take_marks
from haven.platform.row_security.context import access_context
from haven.rules.sessions import session_of
from tests.factories.registers import AT, YEAR, Stage, build_school, enrol
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(settings: Any) -> Stage:
    """Twelve pupils in each of two classes and three in a third. One of 8 Kestrel was ill all of the week that is over, and on the
    Monday after."""
    settings.FIXED_NOW = "2026-01-14T09:30:00"
    stage = build_school(pupils=24)
    with owner():
        small = stage.groups["9 Osprey"]
        small.pk, small.name = None, "10 Merlin"
        small.save(force_insert=True)
        stage.enrolments += [enrol(stage, 100 + number, small) for number in range(3)]
    marks = []
    for number, each in enumerate(stage.enrolments):
        for key in stage.calendar.sessions:
            on = session_of(key).on
            if on <= date(2026, 1, 12):
                marks.append((each.id, key, "I" if number == 0 else "\\" if key % 2 else "/"))
    with access_context(stage.users["officer"].id):
        take_marks(by=stage.viewer("officer"), at=AT, school_id=stage.school.id, year=YEAR, marks=marks, source="page")
    return stage


def page_of(stage: Stage, who: str, more: str = "") -> Any:
    client = Client()
    client.force_login(stage.users[who])
    return client.get(stage.url(f"attendance/posters/{more}"))


def test_a_poster_of_a_class_has_whole_per_cents_of_the_weeks_that_are_over(stage: Stage) -> None:
    answer = page_of(stage, "officer")
    poster = answer.context["poster"]
    assert (poster.name, poster.to_on, poster.everybody) == ("8 Kestrel", date(2026, 1, 9), 0)
    assert [(week.missed, week.possible) for week in poster.weeks] == [(10, 120)]
    other = page_of(stage, "officer", "?group=9+Osprey")
    assert other.context["poster"].everybody == 10
    section = re.search(r'<section class="haven-poster">.*?</section>', answer.content.decode(), re.DOTALL)
    assert section is not None
    assert ">92<" in section[0] and "92\N{NO-BREAK SPACE}%" in section[0]
    assert "120" not in section[0] and "Surname" not in section[0] and " of " not in section[0]
    assert "Everyone was here" not in section[0]  # nought sessions are not put on a row policy


def test_a_small_class_has_none_and_a_tutor_her_own(stage: Stage) -> None:
    assert page_of(stage, "officer", "?group=10+Merlin").status_code == 422
    assert page_of(stage, "kestrel", "?group=9+Osprey").status_code == 422
    assert page_of(stage, "kestrel").context["poster"].name == "8 Kestrel"
    assert page_of(stage, "admin").status_code == 404


def test_without_a_calendar_or_a_large_class_the_page_says_so(stage: Stage, settings: Any) -> None:
    small = build_school(pupils=6, urn=900005)
    assert "cannot see the register of any class with ten" in page_of(small, "head").content.decode()
    settings.FIXED_NOW = "2026-09-14T09:30:00"
    assert "no calendar for 2026-27" in page_of(stage, "head").content.decode()
