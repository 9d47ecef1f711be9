"""Queries written in SQL, in a `.sql` file beside the Python module that runs them.

Pages that are open all day use SQL: Django takes longer to compile a queryset than PostgreSQL takes to run it. All other code uses
querysets. Row-level security applies to both. A file has several queries, each under its name:

    -- name: open_tasks
    select title, due_at from tasks_task where school_id = %(school_id)s and done_at is null

The module reads its file once and runs queries by name:

    QUERIES = SqlFile(__file__)
    QUERIES.rows(OpenTask, "open_tasks", school_id=3)     # a list of OpenTask(title, due_at)
    QUERIES.values(str, "titles", school_id=3)            # a list of the only column
    QUERIES.objects(Task, "tasks", school_id=3)           # a list of model instances; the query selects every column
"""

import inspect
import re
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model

Row = TypeVar("Row")
Object = TypeVar("Object", bound=Model)
SqlValue: TypeAlias = "bool | int | str | bytes | date | datetime | time | UUID | Collection[SqlValue] | None"
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


class ColumnMismatch(TypeError):
    """The columns of a query do not match the parameters of its row type."""


class SqlFile:
    """The queries of the `.sql` file with the name of a Python module. Raises FileNotFoundError if the file does not exist."""

    def __init__(self, module: str) -> None:
        self.path = Path(module).with_suffix(".sql")
        _, *parts = _NAME.split(self.path.read_text())
        self._texts = dict(zip(parts[::2], parts[1::2], strict=True))
        self._orders: dict[tuple[str, object], list[int]] = {}

    def names(self) -> list[str]:
        """The names of the queries, in order."""
        return list(self._texts)

    def rows(self, row: Callable[..., Row], name: str, /, **values: SqlValue) -> list[Row]:
        """The rows of a query, each made by `row` (a dataclass, a named tuple, a function), whose parameters have the names of the query's
        columns, in order. No rows: an empty list. Raises KeyError for an unknown name, ColumnMismatch."""
        columns, rows = self._ask(name, values)
        if (name, row) not in self._orders:
            parameters = list(inspect.signature(row).parameters)
            if columns != parameters:
                raise ColumnMismatch(f"{self.path.name}, {name}: columns {columns} are not parameters {parameters}")
            self._orders[name, row] = []
        return [row(*values) for values in rows]

    def values(self, kind: type[Row], name: str, /, **values: SqlValue) -> list[Row]:
        """The values of a query with one column, each of that type. Raises KeyError for an unknown name, ColumnMismatch."""
        columns, rows = self._ask(name, values)
        if len(columns) != 1:
            raise ColumnMismatch(f"{self.path.name}, {name}: one column is expected, and there are {columns}")
        return [row[0] for row in rows]

    def objects(self, model: type[Object], name: str, /, **values: SqlValue) -> list[Object]:
        """The rows of a query as instances of a model; the query selects every column of the model, in any order, and no other. Raises
        KeyError for an unknown name, ColumnMismatch."""
        columns, rows = self._ask(name, values)
        order = self._orders.get((name, model)) or self._order_of(name, model, columns)
        names = [columns[place] for place in order]
        converted = [(names.index(field.attname), field) for field in _fields(model) if hasattr(field, "from_db_value")]
        objects = []
        for row in rows:
            fields = [row[place] for place in order]
            for place, field in converted:
                fields[place] = field.from_db_value(fields[place], None, connection)
            objects.append(model.from_db(connection.alias, names, fields))
        return objects

    def _ask(self, name: str, values: dict[str, SqlValue]) -> tuple[list[str], list[tuple[Any, ...]]]:
        adapted = {key: _adapted(value) for key, value in values.items()}
        with connection.cursor() as cursor:
            cursor.execute(self._texts[name], adapted)
            return [column.name for column in cursor.description or ()], cursor.fetchall()

    def _order_of(self, name: str, model: type[Model], columns: Sequence[str]) -> list[int]:
        """The positions of the model's fields among the columns, in the order of the model's fields."""
        wanted = [field.attname for field in _fields(model)]
        if sorted(columns) != sorted(wanted):
            raise ColumnMismatch(f"{self.path.name}, {name}: columns {columns} are not the fields {wanted}")
        return self._orders.setdefault((name, model), [columns.index(column) for column in wanted])


@cache
def _fields(model: type[Model]) -> list[Any]:
    return [field for field in model._meta.get_fields() if field.concrete and not field.many_to_many]


def _adapted(value: SqlValue) -> Any:
    """A set or a tuple is sent as an array, like a list."""
    return list(value) if isinstance(value, Collection) and not isinstance(value, str | bytes | list) else value
