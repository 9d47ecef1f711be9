"""Statements of many bytes: values beside them and rows that come back in PostgreSQL's own binary form.

Django writes a value into the text of the statement, and takes bytes back as text of twice their length; for registers that takes longer
than all the rest. Many values go as one array that is laid out here in one piece, not value by value.
"""

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import psycopg
from django.db import connection
from django.db.models import QuerySet
from psycopg import pq
from psycopg.adapt import Dumper

_HEAD = struct.Struct("!iiIii")
"""Dimensions, whether there are nulls, type of the values, how many, and the number of the first."""
_INT4, _INT4S, _BYTEA, _BYTEAS = 23, 1007, 17, 1001
_ONE_INT = np.dtype([("length", ">i4"), ("value", ">i4")])


class Ints:
    """Whole numbers, listed or in a numpy array: an array of PostgreSQL (int[])."""

    def __init__(self, values: Any) -> None:
        self.values = values


class Pieces:
    """Runs of bytes, an array of PostgreSQL (bytea[])."""

    def __init__(self, values: Sequence[bytes]) -> None:
        self.values = values


class _IntsDumper(Dumper):
    format, oid = pq.Format.BINARY, _INT4S

    def dump(self, obj: Ints) -> bytes:
        values = np.asarray(obj.values, np.int64)
        laid = np.empty(len(values), _ONE_INT)
        laid["length"], laid["value"] = 4, values
        if (laid["value"] != values).any():
            raise OverflowError("A number does not fit an int of PostgreSQL.")
        return _head(_INT4, len(laid)) + laid.tobytes()


class _PiecesDumper(Dumper):
    format, oid = pq.Format.BINARY, _BYTEAS

    def dump(self, obj: Pieces) -> bytes:
        return _laid(_BYTEA, obj.values)


def _laid(kind: int, values: Sequence[bytes]) -> bytes:
    sizes = set(map(len, values))
    if len(sizes) == 1:
        return _head(kind, len(values)) + _laid_alike(b"".join(values), len(values), sizes.pop())
    laid = [part for value in values for part in (len(value).to_bytes(4, "big"), value)]
    return _head(kind, len(values)) + b"".join(laid)


def _laid_alike(joined: bytes, many: int, size: int) -> bytes:
    """Values of one length, each behind that length."""
    laid = np.empty((many, 4 + size), np.uint8)
    laid[:, :4] = np.frombuffer(size.to_bytes(4, "big"), np.uint8)
    laid[:, 4:] = np.frombuffer(joined, np.uint8).reshape(many, size)
    return laid.tobytes()


def _head(kind: int, many: int) -> bytes:
    return _HEAD.pack(1, 0, kind, many, 1) if many else _HEAD.pack(0, 0, kind, 0, 0)[:12]


@contextmanager
def binary_cursor() -> Iterator[psycopg.Cursor[Any]]:
    """A cursor of psycopg's own on Django's connection, in its transaction; its errors are Django's. `%b` sends a value in binary form,
    Ints and Pieces among them."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.adapters.register_dumper(Ints, _IntsDumper)
        cursor.adapters.register_dumper(Pieces, _PiecesDumper)
        yield cursor


def binary_rows(rows: QuerySet[Any], *columns: str) -> list[Any]:
    """The rows of a query as `values_list` has them, brought in binary form."""
    statement, values = rows.values_list(*columns).query.sql_with_params()
    with binary_cursor() as cursor:
        return cursor.execute(statement, values, binary=True).fetchall()
