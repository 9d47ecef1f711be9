"""A small demonstration in the test database, for tests that need all of its people."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

from haven.demonstration.build import Asked, fill
from haven.demonstration.people import SIGN_INS
from haven.platform.accounts.grants import write_grants
from haven.platform.accounts.models import User
from tests.support.database_owner import owner

MORNING = date(2026, 1, 14)
NOW = "2026-01-14T09:12:00+00:00"
AT = datetime(2026, 1, 14, 9, 12, tzinfo=UTC)


def _empty() -> None:
    kept = ("django_migrations", "django_content_type", "accounts_rolegrant")
    with owner(), connection.cursor() as cursor:
        tables = [table for table in connection.introspection.table_names() if table not in kept]
        cursor.execute("truncate " + ", ".join(f'"{table}"' for table in tables) + " restart identity cascade")
        write_grants()


@contextmanager
def demonstration(
    blocker: Any, *, pupils: int = 700, seed: int = 7, earlier_years: int = 0
) -> Iterator[dict[str, User]]:
    """Fill the test database for the duration of the block; yields the people by key. The morning is Wednesday 14 January 2026."""
    with blocker.unblock():
        _empty()
        with owner():
            fill(
                Asked(pupils=pupils, schools=3, earlier_years=earlier_years, seed=seed, on=MORNING), lambda *told: None
            )
        people = {one.key: User.objects.get(email=one.email) for one in SIGN_INS}
    try:
        yield people
    finally:
        with blocker.unblock():
            _empty()
