"""`haven restore FOLDER`: restores a backup into an empty data folder.

This module does not load Django at its start: Django's settings would write keys to the data folder before the folder
is known to be empty. The tables are restored in one transaction and their rows counted against the manifest. Then the
database is brought up to date as at every start: migrations of a newer Haven, row policies, role grants. Until the end,
a marker in the data folder says that a restore is under way; no other command starts while it exists.
"""

import argparse
import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import psycopg
from psycopg import sql

from haven.operations import database
from haven.operations.backup import SECRETS, OnProgress, count_rows, environment, program, table_names
from haven.operations.backup_folder import DUMP, FILES, CopyRefused, Manifest, checked, write_private_bytes
from haven.operations.before_0_2 import BEFORE_0_2, MADE_BEFORE_0_2
from haven.operations.cluster import Cluster, ClusterProblem

MARKER = "restore-unfinished"
UNFINISHED = "A restore into this data folder is running, or was interrupted. Wait for it, or run `haven restore` again to start over."
# Created again at each start: schemas and extensions by `provision`, row policies and rights from their declarations.
RAISED_ANEW = re.compile(
    r"^\d+; \d+ \d+ (SCHEMA|EXTENSION|POLICY|ROW SECURITY|ACL|DEFAULT ACL|COMMENT - (SCHEMA|EXTENSION)) "
)


def is_unfinished(data: Path) -> bool:
    """Whether a restore into this data folder is under way or was interrupted."""
    return (data / MARKER).exists()


def main(arguments: list[str], *, bring_up_to_date: Callable[[], None]) -> int:
    """Run the command; returns 0 restored and verified, 1 refused or failed (with the reason printed), 2 wrong
    usage."""
    parser = argparse.ArgumentParser(
        prog="haven restore", description="Restore a backup into an empty data folder (HAVEN_DATA)."
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="a folder that `haven backup` wrote")
    try:
        folder = parser.parse_args(arguments).folder.resolve()
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        manifest = checked(folder)
        _refuse_what_is_newer(manifest)
        restore(folder, manifest, bring_up_to_date)
    except (CopyRefused, ClusterProblem) as refusal:
        print(f"haven restore: {refusal}", file=sys.stderr)
        return 1
    print(
        f"{len(manifest.tables)} of {len(manifest.tables)} tables restored, {manifest.rows:,} rows, as of {manifest.made_at}."
    )
    if not manifest.has_key:
        print(
            "The backup has no secret key. Old sessions and one-time links will not work unless HAVEN_SECRET_KEY is the same."
        )
    return subprocess.run([sys.executable, "-m", "haven", "verify"]).returncode


def restore(folder: Path, manifest: Manifest, bring_up_to_date: Callable[[], None]) -> None:
    """Fill the empty data folder and database from a checked copy. On a failure, deletes everything that it created."""
    data = database.data_folder()
    with _the_empty_folder(data):
        _write_secrets(data, folder)
        cluster, made_database = None, False
        try:
            if database.is_embedded():
                cluster = Cluster(data)
                cluster.start(durable=os.environ.get("HAVEN_DURABLE", "1") != "0")
            made_database = _refuse_a_full_database()
            database.provision()
            _fill(folder / DUMP, manifest)
            _copy_files(folder / FILES, data)
            bring_up_to_date()
            _note(folder)
        except BaseException:
            _take_away(cluster, made_database)
            raise
        if cluster is not None:
            cluster.leave()


def _refuse_what_is_newer(manifest: Manifest) -> None:
    """Refuse a backup of a newer Haven, whose migrations this version does not have."""
    haven = Path(__file__).resolve().parent.parent
    for name in manifest.migrations:
        app, migration = name.split(".", 1)
        folder = next(haven.rglob(f"{app}/migrations"), None)
        if app in BEFORE_0_2:
            raise CopyRefused(MADE_BEFORE_0_2)
        if folder is not None and not (folder / f"{migration}.py").exists():
            raise CopyRefused("This backup was made by a newer Haven. Install that version first. Nothing was changed.")


@contextmanager
def _the_empty_folder(data: Path) -> Iterator[None]:
    """Lock the data folder during the restore; after a failure it is empty again."""
    was_there = data.exists()
    if is_unfinished(data):
        _clear(data)
    if was_there and (names := sorted(path.name for path in data.iterdir())):
        raise CopyRefused(
            f"The data folder {data} is not empty ({', '.join(names[:3])}{' ...' if len(names) > 3 else ''})."
            " Set HAVEN_DATA to a folder that does not exist yet. Nothing was changed."
        )
    if not was_there:
        data.mkdir(parents=True)
        data.chmod(0o711 if os.geteuid() == 0 else 0o700)
    marker = os.open(data / MARKER, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(marker, fcntl.LOCK_EX)
    try:
        yield
        (data / MARKER).unlink()
    except BaseException:
        _empty(data)
        if not was_there:
            data.rmdir()
        raise
    finally:
        os.close(marker)


def _clear(data: Path) -> None:
    """Delete what an interrupted restore left: the marker was written into an empty folder, so all files come from that
    restore."""
    marker = os.open(data / MARKER, os.O_RDWR, 0o600)
    try:
        fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CopyRefused(f"Another restore into {data} is running. Wait for it to finish.") from None
    finally:
        os.close(marker)
    Cluster(data).remove()
    _empty(data)


def _empty(data: Path) -> None:
    for path in data.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _write_secrets(data: Path, folder: Path) -> None:
    """Write the previous key, if the copy contains it, and new passwords of the database."""
    source = folder / FILES / SECRETS
    key = json.loads(source.read_text())["key"] if source.exists() else secrets.token_urlsafe(50)
    write_private_bytes(data / SECRETS, json.dumps({**database.fresh_secrets(), "key": key}).encode())


def _refuse_a_full_database() -> bool:
    """Return whether the database must be created. Raises CopyRefused if it has tables, or if its roles belong to another installation."""
    login = database.master()
    with login.connect("postgres") as connection:
        there = connection.execute("select 1 from pg_database where datname = %s", [login.name]).fetchone()
        roles = connection.execute(
            "select 1 from pg_roles where rolname = any(%s)", [[database.APP, database.BACKUP]]
        ).fetchone()
    if roles and not (os.environ.get("HAVEN_APP_PASSWORD") and os.environ.get("HAVEN_BACKUP_PASSWORD")):
        raise CopyRefused(
            f"The roles {database.APP} and {database.BACKUP} already exist on that server. Another Haven may use them."
            " Set HAVEN_APP_PASSWORD and HAVEN_BACKUP_PASSWORD to the ones in use there, or to new ones if none is. Nothing was changed."
        )
    if not there:
        return True
    with login.connect() as connection:
        if tables := table_names(connection):
            raise CopyRefused(
                f"The database {login.name} of DATABASE_URL is not empty: it has {len(tables)} tables."
                " Name a database that does not exist yet. Nothing was changed."
            )
    return False


def _take_away(cluster: Cluster | None, made_database: bool) -> None:
    if cluster is not None:
        cluster.remove()
    elif made_database:
        login = database.master()
        with contextlib.suppress(psycopg.Error), login.connect("postgres") as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(login.name)))


def _fill(dump: Path, manifest: Manifest) -> None:
    """Run the dump as the owner of the tables, in one transaction, and compare the row counts with the manifest."""
    login = database.master()
    with tempfile.TemporaryDirectory(prefix="haven-restore-") as folder:
        contents = subprocess.run(
            [program("pg_restore"), "--list", str(dump)], capture_output=True, text=True, check=True
        )
        chosen = Path(folder) / "contents"
        chosen.write_text("".join(f"{line}\n" for line in contents.stdout.splitlines() if not RAISED_ANEW.match(line)))
        read = [
            program("pg_restore"), "--no-owner", "--no-privileges", f"--role={database.OWNER}", "--verbose",
            f"--use-list={chosen}", "--file=-", str(dump),
        ]  # fmt: skip
        write = [
            program("psql"), "--no-psqlrc", "--quiet", "--no-password", "--single-transaction", "--file=-",
            "--set=ON_ERROR_STOP=1",            "--set=VERBOSITY=sqlstate", "--output=/dev/null", f"--dbname={login.address()}",
        ]  # fmt: skip
        complaints = Path(folder) / "complaints"
        with complaints.open("wb") as heard:
            reader = subprocess.Popen(read, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            writer = subprocess.Popen(write, stdin=subprocess.PIPE, stderr=heard, env=environment(login))
            try:
                _pour(reader, writer, len(manifest.tables), _on_a_terminal)
            except BaseException:
                reader.kill()
                writer.kill()
                raise
            finally:
                status = (reader.wait(), writer.wait())
        if status != (0, 0):
            raise CopyRefused(f"The database rejected the backup. {complaints.read_text().strip()[-200:]}".strip())
    with login.connect() as connection:
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(database.OWNER)))
        if unlike := sorted(name for name, rows in count_rows(connection).items() if manifest.tables.get(name) != rows):
            raise CopyRefused(f"These tables did not come back with as many rows as they had: {', '.join(unlike)}.")


def _pour(reader: subprocess.Popen[bytes], writer: subprocess.Popen[bytes], of: int, on_progress: OnProgress) -> None:
    """Pass the statements on, except the one setting that servers before PostgreSQL 17 reject."""

    def listen() -> None:
        done = 0
        for line in reader.stderr or ():
            if b"processing data for table" in line:
                done += 1
                on_progress(done, of)

    listening = threading.Thread(target=listen)
    listening.start()
    source, sink = cast(IO[bytes], reader.stdout), cast(IO[bytes], writer.stdin)
    with contextlib.suppress(BrokenPipeError):
        for line in source:
            if line.strip() == b"SET transaction_timeout = 0;":
                break
            sink.write(line)
        shutil.copyfileobj(source, sink, 2**20)
    source.close()
    with contextlib.suppress(BrokenPipeError):
        sink.close()
    listening.join()


def _on_a_terminal(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(
            f"\r\033[KRestoring: {done} of {of} tables",
            end="" if done < of else "\r\033[K",
            file=sys.stderr,
            flush=True,
        )


def _note(folder: Path) -> None:
    """Record the restore in the restored audit record."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haven.project.settings")
    import django

    django.setup()
    from django.db import connections

    from haven.platform import clock
    from haven.platform.accounts.context import system_context
    from haven.platform.audit.actions import append_event

    with system_context(on=clock.today()) as by:
        append_event(by=by, at=clock.now(), verb="keeping.restore", about=("backup", folder.name))
    connections.close_all()


def _copy_files(source: Path, data: Path) -> None:
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if path.is_dir():
            (data / inside).mkdir(mode=0o700)
        elif inside.as_posix() != SECRETS:
            write_private_bytes(data / inside, path.read_bytes())
