"""Starts and stops the web server and the job worker together."""

import os
import signal
import subprocess
import sys
import time
from types import FrameType


def server_command(port: int, threads: int = 8) -> list[str]:
    """The command line of the web server: two processes for each core, each with some threads. The threads of one process share one
    interpreter lock: with two processes on two cores, the slowest of fifty users' pages took 1.5 times as long as with four."""
    return [
        sys.executable, "-m", "gunicorn", "haven.project.wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--worker-class", "gthread", "--workers", str(processes()), "--threads", str(threads), "--timeout", "120", "--graceful-timeout", "20",
        "--log-level", "warning", "--worker-tmp-dir", "/dev/shm" if os.path.isdir("/dev/shm") else "/tmp",
    ]  # fmt: skip


def processes() -> int:
    """The number of server processes: two for each core, at least two and at most eight, since each takes about 200
    MB."""
    return min(8, max(2, 2 * (os.cpu_count() or 1)))


def _programs(port: int, threads: int) -> list[list[str]]:
    return [server_command(port, threads), [sys.executable, "-m", "haven", "work"]]


def run_until_stopped(port: int, *, threads: int = 8) -> int:
    """Run both until Ctrl-C, a TERM signal, or until one of them ends by itself; then stop the other one.

    Returns 0 if stopped from outside, otherwise 1.
    """
    stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    running = [subprocess.Popen(command, start_new_session=True) for command in _programs(port, threads)]
    while not stopping and all(process.poll() is None for process in running):
        time.sleep(0.2)
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in running:
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
    return 0 if stopping else 1
