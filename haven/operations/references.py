"""References that are plain numbers: to users, pupils and schools, without a foreign key (decision 0017).

The columns are found in the models, so that a new one is either known here or stops the tests.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

REFERS_TO = {
    "accounts_user": (
        "author_id",
        "user_id",
        "for_user_id",
        "to_user_id",
        "assignee_id",
        "decided_by_id",
        "restricted_to",
    ),
    "people_pupil": ("pupil_id", "pupil_ids"),
    "schools_school": ("school_id", "school_ids"),
}
"""The names of columns that refer to a row of each table."""
OUTLIVES = frozenset({"audit_auditevent"})
"""Tables that outlive what they describe."""


class Reference(NamedTuple):
    """A column of numbers, or of arrays of numbers, that refers to the rows of `target`."""

    table: str
    column: str
    target: str
    is_array: bool


def references() -> Iterator[Reference]:
    """Every such column. Raises LookupError for a column of numbers named like a reference whose target nobody has declared."""
    targets = {column: table for table, columns in REFERS_TO.items() for column in columns}
    for model in apps.get_models():
        table = model._meta.db_table
        for field in model._meta.local_concrete_fields:
            is_array = isinstance(field, ArrayField) and isinstance(field.base_field, models.IntegerField)
            if table in OUTLIVES or not (is_array or isinstance(field, models.IntegerField)):
                continue
            if field.column in targets:
                yield Reference(table, field.column, targets[field.column], is_array)
            elif str(field.column).endswith(("_id", "_ids")) and not field.primary_key:
                raise LookupError(f"{table}.{field.column} refers to something that REFERS_TO does not name.")


def shared_days() -> int:
    """How many enrolments share a day with another of the same pupil at the same school; the database refuses them, unless its constraint was
    dropped. Needs the owner of the tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from people_enrolment one where exists (select from people_enrolment other"
            " where other.pupil_id = one.pupil_id and other.school_id = one.school_id and other.id < one.id"
            " and daterange(other.begins_on, other.ends_on, '[]') && daterange(one.begins_on, one.ends_on, '[]'))"
        )
        (count,) = cursor.fetchone()
    return int(count)


def orphans() -> list[tuple[Reference, int]]:
    """The references with numbers that no row of their target has, and how many; empty if every number has its row. Needs the owner of the
    tables, because a row policy would hide rows."""
    counted = []
    with connection.cursor() as cursor:
        for reference in references():
            quoted = {name: connection.ops.quote_name(name) for name in reference[:3]}
            table, column, target = (quoted[name] for name in reference[:3])
            numbers = (
                f"select unnest({column}) as number from {table}"
                if reference.is_array
                else f"select {column} as number from {table}"
            )
            cursor.execute(
                f"select count(*) from (select distinct number from ({numbers}) each where number is not null) named"
                f" where not exists (select from {target} where id = named.number)"
            )
            (count,) = cursor.fetchone()
            if count:
                counted.append((reference, count))
    return counted
