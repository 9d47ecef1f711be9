"""Writes rows into the database in bulk, as the owner of the tables.

COPY does not work on a table under row-level security, not even for its owner. So each batch is copied to a temporary
table and inserted from there: the row policy stays in force throughout.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from zlib import crc32

from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, connection, models

from haven.platform.row_security.policies import OWNER_ROLE

BATCH = 50_000


def reserve(model: type[models.Model], count: int) -> int:
    """Reserve consecutive ids of a table and return the first of them."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_serial_sequence(%s, 'id')", [table])
        sequence = cursor.fetchone()[0]
        cursor.execute("select nextval(%s)", [sequence])
        first = int(cursor.fetchone()[0])
        if count > 1:
            cursor.execute("select setval(%s, %s)", [sequence, first + count - 1])
    return first


def _constants(model: type[models.Model], columns: Sequence[str]) -> dict[str, Any]:
    """Values for the columns that the rows do not contain: the field's default, or an empty text. Columns with a
    default in the database are left out. Raises KeyError for other columns."""
    constants: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        name = str(field.column)
        if name in columns or field.primary_key or field.generated:
            continue
        if field.has_default() and not callable(field.default):
            constants[name] = field.get_default()
        elif getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False):
            raise KeyError(f"{model.__name__}.{name} needs a value")
        elif field.null or field.has_db_default():
            continue
        elif isinstance(field, models.TextField | models.CharField) and field.blank:
            constants[name] = ""
        elif isinstance(field, ArrayField):
            constants[name] = []
        else:
            raise KeyError(f"{model.__name__}.{name} needs a value")
    return constants


def write(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows of the named database columns; returns their number. Other columns get their defaults.

    Rows go through a temporary table, one for each kind of row until the transaction ends. Each created and dropped
    table holds about ten locks until then, and one table for each call exceeded PostgreSQL's lock table.
    """
    table = model._meta.db_table
    constants = _constants(model, columns)
    named = ", ".join(f'"{column}"' for column in columns)
    into = ", ".join(f'"{column}"' for column in [*columns, *constants])
    given = ", ".join([*(f'"{column}"' for column in columns), *("%s" for _ in constants)])
    values = [_adapted(value) for value in constants.values()]
    row_count = 0
    with connection.cursor() as cursor:
        staged = _staged(table, named)
        cursor.execute(
            f'create temporary table if not exists {staged} on commit drop as select {named} from "{table}" with no data'
        )
        for batch in _batches(rows):
            with cursor.copy(f"copy {staged} ({named}) from stdin") as copy:
                for row in batch:
                    copy.write_row(row)
                    row_count += 1
            cursor.execute(f'insert into "{table}" ({into}) select {given} from {staged}', values)
            cursor.execute(f"truncate {staged}")
    return row_count


def _staged(table: str, columns: str) -> str:
    return f'"staged_{table}_{crc32(columns.encode()):08x}"'


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


@contextmanager
def referenced_at_once(*tables: type[models.Model]) -> Iterator[None]:
    """Inside this block, foreign keys of these tables are not checked row by row, but at the end for all rows of each
    table.

    This is some hundred times faster. Triggers do not run meanwhile. So the block is only for rows of schools that
    nobody has read yet, or for changes that also write a new `RegisterVersion`.

    Only PostgreSQL's superuser may do this (Haven is superuser of the embedded database); otherwise each row is checked
    as usual. Raises IntegrityError for a missing referenced row. To be used inside a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper from pg_roles where rolname = session_user")
        if not cursor.fetchone()[0]:
            yield
            return
        cursor.execute(f"reset role; set local session_replication_role = replica; set role {OWNER_ROLE}")
        yield
        cursor.execute("reset role; set local session_replication_role = origin")
        for table in tables:
            for reference in table._meta.concrete_fields:
                if isinstance(reference, models.ForeignKey):
                    cursor.execute(_dangling(reference))
                    if cursor.fetchone()[0]:
                        raise IntegrityError(f"{table.__name__}.{reference.column} refers to rows that are not there.")
        cursor.execute(f"set role {OWNER_ROLE}")


def _dangling(reference: Any) -> str:
    """The SQL that tests whether a row refers to a missing row."""
    table, other = reference.model._meta.db_table, reference.related_model._meta
    return (
        f'select exists (select from "{table}" one left join "{other.db_table}" other on other."{other.pk.column}" = one."{reference.column}" '
        f'where one."{reference.column}" is not null and other."{other.pk.column}" is null)'
    )


def settle(tables: Iterable[type[models.Model]]) -> None:
    """Update the planner's statistics of the tables."""
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f'analyze "{model._meta.db_table}"')


Progress = Callable[[str, int, int], None]
"""Progress callback: the current step, the number done, the total."""
