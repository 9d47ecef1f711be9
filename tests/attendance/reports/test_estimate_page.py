"""The page of the estimate: off by default, then with its reasons, its test on a held-out year, and only data from the marks."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from haven.attendance.registers.queries.days import last_begun
from haven.attendance.reports.estimate.query import NoEstimate, TermEstimate, term_estimate
from haven.core.people.models import Pupil, PupilDetail, Status
from haven.core.schools.models import School, Switch
from haven.platform.accounts.models import User
from haven.platform.audit.models import AuditEvent
from haven.platform.row_security.context import access_context
from tests.factories.demonstration_data import AT, MORNING, NOW, demonstration
from tests.support.database_owner import owner


@pytest.fixture(scope="module")
def users(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User]]:
    """A trust with three earlier years: the first gives the absence of the year before, the second is for the fit, the third for the
    test."""
    with demonstration(django_db_blocker, pupils=1400, earlier_years=3) as people:
        yield people


@pytest.fixture
def school(users: dict[str, User], db: None, settings: Any) -> School:
    """The secondary school, on the morning of the demonstration; a test's changes are rolled back after it."""
    settings.FIXED_NOW = NOW
    return School.objects.get(urn=990002)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def page(users: dict[str, User], who: str, school: School, rest: str = "attendance/estimate/") -> Any:
    return client_of(users[who]).get(f"/s/{school.urn}/{rest}")


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split()).split("<main", 1)[-1].split("</main>")[0]


def switch(
    users: dict[str, User], school: School, word: str, reason: str = "Agreed with the data protection officer"
) -> Any:
    return client_of(users["head"]).post(f"/s/{school.urn}/school/estimate/", {"is_on": word, "reason": reason})


def estimated(users: dict[str, User], school: School, who: str = "head") -> TermEstimate:
    with access_context(users[who].id):
        return term_estimate(school_id=school.id, on=MORNING, begun=last_begun(school.id, MORNING, AT))


def test_off_until_somebody_decides_and_off_is_as_if_it_were_not_there(users: dict[str, User], school: School) -> None:
    for who in ("head", "attendance_officer", "dsl"):
        off, never = page(users, who, school), page(users, who, school, "attendance/no-such-page/")
        assert off.status_code == never.status_code == 404
        assert words(off) == words(never)
        assert "persistently absent</a>" not in page(users, who, school, "attendance/").content.decode()
    assert "Estimate of persistent absence" not in page(users, "attendance_officer", school, "school/").content.decode()
    assert "Off. It has never been switched on." in page(users, "head", school, "school/").content.decode()


def test_whoever_keeps_the_school_switches_it_with_a_reason_on_record(users: dict[str, User], school: School) -> None:
    assert switch(users, school, "yes", reason=" ").status_code == 422 and not Switch.objects.exists()
    assert switch(users, school, "yes").status_code == 302
    with owner():
        event = AuditEvent.objects.filter(verb="schools.set_switch").latest("id")
    assert (event.about_ref, event.reason, event.detail) == (
        "estimate",
        "Agreed with the data protection officer",
        {"is_on": True},
    )
    for who, status in (("head", 200), ("attendance_officer", 200), ("dsl", 200), ("form_tutor", 404), ("family_support_worker", 404),
                        ("governor", 404), ("trust_lead", 404), ("system_administrator", 404)):  # fmt: skip
        assert page(users, who, school).status_code == status, who
    for who in ("attendance_officer", "dsl", "form_tutor"):
        answer = client_of(users[who]).post(f"/s/{school.urn}/school/estimate/", {"is_on": "no", "reason": "No"})
        assert answer.status_code == 403, who
    other = School.objects.get(urn=990001)
    assert page(users, "attendance_coordinator", other).status_code == 404  # each school for itself
    switch(users, school, "no", "The term is over")
    assert page(users, "head", school).status_code == 404
    assert "Switched off on" in page(users, "head", school, "school/").content.decode()


def test_the_page_gives_working_frequencies_and_its_test_and_no_score(users: dict[str, User], school: School) -> None:
    switch(users, school, "yes")
    answer = page(users, "head", school)
    found = answer.context["found"]
    said = words(answer)
    assert (found.fitted_on, found.tested_on) == (("2023-24",), "2024-25")
    assert [each.name for each in found.named] == sorted(each.name for each in found.named)
    first = found.named[0]
    assert f"missed {first.count.missed} of {first.count.possible} sessions since September" in said
    assert (
        f"Of {first.band.pupils} pupils with registers like this in 2024-25, {first.band.became} became persistently absent"
        in said
    )
    assert "false alarms" in said and "would have found" in said and "What not to use it for" in said
    assert "Estimates and outcomes" in said
    assert found.test.named == found.test.true_positives + found.test.false_alarms
    with owner():
        assert AuditEvent.objects.filter(verb="attendance.open_list", about_ref="estimate").count() == 1


def test_of_those_given_a_chance_about_as_many_became_so_and_it_beats_one_share_for_all(
    users: dict[str, User], school: School
) -> None:
    test = estimated(users, school).test
    assert test.pupils > 300 and test.cases >= 20
    for band in test.bands:
        assert (
            abs(band.said - band.became / band.pupils) < 0.05 + 2.6 * (band.said * (1 - band.said) / band.pupils) ** 0.5
        ), band
    assert test.error < 0.97 * test.plain_error


def test_nothing_but_the_marks_moves_it(users: dict[str, User], school: School) -> None:
    before = estimated(users, school)
    with owner(), transaction.atomic():
        Pupil.objects.update(sex="", born_on=date(2010, 1, 1))
        PupilDetail.objects.update(ethnicity="X", first_language="", postcode="", address="")
        Status.objects.all().delete()
    assert estimated(users, school) == before


def test_it_leaves_as_a_file_with_an_event_and_by_year_group(users: dict[str, User], school: School) -> None:
    switch(users, school, "yes")
    whole = page(users, "head", school).context["found"].named
    rows = list(
        csv.DictReader(
            io.StringIO(
                b"".join(page(users, "head", school, "attendance/estimate/?format=csv").streaming_content).decode(
                    "utf-8-sig"
                )
            )
        )
    )
    assert [row["Pupil"] for row in rows] == [each.name for each in whole]
    year = whole[0].year_group
    shown = page(users, "head", school, f"attendance/estimate/?year_group={year}").context["table"].rows
    assert [each.name for each in shown] == [each.name for each in whole if each.year_group == year]
    with owner():
        assert (
            AuditEvent.objects.filter(
                verb="attendance.export_list", about_ref=f"estimate-{MORNING.isoformat()}"
            ).count()
            == 1
        )


def test_too_few_years_too_few_pupils_and_no_term_say_so_and_show_nothing(
    users: dict[str, User], school: School
) -> None:
    small = School.objects.get(urn=990003)
    with pytest.raises(NoEstimate, match="too few pupils"):
        estimated(users, small, "pastoral_coordinator")
    with access_context(users["head"].id):
        with pytest.raises(NoEstimate, match="Haven holds 1 with this term"):
            term_estimate(school_id=school.id, on=date(2024, 1, 16), begun=last_begun(school.id, date(2024, 1, 16), AT))
        with pytest.raises(NoEstimate, match="The school year is over"):
            term_estimate(school_id=school.id, on=date(2025, 8, 12), begun=last_begun(school.id, date(2025, 8, 12), AT))
        with pytest.raises(NoEstimate, match="no calendar for 2030-31"):
            term_estimate(school_id=school.id, on=date(2030, 9, 12), begun=0)
