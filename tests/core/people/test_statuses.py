"""Statuses of pupils and the vulnerable pupils list: who reads the reason, and what comes out as an instruction."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.urls import reverse

from haven.core.people import actions, queries
from haven.core.people.definition_keys import SEPARATION
from haven.core.people.errors import BadStatus
from haven.core.people.models import Pupil, Status, VulnerableListing
from haven.core.people.statuses import latest_kind
from haven.platform.row_security.context import access_context
from haven.rules.visibility import RecordCategory
from tests.factories.families import AT, TODAY, Families, build_school, login, record
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def school_data() -> Families:
    return build_school()


def test_the_reason_stays_confidential_and_the_instruction_is_seen(school_data: Families) -> None:
    pupil = school_data.admit("Aisha", "Rahman").pupil
    record(school_data, pupil, "child_protection")
    with access_context(school_data.users["attendance_officer"].id):
        school = school_data.larkfield.id
        assert queries.statuses_of(school_id=school, pupil_id=pupil.id, on=TODAY) == []
        assert queries.status_kinds_seen(school_id=school, on=TODAY) == {}
        listing = queries.listing_of(school_id=school, on=TODAY)[pupil.id]
        assert (listing.priority, listing.due) == (3, time(10, 0))
        [line] = VulnerableListing.objects.values()
        assert Status.objects.count() == 0
        said = " ".join(str(value) for value in line.values()).lower()
        assert "protection" not in said and "plan" not in said
    with access_context(school_data.users["dsl"].id):
        assert [row.kind for row in queries.statuses_of(school_id=school, pupil_id=pupil.id, on=TODAY)] == [
            "child_protection"
        ]
    with access_context(school_data.users["teacher"].id):
        assert queries.listing_of(school_id=school, on=TODAY) == {}


def test_the_rows_of_kinds_that_share_an_instruction_are_alike(school_data: Families) -> None:
    pupils = [school_data.admit("Pupil", f"Number{n}").pupil for n in range(3)]
    for pupil, kind in zip(pupils, ("child_protection", "looked_after", "private_fostering"), strict=True):
        record(school_data, pupil, kind)
    with access_context(school_data.users["attendance_officer"].id):
        own = {"id", "ref", "pupil_id", "recorded_at"}
        rows = [
            {key: value for key, value in row.items() if key not in own} for row in VulnerableListing.objects.values()
        ]
        assert rows[0] == rows[1] == rows[2]


def test_ending_a_status_leaves_what_others_hold(school_data: Families) -> None:
    pupil = school_data.admit("Aisha", "Rahman").pupil
    plan, carer = (
        record(school_data, pupil, "child_protection"),
        record(school_data, pupil, "young_carer", "pastoral_coordinator"),
    )
    school = school_data.larkfield.id
    with access_context(school_data.users["pastoral_coordinator"].id):
        both = queries.listing_of(school_id=school, on=TODAY)[pupil.id]
        assert both.priority == 3 and "social worker" in both.instruction and "pastoral lead" in both.instruction
        by = school_data.viewer("pastoral_coordinator")
        actions.end_status(by=by, at=AT, status=carer, ends_on=TODAY, reason="Over")
        assert queries.listing_of(school_id=school, on=TODAY)[pupil.id].instruction == plan_instruction()
    with access_context(school_data.users["dsl"].id):
        with pytest.raises(BadStatus):
            actions.end_status(by=school_data.viewer("dsl"), at=AT, status=plan, ends_on=date(2025, 1, 1))
        actions.end_status(by=school_data.viewer("dsl"), at=AT, status=plan, ends_on=TODAY)
        assert queries.listing_of(school_id=school, on=TODAY) == {}
        assert queries.listing_of(school_id=school, on=date(2026, 1, 13))[pupil.id].priority == 3


def plan_instruction() -> str:
    return "Call the social worker before 10:00, then home."


def test_an_instruction_changed_by_hand_is_still_ended_with_its_status(school_data: Families) -> None:
    pupil = school_data.admit("Aisha", "Rahman").pupil
    plan = record(school_data, pupil, "child_protection")
    with access_context(school_data.users["dsl"].id):
        by, school = school_data.viewer("dsl"), school_data.larkfield.id
        actions.add_listing(
            by=by, at=AT, school_id=school, pupil_id=pupil.id, priority=2, instruction="Ring the grandmother.",
            begins_on=TODAY, replaces=plan.listing_ref,
        )  # fmt: skip
        assert queries.listing_of(school_id=school, on=TODAY)[pupil.id].instruction == "Ring the grandmother."
        plan.refresh_from_db()
        actions.end_status(by=by, at=AT, status=plan, ends_on=TODAY)
        assert queries.listing_of(school_id=school, on=date(2026, 1, 15)) == {}
        for wrong in ({"priority": 0, "instruction": "Ring."}, {"priority": 1, "instruction": " "}):
            with pytest.raises(BadStatus):
                actions.add_listing(by=by, at=AT, school_id=school, pupil_id=pupil.id, begins_on=TODAY, **wrong)  # type: ignore[arg-type]


def test_a_status_needs_a_kind_a_source_and_stands_once(school_data: Families) -> None:
    pupil = school_data.admit("Aisha", "Rahman").pupil
    record(school_data, pupil, "child_in_need")
    with access_context(school_data.users["dsl"].id):
        new = {
            "by": school_data.viewer("dsl"),
            "at": AT,
            "school_id": school_data.larkfield.id,
            "pupil_id": pupil.id,
        }
        for wrong, why in (({"kind": "child_in_need", "source": "x"}, "is already recorded"), ({"kind": "looked_after"}, "who said so"), ({"kind": "naughty", "source": "x"}, "is not a status")):  # fmt: skip
            with pytest.raises(BadStatus, match=why):
                actions.record_status(**new, record=actions.StatusRecord(begins_on=TODAY, **wrong))  # type: ignore[arg-type]
        assert VulnerableListing.objects.count() == 1


def test_nobody_writes_into_a_compartment_that_they_could_not_read_again(school_data: Families) -> None:
    pupil = school_data.admit("Aisha", "Rahman").pupil
    for who in ("attendance_officer", "teacher"):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            record(school_data, pupil, "child_protection", who)
    with owner():
        assert not Status.objects.exists() and not VulnerableListing.objects.exists()


APART = {
    "reason": "Kept apart after an allegation. ", "authority_told_on": date(2026, 9, 7), "parents_told_on": date(2026, 9, 7),
    "education_offered": "Lessons online from day one, two hours a day; Ms Okoro checks.",
}  # fmt: skip
SEPTEMBER = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)


def separate(school_data: Families, pupil: Pupil, **more: Any) -> Status:
    given: dict[str, Any] = {"begins_on": date(2026, 9, 7), "source": "Head teacher", "answers": APART} | more
    with access_context(school_data.users["dsl"].id):
        return actions.record_status(
            by=school_data.viewer("dsl"),
            at=SEPTEMBER,
            school_id=school_data.larkfield.id,
            pupil_id=pupil.id,
            record=actions.StatusRecord(kind=SEPARATION, **given),
        )


def test_a_separation_has_its_reason_dates_and_education_and_stays_with_the_leads(school_data: Families) -> None:
    pupil = school_data.admit("Aisha", "Rahman").pupil
    status = separate(school_data, pupil)
    assert status.fields == {
        "reason": "Kept apart after an allegation.", "authority_told_on": "2026-09-07", "parents_told_on": "2026-09-07",
        "education_offered": APART["education_offered"],
    }  # fmt: skip
    assert status.review_on == date(2026, 9, 14)
    with access_context(school_data.users["attendance_officer"].id):
        assert Status.objects.count() == 0
        assert queries.listing_of(school_id=school_data.larkfield.id, on=date(2026, 9, 7))[pupil.id].priority == 2


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"begins_on": date(2026, 7, 25)}, "26 July 2026 at the earliest"),
        ({"answers": APART | {"reason": "  "}}, "“Why the pupil is kept off site” is missing"),
        (
            {"answers": {key: APART[key] for key in APART if key != "authority_told_on"}},
            "“Local authority told on” is missing",
        ),
        ({"answers": {}}, "is missing"),
    ],
)
def test_a_separation_is_not_recorded_by_halves(school_data: Families, more: dict[str, Any], why: str) -> None:
    pupil = school_data.admit("Aisha", "Rahman").pupil
    with pytest.raises(BadStatus, match=why):
        separate(school_data, pupil, **more)
    with owner():
        assert not Status.objects.exists() and not VulnerableListing.objects.exists()


def test_the_page_asks_what_the_kind_asks_and_shows_it(school_data: Families, settings: Any) -> None:
    pupil = school_data.admit("Aisha", "Rahman").pupil
    address = reverse("people:statuses", args=[school_data.larkfield.urn, pupil.ref])
    settings.FIXED_NOW = "2026-07-25T09:00:00"
    early = login(school_data, "dsl").get(address)
    assert early.status_code == 200 and "eparation" not in early.content.decode()
    settings.FIXED_NOW = "2026-09-07T09:00:00"
    client = login(school_data, "dsl")
    assert f"?kind={SEPARATION}" in client.get(address).content.decode()
    page = client.get(f"{address}?kind={SEPARATION}").content.decode()
    assert "Local authority told on" in page and "Education offered" in page
    given: dict[str, Any] = {"kind": SEPARATION, "source": "Head teacher", "begins_on": "7 September 2026"}
    assert client.post(address, given).status_code == 422
    days = {"authority_told_on": "7 September 2026", "parents_told_on": "7 September 2026"}
    whole = given | days | {"reason": "Kept apart.", "education_offered": "Online lessons"}
    assert client.post(address, whole | {"begins_on": "1 July 2026"}).status_code == 422
    assert client.post(address, whole).status_code == 302
    page = client.get(address).content.decode()
    assert "Online lessons" in page and "7 September 2026" in page and "Review due" not in page
    assert "eparation" not in login(school_data, "attendance_officer").get(address).content.decode()


def test_the_kind_that_is_never_counted_is_defined() -> None:
    assert latest_kind(SEPARATION).record_category is RecordCategory.SAFEGUARDING
    assert {field.key for field in latest_kind(SEPARATION).fields} == set(APART)
