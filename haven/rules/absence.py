"""Counts sessions attended, missed and possible, and decides whether absence is persistent or severe.

The definitions are those of the Department for Education ("Pupil attendance in schools", "Pupil absence in schools in
England"). Possible is attended plus absent. Attendance is a share of the pupil's own possible sessions. Absence is
persistent at ten per cent or more of them and severe at half or more; both tests use whole numbers, never a rounded
rate. A rate does not apply where nothing was possible: it is neither 0 nor 100. A group's rate divides the sums of its
sessions (add the tallies). It is never an average of percentages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from haven.rules.attendance_codes import Class, last_class

NOT_APPLICABLE = "–"


@dataclass(frozen=True, slots=True)
class Tally:
    """Sessions of one enrolment, or of a group when tallies are added. All are counts of sessions."""

    possible: int = 0
    attended: int = 0
    absent: int = 0
    authorised: int = 0
    unauthorised: int = 0
    late_before: int = 0
    late_after: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.possible + other.possible,
            self.attended + other.attended,
            self.absent + other.absent,
            self.authorised + other.authorised,
            self.unauthorised + other.unauthorised,
            self.late_before + other.late_before,
            self.late_after + other.late_after,
        )

    @property
    def attendance_rate(self) -> float | None:
        """Attended as a share of possible, 0 to 1; None when nothing was possible."""
        return self._share(self.attended)

    @property
    def absence_rate(self) -> float | None:
        """Absent as a share of possible, 0 to 1; None when nothing was possible."""
        return self._share(self.absent)

    @property
    def authorised_rate(self) -> float | None:
        """Authorised absence as a share of possible, 0 to 1; None when nothing was possible."""
        return self._share(self.authorised)

    @property
    def unauthorised_rate(self) -> float | None:
        """Unauthorised absence as a share of possible, 0 to 1; None when nothing was possible."""
        return self._share(self.unauthorised)

    @property
    def is_persistent(self) -> bool:
        """Ten per cent or more of the possible sessions missed; false when nothing was possible."""
        return is_persistent(self.absent, self.possible)

    @property
    def is_severe(self) -> bool:
        """Half or more of the possible sessions missed; false when nothing was possible."""
        return is_severe(self.absent, self.possible)

    def _share(self, part: int) -> float | None:
        return part / self.possible if self.possible else None


def is_persistent(absent: int, possible: int) -> bool:
    """Whether 10 x absent >= possible, and something was possible. Exact, never on a rounded rate."""
    return possible > 0 and 10 * absent >= possible


def is_severe(absent: int, possible: int) -> bool:
    """Whether 2 x absent >= possible, and something was possible. Exact, never on a rounded rate."""
    return possible > 0 and 2 * absent >= possible


def tally(counts: Mapping[str, int], on: date) -> Tally:
    """Add up sessions by code.

    `counts` gives the number of sessions for each code ({"/": 60, "C2": 2}). "" and "-" mean no mark and are not
    counted. `on` is a date on which those codes were used; `classify` gives their classes on that day. A withdrawn code
    keeps its last class, since published figures still contain a few H, J and F. (An import refuses a register with
    such a mark.)

    Returns a Tally of zeros for no counts. Raises UnknownCode, and ValueError for a count below zero.
    """
    by_class = dict.fromkeys(Class, 0)
    for symbol, sessions in counts.items():
        if sessions < 0:
            raise ValueError(f"There cannot be {sessions} sessions of {symbol}.")
        if symbol not in ("", "-"):
            by_class[last_class(symbol, on)] += sessions
    attended = by_class[Class.PRESENT] + by_class[Class.APPROVED_ACTIVITY]
    absent = by_class[Class.AUTHORISED] + by_class[Class.UNAUTHORISED]
    return Tally(
        possible=attended + absent,
        attended=attended,
        absent=absent,
        authorised=by_class[Class.AUTHORISED],
        unauthorised=by_class[Class.UNAUTHORISED],
        late_before=counts.get("L", 0),
        late_after=counts.get("U", 0),
    )


def display_rate(numerator: int, denominator: int) -> str:
    """Format a share for the screen: per cent, one decimal place, half up ("93.3%"); "–" when the denominator is 0.

    The calculation uses whole numbers, so that 1/16 is 6.3% (6.25 rounded up) on every machine. Raises ValueError for a
    number below zero.
    """
    if numerator < 0 or denominator < 0:
        raise ValueError("A share needs counts of zero or more.")
    if denominator == 0:
        return NOT_APPLICABLE
    tenths = (2000 * numerator + denominator) // (2 * denominator)
    return f"{tenths // 10}.{tenths % 10}%"
