"""The access scope of a row: PostgreSQL generates it, by the same formula as the rules and the policies."""

from datetime import UTC, datetime
from itertools import product

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, models, transaction

from haven.core.records.models import Entry
from haven.core.schools.models import School
from haven.exchange.imports.models import ImportRun
from haven.platform.audit.models import AuditEvent
from haven.platform.row_security.access_scope import access_scope_field
from haven.rules.visibility import RecordCategory, access_scope_of
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)


def test_sql_and_python_compute_the_same_access_scope() -> None:
    with owner(), connection.cursor() as cursor:
        for school, record_category in product((1, 2, 4711), RecordCategory):
            cursor.execute("select app.access_scope(%s, %s)", [school, int(record_category)])
            assert cursor.fetchone() == (access_scope_of(school, record_category),)


def test_every_access_scope_is_a_stored_generated_column() -> None:
    """An audit event has a school without a category as often as with one, so its access scope is not generated but checked."""
    written = [
        model
        for model in apps.get_models()
        if any(
            field.name == "access_scope" and not isinstance(field, models.GeneratedField)
            for field in model._meta.fields
        )
    ]
    assert written == [AuditEvent]
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name from information_schema.columns where table_schema = 'public'"
            " and column_name = 'access_scope' and is_generated <> 'ALWAYS'"
        )
        assert cursor.fetchall() == [(AuditEvent._meta.db_table,)]


@pytest.mark.parametrize("record_category", RecordCategory)
def test_a_row_gets_the_access_scope_of_its_school_and_category(record_category: RecordCategory) -> None:
    with owner():
        school = School.objects.create(urn=900001, name="Larkfield Academy")
        entry = Entry.objects.create(
            school=school, record_category=record_category, author_id=1, author_name="A", pupil_ids=[], recorded_at=AT,
            form="note", form_version="1", happened_at=AT,
        )  # fmt: skip
    assert entry.access_scope == access_scope_of(school.id, record_category)


def test_no_statement_can_write_another_access_scope() -> None:
    with owner(), connection.cursor() as cursor:
        with pytest.raises(ProgrammingError, match="access_scope"), transaction.atomic():
            cursor.execute("insert into records_entry (access_scope) values (17)")
        with pytest.raises(ProgrammingError, match="access_scope"), transaction.atomic():
            cursor.execute("update records_entry set access_scope = 17")


def test_a_file_of_no_school_has_access_scope_0() -> None:
    with owner():
        run = ImportRun.objects.create(
            author_id=1, author_name="A", format="schools", file_name="x.csv", file_bytes=1, sha256="", received_at=AT
        )
    assert run.access_scope == 0


def test_an_audit_event_cannot_have_the_access_scope_of_another_school() -> None:
    with owner():
        at_school = {"at": AT, "verb": "x", "school_id": 3, "segment": 1, "xid": 1}
        for access_scope in (None, *(access_scope_of(3, record_category) for record_category in RecordCategory)):
            AuditEvent.objects.create(**at_school, access_scope=access_scope)
        with pytest.raises(IntegrityError, match="audit_scope_of_school"), transaction.atomic():
            AuditEvent.objects.create(**at_school, access_scope=access_scope_of(4, RecordCategory.ROLL))


def test_the_field_of_one_category_needs_no_column_of_it() -> None:
    assert "record_category" not in str(access_scope_field(RecordCategory.ATTENDANCE).deconstruct())
