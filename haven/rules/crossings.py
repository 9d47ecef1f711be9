"""Decides on which side of each absence threshold a pupil is at the end of a school day.

A threshold (`Line`) is a definition over the register so far, from the first day of the academic year or of the
enrolment:

* persistent and severe absence, 10 and 50 per cent of possible sessions missed (the Department for Education's
  methodology of absence statistics), and the group between 75 and 90 per cent attended that schools support before
  absence becomes severe (Working together to improve school attendance: targeted support for persistent absence);
* ten sessions coded G, N, O or U in ten school weeks (National Framework for Penalty Notices);
* ten school days in a row of unauthorised absence, and fifteen school days of illness in the year (SI 2024/208
  regulation 13).

A share of few sessions says little and changes sharply with each of them. So the first three thresholds apply from
FEWEST_SESSIONS possible sessions on (Haven's own rule: two school weeks). A pupil *crosses* a threshold on a day when
they are on another side of it than at the end of the previous school day. Before the first day a pupil is outside all
thresholds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from haven.rules.measures import ILLNESS_SESSIONS, RUN_DAYS, THRESHOLD_SESSIONS

FEWEST_SESSIONS = 20


class Standing(NamedTuple):
    """What the register says by the end of a day: sessions absent and possible so far, unauthorised sessions in the ten
    school weeks that end with the week of that day, the school days of the current run of unauthorised absence, and
    sessions of illness so far.

    Values are whole numbers, or arrays of them (the analytics engine passes all pupils and days at once). The
    thresholds below accept either.
    """

    absent: Any
    possible: Any
    in_ten_weeks: Any
    run_days: Any
    illness: Any


@dataclass(frozen=True, slots=True)
class Line:
    """A threshold. `holds` says whether a standing is within it; `meaning` is the sentence beside it and `source` its
    source. `counted` describes a standing in words, with its numbers by name."""

    name: str
    title: str
    meaning: str
    source: str
    holds: Callable[[Standing], Any]
    is_share: bool = False
    """Whether it concerns the share of sessions missed."""
    counted: str = "{absent} of {possible} sessions missed"

    def stands_at(self, standing: Standing) -> str:
        """What is counted for this threshold, in words."""
        return self.counted.format(**standing._asdict())


def _share(low: int, high: int | None = None) -> Callable[[Standing], Any]:
    """A test for enough possible sessions, at least 1/low of them missed and at most 1/high."""

    def holds(now: Standing) -> Any:
        is_at = (now.possible >= FEWEST_SESSIONS) & (low * now.absent >= now.possible)
        return is_at if high is None else is_at & (high * now.absent <= now.possible)

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
"""Every threshold, in the order in which pages show them."""
