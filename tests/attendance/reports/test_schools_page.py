"""The schools of a trust side by side: equal to each school's own numbers, with small ones hidden from users who see no pupil."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from haven.attendance.registers.actions.registers import take_marks
from haven.attendance.reports.schools.query import SchoolLine, side_by_side
from haven.core.schools.models import School, Trust
from haven.core.tasks.models import Task
from haven.platform.accounts.context import access_context_for
from haven.platform.accounts.models import Allocation, Membership, User
from haven.platform.row_security.context import access_context
from haven.rules.sessions import Half, session_key
from haven.rules.visibility import RecordCategory
from tests.factories.registers import AT, YEAR, SchoolData, build_school
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
WEEK = [date(2026, 1, 5 + step) for step in range(5)]
ON = date(2026, 1, 14)


class Trusted:
    """Three schools of one trust: forty pupils of whom eight are ill all week, twenty of whom two are, and six of whom none is."""

    def __init__(self) -> None:
        with owner():
            trust = Trust.objects.create(name="Larkfield Trust", ref="TR05001")
        self.stages: dict[str, SchoolData] = {}
        for number, (name, pupils, ill) in enumerate((("Ash", 40, 8), ("Beech", 20, 2), ("Cedar", 6, 0))):
            school_data = build_school(pupils=pupils, urn=900001 + number)
            with owner():
                School.objects.filter(id=school_data.school.id).update(name=f"{name} School", trust=trust)
            marks = [
                (each.id, session_key(day, half), "I" if place < ill else "/")
                for place, each in enumerate(school_data.enrolments) for day in WEEK for half in Half
            ]  # fmt: skip
            with access_context(school_data.users["officer"].id):
                take_marks(
                    by=school_data.viewer("officer"),
                    at=AT,
                    school_id=school_data.school.id,
                    year=YEAR,
                    marks=marks,
                    source="page",
                )
            self.stages[name] = school_data
        self.users: dict[str, User] = {}
        with owner():
            for key, role in (("trust", "trust_lead"), ("coordinator", "attendance_coordinator"), ("administrator", "system_administrator")):  # fmt: skip
                user = User.objects.create_user(f"{key}@example.test", key.title())
                Membership.objects.create(user=user, role=role, trust=trust, begins_on=date(2020, 1, 1))
                self.users[key] = user

    def side_by_side(self, who: str) -> Any:
        with access_context(self.users[who].id):
            return side_by_side(viewer=access_context_for(user=self.users[who], on=ON), on=ON)

    def page(self, who: User, more: str = "") -> Any:
        client = Client()
        client.force_login(who)
        return client.get(f"/schools/attendance/{more}")


@pytest.fixture
def trust(settings: Any) -> Trusted:
    settings.FIXED_NOW = "2026-01-14T09:30:00"
    return Trusted()


def told(line: SchoolLine) -> tuple[Any, ...]:
    return line.enrolments, line.attended, line.possible, line.persistent, line.severe


def test_somebody_who_sees_the_registers_sees_the_numbers_of_each_school(trust: Trusted) -> None:
    found = trust.side_by_side("coordinator")
    assert [each.place.name for each in found.lines] == ["Ash School", "Beech School", "Cedar School"]
    assert [told(each) for each in found.lines] == [
        (40, 320, 400, 8, 8), (20, 180, 200, 2, 2), (6, 60, 60, 0, 0),
    ]  # fmt: skip
    assert told(found.together) == (66, 560, 660, 10, 10)
    assert found.together.attendance_rate == 560 / 660  # and not the average of three rates
    assert (found.to_on, found.mondays[-1]) == (WEEK[4], WEEK[0])
    assert [each.weeks for each in found.lines] == [{WEEK[0]: (320, 400)}, {WEEK[0]: (180, 200)}, {WEEK[0]: (60, 60)}]
    assert found.together.weeks == {WEEK[0]: (560, 660)}
    assert not found.is_hidden


def test_the_numbers_are_those_of_the_measures_command(trust: Trusted, capsys: Any) -> None:
    for line in trust.side_by_side("coordinator").lines:
        call_command("measures", "--school", str(line.place.urn), "--by", "school", "--to", "2026-01-09")
        row = capsys.readouterr().out.splitlines()[1].split(",")
        assert (int(row[3]), int(row[5]), int(row[6]), int(row[12])) == (line.enrolments, line.possible, line.attended, line.missing)  # fmt: skip


def test_small_numbers_are_hidden_from_a_trust_lead_also_in_the_sum(trust: Trusted) -> None:
    found = trust.side_by_side("trust")
    assert [told(each) for each in found.lines] == [
        (40, 320, 400, 8, None),  # eight persistent, all of them severe
        (20, 180, 200, None, None),
        (6, None, None, None, None),
    ]
    assert told(found.together) == (
        66,
        None,
        None,
        None,
        None,
    )  # otherwise six pupils' sessions could be computed by subtraction
    assert found.lines[2].weeks == {} and found.together.weeks == {}
    assert found.is_hidden
    page = trust.page(trust.users["trust"]).content.decode()
    assert "could identify pupils: fewer than five" in page and "Surname" not in page and "format=csv" not in page
    assert "Severely absent pupils</a>" not in page and "%}" not in page


def test_a_trust_lead_takes_nothing_out_and_sees_no_pupil(trust: Trusted) -> None:
    assert trust.page(trust.users["trust"], "?format=csv").status_code == 403
    assert trust.page(trust.users["trust"], "severe/").status_code == 404
    for more in ("", "severe/"):
        assert trust.page(trust.users["administrator"], more).status_code == 404


def test_an_export_is_kept_for_each_school(trust: Trusted) -> None:
    from haven.platform.audit.models import AuditEvent

    answer = trust.page(trust.users["coordinator"], "?format=csv")
    lines = b"".join(answer).decode("utf-8-sig").splitlines()
    assert len(lines) == 5 and lines[4].startswith("All schools,66,0.84")
    with owner():
        assert AuditEvent.objects.filter(verb="attendance.export_list").count() == 3


def test_the_severely_absent_with_caseload_and_next_step(trust: Trusted, settings: Any) -> None:
    settings.FIXED_NOW = "2026-01-20T18:00:00"
    ash = trust.stages["Ash"]
    pupil = ash.enrolments[0].pupil
    more = [(each.id, session_key(date(2026, 1, 12 + day), half), "I") for each in ash.enrolments[:2] for day in range(5) for half in Half]  # fmt: skip
    with access_context(ash.users["officer"].id):
        take_marks(by=ash.viewer("officer"), at=AT, school_id=ash.school.id, year=YEAR, marks=more, source="page")
    with owner():
        row = {"school": ash.school, "author_id": ash.users["head"].id}
        Allocation.objects.create(
            **row,
            user_id=trust.users["coordinator"].id,
            pupil_id=pupil.id,
            begins_on=date(2026, 1, 1),
        )
        for title, record_category in (
            ("Ring the doctor", RecordCategory.ATTENDANCE),
            ("Never shown", RecordCategory.SAFEGUARDING),
        ):
            Task.objects.create(
                **row, record_category=record_category, pupil_ids=[pupil.id], title=title, source_kind="plan",
                assignee_role="head", due_at=datetime(2026, 1, 22, 9, tzinfo=UTC), recorded_at=AT,
            )  # fmt: skip
    answer = trust.page(trust.users["coordinator"], "severe/")
    rows = answer.context["table"].rows
    assert [(row.pupil.forename, row.absent, row.possible) for row in rows] == [
        ("Pupil000", 20, 20),
        ("Pupil001", 20, 20),
    ]
    assert (rows[0].caseload, rows[1].caseload) == (("Coordinator",), ())
    assert rows[0].next_step is not None and rows[0].next_step.title == "Ring the doctor"
    head = trust.page(ash.users["head"], "severe/")
    assert "Never shown" not in head.content.decode() and "Ring the doctor" in head.content.decode()
    tutor = trust.page(ash.users["kestrel"], "severe/").context["table"].rows
    assert [row.pupil.forename for row in tutor] == ["Pupil000"]  # her own class


def test_a_school_that_keeps_no_register_yet_has_a_line_without_figures(trust: Trusted) -> None:
    with owner():
        School.objects.create(urn=900009, name="Dogwood School", trust=Trust.objects.get())
    found = trust.side_by_side("coordinator")
    assert told(found.lines[3]) == (0, None, None, None, None)
    assert told(found.together) == (66, 560, 660, 10, 10)


def test_the_page_is_found_from_the_schools_own_and_from_the_front(trust: Trusted) -> None:
    client = Client()
    client.force_login(trust.users["trust"])
    assert "Compare your schools" in client.get("/").content.decode()
    assert 'href="/schools/attendance/"' in client.get("/s/900001/attendance/").content.decode()
    client.force_login(trust.stages["Ash"].users["head"])
    page = client.get("/s/900001/attendance/").content.decode()
    assert "Compare your schools" not in page  # she has one


def test_every_way_shown_leads_somewhere_for_somebody_with_a_caseload_at_several_schools(trust: Trusted) -> None:
    with owner():
        user = User.objects.create_user("family@example.test", "Family")
        for school_data in trust.stages.values():
            Membership.objects.create(
                user=user, role="family_support_worker", school=school_data.school, begins_on=date(2020, 1, 1)
            )
    client = Client()
    client.force_login(user)
    page = client.get("/s/900001/attendance/groups/").content.decode()
    nav = page.split("School attendance pages")[1].split("</nav>")[0]
    ways = re.findall(r'href="([^"]+)"', nav)
    assert "/schools/attendance/severe/" in ways and "/schools/attendance/" not in ways
    assert {client.get(way).status_code for way in ways} == {200}
