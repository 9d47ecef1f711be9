"""Progress of an import, as a fraction that never decreases: detecting the encoding, reading, and comparing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[int, int], None]
"""Called with the amount done, and the total."""
WHOLE = 1000
LOOKED_THROUGH, READ = 300, 850


def no_progress(done: int, total: int) -> None:
    """For a caller that needs no progress."""


@dataclass(frozen=True, slots=True)
class Part:
    """Reports the progress of one of several equal parts of the work as progress of the whole."""

    on_progress: Progress
    number: int
    count: int

    def __call__(self, done: int, total: int) -> None:
        self.on_progress(self.number * total + done, self.count * total)


class ProgressReporter:
    """Reports the progress of a plan in thousandths, from three sources that each report only their own step: `read_to` is called with
    every position that is read, in either pass, `opened` ends the first pass, `compared` the reading."""

    def __init__(self, on_progress: Progress, size: int) -> None:
        self._on_progress, self._size, self._done, self._is_opened = on_progress, max(size, 1), 0, False

    def opened(self) -> None:
        """The first pass is finished; the rows are read from now on."""
        self._is_opened = True
        self._report(LOOKED_THROUGH)

    def read_to(self, place: int) -> None:
        """The file has been read up to this byte, in the current pass."""
        first, after = (LOOKED_THROUGH, READ) if self._is_opened else (0, LOOKED_THROUGH)
        self._report(first + (after - first) * min(place, self._size) // self._size)

    def compared(self, done: int, total: int) -> None:
        """This share of the rows is compared with the database."""
        self._report(READ + (WHOLE - READ) * done // max(total, 1))

    def _report(self, done: int) -> None:
        self._done = max(self._done, done)
        self._on_progress(self._done, WHOLE)
