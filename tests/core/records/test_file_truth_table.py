"""The row policies of the file and of concerns compared with the statutory rules: every role, school, record category, pupil, restriction
and author."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import ProgrammingError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from haven.core.people.models import Enrolment, Pupil, Status
from haven.core.records.models import Acknowledgement, Addendum, Draft, Entry, EntryPupil
from haven.core.schools.models import School
from haven.core.tasks.models import Task, TaskStep
from haven.platform.accounts.models import Allocation, Conflict, Membership, User
from haven.platform.row_security.context import access_context
from haven.rules.roles import ROLES
from haven.rules.visibility import (
    AccessSets,
    RecordCategory,
    Row,
    access_scope_of,
    access_scopes_of,
    may_insert,
    may_see,
)
from haven.safeguarding.models import Receipt
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)
KINDS = {(allocated, shut): f"{allocated} {shut}" for allocated in (True, False) for shut in (True, False)}
RESTRICTIONS = ("open", "nobody", "named")


class SchoolData:
    """Two schools; one person of each role at the first; four pupils: on a caseload or not, with a conflict of interest or not."""

    def __init__(self) -> None:
        self.schools = [School.objects.create(urn=900001 + n, name=f"School {n}").id for n in (0, 1)]
        self.people = {role: User.objects.create_user(f"{role}@example.test", role).id for role in ROLES}
        self.other = User.objects.create_user("other@example.test", "other").id
        Membership.objects.bulk_create(
            Membership(user_id=number, role=role, school_id=self.schools[0], begins_on=date(2020, 1, 1))
            for role, number in self.people.items()
        )
        self.pupils = {
            kind: Pupil.objects.create(surname=name, forename="P", surname_key=name, forename_key="p").id
            for kind, name in KINDS.items()
        }
        for number, school in product(self.pupils.values(), self.schools):
            Enrolment.objects.create(school_id=school, author_id=self.other, pupil_id=number,
                                     begins_on=date(2024, 9, 1))  # fmt: skip
        begins = {
            "school_id": self.schools[0],
            "author_id": self.other,
            "begins_on": date(2020, 1, 1),
        }
        for (allocated, shut), pupil in self.pupils.items():
            for person in self.people.values():
                if allocated:
                    Allocation.objects.create(user_id=person, pupil_id=pupil, **begins)
                if shut:
                    Conflict.objects.create(user_id=person, pupil_id=pupil, kind="relative", **begins)

    def sight(self, role: str) -> AccessSets:
        readable_scopes, caseload_scopes, writable_scopes = access_scopes_of([(self.schools[0], role)])
        return AccessSets(
            user_id=self.people[role], readable_scopes=readable_scopes, caseload_scopes=caseload_scopes, writable_scopes=writable_scopes,
            caseload_pupils=frozenset(p for (allocated, _), p in self.pupils.items() if allocated),
            conflicted_pupils=frozenset(p for (_, shut), p in self.pupils.items() if shut),
        )  # fmt: skip

    def columns(self, *authors: int) -> Iterator[dict[str, Any]]:
        """One row's columns for each school, record category, pupil and restriction; written by `other`, and by each person (or
        `authors`)."""
        everybody = list(self.people.values())
        for author in authors or (self.other, *everybody):
            for school, record_category, pupil, kind in product(
                self.schools, RecordCategory, self.pupils.values(), RESTRICTIONS
            ):
                named = {"open": None, "nobody": [], "named": everybody}[kind]
                yield {"school_id": school, "record_category": record_category, "author_id": author,
                       "author_name": "x", "pupil_ids": [pupil], "restricted_to": named, "recorded_at": AT}  # fmt: skip


@pytest.fixture
def school_data() -> SchoolData:
    with owner():
        return SchoolData()


def as_row(thing: Any, author: int | None) -> Row:
    named = getattr(thing, "restricted_to", None)
    return Row(
        thing.id, thing.access_scope, author, frozenset(thing.pupil_ids), None if named is None else frozenset(named)
    )


def compare(school_data: SchoolData, rows: list[Any], expected: Any) -> int:
    """For each role, the database shows the rows that the rule allows. Returns how many rows were compared."""
    model = type(rows[0])
    seen_once = 0
    for role in ROLES:
        sight = school_data.sight(role)
        should = {row.id for row in rows if expected(sight, row)}
        with access_context(school_data.people[role]):
            assert set(model.objects.values_list("id", flat=True)) == should, (model.__name__, role)
        seen_once += bool(should)
    assert seen_once > 4
    return len(rows)


def test_entries_and_what_belongs_to_them_are_seen_as_the_law_book_says(school_data: SchoolData) -> None:
    with owner():
        entries = Entry.objects.bulk_create(
            Entry(**columns, form="note", form_version="1", happened_at=AT) for columns in school_data.columns()
        )
        by_entry: dict[type[Any], Any] = {
            EntryPupil: lambda e: {"entry": e, "pupil_id": e.pupil_ids[0]},
            Addendum: lambda e: {"entry": e, "words": "x"},
            Acknowledgement: lambda e: {"entry": e},
        }
        shared = (
            "school_id",
            "record_category",
            "author_id",
            "author_name",
            "pupil_ids",
            "restricted_to",
            "recorded_at",
        )
        attached = {
            model: model.objects.bulk_create(
                model(**{name: getattr(entry, name) for name in shared}, **more(entry)) for entry in entries
            )
            for model, more in by_entry.items()
        }
    for rows in (entries, *attached.values()):
        assert (
            compare(school_data, rows, lambda sight, row: may_see(sight, as_row(row, row.author_id)))
            == 17 * 2 * 5 * 4 * 3
        )


def seen_if_given(sight: AccessSets, row: Any, to: int | None, author: int | None) -> bool:
    """The rule with an addressee, who may read the row unless they have a conflict of interest with the pupil."""
    if frozenset(row.pupil_ids) & sight.conflicted_pupils:
        return False
    return to == sight.user_id or may_see(sight, as_row(row, author))


def test_a_task_is_its_owners_and_its_zones_and_not_its_authors(school_data: SchoolData) -> None:
    with owner():
        tasks = Task.objects.bulk_create(
            Task(**{**columns, "author_id": author}, title="x", source_kind="plan", assignee_id=columns["author_id"])
            for columns in school_data.columns()
            for author in (columns["author_id"], school_data.other)
            if columns["author_id"] != school_data.other
        ) + Task.objects.bulk_create(
            Task(**columns, title="x", source_kind="plan", assignee_role="dsl") for columns in school_data.columns()
        )
        steps = TaskStep.objects.bulk_create(
            TaskStep(**columns, task=tasks[0], verb="raised", assignee_id=school_data.other)
            for columns in school_data.columns()
        )
    assert (
        compare(school_data, tasks, lambda sight, row: seen_if_given(sight, row, row.assignee_id, None))
        == len(tasks)
        > 0
    )
    assert (
        compare(school_data, steps, lambda sight, row: seen_if_given(sight, row, row.assignee_id, row.author_id))
        == len(steps)
        > 0
    )


def test_a_receipt_is_for_who_raised_it_and_for_the_leads(school_data: SchoolData) -> None:
    with owner():
        receipts = Receipt.objects.bulk_create(
            Receipt(school_id=row["school_id"], for_user_id=row["author_id"], pupil_ids=row["pupil_ids"],
                    entry_ref=uuid4(), raised_at=AT)
            for row in school_data.columns() if row["restricted_to"] is None
        )  # fmt: skip
    assert (
        compare(school_data, receipts, lambda sight, row: seen_if_given(sight, row, row.for_user_id, None))
        == len(receipts)
        > 0
    )


def test_a_draft_is_its_writers_alone(school_data: SchoolData) -> None:
    with owner():
        for person in (school_data.other, *school_data.people.values()):
            Draft.objects.create(author_id=person, key="concern", words={"seen": "x"}, saved_at=AT)
    for person in school_data.people.values():
        with access_context(person):
            assert list(Draft.objects.values_list("author_id", flat=True)) == [person]
            assert Draft.objects.filter(author_id=school_data.other).delete()[0] == 0


@pytest.mark.parametrize("role", ROLES)
def test_what_may_be_written_is_what_the_law_book_says(school_data: SchoolData, role: str) -> None:
    sight = school_data.sight(role)
    me = school_data.people[role]
    with access_context(me):
        for school, record_category, pupil, author in product(
            school_data.schools, RecordCategory, school_data.pupils.values(), (me, school_data.other)
        ):
            columns = {"school_id": school, "record_category": record_category, "author_id": author,
                       "author_name": "x", "pupil_ids": [pupil], "recorded_at": AT}  # fmt: skip
            row = Row(0, access_scope_of(school, record_category), author, frozenset([pupil]))
            for thing in (
                Entry(**columns, form="note", form_version="1", happened_at=AT),
                Task(**columns, title="x", source_kind="plan"),
            ):
                assert written(thing) == may_insert(sight, row), (
                    type(thing).__name__,
                    role,
                    school,
                    record_category,
                    author,
                )


def written(thing: Any) -> bool:
    """Whether the database accepts the row, without reading it back."""
    fields = [field for field in thing._meta.concrete_fields if not field.primary_key and not field.generated]
    try:
        with transaction.atomic():
            type(thing)._base_manager.all()._insert([thing], fields=fields, returning_fields=None)
    except ProgrammingError:
        return False
    return True


@pytest.mark.parametrize("role", ROLES)
def test_no_entry_is_changed_or_removed_by_anybody(school_data: SchoolData, role: str) -> None:
    for verb in ("update", "delete"):
        with (
            access_context(school_data.people[role]),
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
        ):
            Entry.objects.update(form="x") if verb == "update" else Entry.objects.all()._raw_delete("default")


# ---- a view that forgets every check -----------------------------------------------------------------------------------------------


def careless(request: HttpRequest) -> HttpResponse:
    """A view without any check: all rows of everything."""
    found = [f"{model.__name__}:{thing.pk}" for model in (Entry, Task, Status, Pupil) for thing in model.objects.all()]
    return HttpResponse(" ".join(found))


urlpatterns = [path("careless/", careless)]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("role", ROLES)
def test_a_view_without_a_single_check_shows_only_what_is_the_viewers(school_data: SchoolData, role: str) -> None:
    with owner():
        things: list[Any] = Entry.objects.bulk_create(
            Entry(**columns, form="note", form_version="1", happened_at=AT)
            for columns in school_data.columns(school_data.other, school_data.people[role])
        )
        tasks = Task.objects.bulk_create(
            Task(**columns, title="x", source_kind="plan")
            for columns in school_data.columns(school_data.other, school_data.people[role])
        )
        statuses = [
            Status.objects.create(school_id=school, record_category=record_category, author_id=school_data.other, pupil_id=pupil,
                                  kind="x", source="x", begins_on=date(2024, 9, 1))
            for school, record_category, pupil in product(school_data.schools, RecordCategory, school_data.pupils.values())
        ]  # fmt: skip
        user = User.objects.get(id=school_data.people[role])
    sight = school_data.sight(role)
    should = {f"Entry:{row.id}" for row in things if may_see(sight, as_row(row, row.author_id))}
    should |= {f"Task:{row.id}" for row in tasks if may_see(sight, as_row(row, None))}
    should |= {
        f"Status:{row.id}"
        for row in statuses
        if may_see(sight, Row(row.id, row.access_scope, None, frozenset([row.pupil_id])))
    }
    roll = [access_scope_of(school, RecordCategory.ROLL) for school in school_data.schools]
    should |= {
        f"Pupil:{pupil}"
        for (allocated, shut), pupil in school_data.pupils.items()
        if not shut and (set(roll) & sight.readable_scopes or allocated)
    }
    client = Client()
    client.force_login(user)
    assert set(client.get("/careless/").content.decode().split()) == should
