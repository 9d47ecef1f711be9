"""Progress of an import, as a fraction that never goes back: the file is looked through for its characters, read, and compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[int, int], None]
"""Told how much is done, of how much."""
WHOLE = 1000
LOOKED_THROUGH, READ = 300, 850


def no_progress(done: int, total: int) -> None:
    """For a caller who does not want to know."""


@dataclass(frozen=True, slots=True)
class Part:
    """Reports the progress of one of several equal parts of the work as progress of the whole."""

    on_progress: Progress
    number: int
    count: int

    def __call__(self, done: int, total: int) -> None:
        self.on_progress(self.number * total + done, self.count * total)


class ProgressReporter:
    """Reports how many thousandths of the way to a plan are done, from three sources that each know their own step alone:
    `read_to` hears every byte that is read, whichever pass it belongs to, `opened` ends the looking through, `compared` the reading."""

    def __init__(self, on_progress: Progress, size: int) -> None:
        self._on_progress, self._size, self._done, self._is_opened = on_progress, max(size, 1), 0, False

    def opened(self) -> None:
        """The file was looked through: what is read from now on is read for good."""
        self._is_opened = True
        self._report(LOOKED_THROUGH)

    def read_to(self, place: int) -> None:
        """The file has been read up to this byte, in this pass."""
        first, after = (LOOKED_THROUGH, READ) if self._is_opened else (0, LOOKED_THROUGH)
        self._report(first + (after - first) * min(place, self._size) // self._size)

    def compared(self, done: int, total: int) -> None:
        """So much of what was read is compared with the current values."""
        self._report(READ + (WHOLE - READ) * done // max(total, 1))

    def _report(self, done: int) -> None:
        self._done = max(self._done, done)
        self._on_progress(self._done, WHOLE)
