"""The school's attendance with last year and England; for governors without names and without small numbers."""

from copy import copy
from datetime import date
from typing import Any

import pytest
from django.test import Client

from haven.attendance.registers.actions.registers import amend_mark, take_marks
from haven.attendance.reports.anonymised.query import last_friday
from haven.core.schools.models import Calendar, School
from haven.platform.accounts.models import Membership, User
from haven.platform.row_security.context import access_context, current_user_id
from haven.rules.sessions import Half, session_key
from tests.factories.registers import AT, YEAR, SchoolData, build_school, enrol, weekdays
from tests.support.database_owner import owner

DAYS = [date(2026, 1, 5 + step) for step in range(5)]
"""The completed week at the time of the request."""


def keys(days: list[date]) -> list[int]:
    return [session_key(day, half) for day in days for half in Half]


@pytest.fixture
def school_data(db: None, settings: Any) -> SchoolData:
    """Thirty pupils in year 8, thirty in year 9 and three in year 10. The week before is marked: five of year 8, six of year 9 and one of
    year 10 were ill all week. Last year's first week is marked too, with one pupil absent."""
    settings.FIXED_NOW = "2026-01-14T09:30:00"
    school_data = build_school(pupils=60)
    with owner():
        School.objects.filter(id=school_data.school.id).update(phase="Secondary", type="Academy converter")
        Calendar.objects.create(
            school=school_data.school,
            year="2024-25",
            sessions=weekdays(date(2025, 1, 6), date(2025, 1, 31)),
            made_at=AT,
        )
        group = copy(school_data.groups["8 Kestrel"])
        group.pk, group.name, group.year_group, group.tutor = None, "10 Merlin", "10", None
        group.save(force_insert=True)
        school_data.enrolments += [enrol(school_data, 100 + number, group, date(2024, 9, 1)) for number in range(3)]
        for name, role in (("governor", "governor"), ("trust", "trust_lead")):
            user = User.objects.create_user(f"{name}@example.test", name.title())
            Membership.objects.create(user=user, role=role, school=school_data.school, begins_on=date(2020, 1, 1))
            school_data.users[name] = user
    ill = {*school_data.enrolments[0:10:2], *school_data.enrolments[1:13:2], school_data.enrolments[60]}
    marks = [
        (each.id, key, "I" if each in ill else "\\" if key % 2 else "/")
        for each in school_data.enrolments
        for key in keys(DAYS)
    ]
    before = [(each.id, key, "O" if each is school_data.enrolments[60] else "\\" if key % 2 else "/")
              for each in school_data.enrolments[60:] for key in keys([date(2025, 1, 6), date(2025, 1, 7)])]  # fmt: skip
    with access_context(school_data.users["officer"].id):
        officer = school_data.viewer("officer")
        take_marks(by=officer, at=AT, school_id=school_data.school.id, year=YEAR, marks=marks, source="page")
        take_marks(by=officer, at=AT, school_id=school_data.school.id, year="2024-25", marks=before, source="page")
    return school_data


def page_of(school_data: SchoolData, who: str, more: str = "") -> Any:
    client = Client()
    client.force_login(school_data.users[who])
    return client.get(school_data.url(f"attendance/{more}"))


def test_the_same_sessions_of_last_year_and_england_stand_beside_the_year(school_data: SchoolData) -> None:
    answer = page_of(school_data, "officer", "?on=2026-01-06")
    last = answer.context["beside"].last_year
    assert (last.year, last.sessions, last.to_on) == ("2024-25", 4, date(2025, 1, 7))
    assert (last.whole.absent, last.whole.possible) == (4, 12)
    page = answer.content.decode()
    assert "in the same 4 sessions of 2024-25" in page and "66.7" in page
    assert "England, secondary schools, 2024-25" in page and "91.4" in page


def test_who_came_late_week_by_week(school_data: SchoolData) -> None:
    """In the week that is over 51 of 63 pupils came; two of them late now and then, and one after the register closed."""
    with access_context(school_data.users["officer"].id):
        officer = school_data.viewer("officer")
        late = [
            (school_data.enrolments[20].id, DAYS[0], "L"),
            (school_data.enrolments[20].id, DAYS[2], "L"),
            (school_data.enrolments[21].id, DAYS[1], "U"),
        ]
        for enrolment_id, on, code in late:
            amend_mark(
                by=officer, at=AT, enrolment_id=enrolment_id, on=on, half="AM", symbol=code, reason="The late book"
            )
    answer = page_of(school_data, "officer")
    weeks = {each.monday: (each.before, each.after, each.came) for each in answer.context["figures"].late}
    assert weeks[date(2026, 1, 5)] == (2, 1, 51 * 10)
    assert weeks[date(2026, 1, 12)] == (0, 0, 0)
    page = " ".join(answer.content.decode().split())
    assert (
        "2 sessions late before the register closed (L) this year, and 1 after it closed (U)" in page and "0.6" in page
    )


def test_a_school_without_a_published_figure_or_a_last_year_says_so(school_data: SchoolData) -> None:
    with owner():
        School.objects.filter(id=school_data.school.id).update(phase="All-through")
    page = page_of(school_data, "head", "?on=2026-01-06").content.decode()
    assert "no figure for this kind of school" in page and "England" not in page
    other = build_school(urn=900003)
    with owner():
        other.users["head"].save()
    assert "Haven has no registers for last year" in page_of(other, "head").content.decode()


def test_a_tutor_sees_her_class_and_no_comparison_with_other_children(school_data: SchoolData) -> None:
    answer = page_of(school_data, "kestrel", "?on=2026-01-09")
    assert answer.context["beside"] is None and answer.context["figures"].whole.enrolments == 30


@pytest.mark.parametrize("who", ["governor", "trust"])
def test_governors_see_figures_without_a_name_a_link_or_a_small_number(school_data: SchoolData, who: str) -> None:
    answer = page_of(school_data, who)
    assert answer.status_code == 200
    page, found = answer.content.decode(), answer.context["figures"]
    assert (found.enrolments, found.persistent, found.to_on) == (63, 12, date(2026, 1, 9))
    # year 10 has three pupils, so it is merged with year 9
    assert [(each.names, each.enrolments, each.persistent) for each in found.groups] == [
        (("8",), 30, 5),
        (("9", "10"), 33, 7),
    ]
    assert found.last_year_rate is None  # three pupils of last year are too few
    assert "Surname" not in page and "Pupil0" not in page and "/pupils/" not in page and "registers/" not in page
    assert "%}" not in page and "{{" not in page
    assert "Year 9, Year 10" in page and "fewer than five" in page
    assert school_data.url("attendance/") in page  # the navigation leads here


def test_a_governor_chooses_no_day_and_takes_nothing_out(school_data: SchoolData) -> None:
    one, other = page_of(school_data, "governor", "?on=2026-01-07"), page_of(school_data, "governor")
    assert one.context["figures"] == other.context["figures"]
    assert page_of(school_data, "governor", "?format=csv")["Content-Type"].startswith("text/html")


def test_too_few_pupils_have_no_figures(db: None, settings: Any) -> None:
    settings.FIXED_NOW = "2026-01-20T09:30:00"
    small = build_school(pupils=9)
    with owner():
        Membership.objects.create(
            user=small.users["admin"], role="governor", school=small.school, begins_on=date(2020, 1, 1)
        )
    page = page_of(small, "admin")
    assert page.status_code == 200 and "Figures are shown for 10 or more pupils" in page.content.decode()


def test_reading_for_a_governor_leaves_her_entered_as_herself(school_data: SchoolData) -> None:
    from haven.attendance.registers.models import Sheet
    from haven.attendance.reports.anonymised.query import school_aggregates

    with access_context(school_data.users["governor"].id):
        school_aggregates(school=school_data.school, on=date(2026, 1, 14))
        assert current_user_id() == school_data.users["governor"].id
        assert not Sheet.objects.exists()


def test_who_sees_neither_registers_nor_figures_finds_nothing(school_data: SchoolData) -> None:
    assert page_of(school_data, "admin").status_code == 404


@pytest.mark.parametrize(
    ("on", "friday"),
    [
        (date(2026, 1, 12), date(2026, 1, 9)),
        (date(2026, 1, 16), date(2026, 1, 9)),
        (date(2026, 1, 17), date(2026, 1, 16)),
        (date(2026, 1, 18), date(2026, 1, 16)),
    ],
)
def test_the_last_week_that_is_over(on: date, friday: date) -> None:
    assert last_friday(on) == friday
