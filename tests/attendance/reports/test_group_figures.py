"""Figures by group: the page and the command agree, over any days, and small numbers are hidden from users who see no pupil."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from haven.attendance.registers.actions.registers import take_marks
from haven.attendance.reports.groupings import Grouping, groupings
from haven.core.people.models import PupilDetail, Status
from haven.core.schools.models import Calendar
from haven.platform.accounts.models import Membership, User
from haven.platform.audit.models import AuditEvent
from haven.platform.row_security.context import access_context
from haven.rules.disclosure import may_show
from haven.rules.sessions import Half, session_key
from haven.rules.visibility import ATTENDANCE, SAFEGUARDING
from tests.factories.registers import AT, YEAR, SchoolData, build_school, weekdays
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
SUMMED = ("possible", "attended", "late_before", "late_after", "missing")
BY_LETTER = (Grouping("letter", "Letter", lambda found: [("a",), ("b",)] * (len(found.enrolments) // 2), str),)


def keys(days: list[date]) -> list[int]:
    return [session_key(day, half) for day in days for half in Half]


@pytest.fixture
def school_data(settings: Any) -> SchoolData:
    """Forty pupils, half of them in year 8 (even numbers) and half in year 9. In the week that is over pupils 0 to 11 were ill all week,
    pupil 12 was suspended on Monday and Wednesday, pupil 13 on Thursday and Friday; pupil 20 came late on Tuesday. Of the last week of
    the year before, pupils 0 to 3 were away."""
    settings.FIXED_NOW = "2026-01-14T09:30:00"
    school_data = build_school(pupils=40)
    with owner():
        Calendar.objects.create(
            school=school_data.school,
            year="2024-25",
            sessions=weekdays(date(2025, 7, 14), date(2025, 7, 18)),
            made_at=AT,
        )
        for each in school_data.enrolments:
            each.begins_on = date(2024, 9, 1)
            each.save()
        row = {"school": school_data.school, "author_id": school_data.users["head"].id}
        for number, kind, record_category in (
            (0, "fsm", ATTENDANCE), (0, "sen_support", ATTENDANCE), (1, "fsm", ATTENDANCE), (5, "child_in_need", SAFEGUARDING),
        ):  # fmt: skip
            Status.objects.create(
                **row, record_category=record_category, kind=kind, source="file", pupil=school_data.enrolments[number].pupil, begins_on=date(2025, 9, 1)
            )  # fmt: skip
        for number, words in enumerate(("White British", "White british", "White British ", "Indian", "", "Roma")):
            for said in ("Earlier word", words):
                PupilDetail.objects.create(**row, pupil=school_data.enrolments[number].pupil, ethnicity=said)
        for name, role in (("governor", "governor"), ("lead", "dsl")):
            user = User.objects.create_user(f"{name}@example.test", name.title())
            Membership.objects.create(user=user, role=role, school=school_data.school, begins_on=date(2020, 1, 1))
            school_data.users[name] = user
    week = [date(2026, 1, 5 + step) for step in range(5)]
    away = {12: {week[0], week[2]}, 13: {week[3], week[4]}}
    marks, before = [], []
    for number, each in enumerate(school_data.enrolments):
        for key in keys(week):
            on = date.fromordinal(date(1970, 1, 1).toordinal() + key // 2)
            code = "I" if number < 12 else "E" if on in away.get(number, ()) else "\\" if key % 2 else "/"
            marks.append((each.id, key, "L" if (number, on) == (20, week[1]) else code))
        before += [(each.id, key, "O" if number < 4 else "/") for key in keys([date(2025, 7, 17), date(2025, 7, 18)])]
    with access_context(school_data.users["officer"].id):
        officer = school_data.viewer("officer")
        take_marks(by=officer, at=AT, school_id=school_data.school.id, year=YEAR, marks=marks, source="page")
        take_marks(by=officer, at=AT, school_id=school_data.school.id, year="2024-25", marks=before, source="page")
    return school_data


def page_of(school_data: SchoolData, who: str, more: str) -> Any:
    client = Client()
    client.force_login(school_data.users[who])
    return client.get(school_data.url(f"attendance/{more}"))


def rows_of(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def command(school_data: SchoolData, *arguments: str) -> list[dict[str, str]]:
    out = io.StringIO()
    call_command("measures", "--school", str(school_data.school.urn), *arguments, stdout=out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


@pytest.mark.parametrize("by", ["year", "group", "sex", "sen", "fsm", "fsm_kind", "ethnicity", "status", "school"])
@pytest.mark.parametrize(
    "days", [("2026-01-05", "2026-01-09"), ("2025-07-01", "2026-01-13"), ("2025-09-01", "2025-12-31")]
)
def test_the_page_and_the_command_give_the_same_numbers(
    school_data: SchoolData, by: str, days: tuple[str, str]
) -> None:
    told = command(school_data, "--by", by, "--from", days[0], "--to", days[1])
    page = page_of(school_data, "officer", f"groups/?by={by}&from_on={days[0]}&to_on={days[1]}")
    shown = rows_of(page_of(school_data, "officer", f"groups/?by={by}&from_on={days[0]}&to_on={days[1]}&format=csv"))
    assert page.status_code == 200 and len(shown) == len(told) + 1
    columns = {"enrolments": "Pupils", "possible": "Sessions possible", "persistent": "Persistently absent", "suspended": "Pupils suspended"}  # fmt: skip
    of_command = sorted(tuple(row[name] for name in columns) for row in told)
    assert of_command == sorted(tuple(row[title] for title in columns.values()) for row in shown[:-1])


def test_a_range_over_two_years_counts_each_enrolment_once_with_all_its_sessions(school_data: SchoolData) -> None:
    together = command(school_data, "--by", "sex", "--from", "2025-07-01", "--to", "2026-01-13")
    parts = [
        *command(school_data, "--by", "sex", "--from", "2025-07-01", "--to", "2025-08-31"),
        *command(school_data, "--by", "sex", "--from", "2025-09-01", "--to", "2026-01-13"),
    ]
    for row in together:
        same = [each for each in parts if each["group"] == row["group"]]
        assert int(row["enrolments"]) == 20
        for name in SUMMED:
            assert int(row[name]) == sum(int(each[name]) for each in same), name
    # six ill pupils of each sex missed all of this year's week: ten of fourteen sessions, two of them four more
    assert [row["severe"] for row in together] == ["6", "6"]
    with pytest.raises(CommandError, match="no calendar for 2023-24"):
        command(school_data, "--by", "year", "--from", "2024-07-01", "--to", "2026-01-13")


def test_suspensions_and_lateness_by_year_group(school_data: SchoolData) -> None:
    eight, nine = command(school_data, "--by", "year", "--from", "2026-01-05", "--to", "2026-01-09")
    assert (eight["suspension_sessions"], eight["suspended"], eight["suspended_again"]) == ("4", "1", "1")
    assert (nine["suspension_sessions"], nine["suspended"], nine["suspended_again"]) == ("4", "1", "0")
    assert (eight["late_before"], nine["late_before"]) == ("2", "0")
    page = page_of(school_data, "head", "groups/?from_on=2026-01-05&to_on=2026-01-09").content.decode()
    assert "1 pupil was suspended more than once" in page


def test_the_newest_word_holds_however_it_is_written_and_statuses_overlap(school_data: SchoolData) -> None:
    found = {row["group"]: int(row["enrolments"]) for row in command(school_data, "--by", "ethnicity")}
    assert found == {"White British": 3, "Indian": 1, "Roma": 1, "": 35}
    held = {row["group"]: int(row["enrolments"]) for row in command(school_data, "--by", "status")}
    assert held == {"fsm": 2, "sen_support": 1, "": 38}


def test_what_stands_behind_a_wall_groups_nobody_for_those_outside_it(school_data: SchoolData) -> None:
    assert page_of(school_data, "officer", "groups/?by=social_worker").status_code == 422
    page = page_of(school_data, "officer", "groups/?by=status").content.decode()
    assert "Free school meals" in page and "ocial worker" not in page and "Child in need" not in page
    with pytest.raises(CommandError, match="cannot read"):
        command(school_data, "--by", "social_worker")
    lead = page_of(school_data, "lead", "groups/?by=social_worker")
    assert [(row["name"], row["enrolments"]) for row in lead.context["table"].rows] == [
        ("With a social worker", 1), ("Without", 39), ("All", 40),
    ]  # fmt: skip
    assert "Child in need" in page_of(school_data, "lead", "groups/?by=status").content.decode()


def test_a_group_has_its_weeks_half_days_and_lateness(school_data: SchoolData) -> None:
    answer = page_of(school_data, "officer", "groups/?by=year&of=1")
    trends = answer.context["trends"]
    assert answer.context["chosen"] == "Year 8"
    assert [(week.missed, week.possible) for week in trends.weeks[:1]] == [(6 * 10 + 4, 200)]
    assert sum(share.missed or 0 for share in trends.pattern) == 64
    assert [(week.before, week.after) for week in trends.late] == [(0, 0), (2, 0)]  # the newest first
    assert "trends" not in page_of(school_data, "officer", "groups/?by=year&of=9").context


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("?from_on=never", "Enter a date, like"),
        ("?from_on=2026-01-09&to_on=2026-01-05", "last day is before the first day"),
        ("?by=shoe_size", "Choose an option from the list"),
    ],
)
def test_days_that_are_none_are_said_on_the_page(school_data: SchoolData, more: str, words: str) -> None:
    answer = page_of(school_data, "officer", f"groups/{more}")
    assert answer.status_code == 422 and words in answer.content.decode()


def test_a_year_without_a_calendar_is_said_and_a_tutor_sees_her_class(school_data: SchoolData) -> None:
    assert "no calendar for 2019-20" in page_of(school_data, "head", "groups/?from_on=2019-10-01").content.decode()
    rows = page_of(school_data, "kestrel", "groups/").context["table"].rows
    assert [(row["name"], row["enrolments"]) for row in rows] == [("Year 8", 20), ("All", 20)]


def test_a_slice_adds_a_kind_of_group_by_naming_it(
    school_data: SchoolData, settings: Any, fresh_groupings: None
) -> None:
    settings.HAVEN_GROUPINGS = [*settings.HAVEN_GROUPINGS, f"{__name__}.BY_LETTER"]
    groupings.cache_clear()
    assert [row["enrolments"] for row in command(school_data, "--by", "letter")] == ["20", "20"]
    assert "Letter" in page_of(school_data, "officer", "groups/?by=letter").content.decode()


@pytest.fixture
def fresh_groupings() -> Iterator[None]:
    yield
    groupings.cache_clear()


def test_outside_every_number_is_a_plain_sum_that_points_at_nobody(school_data: SchoolData) -> None:
    for by in ("year", "sex", "sen", "fsm", "ethnicity", "school"):
        answer = page_of(school_data, "governor", f"anonymised/?by={by}")
        lines = answer.context["found"].lines
        assert sum(line.pupils for line in lines) == 40 and sum(line.persistent for line in lines) == 14
        for line in lines:
            assert may_show(line.persistent, of=line.pupils)
            assert line.severe is None or may_show(line.severe, of=line.persistent)
            assert line.suspended is None  # two pupils: too few
        page = answer.content.decode()
        assert "Surname" not in page and "Pupils suspended" not in page and "format=csv" not in page
        assert "%}" not in page and "{{" not in page
    assert [line.names for line in page_of(school_data, "governor", "anonymised/?by=fsm").context["found"].lines] == [
        ("Free school meals (targeted)", "Not")
    ]


def test_what_goes_outside_stands_at_the_end_of_a_week_and_counts_everybody(school_data: SchoolData) -> None:
    found = page_of(school_data, "governor", "anonymised/").context["found"]
    assert (found.first_on, found.to_on) == (date(2025, 9, 1), date(2026, 1, 9))
    last = page_of(school_data, "governor", "anonymised/?year=2024-25").context
    assert last["found"].to_on == date(2025, 8, 31)
    assert last["table"].rows == []  # four persistent pupils: even the total would identify a few
    for more in ("?by=group", "?by=status", "?by=social_worker", "?year=2031-32"):
        assert page_of(school_data, "governor", f"anonymised/{more}").status_code == 422
    assert page_of(school_data, "governor", "anonymised/?from_on=2026-01-07").context["found"] == found


def test_who_takes_it_out_is_kept_and_who_may_not_gets_no_file(school_data: SchoolData) -> None:
    rows = rows_of(page_of(school_data, "officer", "anonymised/?by=year&format=csv"))
    assert [row["Pupils"] for row in rows] == ["20", "20"]
    with owner():
        event = AuditEvent.objects.filter(verb="attendance.export_list").order_by("-id").first()
        assert event is not None and event.about_ref.startswith("anonymised-by-year")
    assert page_of(school_data, "governor", "anonymised/?format=csv").status_code == 403
    assert page_of(school_data, "kestrel", "anonymised/").status_code == 404
    assert page_of(school_data, "admin", "anonymised/").status_code == 404
    assert page_of(school_data, "governor", "groups/").status_code == 404


def test_expanded_meals_do_not_change_the_figures_that_years_compare(school_data: SchoolData) -> None:
    """The targeted kind is the only one of the years before September 2026; the expanded kind is shown separately."""
    days = ("--from", "2026-01-05", "--to", "2026-01-09")
    before = command(school_data, "--by", "fsm", *days)
    with owner():
        Status.objects.create(
            school=school_data.school, author_id=school_data.users["head"].id, record_category=ATTENDANCE,
            kind="fsm_expanded", source="file", pupil=school_data.enrolments[2].pupil, begins_on=date(2025, 9, 1),
        )  # fmt: skip
    assert command(school_data, "--by", "fsm", *days) == before
    kinds = {row["group"]: row["enrolments"] for row in command(school_data, "--by", "fsm_kind", *days)}
    assert kinds == {"targeted": "2", "expanded": "1", "none": "37"}
    assert page_of(school_data, "governor", "anonymised/?by=fsm_kind").status_code in (404, 422)
    assert "Targeted" in page_of(school_data, "officer", "groups/?by=fsm_kind").content.decode()
