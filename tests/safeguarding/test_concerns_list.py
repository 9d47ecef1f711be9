"""The list of concerns: waiting ones are complete and exact, received ones are in pages, and no user can hide one."""

import re
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from haven.core.records.form_definitions import every_form
from haven.core.records.models import Acknowledgement, Entry
from haven.platform import clock
from haven.platform.accounts.context import access_context_for
from haven.platform.row_security.context import access_context
from haven.rules.sessions import academic_year_of, year_before, year_bounds
from haven.rules.visibility import SAFEGUARDING
from haven.safeguarding.queries import received_concerns, waiting_concerns, waiting_count, years_of_concerns
from tests.safeguarding.test_concerns import BASE, lay, signed_in
from tests.support.database_owner import owner


@pytest.fixture
def school_data(db: None) -> dict[str, Any]:
    return lay()


def write(
    school_data: dict[str, Any], at: datetime, *, is_received: bool, child: str = "Somebody", **instead: Any
) -> Entry:
    """Write a concern directly into the tables, as their owner."""
    row = {
        "school_id": school_data["school"], "record_category": SAFEGUARDING, 
        "author_id": school_data["teacher"].id, "author_name": "Teacher", "pupil_ids": [], "recorded_at": at, **instead,
    }  # fmt: skip
    fields = {"child_name": child, "safe_now": "yes"}
    with owner():
        entry = Entry.objects.create(
            **row, form="concern", form_version="1", fields=fields, happened_at=at, needs_acknowledgement=True
        )
        if is_received:
            Acknowledgement.objects.create(
                **{**row, "author_name": "Lead", "recorded_at": at + timedelta(hours=1)}, entry=entry
            )
    return entry


def test_what_waits_is_what_nobody_has_acknowledged(school_data: dict[str, Any]) -> None:
    at = clock.now() - timedelta(days=3)
    written = [write(school_data, at - timedelta(hours=n), is_received=n % 3 == 0) for n in range(10)]
    with owner():
        received = set(Acknowledgement.objects.values_list("entry_id", flat=True))
    obvious = {entry.ref for entry in written if entry.id not in received}
    with access_context(school_data["lead"].id):
        lead = access_context_for(user=school_data["lead"], on=clock.today())
        waiting = waiting_concerns(viewer=lead, school_id=school_data["school"])
        assert {one.ref for one in waiting} == obvious and len(waiting) == 6
        assert waiting_count(viewer=lead, school_id=school_data["school"]) == 6


def test_a_concern_leaves_those_that_wait_at_the_moment_it_is_received(school_data: dict[str, Any]) -> None:
    entry = write(school_data, clock.now() - timedelta(hours=2), is_received=False, child="Mara Quill")
    lead = signed_in(school_data, "lead")
    before = lead.get(BASE).content.decode()
    assert "1 concern to review" in before and before.index("Mara Quill") < before.index(">Acknowledged<")
    lead.post(f"{BASE}{entry.ref}/acknowledge/")
    after = lead.get(BASE).content.decode()
    assert "0 concerns to review" in after and after.index(">Acknowledged<") < after.index("Mara Quill")


def test_nobody_can_write_a_concern_that_was_received_before_it_was_read(school_data: dict[str, Any]) -> None:
    at = clock.now()
    with access_context(school_data["teacher"].id):
        row = {
            "school_id": school_data["school"], "record_category": SAFEGUARDING, "pupil_ids": [],
            "author_id": school_data["teacher"].id, "author_name": "Teacher", "form": "concern", "form_version": "1", "happened_at": at,
        }  # fmt: skip
        Entry.objects.create(**row, recorded_at=at)
        with pytest.raises(ProgrammingError), transaction.atomic():
            Entry.objects.create(**row, recorded_at=at, acknowledged_at=at)
        with pytest.raises(ProgrammingError), transaction.atomic():
            Entry.objects.update(acknowledged_at=at)


def test_an_acknowledgement_of_another_zone_receives_nothing(school_data: dict[str, Any]) -> None:
    entry = write(school_data, clock.now(), is_received=False)
    with owner():
        Acknowledgement.objects.create(
            school_id=school_data["school"], record_category=2, author_id=school_data["teacher"].id,
            author_name="Teacher", pupil_ids=[], recorded_at=clock.now(), entry=entry,
        )  # fmt: skip
    with access_context(school_data["lead"].id):
        lead = access_context_for(user=school_data["lead"], on=clock.today())
        assert waiting_count(viewer=lead, school_id=school_data["school"]) == 1


def test_every_received_concern_stands_on_one_page_of_its_year(school_data: dict[str, Any]) -> None:
    this = academic_year_of(clock.today())
    first, _ = year_bounds(this)
    begun = timezone.make_aware(datetime.combine(first, time()))
    names = {f"Child{n:03}x" for n in range(103)}
    for n, name in enumerate(sorted(names)):
        write(school_data, begun + timedelta(minutes=n), is_received=True, child=name)
    write(school_data, begun - timedelta(minutes=1), is_received=True, child="Lastyearx")
    write(school_data, begun - timedelta(days=500), is_received=False, child="Longagox")
    lead = signed_in(school_data, "lead")
    pages = [lead.get(f"{BASE}?page={number}").content.decode() for number in (1, 2, 3)]
    assert f"1 to 50 of 103 raised in {this} and acknowledged" in pages[0]
    found = [re.findall(r"Child\d{3}x", page) for page in pages]
    assert [len(page) for page in found] == [50, 50, 3] and {name for page in found for name in page} == names
    assert found[0] == sorted(found[0], reverse=True)
    assert all("Longagox" in page and "Lastyearx" not in page for page in pages)
    before = lead.get(f"{BASE}?year={year_before(this)}").content.decode()
    assert "Lastyearx" in before and "Child0" not in before
    assert "Lastyearx" not in lead.get(f"{BASE}?year=1066-67").content.decode()
    empty = lead.get(f"{BASE}?year={year_before(year_before(this))}").content.decode()
    assert "No acknowledged concerns raised in this year" in empty


def test_who_receives_no_concerns_is_given_none_and_no_year_but_this(school_data: dict[str, Any]) -> None:
    write(school_data, clock.now() - timedelta(days=900), is_received=True)
    this = academic_year_of(clock.today())
    with access_context(school_data["teacher"].id):
        teacher = access_context_for(user=school_data["teacher"], on=clock.today())
        here: dict[str, Any] = {"viewer": teacher, "school_id": school_data["school"]}
        assert waiting_concerns(**here) == [] and waiting_count(**here) is None
        assert received_concerns(**here, year=this) == [] and years_of_concerns(**here, on=clock.today()) == [this]
        with pytest.raises(ValueError):
            received_concerns(**here, year="2025")


def test_a_new_school_has_this_year_alone(school_data: dict[str, Any]) -> None:
    page = signed_in(school_data, "lead").get(BASE).content.decode()
    assert "No acknowledged concerns yet" in page and "Academic years" not in page


def test_a_relative_neither_sees_nor_counts_what_concerns_the_child(school_data: dict[str, Any]) -> None:
    at = clock.now() - timedelta(hours=3)
    write(school_data, at, is_received=True, pupil_ids=[school_data["pupil"].id])
    write(school_data, at, is_received=False, pupil_ids=[school_data["pupil"].id])
    for who, many in (("lead", 1), ("parent", 0)):
        with access_context(school_data[who].id):
            viewer = access_context_for(user=school_data[who], on=clock.today())
            assert waiting_count(viewer=viewer, school_id=school_data["school"]) == many
            received = received_concerns(
                viewer=viewer, school_id=school_data["school"], year=academic_year_of(at.date())
            )
            assert len(received) == len(received[:50]) == many


def test_any_form_that_needs_an_acknowledgement_waits_until_it_has_one(school_data: dict[str, Any]) -> None:
    """The columns, the trigger and the index belong to the entries, not to concerns: an entry of another form works alike."""
    row = {
        "school_id": school_data["school"], "record_category": SAFEGUARDING, "author_id": school_data["teacher"].id, "author_name": "T",
        "pupil_ids": [], "recorded_at": clock.now(),
    }  # fmt: skip
    with owner():
        needs, other = (
            Entry.objects.create(
                **row, form="body_map", form_version="1", happened_at=clock.now(), needs_acknowledgement=needed
            )
            for needed in (True, False)
        )
        for entry in (needs, other):
            Acknowledgement.objects.create(**row, entry=entry)
            entry.refresh_from_db()
        assert (needs.acknowledged_at, other.acknowledged_at) == (row["recorded_at"], None)


def test_a_concern_needs_an_acknowledgement_because_its_form_says_so(school_data: dict[str, Any]) -> None:
    asking = {definition.id for definition in every_form() if definition.needs_acknowledgement}
    assert asking == {"concern"}
