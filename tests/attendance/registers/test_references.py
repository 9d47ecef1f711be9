"""Rows that are named by plain integers (decision 0017) stay: the application cannot delete them."""

import pytest
from django.db import connection

from haven.operations.database import APP


@pytest.mark.parametrize("table", ["accounts_user", "people_pupil", "registers_sheet", "schools_school"])
def test_the_application_has_no_right_to_delete(db: None, table: str) -> None:
    with connection.cursor() as cursor:
        for right in ("DELETE", "TRUNCATE"):
            cursor.execute("select has_table_privilege(%s, %s, %s)", [APP, table, right])
            assert cursor.fetchone() == (False,), right
