"""The one reader of registers: a school's page and an authority's page show the same marks and measures, and only the viewer's own."""

from datetime import date
from typing import Any

import pytest

from haven.analytics.measures import walk_many
from haven.attendance.registers.actions.registers import take_marks
from haven.attendance.registers.queries.register_reader import RegisterBatch, bulk_measures, bulk_registers, sheets_for
from haven.core.people.models import Enrolment
from haven.core.schools.models import Calendar
from haven.platform.row_security.context import access_context
from tests.attendance.reports.test_measures_command import BEFORE, Marks, marks, school_data
from tests.factories.registers import AT, YEAR, SchoolData, build_school
from tests.support.database_owner import owner

__all__ = ["marks", "school_data"]
pytestmark = pytest.mark.django_db


def of_the_school(school_data: SchoolData, **days: Any) -> tuple[RegisterBatch, dict[int, Any]]:
    """The batch of the school, and the rows of its measures by enrolment."""
    (batch,) = bulk_registers(school_ids=[school_data.school.id], year=YEAR)
    rows = batch.measures(**days)
    return batch, {int(number): row for number, row in zip(batch.enrolments, rows, strict=True)}


def compare(school_data: SchoolData, **days: Any) -> int:
    """Compare each measure with that of the school's own register rows; returns how many rows."""
    sheets = sheets_for(school_id=school_data.school.id, year=YEAR)
    assert sheets is not None
    own = walk_many(sheets.matrix, sheets.calendar, roll=sheets.roll, previous=sheets.previous, **days)
    _, found = of_the_school(school_data, **days)
    theirs = {each.enrolment_id: row for each, row in zip(sheets.enrolments, own, strict=True)}
    assert {number: row.tobytes() for number, row in found.items()} == {
        number: row.tobytes() for number, row in theirs.items() if number in found
    }
    return len(found)


def test_the_same_measures_as_the_schools_own_page(school_data: SchoolData, marks: dict[int, Marks]) -> None:
    with access_context(school_data.users["head"].id):
        assert compare(school_data) == len(school_data.enrolments)
        assert compare(school_data, from_on=date(2025, 9, 15), to_on=date(2025, 11, 3)) == len(school_data.enrolments)


def test_sheets_of_an_older_calendar_are_realigned_to_the_newest(
    school_data: SchoolData, marks: dict[int, Marks]
) -> None:
    with owner():
        newer = [key for key in school_data.calendar.sessions if key not in school_data.calendar.sessions[20:24]]
        Calendar.objects.create(
            school=school_data.school, year=YEAR, version=2, sessions=newer, made_at=AT, reason="Two days of snow"
        )
    with access_context(school_data.users["head"].id):
        batch, _ = of_the_school(school_data)
        assert batch.calendar.sessions == len(newer)
        assert compare(school_data) == len(school_data.enrolments)


def test_a_pupil_with_two_enrolments_last_year_brings_both(school_data: SchoolData, marks: dict[int, Marks]) -> None:
    child = school_data.enrolments[2]  # nearly always away
    with owner():
        child.begins_on, child.ends_on = date(2024, 9, 1), date(2025, 6, 27)
        child.save()
        again = Enrolment.objects.create(
            school=school_data.school, author_id=school_data.users["head"].id,
            pupil=child.pupil, begins_on=date(2025, 6, 30),
        )  # fmt: skip
    with access_context(school_data.users["officer"].id):
        by = school_data.viewer("officer")
        for year, keys in (("2024-25", BEFORE[-10:]), (YEAR, school_data.calendar.sessions[:4])):
            take_marks(
                by=by, at=AT, school_id=school_data.school.id, year=year, source="file",
                marks=[(again.id, key, "N") for key in keys],
            )  # fmt: skip
    with access_context(school_data.users["head"].id):
        assert compare(school_data) == len(school_data.enrolments)  # one left before this year, one came
        _, found = of_the_school(school_data)
        assert found[again.id]["threshold_met_on"] >= 0


def test_nobody_gets_a_batch_of_another_school(school_data: SchoolData, marks: dict[int, Marks]) -> None:
    other = build_school(pupils=2, urn=900555)
    for user in (school_data.users["admin"], other.users["head"]):
        with access_context(user.id):
            assert list(bulk_registers(school_ids=[school_data.school.id, other.school.id], year=YEAR)) == []
    assert list(bulk_registers(school_ids=[school_data.school.id], year=YEAR)) == []  # nobody is entered
    with access_context(school_data.users["head"].id):
        assert [
            batch.school_id for batch in bulk_registers(school_ids=[school_data.school.id, other.school.id], year=YEAR)
        ] == [school_data.school.id]
        assert list(bulk_registers(school_ids=[], year=YEAR)) == []


def test_measures_while_reading_equal_measures_after_reading(school_data: SchoolData, marks: dict[int, Marks]) -> None:
    with access_context(school_data.users["head"].id):
        batch, by_enrolment = of_the_school(school_data, to_on=date(2025, 11, 3))
        ((same, rows),) = bulk_measures(school_ids=[school_data.school.id, 999], year=YEAR, to_on=date(2025, 11, 3))
        assert same.enrolments.tolist() == batch.enrolments.tolist()
        assert {int(one): row.tobytes() for one, row in zip(same.enrolments, rows, strict=True)} == {
            one: row.tobytes() for one, row in by_enrolment.items()
        }
        assert list(bulk_measures(school_ids=[], year=YEAR)) == []
