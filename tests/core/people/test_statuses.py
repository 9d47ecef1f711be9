"""Statuses of pupils and the vulnerable list: who reads the reason, and what comes out as an instruction."""

from datetime import date, time

import pytest
from django.db import ProgrammingError, transaction

from haven.core.people import actions, queries
from haven.core.people.errors import BadStatus
from haven.core.people.models import DailyWatch, Status
from haven.platform.row_security.context import access_context
from tests.database_owner import owner
from tests.families import AT, TODAY, Families, build_school, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Families:
    return build_school()


def test_the_reason_stays_behind_the_wall_and_the_instruction_comes_out(stage: Families) -> None:
    pupil = stage.admit("Aisha", "Rahman").pupil
    record(stage, pupil, "child_protection")
    with access_context(stage.users["attendance_officer"].id):
        school = stage.larkfield.id
        assert queries.statuses_of(school_id=school, pupil_id=pupil.id, on=TODAY) == []
        assert queries.status_kinds_seen(school_id=school, on=TODAY) == {}
        watch = queries.watch_of(school_id=school, on=TODAY)[pupil.id]
        assert (watch.tier, watch.due) == (3, time(10, 0))
        [line] = DailyWatch.objects.values()
        assert Status.objects.count() == 0
        said = " ".join(str(value) for value in line.values()).lower()
        assert "protection" not in said and "plan" not in said
    with access_context(stage.users["dsl"].id):
        assert [row.kind for row in queries.statuses_of(school_id=school, pupil_id=pupil.id, on=TODAY)] == [
            "child_protection"
        ]
    with access_context(stage.users["teacher"].id):
        assert queries.watch_of(school_id=school, on=TODAY) == {}


def test_the_rows_of_kinds_that_share_an_instruction_are_alike(stage: Families) -> None:
    pupils = [stage.admit("Pupil", f"Number{n}").pupil for n in range(3)]
    for pupil, kind in zip(pupils, ("child_protection", "looked_after", "private_fostering"), strict=True):
        record(stage, pupil, kind)
    with access_context(stage.users["attendance_officer"].id):
        own = {"id", "ref", "pupil_id", "recorded_at"}
        rows = [{key: value for key, value in row.items() if key not in own} for row in DailyWatch.objects.values()]
        assert rows[0] == rows[1] == rows[2]


def test_ending_a_status_leaves_what_others_hold(stage: Families) -> None:
    pupil = stage.admit("Aisha", "Rahman").pupil
    plan, carer = record(stage, pupil, "child_protection"), record(stage, pupil, "young_carer", "pastoral_coordinator")
    school = stage.larkfield.id
    with access_context(stage.users["pastoral_coordinator"].id):
        both = queries.watch_of(school_id=school, on=TODAY)[pupil.id]
        assert both.tier == 3 and "social worker" in both.instruction and "pastoral lead" in both.instruction
        by = stage.viewer("pastoral_coordinator")
        actions.end_status(by=by, at=AT, status=carer, ends_on=date(2026, 1, 13), reason="Over")
        assert queries.watch_of(school_id=school, on=TODAY)[pupil.id].instruction == plan_instruction()
    with access_context(stage.users["dsl"].id):
        with pytest.raises(BadStatus):
            actions.end_status(by=stage.viewer("dsl"), at=AT, status=plan, ends_on=date(2025, 1, 1))
        actions.end_status(by=stage.viewer("dsl"), at=AT, status=plan, ends_on=date(2026, 1, 13))
        assert queries.watch_of(school_id=school, on=TODAY) == {}
        assert queries.watch_of(school_id=school, on=date(2026, 1, 13))[pupil.id].tier == 3


def plan_instruction() -> str:
    return "Ring the social worker before 10:00, then home."


def test_an_instruction_changed_by_hand_is_still_ended_with_its_status(stage: Families) -> None:
    pupil = stage.admit("Aisha", "Rahman").pupil
    plan = record(stage, pupil, "child_protection")
    with access_context(stage.users["dsl"].id):
        by, school = stage.viewer("dsl"), stage.larkfield.id
        actions.keep_watch(
            by=by, at=AT, school_id=school, pupil_id=pupil.id, tier=2, instruction="Ring the grandmother.",
            begins_on=TODAY, replaces=plan.watch_ref,
        )  # fmt: skip
        assert queries.watch_of(school_id=school, on=TODAY)[pupil.id].instruction == "Ring the grandmother."
        plan.refresh_from_db()
        actions.end_status(by=by, at=AT, status=plan, ends_on=TODAY)
        assert queries.watch_of(school_id=school, on=date(2026, 1, 15)) == {}
        for wrong in ({"tier": 0, "instruction": "Ring."}, {"tier": 1, "instruction": " "}):
            with pytest.raises(BadStatus):
                actions.keep_watch(by=by, at=AT, school_id=school, pupil_id=pupil.id, begins_on=TODAY, **wrong)  # type: ignore[arg-type]


def test_a_status_needs_a_kind_a_source_and_stands_once(stage: Families) -> None:
    pupil = stage.admit("Aisha", "Rahman").pupil
    record(stage, pupil, "child_in_need")
    with access_context(stage.users["dsl"].id):
        new = {
            "by": stage.viewer("dsl"),
            "at": AT,
            "school_id": stage.larkfield.id,
            "pupil_id": pupil.id,
            "begins_on": TODAY,
        }
        for wrong, why in (({"kind": "child_in_need", "source": "x"}, "stands already"), ({"kind": "looked_after"}, "who said so"), ({"kind": "naughty", "source": "x"}, "no kind")):  # fmt: skip
            with pytest.raises(BadStatus, match=why):
                actions.record_status(**new, **wrong)  # type: ignore[arg-type]
        assert DailyWatch.objects.count() == 1


def test_nobody_writes_into_a_compartment_that_they_could_not_read_again(stage: Families) -> None:
    pupil = stage.admit("Aisha", "Rahman").pupil
    for who in ("attendance_officer", "teacher"):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            record(stage, pupil, "child_protection", who)
    with owner():
        assert not Status.objects.exists() and not DailyWatch.objects.exists()
