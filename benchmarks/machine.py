"""Records the machine and the versions with which figures were measured."""

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ("django", "psycopg", "numpy", "numba", "gunicorn")


def machine() -> dict[str, Any]:
    """Cores that may be used, memory in GiB, the processor's name, and how busy the machine was at the start (load average)."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "processor": _processor(),
        "load_at_start": round(os.getloadavg()[0], 1),
    }


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def versions(postgresql: int) -> dict[str, str]:
    """Versions of Python, of PostgreSQL (its number, 180006 for 18.6) and of the packages that affect the figures."""
    found = {"python": platform.python_version(), "postgresql": f"{postgresql // 10000}.{postgresql % 10000}"}
    return found | {name: metadata.version(name) for name in PACKAGES}
