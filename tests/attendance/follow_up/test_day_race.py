"""Two users act on one item at the same moment, in two real connections: one acts, the other is told, and nothing is lost."""

import threading
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from haven.attendance.follow_up.actions import pupils as act
from haven.attendance.follow_up.actions.end_of_day import sign_off_day
from haven.attendance.follow_up.items import SeenVersion
from haven.attendance.follow_up.models import DaySignOff
from haven.attendance.follow_up.queries.day import change_count_of, day_of, open_items
from haven.attendance.registers.models import MarkAmendment
from haven.core.records.models import Entry
from haven.platform.errors import StaleDataError
from haven.platform.row_security.context import access_context
from haven.rules.contact_ladder import Outcome
from haven.rules.sessions import Half
from tests.factories.morning import LATER, ON, Morning, build_school

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def morning() -> Morning:
    return build_school()


def together(*works: Callable[[], str]) -> list[str]:
    """Start all functions at one moment, each in a thread and a connection of its own; returns their results in order."""
    gate, found = threading.Barrier(len(works)), [""] * len(works)

    def run(place: int, work: Callable[[], str]) -> None:
        try:
            gate.wait(timeout=10)
            found[place] = work()
        except Exception as problem:  # the test names every outcome
            found[place] = type(problem).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return found


def seen_of(morning: Morning, number: int) -> SeenVersion:
    officer = morning.viewer("officer")
    with access_context(officer.user_id):
        day = day_of(viewer=officer, school_id=morning.school_id, on=ON, at=LATER)
    found = day.line_of(morning.pupils[number].ref)
    assert found is not None
    return found.seen


def test_two_reasons_at_once_one_holds_and_the_other_is_asked_again(morning: Morning) -> None:
    seen = seen_of(morning, 2)

    def enter(name: str, code: str) -> Callable[[], str]:
        viewer = morning.viewer(name)

        def work() -> str:
            with access_context(viewer.user_id):
                act.give_reason(
                    by=viewer, at=LATER, school_id=morning.school_id, on=ON, pupil_id=morning.pupils[2].id,
                    sessions=[(ON, Half.AM, "N")], code=code, reason="Told by telephone", seen=seen,
                )  # fmt: skip
            return "entered"

        return work

    assert sorted(together(enter("officer", "I"), enter("second", "M"))) == [StaleDataError.__name__, "entered"]
    with access_context(morning.users["officer"].id):
        assert MarkAmendment.objects.count() == 1


def test_two_attempts_at_once_are_not_both_written_unseen(morning: Morning) -> None:
    seen = seen_of(morning, 0)

    def ring(name: str) -> Callable[[], str]:
        viewer = morning.viewer(name)

        def work() -> str:
            with access_context(viewer.user_id):
                act.log_attempt(
                    by=viewer, at=LATER, school_id=morning.school_id, on=ON, pupil_id=morning.pupils[0].id,
                    outcome=Outcome.NO_ANSWER, report=act.OutcomeReport(name="Mother"), seen=seen,
                )  # fmt: skip
            return "recorded"

        return work

    assert sorted(together(ring("officer"), ring("second"))) == [StaleDataError.__name__, "recorded"]
    with access_context(morning.users["officer"].id):
        assert Entry.objects.count() == 1


def test_work_on_two_lines_is_not_in_each_others_way_and_raises_the_pulse(morning: Morning) -> None:
    before = change_count_of(morning.school_id)

    def found(name: str, number: int) -> Callable[[], str]:
        viewer = morning.viewer(name)

        def work() -> str:
            with access_context(viewer.user_id):
                act.say_accounted(
                    by=viewer, at=LATER, school_id=morning.school_id, on=ON, pupil_id=morning.pupils[number].id,
                    half=Half.AM, is_accounted=True, words="SeenVersion", seen=None,
                )  # fmt: skip
            return "said"

        return work

    assert together(found("officer", 0), found("second", 2)) == ["said", "said"]
    assert change_count_of(morning.school_id) == before + 2


def test_the_day_is_signed_off_once(morning: Morning) -> None:
    officer = morning.viewer("officer")
    with access_context(officer.user_id):
        items = open_items(day_of(viewer=officer, school_id=morning.school_id, on=ON, at=LATER))

    def sign(name: str) -> Callable[[], str]:
        viewer = morning.viewer(name)

        def work() -> str:
            with access_context(viewer.user_id):
                sign_off_day(
                    by=viewer,
                    at=LATER,
                    school_id=morning.school_id,
                    on=ON,
                    explanations={item.key: "Next: a visit" for item in items},
                )
            return "signed"

        return work

    assert sorted(together(sign("officer"), sign("second"))) == [PermissionDenied.__name__, "signed"]
    with access_context(officer.user_id):
        assert DaySignOff.objects.count() == 1
