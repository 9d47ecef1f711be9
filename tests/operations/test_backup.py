"""`haven backup` and `haven restore`, between real servers: row by row, cut off in the middle, with a changed byte, onto something."""

import json
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from haven.operations import database
from haven.operations.cluster import SUPERUSER, Cluster
from tests.support.command import environment, haven

# What each start writes anew: the numbers of the role grants.
ANEW = {"accounts_rolegrant": "role, record_category, scope, may_write"}


def done(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stderr
    return result.stdout


def refused(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 1, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return result.stderr


@contextmanager
def superuser(data: Path) -> Iterator[psycopg.Connection]:
    """The server of a data folder, up for the length of the block, reached past every row policy."""
    cluster = Cluster(data)
    cluster.start(durable=False)
    facts = cluster.facts()
    login: dict[str, Any] = {
        "host": facts["sockets"],
        "user": SUPERUSER,
        "dbname": "haven",
        "password": facts["password"],
    }
    try:
        with psycopg.connect(**login, autocommit=True) as connection:
            yield connection
    finally:
        cluster.leave()


def rows_of(data: Path) -> dict[str, list[Any]]:
    with superuser(data) as connection:
        return every_row(connection)


def every_row(connection: psycopg.Connection) -> dict[str, list[Any]]:
    tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
    return {
        table: connection.execute(f"select row({ANEW.get(table, 't.*')})::text from {table} t order by 1").fetchall()
        for (table,) in tables
    }


@pytest.fixture(scope="module")
def ground() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="haven-backup-"))
    folder.chmod(0o711)
    yield folder
    for path in folder.iterdir():
        Cluster(path).remove()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def live(ground: Path) -> Iterator[Path]:
    """A data folder with a small demonstration, whose audit record is partly sealed."""
    data = ground / "live"
    done(haven("demo", "--pupils", 600, "--schools", 3, "--years", 0, "--on", "2026-03-11", data=data))
    done(haven("night", data=data))
    share = Cluster(data)  # the server stays up for the tests of this file
    share.start(durable=False)
    yield data
    share.leave()


@pytest.fixture(scope="module")
def copy(ground: Path, live: Path) -> Path:
    said = done(haven("backup", ground / "copy", data=live))
    assert re.search(r"(\d+) of \1 tables with [\d,]+ rows", said)
    return ground / "copy"


def test_every_row_comes_back_on_another_server_and_the_record_goes_on(ground: Path, live: Path, copy: Path) -> None:
    there = ground / "there"
    said = done(haven("restore", copy, data=there))
    assert (
        "The audit chain is intact, every register matches its entries, all row policies are as declared, and every reference has its row."
        in said
    )
    before, after = rows_of(live), rows_of(there)
    restored = [row for row in after["audit_auditevent"] if "keeping.restore" in row[0]]
    assert len(restored) == 1
    after["audit_auditevent"].remove(restored[0])
    assert {table: rows for table, rows in after.items() if rows != before[table]} == {}
    assert before.keys() == after.keys() and len(before["people_pupil"]) == 600
    done(haven("night", data=there))
    done(haven("night", data=there))
    done(haven("verify", data=there))
    with superuser(there) as connection:
        assert columns_that_would_give_a_number_twice(connection) == []
        segments = connection.execute(
            "select segment, sum(events) from audit_auditcheckpoint group by segment"
        ).fetchall()
        written = connection.execute("select segment, count(*) from audit_auditevent group by segment").fetchall()
        assert len(segments) == 2 and dict(segments).keys() == dict(written).keys()
        old = min(dict(written), key=lambda segment: segment == system(connection))
        assert dict(segments)[old] == dict(written)[old], "what the old server had not sealed was not sealed whole"
        connection.execute("alter table audit_auditevent disable trigger only_grows")
        connection.execute("update audit_auditevent set reason = 'x' where segment = %s and id = 1", [old])
        connection.execute("alter table audit_auditevent enable trigger only_grows")
    assert "an event in it was changed" in refused(haven("verify", data=there))


def system(connection: psycopg.Connection) -> int:
    row = connection.execute("select system_identifier from pg_control_system()").fetchone()
    assert row
    return int(row[0])


def columns_that_would_give_a_number_twice(connection: psycopg.Connection) -> list[str]:
    numbered = connection.execute(
        "select t.relname, a.attname, pg_get_serial_sequence(quote_ident(t.relname), a.attname) from pg_class t"
        " join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped"
        " where t.relnamespace = 'public'::regnamespace and t.relkind = 'r'"
        " and pg_get_serial_sequence(quote_ident(t.relname), a.attname) is not null"
    ).fetchall()
    assert len(numbered) > 30
    return [
        f"{table}.{column}"
        for table, column, sequence in numbered
        if connection.execute(f"select nextval('{sequence}') <= (select max({column}) from {table})").fetchone()
        == (True,)
    ]


def test_only_its_owner_reads_a_copy_and_coreutils_can_check_it(copy: Path) -> None:
    for path in [copy, *copy.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    checked = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=copy, capture_output=True, text=True
    )
    assert (checked.returncode, checked.stdout) == (0, "")
    kept = json.loads((copy / "data" / "secrets.json").read_text())
    assert set(kept) == {"key"}, "the passwords of the live database have no business in a copy"
    assert sorted(path.name for path in copy.iterdir()) == ["SHA256SUMS", "data", "database.dump", "manifest.json"]


@pytest.mark.parametrize("name", ["database.dump", "manifest.json", "data/demonstration.json", "SHA256SUMS"])
def test_a_changed_byte_is_refused_with_the_name_of_the_file(tmp_path: Path, copy: Path, name: str) -> None:
    spoilt = shutil.copytree(copy, tmp_path / "spoilt")
    content = bytearray((spoilt / name).read_bytes())
    content[10] ^= 1  # in SHA256SUMS: the digest of the file that stands there first
    (spoilt / name).write_bytes(content)
    said = refused(haven("restore", spoilt, data=tmp_path / "data"))
    assert (name if name != "SHA256SUMS" else "data/clock.json") in said and "has changed since it was written" in said
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("name", "words"), [("database.dump", "is missing"), ("SHA256SUMS", "is not a complete backup")]
)
def test_a_missing_file_is_refused(tmp_path: Path, copy: Path, name: str, words: str) -> None:
    spoilt = shutil.copytree(copy, tmp_path / "spoilt")
    (spoilt / name).unlink()
    said = refused(haven("restore", spoilt, data=tmp_path / "data"))
    assert name in said and words in said


def test_nothing_is_written_over(tmp_path: Path, live: Path, copy: Path) -> None:
    before = (live / "secrets.json").read_text()
    assert "is not empty" in refused(haven("restore", copy, data=live))
    assert (live / "secrets.json").read_text() == before
    (tmp_path / "note.txt").write_text("mine")
    assert "note.txt" in refused(haven("restore", copy, data=tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]
    assert "not empty" in refused(haven("backup", copy, data=live))
    assert "is inside the data folder" in refused(haven("backup", live / "copy", data=live))


@pytest.mark.parametrize(
    ("migration", "says"),
    [
        ("people.9999_ahead", "made by a newer Haven"),
        ("chronology.0001_initial", "made by Haven 0.1.0, which 0.2.0 cannot read"),
    ],
)
def test_a_backup_of_another_version_is_refused(tmp_path: Path, copy: Path, migration: str, says: str) -> None:
    other = shutil.copytree(copy, tmp_path / "other")
    manifest = json.loads((other / "manifest.json").read_text())
    manifest["migrations"].append(migration)
    (other / "manifest.json").write_text(json.dumps(manifest))
    sums = subprocess.run(["sha256sum", "manifest.json"], cwd=other, capture_output=True, text=True).stdout
    kept = [line for line in (other / "SHA256SUMS").read_text().splitlines() if "manifest.json" not in line]
    (other / "SHA256SUMS").write_text("\n".join(kept) + "\n" + sums)
    assert says in refused(haven("restore", other, data=tmp_path / "data"))


@contextmanager
def stuck(command: str, *arguments: object, data: Path, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A backup that waits in the middle, because somebody holds a table."""
    with superuser(data) as other:
        other.execute("begin")
        other.execute("lock table people_pupil in access exclusive mode")
        process = subprocess.Popen(
            [sys.executable, "-m", "haven", command, *map(str, arguments)],
            env=environment(data), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while not folder.exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.1)
        assert folder.exists() and process.poll() is None
        try:
            yield process
        finally:
            process.kill()
            process.communicate()
            other.execute("rollback")


def test_a_backup_that_is_killed_leaves_nothing_that_looks_whole(tmp_path: Path, live: Path) -> None:
    target, unfinished = tmp_path / "cut", tmp_path / ".cut.unfinished"
    with stuck("backup", target, data=live, folder=unfinished) as process:
        assert "is being written" in refused(haven("backup", target, data=live))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert unfinished.exists() and not target.exists()
    assert "is not a complete backup" in refused(haven("restore", unfinished, data=tmp_path / "data"))
    done(haven("backup", target, data=live))
    assert [path.name for path in tmp_path.iterdir()] == ["cut"]


def test_a_backup_that_is_stopped_leaves_nothing(tmp_path: Path, live: Path) -> None:
    with stuck("backup", tmp_path / "cut", data=live, folder=tmp_path / ".cut.unfinished") as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_restore_that_is_killed_lets_nothing_start_and_begins_afresh(ground: Path, copy: Path) -> None:
    data = ground / "killed"
    process = subprocess.Popen(
        [sys.executable, "-m", "haven", "restore", str(copy)], env=environment(data), stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 60
    while not (data / "cluster.json").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.communicate()
    assert "was interrupted" in refused(haven("night", data=data))
    said = done(haven("restore", copy, data=data))
    assert "all row policies are as declared" in said
    assert not (data / "restore-unfinished").exists()


def test_a_row_that_the_backup_role_is_not_shown_is_noticed(tmp_path: Path, live: Path) -> None:
    with superuser(live) as connection:
        connection.execute("alter policy backup_select on people_contact using (id < 3)")
        try:
            said = refused(haven("backup", tmp_path / "copy", data=live))
        finally:
            connection.execute("alter policy backup_select on people_contact using (true)")
    assert "not shown every row of people_contact" in said
    assert list(tmp_path.iterdir()) == []


def test_into_a_database_of_a_server_of_ones_own(tmp_path: Path, copy: Path) -> None:
    login = database.master()
    url = f"postgresql://{login.user}:{login.password}@/haven_came_back?host={login.host}&port={login.port}"
    said = refused(haven("restore", copy, data=tmp_path / "data", DATABASE_URL=url))
    assert "HAVEN_APP_PASSWORD" in said and not (tmp_path / "data").exists()
    words = {
        "DATABASE_URL": url,
        "HAVEN_APP_PASSWORD": database.app_login().password,
        "HAVEN_BACKUP_PASSWORD": database.backup_login().password,
    }
    try:
        assert "all row policies are as declared" in done(haven("restore", copy, data=tmp_path / "data", **words))
        with login.connect("haven_came_back") as connection:
            assert connection.execute("select count(*) from people_pupil").fetchone() == (600,)
            owners = connection.execute(
                "select distinct tableowner from pg_tables where schemaname = 'public'"
            ).fetchall()
            assert owners == [("haven_owner",)]
        said = refused(haven("restore", copy, data=tmp_path / "again", **words))
        assert "is not empty" in said and not (tmp_path / "again").exists()
    finally:
        with login.connect("postgres") as connection:
            connection.execute("drop database if exists haven_came_back with (force)")
