"""A register row always follows from its entries and amendments, also after concurrent writes."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haven.attendance.calendar.actions import change_calendar
from haven.attendance.registers.actions.imports import undo_import
from haven.attendance.registers.actions.registers import amend_mark, take_marks
from haven.attendance.registers.models import MarkAmendment, Sheet
from haven.attendance.registers.rebuild import rebuild_sheet, sheets_unlike_their_record
from haven.platform.errors import ActionRejected
from haven.platform.row_security.context import access_context
from tests.factories.registers import AT, MONDAY, YEAR, SchoolData, amend, build_school, key, marks_of, take, weekdays
from tests.support.database_owner import owner


@pytest.fixture
def school_data(db: None) -> SchoolData:
    return build_school()


PLACES = weekdays(MONDAY, MONDAY + timedelta(days=4))
CODES = ["/", "\\", "L", "N", "O", "I", "C2", "Y4", "#", ""]
STEPS = st.one_of(
    st.tuples(
        st.just("take"),
        st.lists(st.tuples(st.integers(0, 2), st.sampled_from(PLACES), st.sampled_from(CODES)), max_size=8, unique_by=lambda m: m[:2]),
        st.integers(0, 2),
    ),
    st.tuples(st.just("amend"), st.integers(0, 2), st.sampled_from(PLACES), st.sampled_from(CODES)),
    st.tuples(st.just("undo"), st.integers(0, 2)),
    st.tuples(st.just("calendar"), st.lists(st.sampled_from(PLACES), min_size=1, unique=True)),
)  # fmt: skip


class RollBack(Exception):
    pass


def step(school_data: SchoolData, what: tuple[Any, ...], refs: list[uuid.UUID]) -> None:
    viewer = school_data.viewer("head")
    given_to: dict[str, Any] = {"by": viewer, "at": AT}
    school: dict[str, Any] = {**given_to, "school_id": school_data.school.id, "year": YEAR}
    match what:
        case ("take", marks, ref):
            listed = [(school_data.enrolments[number].id, place, symbol) for number, place, symbol in marks]
            take_marks(**school, marks=listed, source="file", import_ref=refs[ref])
        case ("amend", number, place, symbol):
            on, half = MONDAY + timedelta(days=place // 2 - PLACES[0] // 2), "PM" if place % 2 else "AM"
            amend_mark(
                **given_to, enrolment_id=school_data.enrolments[number].id, on=on, half=half, symbol=symbol, reason="x"
            )
        case ("undo", ref):
            undo_import(**given_to, import_ref=refs[ref])
        case ("calendar", sessions):
            change_calendar(**school, sessions=sessions, reason="x", confirm=True)


def test_a_sheet_always_follows_from_what_was_entered_and_what_was_changed(school_data: SchoolData) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(st.lists(STEPS, max_size=10))
    def always(steps: list[tuple[Any, ...]]) -> None:
        refs = [uuid.uuid4() for _ in range(3)]
        try:
            with access_context(school_data.users["head"].id):
                for what in steps:
                    try:
                        step(school_data, what, refs)
                    except ActionRejected as problem:
                        assert "no session on" in str(problem)
                for sheet in Sheet.objects.all():
                    assert rebuild_sheet(sheet) == bytes(sheet.marks)
                    originals: dict[Any, str] = {}
                    for row in MarkAmendment.objects.filter(sheet=sheet).order_by("id"):
                        place = (row.on, row.half)
                        assert place not in originals or originals[place] == row.original
                        assert row.original != row.amended
                        originals[place] = row.amended
                assert sheets_unlike_their_record([school_data.school.id]) == []
                raise RollBack
        except RollBack:
            pass

    always()


def test_a_sheet_that_was_changed_behind_the_record_is_found(school_data: SchoolData) -> None:
    take(school_data, [(0, key(0), "/"), (1, key(0), "/")])
    with owner():
        sheet = Sheet.objects.get(enrolment=school_data.enrolments[0])
        sheet.marks = b"N" + bytes(sheet.marks)[1:]
        sheet.save()
        assert sheets_unlike_their_record([school_data.school.id]) == [(sheet.id, YEAR)]


# --- two at once --------------------------------------------------------------------------------------------------------------


def at_once(school_data: SchoolData, works: list[Callable[[], Any]]) -> list[BaseException | None]:
    """Run each of `works` in a thread of its own, all started at the same moment; returns the errors."""
    gate, problems = threading.Barrier(len(works)), [None] * len(works)

    def run(number: int) -> None:
        try:
            gate.wait(10)
            works[number]()
        except BaseException as problem:
            problems[number] = problem  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return problems  # type: ignore[return-value]


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_wait_for_each_other_and_lose_nothing() -> None:
    school_data = build_school()
    halves = [[(number, place, "/") for number in range(6) for place in PLACES[start::2]] for start in (0, 1)]
    problems = at_once(school_data, [partial(take, school_data, marks) for marks in halves])
    assert problems == [None, None]
    for number in range(6):
        assert marks_of(school_data, number).startswith("/" * 10)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_one_mark_at_once_one_is_told() -> None:
    school_data = build_school()
    take(school_data, [(0, key(0), "N")])
    works = [
        lambda: amend(school_data, 0, (0, "AM"), "I", expected="N"),
        lambda: amend(school_data, 0, (0, "AM"), "O", who="head", expected="N"),
    ]
    problems = at_once(school_data, works)
    assert sorted(type(problem).__name__ for problem in problems) == ["MarkChanged", "NoneType"]
    with owner():
        assert MarkAmendment.objects.count() == 1
