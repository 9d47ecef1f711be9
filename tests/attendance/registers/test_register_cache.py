"""Registers that are kept in memory: whatever changes is seen at once, and nobody is handed what another viewer may see."""

import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction

from haven.attendance.registers.actions.registers import take_marks
from haven.attendance.registers.queries import bulk_registers
from haven.attendance.registers.queries.bulk_registers import RegisterBatch, blocks_of
from haven.attendance.registers.queries.register_cache import KEPT, KeptBlocks, revisions, sight
from haven.attendance.registers.queries.sheets import sheets_for
from haven.core.people.models import Enrolment
from haven.core.schools.models import Calendar
from haven.platform.accounts.models import Conflict
from haven.platform.row_security.context import access_context
from tests.attendance.reports.test_measures_command import Marks, marks, stage
from tests.database_owner import owner
from tests.registers import AT, YEAR, Stage, build_school

__all__ = ["marks", "stage"]


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    KEPT.forget()
    yield
    KEPT.forget()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The schools that were read, reading by reading."""
    found: list[list[int]] = []
    really = bulk_registers._read

    def noted(school_ids: Any, year: str) -> Iterator[RegisterBatch]:
        found.append(list(school_ids))
        return really(school_ids, year)

    monkeypatch.setattr(bulk_registers, "_read", noted)
    return found


def marks_of(stage: Stage, user: str = "head") -> dict[int, bytes]:
    """What that person sees through the door: the marks of each enrolment, off roll left out."""
    with access_context(stage.users[user].id):
        found = {}
        for block in blocks_of(school_ids=[stage.school.id], year=YEAR):
            places = np.arange(block.calendar.sessions)
            shown = (places >= block.roll.first[:, None]) & (places <= block.roll.last[:, None])
            for number, row, on_roll in zip(block.enrolments, block.matrix, shown, strict=True):
                found[int(number)] = row[on_roll].tobytes()
        return found


def read_anew(stage: Stage, user: str = "head") -> dict[int, bytes]:
    KEPT.forget()
    return marks_of(stage, user)


@pytest.mark.django_db
def test_a_second_asking_reads_no_sheet(stage: Stage, marks: dict[int, Marks], read: list[list[int]]) -> None:
    first = marks_of(stage)
    assert marks_of(stage) == first == read_anew(stage)
    assert read == [[stage.school.id]] * 2


@pytest.mark.django_db
def test_a_school_without_registers_is_asked_for_once(stage: Stage, read: list[list[int]]) -> None:
    with access_context(stage.users["head"].id):
        assert list(blocks_of(school_ids=[987654], year=YEAR)) == list(blocks_of(school_ids=[987654], year=YEAR)) == []
    assert read == [[987654]]


def change_a_mark(stage: Stage) -> None:
    with access_context(stage.users["officer"].id):
        take_marks(
            by=stage.viewer("officer"), at=AT, school_id=stage.school.id, year=YEAR, source="file",
            marks=[(stage.enrolments[0].id, stage.calendar.sessions[-1], "O")],
        )  # fmt: skip


def end_an_enrolment(stage: Stage) -> None:
    with access_context(stage.users["officer"].id):
        Enrolment.objects.filter(id=stage.enrolments[1].id).update(ends_on=date(2025, 9, 19))


def shut_for_a_day(stage: Stage) -> None:
    with access_context(stage.users["head"].id):
        Calendar.objects.create(
            school=stage.school, year=YEAR, version=2, sessions=stage.calendar.sessions[2:], made_at=AT, reason="Snow"
        )


@pytest.mark.django_db
@pytest.mark.parametrize("change", [change_a_mark, end_an_enrolment, shut_for_a_day])
def test_a_change_is_seen_at_once(stage: Stage, marks: dict[int, Marks], change: Any) -> None:
    before = marks_of(stage)
    change(stage)
    after = marks_of(stage)
    assert after != before
    assert after == read_anew(stage)
    with access_context(stage.users["head"].id):
        sheets = sheets_for(school_id=stage.school.id, year=YEAR)
        assert sheets is not None
        assert set(after) <= {each.enrolment_id for each in sheets.enrolments}


@pytest.mark.django_db
def test_what_was_undone_is_not_kept(stage: Stage, marks: dict[int, Marks]) -> None:
    before = marks_of(stage)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        change_a_mark(stage)
        assert marks_of(stage) != before
        raise ZeroDivisionError
    assert marks_of(stage) == before


@pytest.mark.django_db
def test_another_viewer_is_handed_what_is_hers(stage: Stage, marks: dict[int, Marks]) -> None:
    everybody = set(marks_of(stage))
    other = build_school(pupils=2, urn=900555)
    tutors = set(marks_of(stage, "kestrel"))
    assert tutors < everybody
    assert marks_of(stage, "admin") == {}
    with access_context(other.users["head"].id):
        assert list(blocks_of(school_ids=[stage.school.id], year=YEAR)) == []
    assert list(blocks_of(school_ids=[stage.school.id], year=YEAR)) == []  # nobody is entered
    child = stage.enrolments[0]
    assert child.id in everybody
    with owner():
        Conflict.objects.create(
            user_id=stage.users["head"].id, school=stage.school, access_scope=child.access_scope, author_id=stage.users["officer"].id,
            pupil_id=child.pupil_id, kind="parent", begins_on=date(2025, 9, 1),
        )  # fmt: skip
    assert set(marks_of(stage)) == everybody - {child.id}
    assert set(marks_of(stage, "officer")) == everybody


@pytest.mark.django_db
def test_what_may_be_seen_names_every_list_that_the_walls_compare_with(stage: Stage) -> None:
    with access_context(stage.users["head"].id), connection.cursor() as cursor:
        before = sight()
        cursor.execute(
            "select string_agg(qual, ' ') from pg_policies where tablename in ('registers_sheet', 'people_enrolment') and policyname = 'app_select'"
        )
        (walls,) = cursor.fetchone()
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
            if f"app.{name}" in walls:
                cursor.execute("select set_config(%s, '{4711}', true)", [f"app.{name}"])
                assert sight() != before, name
                before = sight()


@pytest.mark.django_db
def test_what_is_kept_cannot_be_changed_by_whoever_is_handed_it(stage: Stage, marks: dict[int, Marks]) -> None:
    with access_context(stage.users["head"].id):
        (block,) = blocks_of(school_ids=[stage.school.id], year=YEAR)
        assert block.previous is not None
        for array in (block.enrolments, block.pupils, block.matrix, *block.roll, block.previous):
            assert not array.flags.writeable


@pytest.mark.django_db
def test_what_was_used_longest_ago_goes_first(stage: Stage, marks: dict[int, Marks]) -> None:
    with access_context(stage.users["head"].id):
        (block,) = blocks_of(school_ids=[stage.school.id], year=YEAR)
    kept = KeptBlocks(most_bytes=2 * block.bytes)
    for school_id in (1, 2):
        kept.keep("me", YEAR, {school_id: "7"}, {school_id: block})
    kept.find("me", YEAR, {1: "7"})
    kept.keep("me", YEAR, {3: "7"}, {3: block})
    assert set(kept.find("me", YEAR, {1: "7", 2: "7", 3: "7"})) == {1, 3}
    assert (
        kept.find("me", YEAR, {1: "8"})
        == kept.find("me", "2024-25", {1: "7"})
        == kept.find("you", YEAR, {1: "7"})
        == {}
    )
    kept.keep("me", YEAR, {1: "8"}, {1: block})
    assert kept.bytes == 2 * block.bytes
    kept.keep("me", YEAR, {1: "9"}, {1: None})
    assert kept.bytes == block.bytes


@pytest.mark.django_db(transaction=True)
def test_of_two_who_write_at_once_neither_change_is_missed() -> None:
    """One begins to write first and ends last: whoever read in between reads again after each of the two."""
    stage = build_school(pupils=2)
    begun, other_done = threading.Event(), threading.Event()
    seen: list[str] = []

    def now() -> str:
        with access_context(stage.users["head"].id):
            return revisions([stage.school.id])[stage.school.id]

    def slow() -> None:
        try:
            with access_context(stage.users["head"].id):
                Enrolment.objects.filter(id=stage.enrolments[0].id).update(ends_on=date(2026, 7, 1))
                begun.set()
                assert other_done.wait(timeout=20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    seen.append(now())
    thread.start()
    assert begun.wait(timeout=20)
    seen.append(now())
    with access_context(stage.users["head"].id):
        Enrolment.objects.filter(id=stage.enrolments[1].id).update(ends_on=date(2026, 7, 2))
    seen.append(now())
    other_done.set()
    thread.join(timeout=20)
    seen.append(now())
    assert seen[0] == seen[1], "nothing was committed yet"
    assert len(set(seen)) == 3, "each of the two made a revision of its own"
