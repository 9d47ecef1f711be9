"""Blocks of registers that this process has read before, for as long as they are what it would read again.

A block is kept under what the viewer may see (the lists that the row policies compare rows with, in the words of PostgreSQL) and under the
revision of its school (`RegisterRevision`). The revision is asked for before the rows are read: what is kept may be newer than its
revision, which costs one reading more, and never older. A revision that was undone never comes again.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from haven.attendance.registers.queries.bulk_registers import RegisterBatch

MOST_BYTES = 200_000_000
"""Two years of an authority of 180,000 pupils; what was used longest ago goes first."""

_SIGHT = """
select concat_ws('/', current_database(), current_user, current_setting('app.user_id', true), current_setting('app.readable_scopes', true),
  current_setting('app.caseload_scopes', true), current_setting('app.caseload_pupils', true), current_setting('app.conflicted_pupils', true))
"""
_REVISIONS = """
select school_id, string_agg(id::text, ' ' order by id) from registers_registerversion where school_id = any(%s) group by school_id
"""


def sight() -> str:
    """What the viewer who is entered may see, as one text: whoever has the same text sees the same sheets."""
    with connection.cursor() as cursor:
        cursor.execute(_SIGHT)
        return str(cursor.fetchone()[0])


def revisions(school_ids: Sequence[int]) -> dict[int, str]:
    """The revision of each school's registers; an empty one where there have never been any."""
    with connection.cursor() as cursor:
        cursor.execute(_REVISIONS, [list(school_ids)])
        return dict.fromkeys(school_ids, "") | dict(cursor.fetchall())


class KeptBlocks:
    """Blocks by what may be seen, year and school, each with the revision at which it was read (None: no block for this viewer).
    Several threads may ask at once."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes, self.bytes = most_bytes, 0
        self._kept: OrderedDict[tuple[str, str, int], tuple[str, RegisterBatch | None]] = OrderedDict()
        self._guard = threading.Lock()

    def find(self, seen: str, year: str, revised: Mapping[int, str]) -> "dict[int, RegisterBatch | None]":
        """The blocks of those schools whose revision is still the one at which they were read."""
        found = {}
        with self._guard:
            for school_id, revision in revised.items():
                key = (seen, year, school_id)
                known = self._kept.get(key)
                if known is not None and known[0] == revision:
                    self._kept.move_to_end(key)
                    found[school_id] = known[1]
        return found

    def keep(
        self, seen: str, year: str, revised: Mapping[int, str], blocks: "Mapping[int, RegisterBatch | None]"
    ) -> None:
        """Keep what was read of some schools after their revisions had been asked for."""
        with self._guard:
            for school_id, block in blocks.items():
                self._drop((seen, year, school_id))
                self._kept[seen, year, school_id] = revised[school_id], block
                self.bytes += block.bytes if block else 0
            while self.bytes > self.most_bytes:
                self._drop(next(iter(self._kept)))

    def forget(self) -> None:
        """Keep nothing."""
        with self._guard:
            self._kept.clear()
            self.bytes = 0

    def _drop(self, key: tuple[str, str, int]) -> None:
        _, block = self._kept.pop(key, ("", None))
        self.bytes -= block.bytes if block else 0


KEPT = KeptBlocks()
