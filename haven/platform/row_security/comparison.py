"""Compares the row policies in the database with the declared ones. PostgreSQL normalises both, so no text is parsed."""

from typing import Any

from django.db import connection, transaction

from haven.platform.row_security.build import build_policies


class _Enough(Exception):
    """Raised to roll the trial transaction back."""


def policies_unlike_declaration() -> list[str]:
    """Tables whose live policies, row security or grants differ from the declaration, by name; empty if all are as declared.

    Needs the owner of the tables. Builds the declared row policies inside a transaction that is rolled back, and compares.
    """
    standing = _standing()
    declared: dict[str, Any] = {}
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "set constraints all immediate"
                )  # no table may be altered while a check of it is pending
            build_policies()
            declared = _standing()
            raise _Enough
    except _Enough:
        pass
    return sorted(table for table in standing.keys() | declared.keys() if standing.get(table) != declared.get(table))


def _standing() -> dict[str, Any]:
    by_table: dict[str, Any] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname, c.relrowsecurity, c.relforcerowsecurity,"
            " coalesce((select array_agg(a::text order by a::text) from unnest(c.relacl) a), '{}')"
            " from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'r'"
        )
        for name, on, forced, grants in cursor.fetchall():
            by_table[name] = [(on, forced, tuple(grants))]
        cursor.execute(
            "select tablename, policyname, roles::text, cmd, qual, with_check from pg_policies"
            " where schemaname = 'public' order by tablename, policyname"
        )
        for table, *policy in cursor.fetchall():
            by_table.setdefault(table, []).append(tuple(policy))
    return by_table
