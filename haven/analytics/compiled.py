"""One way to compile the loops, kept on disk where that is possible.

Compiled code is kept in `__pycache__` beside the source, or in the user's cache folder where that is read-only. The
environment variable NUMBA_CACHE_DIR names another place (a container with a read-only file system sets it to a
writable volume). Where none can be written to, the loops are compiled anew in each process: a few seconds later, the
same answers.

What is kept on disk is renewed when the *file of the function* changes and at no other time. A compiled function must
therefore take every constant, and every compiled function that it calls, from its own file.
"""

from collections.abc import Callable
from typing import Any

import numba

NO_COUNTING: dict[str, Any] = {"_nrt": False}  # numba: no allocation and no reference counts; also for register_jitable


def compiled(function: Callable[..., Any]) -> Any:
    """Compile `function` when it is first called; the plain Python stays at hand as `.py_func`.

    No loop may ask for memory: arrays are borrowed for the length of a call and not counted (`NO_COUNTING`), which made
    the walk three times as fast; what a loop needs to write on comes with its arguments.
    What is kept on disk and cannot be read is compiled anew and written over.
    The interpreter's lock is let go while it runs, so that threads use every core. Nothing here starts numba's own
    threads: they would abort a web server that serves two pages at once.
    """
    try:
        loop = numba.njit(cache=True, nogil=True, **NO_COUNTING)(function)
    except RuntimeError:  # numba found no folder to keep compiled code in
        return numba.njit(nogil=True, **NO_COUNTING)(function)
    _forget_what_cannot_be_read(loop._cache)
    return loop


def _forget_what_cannot_be_read(kept: Any) -> None:
    """numba would stop at a file of an earlier release that names a class which has moved since, and at one cut short."""
    load = kept.load_overload

    def load_or_forget(signature: Any, target: Any) -> Any:
        try:
            return load(signature, target)
        except Exception:  # whatever a pickle may raise
            kept.flush()
            return None

    kept.load_overload = load_or_forget
