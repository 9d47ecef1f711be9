"""On which side of each line of absence does a pupil stand at the end of a school day?

A line is a definition over what the register says by then, from the first day of the academic year or of the enrolment:

* persistent and severe absence, 10 and 50 per cent of possible sessions missed (the Department for Education's methodology of absence
  statistics), and the group between 75 and 90 per cent attended that schools support before absence becomes severe (Working together to
  improve school attendance: targeted support for persistent absence);
* ten sessions coded G, N, O or U in ten school weeks (National Framework for Penalty Notices);
* ten school days in a row of unauthorised absence, and fifteen school days of illness in the year (SI 2024/208 regulation 13).

A share of few sessions says little and jumps with each of them, so the first three lines hold from FEWEST_SESSIONS possible sessions on (a
rule of this house: two school weeks). A pupil *crosses* a line on a day at whose end they stand on another side of it than at the
end of the school day before; before the first day a pupil stands outside all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from haven.rules.measures import ILLNESS_SESSIONS, RUN_DAYS, THRESHOLD_SESSIONS

FEWEST_SESSIONS = 20


class Standing(NamedTuple):
    """What the register says by the end of a day: sessions absent and possible so far, unauthorised ones in the ten school weeks that end
    with that day's, the school days of the run of unauthorised absence that goes on, and sessions of illness so far.

    Whole numbers, or arrays of them (the engine asks of all pupils and days at once): the lines below take either.
    """

    absent: Any
    possible: Any
    in_ten_weeks: Any
    run_days: Any
    illness: Any


@dataclass(frozen=True, slots=True)
class Line:
    """`holds` says whether a standing lies within the line; `meaning` is the sentence beside it, `source` where it comes from, `counted`
    says a standing in words, with its numbers by name."""

    name: str
    title: str
    meaning: str
    source: str
    holds: Callable[[Standing], Any]
    is_share: bool = False
    """Whether it is about the share of sessions missed."""
    counted: str = "{absent} of {possible} sessions missed"

    def stands_at(self, standing: Standing) -> str:
        """What is counted for this line, in words."""
        return self.counted.format(**standing._asdict())


def _share(low: int, high: int | None = None) -> Callable[[Standing], Any]:
    """Of enough sessions at least 1/low missed, and not more than 1/high."""

    def holds(now: Standing) -> Any:
        found = (now.possible >= FEWEST_SESSIONS) & (low * now.absent >= now.possible)
        return found if high is None else found & (high * now.absent <= now.possible)

    return holds


METHODOLOGY = "Department for Education, methodology of absence statistics"
LINES = (
    Line("persistent", "Persistent absence", "10 % or more of the possible sessions missed", METHODOLOGY, _share(10), True),
    Line("severe", "Severe absence", "50 % or more of the possible sessions missed", METHODOLOGY, _share(2), True),
    Line(
        "target", "From 75 to 90 % attended", "between 10 and 25 % of the possible sessions missed",
        "Working together to improve school attendance", _share(10, 4), True,
    ),
    Line(
        "threshold", "Ten sessions in ten school weeks",
        f"{THRESHOLD_SESSIONS} or more unauthorised sessions in ten school weeks",
        "National Framework for Penalty Notices", lambda now: now.in_ten_weeks >= THRESHOLD_SESSIONS,
        counted="{in_ten_weeks} unauthorised sessions in ten school weeks",
    ),
    Line(
        "run", "Ten school days in a row", f"{RUN_DAYS} or more school days in a row of unauthorised absence",
        "SI 2024/208 regulation 13", lambda now: now.run_days >= RUN_DAYS, counted="{run_days} school days in a row",
    ),
    Line(
        "illness", "Fifteen school days of illness", f"{ILLNESS_SESSIONS} or more sessions of illness this year",
        "SI 2024/208 regulation 13", lambda now: now.illness >= ILLNESS_SESSIONS, counted="{illness} sessions of illness",
    ),
)  # fmt: skip
"""Every line, in the order in which people are shown them."""
