"""Estimates when a pupil reaches persistent absence at the present rate, and how many attended sessions end it.

Persistent: 10 x absent >= possible (the Department for Education's methodology). The results are sums that continue the
last weeks. They do not predict what a child will do.
"""

from dataclasses import dataclass
from fractions import Fraction

RECENT_SESSIONS = 40
"""The present rate is that of the last four full school weeks with possible sessions."""


@dataclass(frozen=True, slots=True)
class Band:
    """An absence band: `times` x absent >= possible."""

    name: str
    times: int

    def holds(self, absent: int, possible: int) -> bool:
        """Whether counts of sessions are in the band; false with nothing possible."""
        return possible > 0 and self.times * absent >= possible


PERSISTENT = Band("persistent", 10)
SEVERE = Band("severe", 2)


def sessions_to_reach(band: Band, absent: int, possible: int, recent: Fraction) -> int | None:
    """After how many further possible sessions, missed at the rate `recent` (0 to 1), the band is reached: 0 when it is
    reached already, None when that rate never reaches it. Raises ValueError for impossible counts or an impossible
    rate."""
    _check(absent, possible)
    if not 0 <= recent <= 1:
        raise ValueError("A rate must be between 0 and 1.")
    if band.holds(absent, possible):
        return 0
    gain = band.times * recent - 1
    short = possible - band.times * absent
    if short <= 0:  # nothing was possible yet: the first session decides
        return 1 if gain >= 0 else None
    return max(1, -(-short // gain)) if gain > 0 else None


def sessions_to_leave(band: Band, absent: int, possible: int) -> int:
    """After how many further sessions, all attended, the pupil leaves the band; 0 outside it. Raises ValueError for
    impossible counts."""
    _check(absent, possible)
    return band.times * absent - possible + 1 if band.holds(absent, possible) else 0


def _check(absent: int, possible: int) -> None:
    if absent < 0 or absent > possible:
        raise ValueError("Absences must be between 0 and the number of possible sessions.")
