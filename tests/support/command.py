"""The `haven` command on a data folder of its own, without the settings of the shell that runs the tests."""

import os
import subprocess
import sys
from pathlib import Path

SETTINGS = ("HAVEN_", "DATABASE_", "DJANGO_")
"""Beginnings of the names of settings."""


def environment(data: Path, **more: str) -> dict[str, str]:
    """The environment of a command on this data folder, with further settings. The database may lose a commit when the machine stops."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
    return {**others, "HAVEN_DATA": str(data), "HAVEN_DURABLE": "0", **more}


def haven(*arguments: object, data: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; `more` are further settings."""
    return subprocess.run(
        [sys.executable, "-m", "haven", *map(str, arguments)],
        env=environment(data, **more),
        capture_output=True,
        text=True,
    )
