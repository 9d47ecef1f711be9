"""Queries in `.sql` files give typed rows, and raise an error if columns and types do not match."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

from haven.core.people.models import Enrolment, Pupil
from haven.platform.row_security.context import access_context
from haven.platform.sql_files import ColumnMismatch, SqlFile
from tests.factories.morning import Morning, build_school

pytestmark = pytest.mark.django_db
TEXT = """-- A comment before the first name.

-- name: named
select id, surname from people_pupil where id = any(%(ids)s::int[]) order by id

-- name: numbers
select id from people_pupil where %(id)s::int is null or id = %(id)s order by id

-- name: pupils
select * from people_pupil where id = any(%(ids)s::int[]) order by id

-- name: some_columns
select id, ref from people_pupil
"""


class Named(NamedTuple):
    id: int
    surname: str


@dataclass(frozen=True)
class Swapped:
    surname: str
    id: int


@pytest.fixture
def queries(tmp_path: Path) -> SqlFile:
    (tmp_path / "asked.sql").write_text(TEXT)
    return SqlFile(str(tmp_path / "asked.py"))


@pytest.fixture
def morning() -> Morning:
    return build_school()


def test_rows_values_and_objects_are_those_of_a_queryset(queries: SqlFile, morning: Morning) -> None:
    assert queries.names() == ["named", "numbers", "pupils", "some_columns"]
    with access_context(morning.viewer("officer").user_id):
        pupils = list(Pupil.objects.order_by("id"))
        ids = {pupil.id for pupil in pupils[:3]}
        assert queries.rows(Named, "named", ids=ids) == [Named(each.id, each.surname) for each in pupils[:3]]
        assert queries.rows(Named, "named", ids=()) == []
        assert queries.values(int, "numbers", id=None) == [each.id for each in pupils]
        assert queries.values(int, "numbers", id=pupils[0].id) == [pupils[0].id]
        found = queries.objects(Pupil, "pupils", ids=tuple(ids))
        assert found == pupils[:3]
        assert [vars(a) | {"_state": None} for a in found] == [vars(b) | {"_state": None} for b in pupils[:3]]
        assert not any(pupil.get_deferred_fields() or pupil._state.adding for pupil in found)


def test_row_security_holds(queries: SqlFile, morning: Morning) -> None:
    seen = []
    for user in (morning.users["officer"], morning.other.users["officer"]):
        with access_context(user.id):
            seen.append(
                {pupil.id for pupil in queries.objects(Pupil, "pupils", ids=[each.id for each in morning.pupils])}
            )
    assert seen[0] and not seen[1]


@pytest.mark.parametrize(
    "ask",
    [
        lambda queries: queries.rows(Swapped, "named", ids=[1]),
        lambda queries: queries.values(int, "named", ids=[1]),
        lambda queries: queries.objects(Pupil, "some_columns"),
        lambda queries: queries.objects(Enrolment, "pupils", ids=[1]),
    ],
)
def test_columns_that_do_not_fit_are_refused(
    queries: SqlFile, morning: Morning, ask: Callable[[SqlFile], object]
) -> None:
    with access_context(morning.viewer("officer").user_id), pytest.raises(ColumnMismatch):
        ask(queries)


def test_a_missing_file_and_an_unknown_name_are_errors(queries: SqlFile, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SqlFile(str(tmp_path / "other.py"))
    with pytest.raises(KeyError):
        queries.values(int, "nothing")
