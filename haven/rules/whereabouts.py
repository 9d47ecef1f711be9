"""Determines where a pupil is in a session, from the register and the day's statements.

Sources: SI 2024/208 regulation 10 for what a code says; Working together to improve school attendance and Keeping
children safe in education for the duty to find a child who is missing without a reason on the same day. Haven's own
readings favour the child's safety:

* N is missing. O says that no reason is known or accepted, so a pupil coded O is missing too, until somebody has seen the pupil or spoken to
  the family and says so. Words beside the O say what is guessed, and nobody was reached by writing them.
* A pupil without a mark is missing as soon as the register of their class has been taken. Where the class has no register yet we
  wait for it; but a pupil of the vulnerable pupils list is not waited for once registers have closed.
* A planned absence covers the session, whether the place is empty or holds N.
* A person's statement about the pupil ("seen in the library", "not where the register says") applies until another one
  replaces it.
* A pupil who was missing in the morning stays missing until the afternoon's register shows them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache

from haven.rules.attendance_codes import CODES, Class, last_class
from haven.rules.measures import ABSENT, POSSIBLE, Place

ABSENCE, ATTENDANCE, NOTHING = 2, 1, 0
"""What one mark counts in a sum of sessions missed and possible; NOTHING was not possible."""
CLAIM_STANDS_FOR = timedelta(minutes=20)
""""Is calling now" expires after this time."""
ENOUGH_WEEKDAYS = 8
"""With fewer possible sessions on a weekday (four weeks), no statement is made about it."""
OFTEN = 3
"""Absent in at least one of this many sessions of a weekday counts as often."""
ELSEWHERE_CODES = frozenset("D")
"""Codes that say where the pupil is, besides those of approved activities."""
NOT_A_REGISTER = frozenset(code.symbol for code in CODES if code.classed is Class.NOT_POSSIBLE)
"""Codes of pupils who are not expected here (D: at the other school). They are known beforehand or entered by the
office. So they do not show that the register of the class has been taken."""
NOT_EXPECTED_CODES = frozenset("XZ#")
ON_SITE_AFTER_ALL = frozenset("U")
"""Codes that are an absence in the figures while the child is in the building."""


class Whereabouts(Enum):
    """The groups of the day's summary counts; each pupil on roll is in exactly one."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    REASON = "reason"
    MISSING = "missing"
    WAITING = "waiting"
    NOT_EXPECTED = "not_expected"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about one pupil in one session. `code`: the mark, None for an empty place. `planned`: the code of a
    planned absence. `said`: the newest statement of a person, True for accounted for, False for not accounted for, None
    for no statement."""

    code: str | None
    planned: str | None = None
    said: bool | None = None
    register_taken: bool = False
    """The class has marks of this session that were not planned."""
    is_closed: bool = False
    """The time to take the register is over."""
    is_listed: bool = False
    """On the vulnerable pupils list."""


def whereabouts(known: Known, on: date) -> Whereabouts:
    """The group of a pupil in one session of a day. Raises UnknownCode for a code that was never in force on that
    day."""
    if known.said is False:
        return Whereabouts.MISSING
    if known.code not in (None, "N", "O"):
        return box_of_code(known.code, on)
    if known.said:
        return Whereabouts.ELSEWHERE
    if known.planned is not None and known.code != "O":
        return box_of_code(known.planned, on)
    if known.code is None and not known.register_taken and not (known.is_closed and known.is_listed):
        return Whereabouts.WAITING
    return Whereabouts.MISSING


def whereabouts_by_now(morning: Known | None, afternoon: Known | None, on: date) -> Whereabouts:
    """The group of a pupil now. `afternoon` is None before it begins, `morning` where the school had none. At least one
    is given.

    A pupil who was missing in the morning stays missing until the afternoon's register says more.
    """
    if afternoon is None:
        assert morning is not None, "a day without a session has no whereabouts"
        return whereabouts(morning, on)
    now = whereabouts(afternoon, on)
    if now is Whereabouts.WAITING and morning is not None and whereabouts(morning, on) is Whereabouts.MISSING:
        return Whereabouts.MISSING
    return now


def box_of_code(code: str, on: date) -> Whereabouts:
    """The group for a code alone: never WAITING; MISSING for N only."""
    if code == "N":
        return Whereabouts.MISSING
    if code in NOT_EXPECTED_CODES:
        return Whereabouts.NOT_EXPECTED
    classed = last_class(code, on)
    if classed is Class.PRESENT or code in ON_SITE_AFTER_ALL:
        return Whereabouts.HERE
    if classed is Class.APPROVED_ACTIVITY or code in ELSEWHERE_CODES:
        return Whereabouts.ELSEWHERE
    return Whereabouts.REASON


def days_without_reason(places: Iterable[Place]) -> int:
    """School days in a row up to the last one given on which the pupil was missing without a reason; that last day is
    included.

    `places` are in order of time, up to the current session. A day counts where a session has N or O and nothing else
    is known of that day. A day without any mark, or on which the pupil was not expected, neither counts nor ends the
    run. No places give 1, because the pupil is missing now.
    """
    by_day: dict[date, list[str | None]] = {}
    for on, _, code in places:
        by_day.setdefault(on, []).append(code)
    run = 1
    for on in sorted(by_day, reverse=True)[1:]:
        codes = [code for code in by_day[on] if code is not None and code not in NOT_EXPECTED_CODES]
        if not codes:
            continue
        if not all(code in ("N", "O") for code in codes):
            break
        run += 1
    return run


def is_usual_weekday(places: Iterable[Place], weekday: int) -> bool:
    """Whether the pupil has often been absent on this weekday (Monday 0): a third or more of at least ENOUGH_WEEKDAYS
    possible sessions. `places` end on the day before, so that today's absence does not count."""
    absent, possible = sessions_missed(place for place in places if place[0].weekday() == weekday)
    return possible >= ENOUGH_WEEKDAYS and OFTEN * absent >= possible


def sessions_missed(places: Iterable[Place]) -> tuple[int, int]:
    """The number of absent and of possible sessions among the places given."""
    counted = [_counts_as(code, on) for on, _, code in places if code is not None]
    return counted.count(ABSENCE), len(counted) - counted.count(NOTHING)


@lru_cache(maxsize=1 << 15)
def _counts_as(code: str, on: date) -> int:
    """Cached, because a morning needs the same few codes on the same days for every pupil of the list."""
    classed = last_class(code, on)
    return ABSENCE if classed in ABSENT else ATTENDANCE if classed in POSSIBLE else NOTHING
