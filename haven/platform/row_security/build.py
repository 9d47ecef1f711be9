"""Builds the row policies from their declarations: all of them, after each migration, in one transaction."""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connections, transaction

from haven.platform.row_security.policies import (
    APP_ROLE,
    BACKUP_ROLE,
    PUBLIC_TABLES,
    ROW_POLICIES,
    PublicTable,
    statements,
)

# Tables of third-party libraries, by app label: the application's rights, and why no row policy is needed.
LIBRARIES: dict[str, PublicTable] = {
    "contenttypes": PublicTable("names of the models; nothing about a person", ("select",)),
    "auth": PublicTable("Django's group tables, unused", ("select",)),
    "sessions": PublicTable(
        "session keys, read before it is known who looks", ("select", "insert", "update", "delete")
    ),
    "sites": PublicTable("the name of this installation", ("select",)),
    "account": PublicTable(
        "addresses for signing in, read before it is known who looks", ("select", "insert", "update", "delete")
    ),
    "mfa": PublicTable("second factors, read before it is known who looks", ("select", "insert", "update", "delete")),
    "usersessions": PublicTable("signed-in sessions of each account", ("select", "insert", "update", "delete")),
    "socialaccount": PublicTable("sign-in providers", ("select", "insert", "update", "delete")),
    "axes": PublicTable(
        "failed sign-ins, written before it is known who looks", ("select", "insert", "update", "delete")
    ),
    "procrastinate": PublicTable(
        "the job queue: arguments are references only", ("select", "insert", "update", "delete")
    ),
}


class UndeclaredTable(Exception):
    """A model has neither a row policy nor a public-table declaration."""


def declared(model: Any) -> PublicTable | None:
    """The model's `PublicTable`, or None if it has a row policy. Raises UndeclaredTable if it has neither."""
    if model in ROW_POLICIES:
        return None
    if model in PUBLIC_TABLES:
        return PUBLIC_TABLES[model]
    if model._meta.auto_created and model._meta.auto_created in PUBLIC_TABLES:
        return PUBLIC_TABLES[model._meta.auto_created]
    if model._meta.app_label in LIBRARIES:
        return LIBRARIES[model._meta.app_label]
    raise UndeclaredTable(
        f"{model.__name__} has no row policy and is not public: declare it with @row_policy or @public_table"
    )


def sql_files() -> list[Path]:
    """The files with SQL functions: those of the row policies first, then those of the apps in the order of INSTALLED_APPS."""
    files: list[Path] = []
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label != "row_security"):
        folder = Path(config.path) / "sql"
        if config.name.startswith("haven.") and folder.is_dir():
            files += sorted(folder.glob("*.sql"))
    return files


def _table_statements(model: Any) -> list[str]:
    table = model._meta.db_table
    clean = [f'revoke all on "{table}" from {APP_ROLE}, {BACKUP_ROLE}']
    opened = declared(model)
    if opened is None:
        return clean + statements(table, ROW_POLICIES[model])
    return [
        *clean,
        f'alter table "{table}" disable row level security',
        f'alter table "{table}" no force row level security',
        f'grant {", ".join(opened.grants)} on "{table}" to {APP_ROLE}',
        f'grant select on "{table}" to {BACKUP_ROLE}',
    ]


def build_policies(using: str = "default") -> int:
    """Drop every policy and build the declared ones, in one transaction. Returns the number of tables with a row policy."""
    connection = connections[using]
    models = [m for m in apps.get_models(include_auto_created=True) if not m._meta.proxy]
    present = set(connection.introspection.table_names())
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute("select tablename, policyname from pg_policies where schemaname = 'public'")
        for table, policy in cursor.fetchall():
            cursor.execute(f'drop policy "{policy}" on "{table}"')
        for path in sql_files():
            cursor.execute(path.read_text(), None)
        for model in models:
            if model._meta.db_table in present:
                for statement in _table_statements(model):
                    cursor.execute(statement, None)
        cursor.execute(
            f"grant select on django_migrations to {APP_ROLE}, {BACKUP_ROLE};"
            f"grant usage on all sequences in schema public to {APP_ROLE};"
            f"grant select on all sequences in schema public to {BACKUP_ROLE};"
            f"grant execute on all functions in schema app to {APP_ROLE};"
            "revoke execute on all functions in schema app from public;",
            None,
        )
    return len(ROW_POLICIES)


def rebuild_after_migrate(**kwargs: Any) -> None:
    """Signal handler: rebuild the declared row policies after the last migration."""
    if kwargs.get("plan") is None and kwargs.get("using") is None:
        return
    build_policies(kwargs.get("using", "default"))
