"""A statement that is put together once gives what the queryset gives, each time with the values of that time."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, QuerySet
from django.test.utils import CaptureQueriesContext

from haven.core.people.models import Enrolment, Pupil, RegistrationGroup
from haven.core.tasks.models import Task
from haven.platform.row_security.context import access_context
from haven.platform.row_security.statements import NotAValue, Statement, statement
from haven.rules.visibility import ATTENDANCE, RecordCategory
from tests.morning import ON, Morning, build_school


@pytest.fixture
def morning(db: None) -> Morning:
    return build_school()


@statement
def on_roll(school_id: Any, on: Any, pupil_ids: Any = None) -> QuerySet[Enrolment]:
    rows = Enrolment.objects.filter(school_id=school_id, begins_on__lte=on).select_related("pupil")
    return (rows if pupil_ids is None else rows.filter(pupil_id__any=pupil_ids)).order_by("id")


@statement
def first_numbers(many: int, school_id: Any) -> QuerySet[Enrolment, int]:
    return Enrolment.objects.filter(school_id=school_id).order_by("id").values_list("pupil_id", flat=True)[:many]


@statement
def plans(record_category: Any, source: Any) -> QuerySet[Task, Any]:
    return Task.objects.filter(record_category=record_category, source__startswith=source).values_list("ref", "due_at")


def names(rows: Sequence[Enrolment]) -> list[str]:
    with CaptureQueriesContext(connection) as further:
        found = [row.pupil.name for row in rows]
    assert not len(further)  # what belongs to a row came with it
    return found


def test_rows_are_those_of_the_queryset_each_time_with_other_values(morning: Morning) -> None:
    with access_context(morning.viewer("officer").user_id):
        expected = list(Enrolment.objects.filter(school_id=morning.school_id).select_related("pupil").order_by("id"))
        assert len(expected) > 4
        found = on_roll(school_id=morning.school_id, on=ON)
        assert found == expected and names(found) == names(expected)
        assert [row.begins_on for row in found] == [row.begins_on for row in expected]
        assert on_roll(school_id=morning.school_id, on=date(1990, 1, 1)) == [] == on_roll(school_id=-1, on=ON)
        some = {row.pupil_id for row in expected[1:3]}
        assert on_roll(school_id=morning.school_id, on=ON, pupil_ids=some) == expected[1:3]
        assert on_roll(school_id=morning.school_id, on=ON, pupil_ids=()) == []
        numbers = [row.pupil_id for row in expected]
        assert [first_numbers(many, school_id=morning.school_id) for many in (1, 3)] == [numbers[:1], numbers[:3]]
        assert (
            plans(record_category=ATTENDANCE, source="100%_")
            == []
            == plans(record_category=RecordCategory.STAFF, source="")
        )


def test_the_text_is_drawn_up_once_for_each_choice(morning: Morning) -> None:
    drawn = 0

    def make(school_id: Any) -> QuerySet[RegistrationGroup]:
        nonlocal drawn
        drawn += 1
        return RegistrationGroup.objects.filter(school_id=school_id)

    asked: Statement[RegistrationGroup] = statement(make)
    with access_context(morning.viewer("officer").user_id):
        here = [asked(school_id=morning.school_id) for _ in range(3)]
        assert here[0] and here[0] == here[1] == here[2] and asked(school_id=-1) == []
    assert drawn == 1


def test_the_wall_stands_before_it_and_each_viewer_asks_anew(morning: Morning) -> None:
    seen = []
    for user in (morning.users["officer"], morning.other.users["officer"]):
        with access_context(user.id):
            seen.append(len(on_roll(school_id=morning.school_id, on=ON)))
    assert seen[0] > seen[1] == 0


@pytest.mark.parametrize("value", [None, 1.5, {"a": object()}.values(), Pupil()])
def test_what_is_no_plain_value_is_refused(value: Any, db: None) -> None:
    with pytest.raises(NotAValue):
        first_numbers(1, school_id=value)


@pytest.mark.parametrize(
    "make",
    [
        lambda school_id: Enrolment.objects.filter(school_id=school_id).values("id"),
        lambda school_id: Enrolment.objects.filter(school_id=school_id).annotate(many=Count("id")),
        lambda school_id: Enrolment.objects.filter(school_id=school_id).prefetch_related("pupil"),
    ],
)
def test_rows_that_it_cannot_read_are_refused(make: Callable[..., Any], db: None) -> None:
    with pytest.raises(NotAValue):
        statement(make)(school_id=1)
