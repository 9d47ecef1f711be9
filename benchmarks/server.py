"""Runs the real web server over the benchmark data, as `haven run` does, and requests pages from it."""

import http.client
import os
import random
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from benchmarks.dataset import AT, MORNING
from haven.analytics.ready import compile_ahead
from haven.operations.serve import processes, server_command
from haven.platform.accounts.models import User

STARTS_WITHIN = 60.0


class PageRefused(Exception):
    """A page was not returned as expected, so its timings would mean nothing."""


@dataclass(frozen=True)
class Asker:
    """A signed-in person and the pages that they open: name of the page -> addresses."""

    cookie: str
    pages: dict[str, tuple[str, ...]]


def signed_in(user: User) -> str:
    """Create a session for that person; returns the value of the cookie."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


@dataclass(frozen=True)
class Server:
    """The running web server: its address, and the id of its first process."""

    port: int
    pid: int

    def processor_seconds(self) -> float:
        """Processor time of its processes (not those of the database) so far. Needs /proc; else 0."""
        found = 0.0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                facts = stat.read_text().rpartition(")")[2].split()
            except OSError:  # the process has ended meanwhile
                continue
            if int(facts[2]) == self.pid:  # in the process group of the first process
                found += (int(facts[11]) + int(facts[12])) / os.sysconf("SC_CLK_TCK")
        return found


@contextmanager
def serving() -> Iterator[Server]:
    """Run the web server on a free port, at the morning of the data."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "HAVEN_DB_ROLE": "app",
        "HAVEN_NOW": f"{MORNING}T{AT:%H:%M}",
        "HAVEN_LOG_LEVEL": "ERROR",
    }
    compile_ahead()
    server = subprocess.Popen(server_command(port), env=environment, start_new_session=True)
    try:
        _wait_for(port, server)
        yield Server(port, server.pid)
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        try:
            status, _ = _asked(http.client.HTTPConnection("127.0.0.1", port, timeout=30), "/accounts/login/", "")
        except OSError:
            time.sleep(0.2)
            continue
        if status == 200:
            return
    raise PageRefused("The web server did not start.")


def _asked(line: http.client.HTTPConnection, path: str, cookie: str) -> tuple[int, int]:
    """Status and length of the answer."""
    line.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "identity"})
    answer = line.getresponse()
    body = answer.read()
    return answer.status, len(body)


def one_by_one(port: int, askers: Sequence[Asker], page: str, many: int) -> tuple[list[float], int]:
    """The seconds of `many` requests of a page, one after another, by people who may open it, and the total number of
    requests (some unmeasured requests go first, so that every server process has served the page). Raises PageRefused.
    """
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    who = [asker for asker in askers if page in asker.pages]
    paths = [(path, asker.cookie) for asker in who for path in asker.pages[page]]
    before = paths[: 2 * processes()]
    for path, cookie in before:
        line.close()
        _opened(line, path, cookie)
    return [_opened(line, *paths[turn % len(paths)]) for turn in range(many)], many + len(before)


def _opened(line: http.client.HTTPConnection, path: str, cookie: str) -> float:
    begun = time.perf_counter()
    status, _ = _asked(line, path, cookie)
    if status != 200:
        raise PageRefused(f"{path} answered {status}.")
    return time.perf_counter() - begun


def all_together(
    port: int, askers: Sequence[Asker], seconds: float, pause: Callable[[random.Random], float], seed: int
) -> dict[str, list[float]]:
    """All people open their pages at once, with pauses between; returns the seconds of every request by page. Raises
    PageRefused."""
    found: dict[str, list[float]] = {}
    faults: list[BaseException] = []
    guard, until = threading.Lock(), time.monotonic() + seconds

    def work(number: int, asker: Asker) -> None:
        draw = random.Random(f"{seed}/{number}")
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        time.sleep(pause(draw) * draw.random())
        try:
            while time.monotonic() < until:
                # the server closes a connection that is idle for some seconds, and a browser opens another one
                line.close()
                page = draw.choice(sorted(asker.pages))
                took = _opened(line, draw.choice(asker.pages[page]), asker.cookie)
                with guard:
                    found.setdefault(page, []).append(took)
                time.sleep(pause(draw))
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(askers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return found
