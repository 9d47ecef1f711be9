"""The receipt that Part One was read in full: who confirms, what is kept, and who sees who has and who has not."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from haven.platform.accounts.models import Membership
from haven.platform.audit.models import AuditEvent
from haven.platform.row_security.context import access_context
from haven.rules.editions import edition_in_force
from haven.workforce.actions import ReadingRejected, record_reading
from haven.workforce.models import ReadingReceipt
from haven.workforce.queries import readings_of_staff
from tests.factories.families import Families, build_school, login
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
AT = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
TODAY = AT.date()
EDITION = edition_in_force("kcsie", TODAY)
STAFF = (
    "head", "attendance_officer", "attendance_coordinator", "family_support_worker", "pastoral_coordinator", "dsl",
    "form_tutor", "teacher",
)  # fmt: skip
LEADS = ("head", "dsl")


@pytest.fixture
def school_data(settings: Any) -> Families:
    settings.FIXED_NOW = "2026-09-07T09:00:00"
    return build_school()


def read(school_data: Families, who: str, read_on: date = date(2026, 9, 2)) -> list[ReadingReceipt]:
    with access_context(school_data.users[who].id):
        receipts: list[ReadingReceipt] = record_reading(
            by=school_data.viewer(who), at=AT, today=TODAY, edition=EDITION, read_on=read_on
        )
    return receipts


def page(name: str, urn: int = 900101) -> str:
    return reverse(f"workforce:{name}", args=[urn])


def test_a_receipt_is_dated_and_leaves_an_audit_event(school_data: Families) -> None:
    [receipt] = read(school_data, "teacher")
    assert (receipt.edition, receipt.read_on, receipt.author_name, receipt.author_role) == (
        "2026", date(2026, 9, 2), "Teacher", "Teacher",
    )  # fmt: skip
    with owner():
        event = AuditEvent.objects.get(verb="workforce.record_reading")
        assert event.detail == {"edition": "2026"}


def test_one_receipt_for_each_school_where_somebody_works(school_data: Families) -> None:
    with owner():
        Membership.objects.create(
            user=school_data.users["teacher"], role="teacher", school=school_data.oakhurst, begins_on=date(2020, 1, 1)
        )
    receipts = read(school_data, "teacher")
    assert {receipt.school_id for receipt in receipts} == {school_data.larkfield.id, school_data.oakhurst.id}


def test_the_same_edition_is_confirmed_once(school_data: Families) -> None:
    read(school_data, "teacher")
    with pytest.raises(ReadingRejected, match="already confirmed this edition"):
        read(school_data, "teacher")
    with owner():
        assert ReadingReceipt.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "read_on", "why"),
    [
        ("teacher", date(2026, 9, 8), "in the future"),
        ("teacher", date(2025, 9, 2), "not published then"),
        ("governor", date(2026, 9, 2), "Only staff of a school can confirm"),
    ],
)
def test_what_cannot_be_right_is_rejected(school_data: Families, who: str, read_on: date, why: str) -> None:
    with pytest.raises(ReadingRejected, match=why):
        read(school_data, who, read_on)
    with owner():
        assert not ReadingReceipt.objects.exists()


def test_each_reads_their_own_receipt_and_the_leads_read_all(school_data: Families) -> None:
    for who in ("teacher", "form_tutor"):
        read(school_data, who)
    for who, seen in (
        ("teacher", 1),
        ("attendance_officer", 0),
        ("head", 2),
        ("dsl", 2),
        ("governor", 0),
        ("oakhurst_head", 0),
    ):
        with access_context(school_data.users[who].id):
            assert ReadingReceipt.objects.count() == seen, who


def test_nobody_confirms_for_somebody_else_or_changes_a_receipt(school_data: Families) -> None:
    [receipt] = read(school_data, "teacher")
    with access_context(school_data.users["head"].id):
        with pytest.raises(DatabaseError), transaction.atomic():
            ReadingReceipt.objects.filter(id=receipt.id).update(read_on=TODAY)
        receipt.pk, receipt.ref = None, "00000000-0000-4000-8000-000000000001"
        receipt.edition = "2025"
        with pytest.raises(DatabaseError), transaction.atomic():
            receipt.save()


def test_the_head_sees_who_has_and_who_has_not(school_data: Families) -> None:
    read(school_data, "teacher")
    with access_context(school_data.users["head"].id):
        staff = readings_of_staff(school_id=school_data.larkfield.id, edition=EDITION, on=TODAY)
    assert [each.name for each in staff if each.read_on] == ["Teacher"] == [staff[-1].name]
    assert {each.name for each in staff} == {who.replace("_", " ").title() for who in STAFF}
    content = login(school_data, "head").get(page("part_one_staff")).content.decode()
    assert "1 of 8 confirmed" in content and "Not confirmed" in content and "2 September 2026" in content


@pytest.mark.parametrize("who", [*STAFF, "governor", "system_administrator", "oakhurst_head"])
def test_who_may_open_which_page(school_data: Families, who: str) -> None:
    client = login(school_data, who)
    outside = {"oakhurst_head": 404}.get(who, 403)
    assert client.get(page("part_one")).status_code == (200 if who in STAFF else outside)
    assert client.get(page("part_one_staff")).status_code == (200 if who in LEADS else outside)
    given = {"read_on": "2 September 2026", "in_full": "on"}
    assert client.post(page("part_one"), given).status_code == (302 if who in STAFF else outside)


def test_the_form_asks_for_the_day_and_the_word(school_data: Families) -> None:
    client = login(school_data, "teacher")
    first = client.get(page("part_one")).content.decode()
    assert "Keeping children safe in education (2026 edition, contents not verified)" in first
    assert "All staff must read Part One of each edition in full (not verified)." in first
    wrong = client.post(page("part_one"), {"read_on": "8 September 2026"})
    assert wrong.status_code == 422
    assert "in the future" in wrong.content.decode() and "Confirm that you have read" in wrong.content.decode()
    assert client.post(page("part_one"), {"read_on": "2 September 2026", "in_full": "on"}).status_code == 302
    done = client.get(page("part_one")).content.decode()
    assert "You read Part One in full on 2 September 2026" in done and "Date you finished reading" not in done
    assert client.post(page("part_one"), {"read_on": "2 September 2026", "in_full": "on"}).status_code == 422


def test_a_new_edition_is_read_anew_and_the_old_receipt_stays(school_data: Families, settings: Any) -> None:
    settings.FIXED_NOW = "2026-08-31T09:00:00"
    client = login(school_data, "teacher")
    assert client.post(page("part_one"), {"read_on": "3 September 2025", "in_full": "on"}).status_code == 302
    assert (
        "may read annex A instead (not verified)"
        in login(school_data, "form_tutor").get(page("part_one")).content.decode()
    )
    settings.FIXED_NOW = "2026-09-01T09:00:00"
    again = login(school_data, "teacher").get(page("part_one")).content.decode()
    assert "Date you finished reading" in again and "2025 edition" in again


def test_a_day_without_a_known_edition_says_so(school_data: Families, settings: Any) -> None:
    settings.FIXED_NOW = "2024-09-01T09:00:00"
    client = login(school_data, "head")
    for name in ("part_one", "part_one_staff"):
        assert "Haven has no edition of Part One for this date." in client.get(page(name)).content.decode()
    assert client.post(page("part_one"), {"read_on": "1 September 2024", "in_full": "on"}).status_code == 200
