"""Plan, store, apply: what a plan promised is what is written, unless somebody else wrote in between."""

import io
from datetime import timedelta

import pytest

from haven.core.schools.actions import Kept, SchoolFacts, compare_schools, keep_schools
from haven.exchange.imports.actions import ReceivedFile, apply_run, store_plan
from haven.exchange.imports.runs.plan import Choices, Figures, ImportContext, ImportPlan, ImportRejected, ImportRequest
from haven.exchange.imports.runs.planning import plan_file
from haven.platform.accounts.context import system_context
from tests.exchange.imports.test_import_command import good, long_form
from tests.factories.imports import fingerprint, upns_of
from tests.factories.registers import AT, SchoolData, build_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def school_data() -> SchoolData:
    return build_school()


def planned(school_data: SchoolData, by: object, text: str) -> tuple[ImportPlan, ReceivedFile]:
    file = io.BytesIO(text.encode())
    context = ImportContext(by, AT, school_data.school)  # type: ignore[arg-type]
    plan = plan_file(ImportRequest(context, "marks", file, "register.csv", len(text)))
    return plan, ReceivedFile(school_data.school.id, "marks", file, "register.csv")


def applied(school_data: SchoolData, text: str) -> Figures:
    with system_context(on=AT.date()) as by:
        plan, received = planned(school_data, by, text)
        run = store_plan(by=by, at=AT, plan=plan, received=received)
        return apply_run(by=by, at=AT, run=run, plan=plan)


def test_a_plan_changes_nothing_and_applying_it_does_what_it_said(school_data: SchoolData) -> None:
    before = fingerprint()
    with system_context(on=AT.date()) as by:
        plan, _ = planned(school_data, by, good(school_data))
    assert plan.figures == Figures(6, 6, 0, 0)
    assert fingerprint() == before
    assert applied(school_data, good(school_data)) == Figures(6, 6, 0, 0)
    assert applied(school_data, good(school_data)) == Figures(6, 0, 0, 6)


def test_what_somebody_wrote_after_the_plan_is_seen_when_it_is_applied(school_data: SchoolData) -> None:
    with system_context(on=AT.date()) as by:
        plan, received = planned(school_data, by, good(school_data, "I"))
        run = store_plan(by=by, at=AT, plan=plan, received=received)
    first = upns_of(school_data)[0]
    assert applied(school_data, long_form((first, "2026-01-12", "AM", "C"))).new == 1
    with system_context(on=AT.date()) as by:
        done = apply_run(by=by, at=AT + timedelta(minutes=1), run=run, plan=plan)
    assert done == Figures(6, 5, 1, 0)
    assert (run.state, run.counts["new"], run.counts["changed"]) == ("applied", 5, 1)


def test_a_plan_with_errors_is_refused_whole_and_its_good_rows_are_taken(school_data: SchoolData) -> None:
    first, second, *_ = upns_of(school_data)
    text = long_form((first, "2026-01-12", "AM", "/"), (second, "2026-01-12", "AM", "ZZ"))
    with system_context(on=AT.date()) as by:
        plan, received = planned(school_data, by, text)
        run = store_plan(by=by, at=AT, plan=plan, received=received)
        with pytest.raises(ImportRejected, match="1 error. Nothing was changed"):
            apply_run(by=by, at=AT, run=run, plan=plan)
        assert apply_run(by=by, at=AT, run=run, choices=Choices(good_rows_only=True)) == Figures(2, 1, 0, 0)


def test_schools_are_compared_as_they_are_kept(school_data: SchoolData) -> None:
    rows = [
        SchoolFacts(school_data.school.urn, "Larkfield Academy", None, None, {}),
        SchoolFacts(900777, "Old name", ("801", "Bristol"), None, {}),
        SchoolFacts(900777, "New name", ("801", "Bristol"), ("5001", "Larkfield Trust"), {"phase": "Secondary"}),
        SchoolFacts(900778, "Elm Primary", None, None, {}),
    ]
    with system_context(on=AT.date()) as by:
        for change in (rows, rows, [SchoolFacts(900777, "New name", ("802", "Bath"), None, {})]):
            expected = compare_schools(change)
            assert keep_schools(by=by, at=AT, schools=change) == expected
    assert expected == Kept(0, 1, 0)
