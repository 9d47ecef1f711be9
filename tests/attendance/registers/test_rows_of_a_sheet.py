"""The database checks that rows of a register row name its school, access scope and pupil, and an initial entry its school's calendar."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from haven.attendance.registers.actions.registers import amend_mark, take_marks
from haven.attendance.registers.models import InitialEntry, MarkAmendment, MarkNote, Sheet
from haven.core.schools.models import Calendar
from haven.platform.row_security.context import access_context
from haven.rules.sessions import Half, session_key
from tests.factories.registers import AT, YEAR, SchoolData, build_school
from tests.support.database_owner import owner

ROWS = {
    InitialEntry: {"first": 0, "codes": b"/", "source": "page", "author_name": "Ada", "taken_at": AT},
    MarkAmendment: {"on": AT.date(), "half": "AM", "original": "/", "amended": "I", "reason": "", "author_name": "Ada", "amended_at": AT},
    MarkNote: {"on": AT.date(), "half": "AM", "comment": "bus", "author_name": "Ada", "noted_at": AT},
}  # fmt: skip


@pytest.fixture
def school_data(db: None) -> SchoolData:
    found = build_school()
    on = AT.date().replace(month=1, day=5)
    with access_context(found.users["officer"].id):
        take_marks(
            by=found.viewer("officer"), at=AT, school_id=found.school.id, year=YEAR, source="page",
            marks=[(each.id, session_key(on, Half.AM), "/") for each in found.enrolments[:2]],
        )  # fmt: skip
    return found


def row_of(model: Any, sheet: Sheet, **other: Any) -> Any:
    own = {
        "school_id": sheet.school_id, "author_id": sheet.author_id, "pupil_id": sheet.pupil_id, "sheet_id": sheet.id,
    }  # fmt: skip
    calendar = {"calendar_id": sheet.calendar_id} if model is InitialEntry else {}
    return model(**{**own, **calendar, **ROWS[model], **other})


@pytest.mark.parametrize("model", list(ROWS))
@pytest.mark.parametrize("other", ["pupil_id", "school_id", "sheet_id"])
def test_a_row_of_another_pupil_or_school_than_its_sheet_is_refused(
    school_data: SchoolData, model: Any, other: str
) -> None:
    with owner():
        sheet = Sheet.objects.order_by("id").first()
        assert sheet is not None
        model.objects.bulk_create([row_of(model, sheet)])
        wrong = {
            "pupil_id": Sheet.objects.order_by("id")[1].pupil_id, "school_id": sheet.school_id + 1000,
            "sheet_id": sheet.id + 100000,
        }[other]  # fmt: skip
        many = model.objects.count()
        with pytest.raises(IntegrityError, match="than its sheet"), transaction.atomic():
            model.objects.bulk_create([row_of(model, sheet), row_of(model, sheet, **{other: wrong})])
        assert model.objects.count() == many


def test_a_take_on_a_calendar_of_another_year_is_refused(school_data: SchoolData) -> None:
    with owner():
        sheet = Sheet.objects.order_by("id").first()
        assert sheet is not None
        other = Calendar.objects.create(
            school_id=sheet.school_id, year="2024-25", version=1, sessions=[40000], made_at=AT, made_by_name="Ada"
        )
        for calendar_id in (other.id, other.id + 100000):
            with pytest.raises(IntegrityError, match="another school or year"), transaction.atomic():
                row_of(InitialEntry, sheet, calendar_id=calendar_id).save(force_insert=True)


def test_a_calendar_a_sheet_and_its_pupil_stay(school_data: SchoolData) -> None:
    with owner():
        sheet = Sheet.objects.order_by("id").first()
        assert sheet is not None
        for table, id in (
            ("schools_calendar", sheet.calendar_id), ("registers_sheet", sheet.id), ("people_pupil", sheet.pupil_id),
        ):  # fmt: skip
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"delete from {table} where id = %s", [id])
                cursor.execute("set constraints all immediate")


def test_a_change_of_a_mark_passes(school_data: SchoolData) -> None:
    on = AT.date().replace(month=1, day=5)
    with access_context(school_data.users["officer"].id):
        changed = amend_mark(
            by=school_data.viewer("officer"), at=AT, enrolment_id=school_data.enrolments[0].id, on=on, half="AM", symbol="I", reason="ill"
        )  # fmt: skip
    assert (changed.original, changed.amended) == ("/", "I")


def test_half_of_each_page_of_sheets_is_left_for_the_next_mark(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select reloptions from pg_class where relname = 'registers_sheet'")
        assert cursor.fetchone() == (["fillfactor=50"],)
