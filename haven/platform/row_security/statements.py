"""Statements that are put together once and asked again and again.

Django's way from a queryset to the text of a statement takes the processor longer than PostgreSQL takes to answer it, and a page asks
some twenty. A function marked `@statement` returns a queryset as ever. The first call draws its text up, with a place for each value;
the calls after that fill in the values and ask. The row policy stands in the database and holds as before.

    @statement
    def _open_tasks(school_id: Any, ids: Any) -> QuerySet[Task]:
        return Task.objects.filter(school_id=school_id, id__any=ids, done_at=None).order_by("id")

    _open_tasks(school_id=3, ids=[7, 9])

Named arguments are values. What changes the text itself (a condition more or less, how many rows) goes before them, in order: each such
choice has a text of its own. A list of values is compared with `__any`, since `__in` writes as many places as there are values.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Expression, Field, ForeignObject, Lookup, QuerySet
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesListIterable,
    get_related_populators,
)

Row = TypeVar("Row")
PLAIN = (bool, int, str, bytes, date, datetime, time, UUID)


class Given(Expression):
    """The place of a value in a statement."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [self]


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """`id__any=[1, 2]`: as `__in`, with one place for the whole list."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        lhs, before = self.process_lhs(compiler, connection)
        kind = self.lhs.output_field.cast_db_type(connection)
        return f"{lhs} = any(%s::{kind}[])", [*before, self.rhs]


class NotAValue(TypeError):
    """Something was given to a statement that PostgreSQL is not asked for as it is."""


@dataclass(frozen=True)
class _Text(Generic[Row]):
    """A statement with its places, and how a row of its answer is read."""

    sql: str
    values: tuple[Any, ...]
    converters: tuple[tuple[int, tuple[Callable[..., Any], ...], Any], ...]
    rows: Callable[[Sequence[Sequence[Any]]], list[Row]]


class Statement(Generic[Row]):
    """What `@statement` makes of a function."""

    def __init__(self, make: Callable[..., "QuerySet[Any, Row]"]) -> None:
        self.make = make
        self.texts: dict[tuple[Any, ...], _Text[Row]] = {}

    def __call__(self, *choice: Any, **values: Any) -> list[Row]:
        """The rows. `choice` has a text of its own, `values` are filled in. Raises NotAValue (also for None: ask `__isnull`)."""
        key = (*choice, *values)
        text = self.texts.get(key)
        if text is None:
            text = self.texts[key] = _drawn_up(self.make(*choice, **{name: Given(name) for name in values}))
        given = {name: _plain(name, value) for name, value in values.items()}
        with connection.cursor() as cursor:
            cursor.execute(text.sql, [given[each.name] if type(each) is Given else each for each in text.values])
            found = cursor.fetchall()
        return text.rows(list(_converted(found, text.converters)) if text.converters else found)


def statement(make: Callable[..., "QuerySet[Any, Row]"]) -> Statement[Row]:
    """Mark a function whose queryset is put together once."""
    return Statement(make)


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, Collection):
        return [_plain(name, each) for each in value]
    raise NotAValue(f"{name} is {type(value).__name__}")


def _converted(found: Sequence[Sequence[Any]], converters: Any) -> Iterator[list[Any]]:
    for each in found:
        row = list(each)
        for place, steps, expression in converters:
            for step in steps:
                row[place] = step(row[place], expression, connection)
        yield row


def _drawn_up(queryset: Any) -> _Text[Any]:
    compiler = queryset.query.get_compiler(using=connection.alias)
    sql, values = compiler.as_sql()
    if compiler.has_extra_select or compiler.has_composite_fields([each[0] for each in compiler.select]):
        raise NotAValue("A column is asked for that is no part of a row.")
    if queryset._prefetch_related_lookups or queryset._known_related_objects:
        raise NotAValue("Further statements would follow.")
    fields = [each[0] for each in compiler.select]
    converters = tuple(
        (place, tuple(steps), field) for place, (steps, field) in compiler.get_converters(fields).items()
    )
    return _Text(sql, tuple(values), converters, _reader(queryset._iterable_class, compiler))


def _reader(kind: Any, compiler: Any) -> Callable[[Sequence[Sequence[Any]]], list[Any]]:
    if kind is FlatValuesListIterable:
        return lambda found: [row[0] for row in found]
    if kind is ValuesListIterable:
        return lambda found: [tuple(row) for row in found]
    if kind is not ModelIterable or compiler.annotation_col_map:
        raise NotAValue("Rows are models, or what values_list gives.")
    model, places = compiler.klass_info["model"], compiler.klass_info["select_fields"]
    begin, end = places[0], places[-1] + 1
    names = [each[0].target.attname for each in compiler.select[begin:end]]
    alias = connection.alias  # the proxy takes longer to say it than a row takes to make
    further = get_related_populators(compiler.klass_info, compiler.select, alias)  # type: ignore[call-arg]

    def read(found: Sequence[Sequence[Any]]) -> list[Any]:
        rows = []
        for row in found:
            one = model.from_db(alias, names, row[begin:end])
            for each in further:
                each.populate(row, one)
            rows.append(one)
        return rows

    return read
