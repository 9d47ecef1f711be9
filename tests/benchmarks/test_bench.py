"""The bench on a small school: row security and the same condition by hand give the same rows for every list and viewer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from benchmarks import authority, history, nation, row_security
from benchmarks.dataset import MORNING, Dataset, InUse, Size, _make_free_role, alone, become
from benchmarks.entries import fill_file, name_wide_lead
from benchmarks.measure import Case, UnequalAnswers, Version, take
from benchmarks.running import taken
from haven.analytics.measures import walk_many
from haven.attendance.registers.queries.register_reader import sheets_for
from haven.core.records.models import Entry
from tests.factories.demonstration_data import AT, demonstration
from tests.support.database_owner import owner

SIZE = Size("tiny", 200, 3, 600, 0)


@pytest.fixture(scope="module")
def dataset(django_db_setup: None, django_db_blocker: Any) -> Iterator[Dataset]:
    with demonstration(django_db_blocker, pupils=SIZE.pupils), django_db_blocker.unblock():
        with owner():
            with transaction.atomic():
                name_wide_lead(MORNING)
                fill_file(SIZE.entries, seed=1, at=AT)
            _make_free_role()
        yield Dataset(SIZE, 1, lambda words: None)


def cases(dataset: Dataset, name: str) -> Iterator[Case]:
    for each in row_security.LISTS:
        if each.name == name:
            for who in each.viewers:
                yield from row_security.case_of(dataset, each, who, dataset.person(who))


@pytest.mark.django_db
@pytest.mark.parametrize("name", [each.name for each in row_security.LISTS])
def test_both_versions_of_every_list_give_the_same_rows(dataset: Dataset, name: str) -> None:
    with owner():
        for case in cases(dataset, name):
            seen = take(case, runs=1)
            assert seen.facts["statements"] > 0
            assert set(seen.spreads) == {row_security.FREE, row_security.WALLED}


@pytest.mark.django_db
def test_a_tutors_list_is_narrowed_by_the_wall_and_an_officers_by_itself(dataset: Dataset) -> None:
    with owner():
        narrowed = {case.name: case.facts["narrowed_by"] for case in cases(dataset, "Marks of a day")}
    assert narrowed == {"Marks of a day, officer": "its own scope", "Marks of a day, form tutor": "hand"}


@pytest.mark.django_db
def test_a_wall_that_hid_one_row_too_many_would_be_refused(dataset: Dataset) -> None:
    with owner(), dataset.entered(dataset.person("dsl")):
        sent = row_security.statements_of(lambda: list(Entry.objects.filter(record_category=3).order_by("id")))
        dataset.as_free()
        everybody = Version(lambda: row_security.answer(sent), dataset.as_free)
        lead = Version(lambda: row_security.answer(sent), dataset.as_app)
        with pytest.raises(UnequalAnswers):
            take(
                Case("concerns of all schools", {"without": everybody, "with": lead}, alike=row_security.alike), runs=1
            )


@pytest.mark.django_db
def test_the_file_is_filled_with_what_was_asked_for_and_the_same_each_time(dataset: Dataset) -> None:
    with owner(), transaction.atomic():
        assert Entry.objects.filter(author_role="").count() == SIZE.entries
        first = (
            Entry.objects.filter(author_role="").order_by("ref").values_list("ref", "happened_at", "access_scope")[0]
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "select md5('1entry' || g)::uuid from generate_series(1, %s) g order by 1 limit 1", [SIZE.entries]
            )
            assert cursor.fetchone()[0] == first[0]
        become("haven_owner")


def test_two_benches_do_not_work_on_the_same_data() -> None:
    with alone(), pytest.raises(InUse, match="Another bench"), alone():
        raise AssertionError("both were let in")
    with alone():
        pass


@pytest.mark.django_db
def test_rows_of_marks_and_packed_sheets_give_the_same_rates(dataset: Dataset) -> None:
    with owner():
        seen = list(taken(authority.AUTHORITY, dataset, 1))
    assert {name for each in seen for name in each.spreads} >= {
        authority.DOOR,
        authority.ROWS,
        authority.DUCK,
        authority.PARQUET,
    }
    assert all(each.facts["marks"] > 10_000 for each in seen)


@pytest.mark.django_db
def test_years_are_put_behind_a_school_and_taken_away_again(dataset: Dataset) -> None:
    def content() -> tuple[Any, ...]:
        with connection.cursor() as cursor:
            cursor.execute("select count(*), md5(string_agg(begins_on::text, ',' order by id)) from people_enrolment")
            enrolments = cursor.fetchone()
            cursor.execute("select count(*) from registers_sheet union all select count(*) from schools_calendar")
            return enrolments, cursor.fetchall()

    with owner():
        before = content()
        with history.longer(dataset) as sheets:
            assert sheets % history.MORE_YEARS == 0 < sheets
            with dataset.entered(dataset.person("attendance_officer")):
                oldest = sheets_for(school_id=dataset.school.id, year="2019-20")
                assert oldest is not None
                assert len(walk_many(oldest.matrix, oldest.calendar, roll=oldest.roll)) >= sheets / history.MORE_YEARS
        assert content() == before


@pytest.mark.django_db
def test_a_nation_is_measured_in_a_process_of_its_own(dataset: Dataset, tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path
    with owner():
        (seen,) = taken(nation.NATION, dataset, 1)
    assert seen.facts["sheets"] > 800
    assert seen.facts["megabytes at most"] > 50
    assert list(tmp_path.iterdir()) == []
