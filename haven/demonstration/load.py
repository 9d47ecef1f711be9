"""Puts rows into the database by the thousand, as the owner of the tables.

A table behind the wall takes no COPY, not even from its owner. So each batch is copied to a temporary table first and
inserted from there: the wall stays up throughout.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

BATCH = 50_000


def reserve(model: type[models.Model], many: int) -> int:
    """Take a run of ids of a table and return the first of them."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_serial_sequence(%s, 'id')", [table])
        sequence = cursor.fetchone()[0]
        cursor.execute("select nextval(%s)", [sequence])
        first = int(cursor.fetchone()[0])
        if many > 1:
            cursor.execute("select setval(%s, %s)", [sequence, first + many - 1])
    return first


def _constants(model: type[models.Model], columns: Sequence[str]) -> dict[str, Any]:
    """Values for the columns that the rows do not give: the field's default, or an empty text. Raises KeyError for others."""
    found: dict[str, Any] = {}
    for each in model._meta.concrete_fields:
        name = str(each.column)
        if name in columns or each.primary_key:
            continue
        if each.has_default() and not callable(each.default):
            found[name] = each.get_default()
        elif getattr(each, "auto_now_add", False) or getattr(each, "auto_now", False):
            raise KeyError(f"{model.__name__}.{name} needs a value")
        elif each.null:
            continue
        elif isinstance(each, models.TextField | models.CharField) and each.blank:
            found[name] = ""
        elif isinstance(each, ArrayField):
            found[name] = []
        else:
            raise KeyError(f"{model.__name__}.{name} needs a value")
    return found


def write(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows of the named database columns; returns how many. Columns not named get their defaults."""
    table = model._meta.db_table
    constants = _constants(model, columns)
    named = ", ".join(f'"{column}"' for column in columns)
    into = ", ".join(f'"{column}"' for column in [*columns, *constants])
    given = ", ".join([*(f'"{column}"' for column in columns), *("%s" for _ in constants)])
    values = [_adapted(value) for value in constants.values()]
    many = 0
    with connection.cursor() as cursor:
        cursor.execute(f'create temporary table staged on commit drop as select {named} from "{table}" with no data')
        for batch in _batches(rows):
            with cursor.copy(f"copy staged ({named}) from stdin") as copy:
                for row in batch:
                    copy.write_row(row)
                    many += 1
            cursor.execute(f'insert into "{table}" ({into}) select {given} from staged', values)
            cursor.execute("truncate staged")
        cursor.execute("drop table staged")
    return many


def _adapted(value: Any) -> Any:
    from psycopg.types.json import Jsonb

    return Jsonb(value) if isinstance(value, dict) else value


def _batches(rows: Iterable[Sequence[Any]]) -> Iterable[list[Sequence[Any]]]:
    batch: list[Sequence[Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def settle(tables: Iterable[type[models.Model]]) -> None:
    """Tell the planner how the tables look now."""
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f'analyze "{model._meta.db_table}"')


Progress = Callable[[str, int, int], None]
"""What is being done, how many, of how many."""
