"""One way to compile the loops, with the compiled code cached on disk where that is possible.

The cache directory is named after a digest of the versions of numba and Python and of the sources, so code of another release is never
read. It lies in `__pycache__` beside the source, or in the user's cache folder where that is read-only. The environment variable
NUMBA_CACHE_DIR names another place (a container with a read-only file system sets it to a writable volume). Where none can be written
to, each process compiles the loops again: a few seconds later, the same answers.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba

PREFIX = "loops-"
STALE_AFTER = 24 * 60 * 60
"""Seconds. A directory of another release that is so much older than this one's is deleted; a younger one may belong to a release that
still starts beside this one."""


def compiled(function: Callable[..., Any]) -> Any:
    """Compile `function` when it is first called; the plain Python stays available as `.py_func`.

    Loops ask for no memory: what a loop needs to write on comes with its arguments. They slice no array in an inner loop
    and pass on single arrays, never a tuple of them, because numba counts the references to each.
    The interpreter's lock is released while a loop runs, so that threads use every core. Nothing here starts numba's own
    threads: they would abort a web server that serves two pages at once.
    """
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no folder to cache in
        return numba.njit(nogil=True)(function)


def digest_of(sources: Iterable[Path]) -> str:
    """A digest of the sources and of the versions of numba and Python: other code or another version gives another one."""
    digest = hashlib.sha256(f"{numba.__version__} {sys.version}".encode())
    for path in sorted(sources):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def cache_directory() -> Path | None:
    """The directory of this release's compiled code, made where it is missing; None where no place can be written to."""
    package = Path(__file__).parent
    name = PREFIX + digest_of([*package.glob("*.py"), *(package.parent / "rules").glob("*.py")])
    for place in _places(package):
        directory = place / name
        with suppress(OSError):
            directory.mkdir(parents=True, exist_ok=True)
            if os.access(directory, os.W_OK):
                return directory
    return None


def _places(package: Path) -> Iterator[Path]:
    if named := os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(named)
        return
    yield package / "__pycache__"
    with suppress(RuntimeError):  # no home directory
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "haven"


def load_or_compile(loops: Callable[[], object]) -> None:
    """Call `loops`, which calls each loop once, so that it is loaded from disk or compiled.

    Compiled code on disk that cannot be read (a file cut short by a power failure) is deleted and compiled again; the directories of
    other releases are deleted, if they were last written to more than a day before this one's.
    """
    try:
        loops()
    except Exception:  # numba passes on whatever reading a damaged file raises
        for path in DIRECTORY.rglob("*.nb[ic]") if DIRECTORY else ():
            path.unlink(missing_ok=True)
        loops()
    if DIRECTORY is not None:
        with suppress(OSError):
            oldest = DIRECTORY.stat().st_mtime - STALE_AFTER
            for other in DIRECTORY.parent.glob(f"{PREFIX}*"):
                if other.stat().st_mtime < oldest:
                    shutil.rmtree(other)


DIRECTORY = cache_directory()
if DIRECTORY is not None:
    numba.config.CACHE_DIR = str(DIRECTORY)  # type: ignore[attr-defined]  # numba makes it from NUMBA_CACHE_DIR when imported
