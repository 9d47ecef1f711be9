"""A database of Haven 0.1.0 is told from one of 0.2.0 by the names of its migrations."""

from collections.abc import Iterator

import psycopg
import pytest

from haven.operations import database
from haven.operations.before_0_2 import is_made_before_0_2

NAME = "haven_tests_before_0_2"


@pytest.fixture
def empty() -> Iterator[psycopg.Connection]:
    """A connection to an empty database, which is gone afterwards."""
    with database.master().connect("postgres") as server:
        server.execute(f"drop database if exists {NAME} with (force)")
        server.execute(f"create database {NAME}")
    with database.master().connect(NAME) as connection:
        yield connection
    with database.master().connect("postgres") as server:
        server.execute(f"drop database {NAME} with (force)")


def test_an_empty_database_is_not_of_an_older_version(empty: psycopg.Connection) -> None:
    assert not is_made_before_0_2(empty)


@pytest.mark.parametrize(
    ("apps", "older"),
    [(["accounts", "records"], False), (["access"], True), (["people", "chronology"], True), (["mis"], True)],
)
def test_the_migrations_say_which_version_made_it(empty: psycopg.Connection, apps: list[str], older: bool) -> None:
    empty.execute("create table django_migrations (app text)")
    for app in apps:
        empty.execute("insert into django_migrations values (%s)", [app])
    assert is_made_before_0_2(empty) is older
