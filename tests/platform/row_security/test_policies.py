"""Row policies: no rows without an access context, a user sees their own rows, and the live policies equal the declaration."""

from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction

from haven.core.people.models import Enrolment, Pupil
from haven.core.records.models import Entry
from haven.core.schools.models import School
from haven.platform.accounts.models import Conflict, Membership, User
from haven.platform.row_security.build import declared
from haven.platform.row_security.comparison import policies_unlike_declaration
from haven.platform.row_security.context import access_context, current_user_id
from haven.rules.visibility import RecordCategory
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)


@pytest.fixture
def school_data() -> dict[str, int]:
    """One school, a pupil, a safeguarding lead, a teacher who wrote an entry, another teacher who is the child's parent."""
    with owner():
        school = School.objects.create(urn=900001, name="Larkfield Academy")
        people = {}
        for name, role in (
            ("lead", "dsl"),
            ("teacher", "teacher"),
            ("parent", "dsl"),
            ("officer", "attendance_officer"),
        ):
            user = User.objects.create_user(f"{name}@example.test", name)
            Membership.objects.create(user=user, role=role, school=school, begins_on=date(2020, 1, 1))
            people[name] = user.id
        pupil = Pupil.objects.create(
            surname="Rahman", forename="Aisha", surname_key="rahman", forename_key="aisha", school_ids=[school.id]
        )
        Enrolment.objects.create(
            school=school,
            author_id=people["lead"],
            pupil=pupil,
            begins_on=date(2024, 9, 1),
        )
        Conflict.objects.create(user_id=people["parent"], school=school, author_id=people["lead"],
                                pupil_id=pupil.id, kind="parent", begins_on=date(2020, 1, 1))  # fmt: skip
    return {**people, "school": school.id, "pupil": pupil.id}


def concern(school_data: dict[str, int], author: str) -> Entry:
    return Entry.objects.create(
        school_id=school_data["school"], record_category=RecordCategory.SAFEGUARDING, 
        author_id=school_data[author], author_name=author, pupil_ids=[school_data["pupil"]], recorded_at=AT, happened_at=AT, form="concern", form_version="1",
    )  # fmt: skip


def test_nobody_entered_is_refused_loudly(school_data: dict[str, int]) -> None:
    with access_context(school_data["teacher"]):
        concern(school_data, "teacher")
    assert current_user_id() is None
    with pytest.raises(ProgrammingError, match="nobody is entered"), transaction.atomic():
        list(Entry.objects.all())


@pytest.mark.parametrize(("who", "sees"), [("lead", 1), ("teacher", 1), ("officer", 0), ("parent", 0)])
def test_a_concern_is_seen_by_its_author_and_the_lead_who_is_no_relative(
    school_data: dict[str, int], who: str, sees: int
) -> None:
    with access_context(school_data["teacher"]):
        concern(school_data, "teacher")
    with access_context(school_data[who]):
        assert Entry.objects.count() == sees


def test_a_parent_on_the_staff_does_not_find_the_child(school_data: dict[str, int]) -> None:
    with access_context(school_data["parent"]):
        assert list(Pupil.objects.all()) == []
    with access_context(school_data["officer"]):
        assert [pupil.name for pupil in Pupil.objects.all()] == ["Aisha Rahman"]


def test_nobody_writes_as_somebody_else_or_where_they_may_not(school_data: dict[str, int]) -> None:
    with (
        access_context(school_data["officer"]),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        concern(school_data, "teacher")


def test_viewing_puts_the_former_viewer_back(school_data: dict[str, int]) -> None:
    with access_context(school_data["lead"]):
        with access_context(school_data["teacher"]):
            assert current_user_id() == school_data["teacher"]
        assert current_user_id() == school_data["lead"]
    assert current_user_id() is None


def test_every_model_is_walled_or_open_with_a_reason() -> None:
    for model in apps.get_models(include_auto_created=True):
        opened = declared(model)
        assert opened is None or opened.reason


def test_live_policies_equal_the_declaration() -> None:
    with owner():
        assert policies_unlike_declaration() == []


def test_a_wall_that_was_loosened_is_found() -> None:
    with owner(), connection.cursor() as cursor:
        cursor.execute("drop policy app_select on records_entry")
        cursor.execute("create policy app_select on records_entry for select to haven_app using (true)")
        cursor.execute("grant delete on people_contact to haven_app")
        assert policies_unlike_declaration() == ["people_contact", "records_entry"]


def test_the_application_owns_nothing_and_bypasses_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = 'haven_app'")
        assert cursor.fetchone() == (False, False, False)
        cursor.execute("select count(*) from pg_class where pg_get_userbyid(relowner) = 'haven_app'")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "select has_table_privilege('haven_app', 'records_entry', 'update'), has_table_privilege('haven_app', 'records_entry', 'delete')"
        )
        assert cursor.fetchone() == (False, False)


@pytest.mark.django_db(transaction=True)
def test_where_viewing_is_the_transaction_nobody_is_entered_after_it() -> None:
    """Nothing is restored there, since the settings end with the transaction, also if it fails."""
    with owner():
        user = User.objects.create_user("lead@larkfield.example", "Helen Stansfield")
    with access_context(user.id):
        assert current_user_id() == user.id
    assert current_user_id() is None
    with pytest.raises(ZeroDivisionError), access_context(user.id):
        raise ZeroDivisionError
    assert current_user_id() is None
    with access_context(user.id), access_context(user.id):
        pass
    assert current_user_id() is None
