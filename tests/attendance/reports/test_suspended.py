"""The pupils who were suspended this year, from the registers of a small school, counted by hand."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from haven.attendance.registers.actions.registers import take_marks
from haven.attendance.reports.groups.query import pooled_measures
from haven.attendance.reports.suspended.query import suspended_pupils
from haven.core.people.definition_keys import SEPARATION
from haven.core.people.models import Enrolment, Status
from haven.platform.row_security.context import access_context
from haven.rules.sessions import Half, session_key
from haven.rules.visibility import SAFEGUARDING
from tests.factories.registers import AT, MONDAY, YEAR, SchoolData, build_school, enrol, key
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 14)
MARKS = {
    0: "EEE/ //",  # three sessions, one suspension
    1: "E/EE \\/ E",  # four sessions, three suspensions
    2: "II// //",
    3: "EE// //",  # left since
}


@pytest.fixture
def school_data(settings: Any) -> SchoolData:
    """From Monday 5 January 2026; it is Wednesday 14 January. Pupil 4 was suspended for a session, left on 6 January and came back on
    the 8th, when he was suspended for another; pupil 3 left yesterday."""
    settings.FIXED_NOW = "2026-01-14T09:30:00"
    school_data = build_school()
    with owner():
        _end(school_data.enrolments[3], date(2026, 1, 13))
        _end(school_data.enrolments[4], date(2026, 1, 6))
        back = enrol(school_data, 9, school_data.groups["8 Kestrel"], date(2026, 1, 8))
        back.pupil_id = school_data.enrolments[4].pupil_id
        back.save()
        school_data.enrolments.append(back)
    marks = [
        (school_data.enrolments[number].id, key(place // 2, "PM" if place % 2 else "AM"), code)
        for number, codes in MARKS.items()
        for place, code in enumerate(codes)
        if code != " "
    ]
    marks += [(school_data.enrolments[4].id, key(0), "E"), (back.id, key(3), "E")]
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


def _end(enrolment: Enrolment, on: date) -> None:
    enrolment.ends_on = on
    enrolment.save()


def found(school_data: SchoolData, who: str = "officer", on: date = TODAY) -> list[tuple[str, int, int, date]]:
    with access_context(school_data.users[who].id):
        rows = suspended_pupils(school_id=school_data.school.id, on=on, until=session_key(on, Half.AM))
        return [(row.pupil.forename, row.times, row.sessions, row.last_on) for row in rows]


def test_how_often_how_long_and_when_last(school_data: SchoolData) -> None:
    assert found(school_data) == [
        ("Pupil001", 3, 4, date(2026, 1, 9)),
        ("Pupil000", 1, 3, date(2026, 1, 6)),
        ("Pupil004", 2, 2, date(2026, 1, 8)),
    ]


def test_only_sessions_up_to_the_day_count_and_only_pupils_then_on_roll(school_data: SchoolData) -> None:
    assert found(school_data, on=MONDAY) == [
        ("Pupil000", 1, 1, MONDAY),  # the afternoon had not begun
        ("Pupil001", 1, 1, MONDAY),
        ("Pupil003", 1, 1, MONDAY),
        ("Pupil004", 1, 1, MONDAY),
    ]


def test_a_tutor_finds_those_of_the_class(school_data: SchoolData) -> None:
    assert [name for name, *_ in found(school_data, "osprey")] == ["Pupil001"]


def page_of(school_data: SchoolData, who: str, more: str = "") -> Any:
    client = Client()
    client.force_login(school_data.users[who])
    return client.get(school_data.url(f"attendance/suspended/{more}"))


def test_the_page_says_what_is_left_of_the_year_and_who_comes_again(school_data: SchoolData) -> None:
    page = page_of(school_data, "head").content.decode()
    assert "3 pupils on roll suspended this academic year, 2 more than once" in page
    assert "43.5" in page and "SI 2012/1033" in page
    again = page_of(school_data, "head", "?often=again&year=8").context["table"].rows
    assert [row.pupil.forename for row in again] == ["Pupil004"]
    assert page_of(school_data, "head", "?often=never").status_code == 422
    assert "44" in page_of(school_data, "head", "?group=8 Kestrel").content.decode()


def test_the_list_goes_out_as_a_file_for_whoever_may_take_lists_out(school_data: SchoolData) -> None:
    rows = list(
        csv.DictReader(io.StringIO(b"".join(page_of(school_data, "officer", "?format=csv")).decode("utf-8-sig")))
    )
    assert [(row["Suspensions"], row["School days"], row["Left of 45"]) for row in rows] == [
        ("3", "2", "43"), ("1", "1.5", "43.5"), ("2", "1", "44"),
    ]  # fmt: skip
    assert page_of(school_data, "osprey", "?format=csv").status_code == 403
    assert page_of(school_data, "admin").status_code == 404


def test_a_school_without_a_calendar_says_so(school_data: SchoolData, settings: Any) -> None:
    settings.FIXED_NOW = "2027-01-14T09:30:00"
    assert "has no calendar for 2026-27" in page_of(school_data, "head").content.decode()


def separate(school_data: SchoolData, number: int, begins_on: date, ends_on: date | None) -> None:
    with owner():
        Status.objects.create(
            school=school_data.school, author_id=school_data.users["head"].id, record_category=SAFEGUARDING,
            pupil_id=school_data.enrolments[number].pupil_id, kind=SEPARATION, source="x", begins_on=begins_on, ends_on=ends_on,
        )  # fmt: skip


@pytest.mark.parametrize("who", ["officer", "head"])
def test_sessions_within_a_safeguarding_separation_are_never_counted(school_data: SchoolData, who: str) -> None:
    """Pupil 1 has E on four sessions of 5, 6 and 9 January, and was kept off site for safety from the 6th until the 7th; pupil 0 since the 5th."""
    separate(school_data, 1, date(2026, 1, 6), date(2026, 1, 7))
    separate(school_data, 0, MONDAY, None)
    assert found(school_data, who) == [
        ("Pupil001", 2, 2, date(2026, 1, 9)),
        ("Pupil004", 2, 2, date(2026, 1, 8)),
    ]
    with access_context(school_data.users[who].id):
        pooled = pooled_measures(school=school_data.school, from_on=MONDAY, to_on=TODAY)
    assert (pooled.whole.suspension_sessions, pooled.whole.suspended) == (6, 4)


def test_whoever_counts_does_not_read_why(school_data: SchoolData) -> None:
    separate(school_data, 1, date(2026, 1, 6), None)
    with access_context(school_data.users["officer"].id):
        assert Status.objects.count() == 0
        assert len(found(school_data, "officer")) == 3
    page = page_of(school_data, "officer").content.decode()
    assert "Sessions within a safeguarding separation are not counted" in page
    assert "Suspension and permanent exclusion guidance (September 2023 edition, contents not verified)" in page


def test_a_role_without_registers_learns_of_no_separation(school_data: SchoolData) -> None:
    separate(school_data, 1, date(2026, 1, 6), None)
    pupils = [school_data.enrolments[1].pupil_id]
    for who, seen in (("officer", 1), ("osprey", 1), ("kestrel", 0), ("admin", 0)):
        with access_context(school_data.users[who].id), connection.cursor() as cursor:
            cursor.execute("select * from app.separations(%s, %s)", [school_data.school.id, pupils])
            assert len(cursor.fetchall()) == seen, who
