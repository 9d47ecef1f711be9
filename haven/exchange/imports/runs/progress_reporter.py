"""How far is a file, as one share that never goes back? It is looked through for its characters, read, and compared with what stands."""

from __future__ import annotations

from haven.exchange.imports.runs.plan import Progress

WHOLE = 1000
LOOKED_THROUGH, READ = 300, 850


class ProgressReporter:
    """Tells `progress` how many thousandths of the way to a plan are done, from three sources that each know their own step alone:
    `read_to` hears every byte that is read, whichever pass it belongs to, `opened` ends the looking through, `compared` the reading."""

    def __init__(self, progress: Progress, size: int) -> None:
        self._progress, self._size, self._done, self._is_opened = progress, max(size, 1), 0, False

    def opened(self) -> None:
        """The file was looked through: what is read from now on is read for good."""
        self._is_opened = True
        self._tell(LOOKED_THROUGH)

    def read_to(self, place: int) -> None:
        """The file has been read up to this byte, in this pass."""
        first, after = (LOOKED_THROUGH, READ) if self._is_opened else (0, LOOKED_THROUGH)
        self._tell(first + (after - first) * min(place, self._size) // self._size)

    def compared(self, done: int, total: int) -> None:
        """So much of what was read is compared with what stands."""
        self._tell(READ + (WHOLE - READ) * done // max(total, 1))

    def _tell(self, done: int) -> None:
        self._done = max(self._done, done)
        self._progress(self._done, WHOLE)
