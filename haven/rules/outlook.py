"""At the present rate, when does a pupil reach persistent absence, and how many sessions attended leave it behind?

Persistent: 10 x absent >= possible (the Department for Education's methodology). These are sums, not forecasts of what a child will
do: each says what follows if the last weeks go on.
"""

from dataclasses import dataclass
from fractions import Fraction

RECENT_SESSIONS = 40
"""The present rate is that of the last four full school weeks of possible sessions."""


@dataclass(frozen=True, slots=True)
class Band:
    """A line of absence: `times` x absent >= possible."""

    name: str
    times: int

    def holds(self, absent: int, possible: int) -> bool:
        """Whether counts of sessions lie in the band; never with nothing possible."""
        return possible > 0 and self.times * absent >= possible


PERSISTENT = Band("persistent", 10)
SEVERE = Band("severe", 2)


def sessions_to_reach(band: Band, absent: int, possible: int, recent: Fraction) -> int | None:
    """After how many further possible sessions, missed at the rate `recent` (0 to 1), the band is reached; 0 when it is already,
    None when that rate never reaches it. Raises ValueError for counts or a rate that cannot be."""
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
    """How many further sessions, all attended, leave the band behind; 0 outside it. Raises ValueError for counts that cannot be."""
    _check(absent, possible)
    return band.times * absent - possible + 1 if band.holds(absent, possible) else 0


def _check(absent: int, possible: int) -> None:
    if absent < 0 or absent > possible:
        raise ValueError("Absences must be between 0 and the number of possible sessions.")
