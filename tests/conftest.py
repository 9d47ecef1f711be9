"""Fixtures of every test: the database is created by the owner and used with the application role; the people of the demonstration."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings

from haven.operations.database import APP, OWNER, open_schemas
from tests.support.cached_database import one_at_a_time
from tests.support.database_owner import owner
from tests.support.server import MIGRATED

# Timings never decide a test: a busy machine generates slowly, which is not a fault of the tested code.
settings.register_profile("haven", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("haven")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    return None


def _create(name: str, how: str = "") -> None:
    connection.settings_dict["OPTIONS"] = {}
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'drop database if exists "{name}" with (force)')
        cursor.execute(f'create database "{name}" owner {OWNER} {how}')
    connection.close()


def _migrate(plain: dict[str, Any]) -> None:
    """The database that each process of the run copies: schemas opened, tables created by the owner."""
    from django.core.management import call_command

    from haven.operations import database

    _create(MIGRATED)
    settings = connection.settings_dict
    before, settings["NAME"] = settings["NAME"], MIGRATED
    with database.master().connect(MIGRATED) as plain_connection:
        open_schemas(plain_connection)
    settings["OPTIONS"] = {**plain, "assume_role": OWNER}
    call_command("migrate", verbosity=0)
    connection.close()
    settings["NAME"], settings["OPTIONS"] = before, {}


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[None]:
    """Create the test database as a copy of one that is migrated once a run; then switch to the application role."""
    settings = connection.settings_dict
    plain, before = settings["OPTIONS"], settings["NAME"]
    with django_db_blocker.unblock():
        settings["OPTIONS"] = {}
        name = connection.creation._get_test_db_name()  # type: ignore[attr-defined]  # pytest-django creates this name
        with one_at_a_time("migrated") as migrated:
            if not migrated.exists():
                _migrate(plain)
                migrated.touch()
            _create(name, f"template {MIGRATED}")
        settings["NAME"] = name
        settings["OPTIONS"] = {**plain, "assume_role": APP}
    yield
    with django_db_blocker.unblock():
        connection.close()
        settings["OPTIONS"] = {}
        settings["NAME"] = before
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'drop database if exists "{name}" with (force)')
        connection.close()


@pytest.fixture(autouse=True, scope="session")
def _flush_as_owner() -> Iterator[None]:
    """Transactional tests empty the tables at their end, which only the owner may do; the role grants stay."""
    original = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # the stubs leave it out

    def teardown(self: Any) -> None:
        from haven.platform.accounts.grants import write_grants

        with owner():
            with connection.cursor() as cursor:
                tables = [
                    table
                    for table in connection.introspection.table_names()
                    if table not in ("django_migrations", "django_content_type", "accounts_rolegrant")
                ]
                names = ", ".join(f'"{table}"' for table in tables)
                cursor.execute(f"truncate {names} restart identity cascade")
            write_grants()

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]
    yield
    TransactionTestCase._fixture_teardown = original  # type: ignore[attr-defined]


LONG = (
    "/browser/test_every_page.py",
    "/browser/",
    "test_confidentiality.py",
    "test_backup.py",
    "test_matrix.py",
    "test_killed.py",
    "test_import_bad_luck.py",
    "test_import_folder.py",
    "test_file_truth_table.py",
    "test_group_figures.py",
    "test_today_pages.py",
    "test_bench.py",
)
"""The slowest files, the slowest first. They start first, so that no process is left with one of them at the end."""


def _needs_a_database(item: pytest.Item) -> bool:
    """Whether a test uses the database, or starts `haven` in a process of its own."""
    fixtures = set(getattr(item, "fixturenames", ()))
    module = getattr(item, "module", None)
    return bool(fixtures & {"db", "transactional_db"}) or any(
        hasattr(module, name) for name in ("subprocess", "installed", "Installed", "owner")
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _needs_a_database(item):
            item.add_marker("database")
    items.sort(key=lambda item: next((place for place, name in enumerate(LONG) if name in str(item.path)), len(LONG)))
