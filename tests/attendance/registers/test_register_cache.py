"""The cache of registers: a change is seen at once, and no viewer gets what only another may see."""

import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction

from haven.attendance.registers.actions.registers import take_marks
from haven.attendance.registers.queries.register_cache import (
    REGISTER_CACHE,
    RegisterCache,
    version_tokens,
    visibility_key,
)
from haven.attendance.registers.queries.register_reader import RegisterBatch, bulk_registers, sheets_for
from haven.core.people.models import Enrolment
from haven.core.schools.models import Calendar
from haven.platform.accounts.models import Conflict
from haven.platform.row_security.context import access_context
from tests.attendance.reports.test_measures_command import Marks, marks, school_data
from tests.factories.registers import AT, YEAR, SchoolData, build_school
from tests.support.database_owner import owner

__all__ = ["marks", "school_data"]


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    REGISTER_CACHE.clear()
    yield
    REGISTER_CACHE.clear()


def marks_of(school_data: SchoolData, user: str = "head") -> dict[int, bytes]:
    """What that person sees of the school: the marks of each enrolment while on roll."""
    with access_context(school_data.users[user].id):
        found = {}
        for batch in bulk_registers(school_ids=[school_data.school.id], year=YEAR):
            places = np.arange(batch.calendar.sessions)
            shown = (places >= batch.roll.first[:, None]) & (places <= batch.roll.last[:, None])
            for number, row, on_roll in zip(batch.enrolments, batch.matrix, shown, strict=True):
                found[int(number)] = row[on_roll].tobytes()
        return found


def read_again(school_data: SchoolData, user: str = "head") -> dict[int, bytes]:
    REGISTER_CACHE.clear()
    return marks_of(school_data, user)


def batches_of(school_data: SchoolData, user: str = "head") -> list[RegisterBatch]:
    with access_context(school_data.users[user].id):
        return list(bulk_registers(school_ids=[school_data.school.id], year=YEAR))


@pytest.mark.django_db
def test_a_second_reading_is_answered_from_memory(school_data: SchoolData, marks: dict[int, Marks]) -> None:
    (first,), (second,) = batches_of(school_data), batches_of(school_data)
    assert second is first
    REGISTER_CACHE.clear()
    (third,) = batches_of(school_data)
    assert third is not first
    assert third.matrix.tobytes() == first.matrix.tobytes()


@pytest.mark.django_db
def test_that_a_school_has_no_registers_is_remembered(school_data: SchoolData) -> None:
    with access_context(school_data.users["head"].id):
        assert list(bulk_registers(school_ids=[987654], year=YEAR)) == []
        assert REGISTER_CACHE.get(visibility_key(), YEAR, version_tokens([987654])) == {987654: None}
        assert list(bulk_registers(school_ids=[987654], year=YEAR)) == []


def change_a_mark(school_data: SchoolData) -> None:
    with access_context(school_data.users["officer"].id):
        take_marks(
            by=school_data.viewer("officer"), at=AT, school_id=school_data.school.id, year=YEAR, source="file",
            marks=[(school_data.enrolments[0].id, school_data.calendar.sessions[-1], "O")],
        )  # fmt: skip


def end_an_enrolment(school_data: SchoolData) -> None:
    with access_context(school_data.users["officer"].id):
        Enrolment.objects.filter(id=school_data.enrolments[1].id).update(ends_on=date(2025, 9, 19))


def shut_for_a_day(school_data: SchoolData) -> None:
    with access_context(school_data.users["head"].id):
        Calendar.objects.create(
            school=school_data.school,
            year=YEAR,
            version=2,
            sessions=school_data.calendar.sessions[2:],
            made_at=AT,
            reason="Snow",
        )


@pytest.mark.django_db
@pytest.mark.parametrize("change", [change_a_mark, end_an_enrolment, shut_for_a_day])
def test_a_change_is_seen_at_once(school_data: SchoolData, marks: dict[int, Marks], change: Any) -> None:
    before = marks_of(school_data)
    change(school_data)
    after = marks_of(school_data)
    assert after != before
    assert after == read_again(school_data)
    with access_context(school_data.users["head"].id):
        sheets = sheets_for(school_id=school_data.school.id, year=YEAR)
        assert sheets is not None
        assert set(after) <= {each.enrolment_id for each in sheets.enrolments}


@pytest.mark.django_db
def test_a_change_that_is_rolled_back_is_not_kept(school_data: SchoolData, marks: dict[int, Marks]) -> None:
    before = marks_of(school_data)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        change_a_mark(school_data)
        assert marks_of(school_data) != before
        raise ZeroDivisionError
    assert marks_of(school_data) == before


@pytest.mark.django_db
def test_each_viewer_gets_what_that_viewer_may_see(school_data: SchoolData, marks: dict[int, Marks]) -> None:
    everybody = set(marks_of(school_data))
    other = build_school(pupils=2, urn=900555)
    tutors = set(marks_of(school_data, "kestrel"))
    assert tutors < everybody
    assert marks_of(school_data, "admin") == {}
    with access_context(other.users["head"].id):
        assert list(bulk_registers(school_ids=[school_data.school.id], year=YEAR)) == []
    assert list(bulk_registers(school_ids=[school_data.school.id], year=YEAR)) == []  # nobody is entered
    child = school_data.enrolments[0]
    assert child.id in everybody
    with owner():
        Conflict.objects.create(
            user_id=school_data.users["head"].id, school=school_data.school, author_id=school_data.users["officer"].id,
            pupil_id=child.pupil_id, kind="parent", begins_on=date(2025, 9, 1),
        )  # fmt: skip
    assert set(marks_of(school_data)) == everybody - {child.id}
    assert set(marks_of(school_data, "officer")) == everybody


@pytest.mark.django_db
def test_the_visibility_key_names_every_setting_of_the_row_policies(school_data: SchoolData) -> None:
    with access_context(school_data.users["head"].id), connection.cursor() as cursor:
        before = visibility_key()
        cursor.execute(
            "select string_agg(qual, ' ') from pg_policies where tablename in ('registers_sheet', 'people_enrolment') and policyname = 'app_select'"
        )
        (conditions,) = cursor.fetchone()
        for name in (
            "readable_scopes",
            "caseload_scopes",
            "caseload_pupils",
            "conflicted_pupils",
            "schools",
            "writable_scopes",
            "writable_schools",
            "auditing",
        ):
            if f"app.{name}" in conditions:
                cursor.execute("select set_config(%s, '{4711}', true)", [f"app.{name}"])
                assert visibility_key() != before, name
                before = visibility_key()


@pytest.mark.django_db
def test_a_batch_is_read_only(school_data: SchoolData, marks: dict[int, Marks]) -> None:
    with access_context(school_data.users["head"].id):
        (batch,) = bulk_registers(school_ids=[school_data.school.id], year=YEAR)
        assert batch.previous is not None
        for array in (batch.enrolments, batch.pupils, batch.matrix, *batch.roll, batch.previous):
            assert not array.flags.writeable


@pytest.mark.django_db
def test_the_batch_used_longest_ago_goes_first(school_data: SchoolData, marks: dict[int, Marks]) -> None:
    with access_context(school_data.users["head"].id):
        (batch,) = bulk_registers(school_ids=[school_data.school.id], year=YEAR)
    cache = RegisterCache(max_bytes=2 * batch.bytes)
    for school_id in (1, 2):
        cache.put("me", YEAR, {school_id: "7"}, {school_id: batch})
    cache.get("me", YEAR, {1: "7"})
    cache.put("me", YEAR, {3: "7"}, {3: batch})
    assert set(cache.get("me", YEAR, {1: "7", 2: "7", 3: "7"})) == {1, 3}
    assert (
        cache.get("me", YEAR, {1: "8"})
        == cache.get("me", "2024-25", {1: "7"})
        == cache.get("you", YEAR, {1: "7"})
        == {}
    )
    cache.put("me", YEAR, {1: "8"}, {1: batch})
    assert cache.bytes == 2 * batch.bytes
    cache.put("me", YEAR, {1: "9"}, {1: None})
    assert cache.bytes == batch.bytes


@pytest.mark.django_db(transaction=True)
def test_of_two_writers_at_once_neither_change_is_missed() -> None:
    """One begins to write first and ends last: whoever read in between reads again after each of the two."""
    school_data = build_school(pupils=2)
    begun, other_done = threading.Event(), threading.Event()
    seen: list[str] = []

    def now() -> str:
        with access_context(school_data.users["head"].id):
            return version_tokens([school_data.school.id])[school_data.school.id]

    def slow() -> None:
        try:
            with access_context(school_data.users["head"].id):
                Enrolment.objects.filter(id=school_data.enrolments[0].id).update(ends_on=date(2026, 7, 1))
                begun.set()
                assert other_done.wait(timeout=20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    seen.append(now())
    thread.start()
    assert begun.wait(timeout=20)
    seen.append(now())
    with access_context(school_data.users["head"].id):
        Enrolment.objects.filter(id=school_data.enrolments[1].id).update(ends_on=date(2026, 7, 2))
    seen.append(now())
    other_done.set()
    thread.join(timeout=20)
    seen.append(now())
    assert seen[0] == seen[1], "nothing was committed yet"
    assert len(set(seen)) == 3, "each of the two made a version token of its own"
