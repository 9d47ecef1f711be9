"""The planner's setting holds within its block alone."""

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from haven.platform.row_security.planner import without_nested_loops

pytestmark = pytest.mark.django_db


def nested_loops() -> str:
    with connection.cursor() as cursor:
        cursor.execute("show enable_nestloop")
        return str(cursor.fetchone()[0])


def test_nested_loops_are_off_within_the_block() -> None:
    assert nested_loops() == "on"
    with without_nested_loops():
        assert nested_loops() == "off"
    assert nested_loops() == "on"


def test_an_error_of_python_leaves_them_on() -> None:
    with pytest.raises(KeyError), without_nested_loops():
        raise KeyError
    assert nested_loops() == "on"


def test_an_error_of_the_database_takes_the_setting_back_with_its_transaction() -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), without_nested_loops(), connection.cursor() as cursor:
        cursor.execute("select no_such_column")
    assert nested_loops() == "on"
