"""References without a foreign key: the demonstration has no orphan, and one planted in any column is found."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from haven.operations.database import APP, OWNER
from haven.operations.references import orphans, references
from haven.platform.accounts.models import User
from tests.factories.demonstration_data import demonstration
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
NOBODY = 2_000_000_000


@pytest.fixture(scope="module", autouse=True)
def people(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User]]:
    with demonstration(django_db_blocker, pupils=300, seed=7) as users:
        yield users


def test_the_demonstration_has_no_orphan() -> None:
    with owner():
        assert orphans() == []


def test_an_orphan_in_any_column_is_found() -> None:
    planted = []
    for reference in references():
        number = f"array[{NOBODY}]" if reference.is_array else str(NOBODY)
        with transaction.atomic(), connection.cursor() as cursor:
            # as a damaged restore would leave it: no trigger and no row policy stands in the way
            cursor.execute(f"reset role; set local session_replication_role = replica; set role {OWNER}")
            try:
                cursor.execute(
                    f"update {reference.table} set {reference.column} = {number}"
                    f" where ctid = (select ctid from {reference.table} limit 1)"
                )
                if cursor.rowcount:
                    planted.append(reference)
                    assert orphans() == [(reference, 1)]
            finally:
                cursor.execute(f"reset role; set local session_replication_role = origin; set role {APP}")
                transaction.set_rollback(True)
    assert len(planted) >= 25, "the demonstration has rows in most of the tables"
