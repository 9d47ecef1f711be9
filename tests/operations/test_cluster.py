"""The embedded database: out of reach for every other account of the machine, recovering after a crash, stopped by the last to leave."""

import contextlib
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from haven.operations.cluster import SUPERUSER, Cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="haven-cluster-") as folder:
        Path(folder).chmod(0o711)
        made = Cluster(Path(folder) / "data")
        made.start(durable=True)
        yield made
        made.leave()


def connect(cluster: Cluster, password: str | None = None) -> psycopg.Connection:
    facts = cluster.facts()
    return psycopg.connect(
        host=facts["sockets"],
        user=SUPERUSER,
        dbname="postgres",
        password=password or facts["password"],
        autocommit=True,
    )


def test_the_data_and_the_socket_lie_in_folders_of_their_owner_alone(cluster: Cluster) -> None:
    facts = cluster.facts()
    for folder in (Path(facts["home"]), Path(facts["home"]) / "d", Path(facts["sockets"])):
        assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0, folder
    assert stat.S_IMODE(cluster.description.stat().st_mode) == 0o600


def test_no_password_no_entry(cluster: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(cluster, "a guess")


def test_nothing_listens_on_the_network(cluster: Cluster) -> None:
    with connect(cluster) as connection:
        row = connection.execute("show listen_addresses").fetchone()
    assert row == ("",)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another account of the machine")
def test_another_account_of_the_machine_reaches_neither_the_data_nor_the_server(cluster: Cluster) -> None:
    facts = cluster.facts()
    attempt = (
        "import os, socket, sys\n"
        "told = []\n"
        f"for what, path in (('data', {facts['home']!r}), ('socket', {facts['sockets']!r}), ('secrets', {str(cluster.data)!r})):\n"
        "    try:\n        os.listdir(path); told.append(what)\n    except PermissionError:\n        pass\n"
        "try:\n"
        f"    s = socket.socket(socket.AF_UNIX); s.connect({facts['sockets'] + '/.s.PGSQL.5432'!r}); told.append('server')\n"
        "except (PermissionError, FileNotFoundError):\n    pass\n"
        f"try:\n    open({str(cluster.description)!r}).read(); told.append('password')\nexcept PermissionError:\n    pass\n"
        "print(','.join(told))\n"
    )
    found = subprocess.run(
        ["/usr/bin/env", "-i", "/usr/bin/python3", "-c", attempt], user=65534, group=65534, extra_groups=[], cwd="/",
        capture_output=True, text=True,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == ""


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root is refused by PostgreSQL and needs an account of its own for it"
)
def test_the_server_does_not_run_as_root_and_changes_no_folder_that_was_there(cluster: Cluster) -> None:
    pid = int((Path(cluster.facts()["home"]) / "d" / "postmaster.pid").read_text().splitlines()[0])
    assert Path(f"/proc/{pid}").stat().st_uid != 0
    parent = cluster.data.parent
    assert stat.S_IMODE(parent.stat().st_mode) == 0o711


def children_of(pid: int) -> list[int]:
    """The processes that this process started. Read from /proc, because not every machine has pkill."""
    children = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                children.append(int(folder.name))
    return children


def test_it_recovers_after_being_killed(cluster: Cluster) -> None:
    with connect(cluster) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (1), (2)")
    pid = int((Path(cluster.facts()["home"]) / "d" / "postmaster.pid").read_text().splitlines()[0])
    children = children_of(pid)
    for process in (pid, *children):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    cluster.start(durable=True)
    with connect(cluster) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (2,)


def test_the_last_to_leave_stops_the_server() -> None:
    with tempfile.TemporaryDirectory(prefix="haven-cluster-") as folder:
        Path(folder).chmod(0o711)
        one, two = Cluster(Path(folder) / "data"), Cluster(Path(folder) / "data")
        one.start()
        two.start()
        one.leave()
        assert two.is_running()
        two.leave()
        assert not two.is_running()


def test_a_command_says_in_words_when_there_is_no_database_to_reach() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "HAVEN_DATA": folder, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
        done = subprocess.run([sys.executable, "-m", "haven", "night"], env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "database" in done.stderr
