"""Pupils crossing a threshold since when, and who stands within one: from the registers of a small school, counted by hand."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from haven.attendance.registers.actions.registers import take_marks
from haven.attendance.reports.thresholds.query import lines_of
from haven.platform.row_security.context import access_context
from haven.rules.crossings import LINES
from haven.rules.sessions import Half, session_key, session_of
from tests.factories.registers import AT, YEAR, SchoolData, build_school
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
FIRST, TODAY = date(2025, 11, 24), date(2026, 1, 14)
LINE = {line.name: line for line in LINES}


@pytest.fixture
def school_data(settings: Any) -> SchoolData:
    """Six pupils from 24 November, every weekday, marked until yesterday. Pupil 0: away without permission on ten days from 1 December
    (20 of 40 sessions by the 19th). Pupil 1: ill on 24 and 25 November, here since. Pupil 2: ill for fifteen days from 24 November.
    Pupil 3: ill from 12 January on. Pupils 4 and 5: always here; 5 left on 31 December."""
    settings.FIXED_NOW = "2026-01-14T09:30:00"
    school_data = build_school(first=FIRST)
    with owner():
        school_data.enrolments[5].ends_on = date(2025, 12, 31)
        school_data.enrolments[5].save()
    away = {
        0: (date(2025, 12, 1), date(2025, 12, 12), "O"), 1: (FIRST, FIRST + timedelta(days=1), "I"),
        2: (FIRST, date(2025, 12, 12), "I"), 3: (date(2026, 1, 12), TODAY, "I"),
    }  # fmt: skip
    marks = []
    for number, each in enumerate(school_data.enrolments):
        first, last, code = away.get(number, (TODAY, FIRST, ""))
        for key in school_data.calendar.sessions:
            on = session_of(key).on
            if on < TODAY and (number != 5 or on <= date(2025, 12, 31)):
                marks.append((each.id, key, code if first <= on <= last else "\\" if key % 2 else "/"))
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


def crossings(school_data: SchoolData, name: str, since: date) -> list[tuple[int, str, date]]:
    with access_context(school_data.users["officer"].id):
        found = lines_of(school_id=school_data.school.id, on=TODAY, until=session_key(TODAY, Half.AM))
        return [
            (int(each.pupil.forename[-1]), "into" if each.is_into else "out", each.on)
            for each in found.crossings(LINE[name], since)
        ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # The sixth to tenth school days make 20 sessions on 5 December: pupil 1 has 4 of 20 missed, and 4 of 42 on the 22nd.
        ("persistent", [(1, "out", date(2025, 12, 22)), (2, "into", date(2025, 12, 5)), (0, "into", date(2025, 12, 5))]),
        ("severe", [(2, "out", date(2026, 1, 5)), (0, "out", date(2025, 12, 22))]),
        ("threshold", [(0, "into", date(2025, 12, 5))]),
        ("run", [(0, "out", date(2025, 12, 15))]),
        ("illness", [(2, "into", date(2025, 12, 12))]),
    ],
)  # fmt: skip
def test_the_day_of_each_crossing(school_data: SchoolData, name: str, expected: list[tuple[int, str, date]]) -> None:
    found = crossings(school_data, name, FIRST)
    assert sorted(found) == sorted(expected)
    assert [each[2] for each in found] == sorted((each[2] for each in found), reverse=True)


def test_only_what_was_crossed_since_the_day_is_listed(school_data: SchoolData) -> None:
    assert crossings(school_data, "persistent", date(2025, 12, 22)) == [(1, "out", date(2025, 12, 22))]
    assert crossings(school_data, "persistent", date(2025, 12, 23)) == []


def page_of(school_data: SchoolData, who: str, more: str) -> Any:
    client = Client()
    client.force_login(school_data.users[who])
    return client.get(school_data.url(f"attendance/{more}"))


def test_the_page_says_who_crossed_which_line_and_where_they_stand(school_data: SchoolData) -> None:
    answer = page_of(school_data, "officer", "thresholds/?since=2025-11-24&line=illness")
    page = answer.content.decode()
    assert "Fifteen school days of illness" in page and "30 sessions of illness" in page and "12 December 2025" in page
    assert [row["into"] for row in answer.context["summary"].rows if row["line"] == "persistent"] == [2]
    assert "1 row" in page
    assert (
        "No pupils crossed"
        in page_of(school_data, "officer", "thresholds/?since=2025-12-23&line=illness").content.decode()
    )
    only = page_of(school_data, "officer", "thresholds/?since=2025-11-24&way=out").context["table"].rows
    assert {row.is_into for row in only} == {False}


def test_from_where_the_list_starts_and_what_is_refused(school_data: SchoolData) -> None:
    assert page_of(school_data, "officer", "thresholds/").context["since"] == date(
        2026, 1, 5
    )  # the Monday of the week before
    early = page_of(school_data, "officer", "thresholds/?since=2020-01-01")
    assert early.context["since"] == date(2025, 9, 1)  # counts start at nought with the year
    for more in ("?since=2026-02-01", "?since=soon", "?line=lazy"):
        assert page_of(school_data, "officer", f"thresholds/{more}").status_code == 422


def test_the_group_between_75_and_90_with_its_weeks(school_data: SchoolData) -> None:
    answer = page_of(school_data, "head", "thresholds/pupils/")
    rows = answer.context["table"].rows
    # pupil 3 was ill on two of 37 days; nobody is between the lines
    assert rows == [] and "No pupils are at this threshold" in answer.content.decode()
    rows = page_of(school_data, "head", "thresholds/pupils/?line=persistent").context["table"].rows
    assert [row.pupil.forename for row in rows] == ["Pupil000", "Pupil002"]
    everybody = page_of(school_data, "head", "thresholds/pupils/?line=").context["table"].rows
    assert len(everybody) == 5  # one has left
    ill = next(row for row in everybody if row.pupil.forename == "Pupil003")
    assert ill.weeks[-2:] == ((10, 10), (0, 4)) and len(ill.weeks) == 6
    assert (ill.standing.absent, ill.standing.possible) == (4, 74)
    nine = page_of(school_data, "head", "thresholds/pupils/?line=&year=9").context["table"].rows
    assert {row.pupil.year_group for row in nine} == {"9"}


def test_the_weeks_add_up_to_the_year_where_there_are_few(school_data: SchoolData, settings: Any) -> None:
    settings.FIXED_NOW = "2025-12-19T18:00:00"
    for row in page_of(school_data, "head", "thresholds/pupils/?line=").context["table"].rows:
        assert sum(possible for _, possible in row.weeks) == row.standing.possible == 40
        assert sum(attended for attended, _ in row.weeks) == row.standing.possible - row.standing.absent


def test_both_lists_go_out_as_files_and_are_shut_to_those_who_see_no_register(school_data: SchoolData) -> None:
    answer = page_of(school_data, "officer", "thresholds/pupils/?line=persistent&format=csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert [row["Sessions missed"] for row in rows] == ["20 of 74", "30 of 74"]
    assert len(rows[0]) == 11 and "Week of 2026-01-12" in rows[0]
    out = page_of(school_data, "officer", "thresholds/?since=2025-11-24&format=xlsx")
    assert out["Content-Type"].endswith("spreadsheetml.sheet")
    assert page_of(school_data, "kestrel", "thresholds/?format=csv").status_code == 403
    for more in ("thresholds/", "thresholds/pupils/"):
        assert page_of(school_data, "admin", more).status_code == 404


def test_a_tutor_sees_her_class_alone(school_data: SchoolData) -> None:
    rows = page_of(school_data, "kestrel", "thresholds/pupils/?line=").context["table"].rows
    assert [row.pupil.forename for row in rows] == ["Pupil000", "Pupil002", "Pupil004"]


def test_before_a_calendar_or_a_session_there_is_nothing_and_no_error(school_data: SchoolData, settings: Any) -> None:
    settings.FIXED_NOW = "2025-11-03T09:30:00"  # before the first session
    for more in ("thresholds/", "thresholds/pupils/?line="):
        assert page_of(school_data, "head", more).status_code == 200
    settings.FIXED_NOW = "2026-09-03T09:30:00"
    for more in ("thresholds/", "thresholds/pupils/"):
        assert "no calendar for 2026-27" in page_of(school_data, "head", more).content.decode()
