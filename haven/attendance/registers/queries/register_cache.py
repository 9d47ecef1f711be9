"""The cache of `bulk_registers`: batches of packed registers that this process has read, kept while they are current.

Key: the visibility key of the viewer (`visibility_key`), the academic year and the school. Two viewers share a batch only where row
security compares rows with the same values for both.
Validity: the version token of the school's registers (`version_tokens`), a random value that database triggers replace when a sheet,
an enrolment or a calendar of the school changes. The caller asks for the token before it reads the rows, so a batch can be newer than
its token, which costs one more read, and never older. A token of a rolled-back transaction never comes again.
Content: the registers as stored, realigned to the newest calendar. No figure is kept (decisions 0005 and 0013).
Size: at most `MAX_BYTES` for each process; the batch that was used longest ago goes first.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from haven.attendance.registers.queries.register_reader import RegisterBatch

MAX_BYTES = 200_000_000
"""Two years of an authority of 180,000 pupils."""

_SQL = Path(__file__).with_name("sql")
_VISIBILITY = (_SQL / "register_visibility.sql").read_text()
_VERSIONS = (_SQL / "register_versions.sql").read_text()


def visibility_key() -> str:
    """The visibility key of the current user: users with the same key can read the same registers."""
    with connection.cursor() as cursor:
        cursor.execute(_VISIBILITY)
        return str(cursor.fetchone()[0])


def version_tokens(school_ids: Sequence[int]) -> dict[int, str]:
    """The version token of each school's registers; "" for a school whose registers have never changed."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS, {"schools": list(school_ids)})
        return dict.fromkeys(school_ids, "") | dict(cursor.fetchall())


class RegisterCache:
    """Batches by visibility key, year and school, each with the version token at which it was read. None is stored too: the user has no
    batch there. Thread-safe."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.max_bytes, self.bytes = max_bytes, 0
        self._entries: OrderedDict[tuple[str, str, int], tuple[str, RegisterBatch | None]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, visibility: str, year: str, tokens: Mapping[int, str]) -> "dict[int, RegisterBatch | None]":
        """The batches of the schools whose version token has not changed since they were read."""
        batches = {}
        with self._lock:
            for school_id, token in tokens.items():
                key = (visibility, year, school_id)
                entry = self._entries.get(key)
                if entry is not None and entry[0] == token:
                    self._entries.move_to_end(key)
                    batches[school_id] = entry[1]
        return batches

    def put(
        self, visibility: str, year: str, tokens: Mapping[int, str], batches: "Mapping[int, RegisterBatch | None]"
    ) -> None:
        """Store the batches of some schools with the version tokens that were read before them."""
        with self._lock:
            for school_id, batch in batches.items():
                key = (visibility, year, school_id)
                self._remove(key)
                self._entries[key] = tokens[school_id], batch
                self.bytes += batch.bytes if batch else 0
            while self.bytes > self.max_bytes:
                self._remove(next(iter(self._entries)))

    def clear(self) -> None:
        """Remove every batch."""
        with self._lock:
            self._entries.clear()
            self.bytes = 0

    def _remove(self, key: tuple[str, str, int]) -> None:
        _, batch = self._entries.pop(key, ("", None))
        self.bytes -= batch.bytes if batch else 0


REGISTER_CACHE = RegisterCache()
