"""Each release left a dump of a populated database here. It is restored, migrated with its rows, and asked the same questions again."""

import csv
import io
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from haven import __version__
from haven.operations.backup import program
from haven.operations.backup_folder import checked
from haven.operations.cluster import SUPERUSER, Cluster
from tests.upgrade.make_dump import ANSWERS, BACKUP, HERE, answer_of, answers

RELEASES = sorted(path.name for path in HERE.iterdir() if (path / BACKUP).is_dir())

EMPTY = {
    "django_session": "sign-ins are not kept",
    "accounts_rolegrant": "written at each start",
}
"""Tables of Haven that may be empty in a dump, with the reason."""

OTHERS = ("account_", "auth_", "axes_", "django_", "mfa_", "procrastinate_")
"""Tables of libraries. Their own releases migrate them."""


@pytest.fixture(scope="module", params=RELEASES)
def restored(request: pytest.FixtureRequest) -> Iterator[tuple[Path, Path]]:
    """The folder of a release, and a data folder to which its backup was restored by this version."""
    with tempfile.TemporaryDirectory(prefix="haven-upgrade-") as folder:
        top = Path(folder)
        top.chmod(0o711)
        data = top / "data"
        said = answer_of(data, "restore", str(HERE / request.param / BACKUP))
        assert "tables restored" in said
        yield HERE / request.param, data
        Cluster(data).remove()


def test_this_version_has_a_dump() -> None:
    """A release ends with `python -m tests.upgrade.make_dump`."""
    assert __version__ in RELEASES


@pytest.mark.parametrize("release", RELEASES)
def test_a_dump_has_rows_in_every_table(release: str) -> None:
    """A migration of an empty table proves nothing."""
    tables = checked(HERE / release / BACKUP).tables
    empty = [name for name, rows in tables.items() if not rows and not name.startswith(OTHERS) and name not in EMPTY]
    assert empty == []


def test_the_restored_database_passes_every_check(restored: tuple[Path, Path]) -> None:
    assert "row" in answer_of(restored[1], "verify")


def test_the_same_questions_have_the_same_answers(restored: tuple[Path, Path]) -> None:
    """A later version may add columns and keys; what an earlier one answered stays."""
    release, data = restored
    now = answers(data)
    written = {path.name: path.read_text() for path in (release / ANSWERS).iterdir()}
    assert written and set(written) <= set(now)
    for name, before in written.items():
        if name.endswith(".csv"):
            earlier, later = _rows(before), _rows(now[name])
            assert [{key: row[key] for key in earlier[0]} for row in later] == earlier, name
        else:
            assert _contains(json.loads(now[name]), json.loads(before)), name


def test_a_migrated_database_is_the_same_as_a_new_one(restored: tuple[Path, Path]) -> None:
    """A change of a released migration, in place of a new one, would part the two. The new one is restored from its backup too, since
    PostgreSQL writes some conditions differently after a restore."""
    with tempfile.TemporaryDirectory(prefix="haven-new-") as folder:
        top = Path(folder)
        top.chmod(0o711)
        try:
            answer_of(top / "new", "verify")
            answer_of(top / "new", "backup", str(top / "backup"))
            answer_of(top / "again", "restore", str(top / "backup"))
            new = _schema(top / "again")
        finally:
            for data in (top / "new", top / "again"):
                Cluster(data).remove()
    assert _schema(restored[1]) == new


def _schema(data: Path) -> list[str]:
    """The statements that make the database's tables, functions and policies, in the order of their text. Columns are compared without
    their order, since a migrated table has its new columns last."""
    cluster = Cluster(data)
    cluster.start(durable=False)
    try:
        facts = cluster.facts()
        run = subprocess.run(
            [
                program("pg_dump"), "--schema-only", "--no-owner", f"--host={facts['sockets']}", f"--username={SUPERUSER}",
                "--dbname=haven",
            ],
            env={"PGPASSWORD": facts["password"]}, capture_output=True, text=True, check=True,
        )  # fmt: skip
    finally:
        cluster.leave()
    lines = (line.strip().rstrip(",") for line in run.stdout.splitlines())
    return sorted(line for line in lines if line and not line.startswith(("--", "\\", "COMMENT ON SCHEMA")))


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def _contains(now: Any, before: Any) -> bool:
    """Whether `now` says all that `before` said: objects may have more keys."""
    if isinstance(before, dict):
        return isinstance(now, dict) and all(key in now and _contains(now[key], before[key]) for key in before)
    if isinstance(before, list):
        return isinstance(now, list) and len(now) == len(before) and all(map(_contains, now, before))
    return bool(now == before)
