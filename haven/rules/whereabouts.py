"""Where is a pupil in a session, as far as the register and the day's own words say?

SI 2024/208 regulation 10 for what a code says; Working together to improve school attendance and Keeping children safe in
education for the duty to find a child who is missing without a reason on the same day. House readings, on the side of the child:

* N is missing. O says that no reason is known or accepted, so a bare O is missing too, until somebody writes what is known.
* A pupil without a mark is missing as soon as the register of their class has been taken. Where the class has no register yet we
  wait for it; but a pupil of the vulnerable pupils list is not waited for once registers have closed.
* A planned absence covers the session, whether the place is empty or holds N.
* What a person says about the pupil ("seen in the library", "not where the register says") stands until somebody says otherwise.
* Who was missing in the morning stays missing until the afternoon's register shows them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache

from haven.rules.attendance_codes import CODES, Class, last_class
from haven.rules.measures import ABSENT, POSSIBLE, Place

ABSENCE, ATTENDANCE, NOTHING = 2, 1, 0
"""What one mark is in a sum of sessions missed and possible; NOTHING was not possible."""
CLAIM_STANDS_FOR = timedelta(minutes=20)
"""After this time "is ringing now" is no longer believed."""
ENOUGH_WEEKDAYS = 8
"""Possible sessions on a weekday below which nothing is said about it: four weeks."""
OFTEN = 3
"""Absent in one of so many of a weekday's sessions, or more, is often."""
ELSEWHERE_CODES = frozenset("D")
"""Codes that say where the pupil is, besides those of approved activities."""
NOT_A_REGISTER = frozenset(code.symbol for code in CODES if code.classed is Class.NOT_POSSIBLE)
"""Codes of pupils who are not expected here (D: at the other school). They are known beforehand or entered by the office, so they do not
show that anybody has taken the register of the class."""
NOT_EXPECTED_CODES = frozenset("XZ#")
ON_SITE_AFTER_ALL = frozenset("U")
"""An absence for the figures, and a child who is in the building."""


class Whereabouts(Enum):
    """The boxes of the day's counts; each pupil on roll is in exactly one."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    REASON = "reason"
    MISSING = "missing"
    WAITING = "waiting"
    NOT_EXPECTED = "not_expected"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about one pupil in one session. `code`: the mark, None for an empty place. `planned`: the code of a planned
    absence. `said`: the newest word of a person, True for accounted for, False for not accounted for, None where nobody said."""

    code: str | None
    planned: str | None = None
    said: bool | None = None
    has_words: bool = False
    """Somebody wrote what is known beside an O."""
    register_taken: bool = False
    """The class has marks of this session that were not planned."""
    is_closed: bool = False
    """The time to take the register is over."""
    is_watched: bool = False
    """On the vulnerable pupils list."""


def whereabouts(known: Known, on: date) -> Whereabouts:
    """The box of a pupil in one session of a day. Raises UnknownCode for a code that has never been one on that day."""
    if known.said is False:
        return Whereabouts.MISSING
    unexplained = known.code in (None, "N") or (known.code == "O" and not known.has_words)
    if not unexplained:
        return box_of_code(str(known.code), on)
    if known.said:
        return Whereabouts.ELSEWHERE
    if known.planned is not None and known.code != "O":
        return box_of_code(known.planned, on)
    if known.code is None and not known.register_taken and not (known.is_closed and known.is_watched):
        return Whereabouts.WAITING
    return Whereabouts.MISSING


def whereabouts_by_now(morning: Known | None, afternoon: Known | None, on: date) -> Whereabouts:
    """The box of a pupil now. `afternoon` is None before it begins, `morning` where the school had none. At least one is given.

    Who was missing in the morning stays so until the afternoon's register says more.
    """
    if afternoon is None:
        assert morning is not None, "a day without a session has no whereabouts"
        return whereabouts(morning, on)
    now = whereabouts(afternoon, on)
    if now is Whereabouts.WAITING and morning is not None and whereabouts(morning, on) is Whereabouts.MISSING:
        return Whereabouts.MISSING
    return now


def box_of_code(code: str, on: date) -> Whereabouts:
    """The box that a code by itself stands for: never WAITING; MISSING for N alone."""
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
    """School days in a row up to the last one given on which the pupil was missing without a reason; that last day counts itself.

    `places` in order of time, up to the session of now. A day counts where a session stands at N or O and nothing else is known of
    that day; a day without any mark, or on which the pupil was not expected, neither counts nor ends the run. No places give 1: the
    question is asked about somebody who is missing now.
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
    """Whether the pupil has often been absent on this weekday (Monday 0): a third or more of at least ENOUGH_WEEKDAYS possible
    sessions. `places` up to the day before, else today's own absence would count."""
    absent, possible = sessions_missed(place for place in places if place[0].weekday() == weekday)
    return possible >= ENOUGH_WEEKDAYS and OFTEN * absent >= possible


def sessions_missed(places: Iterable[Place]) -> tuple[int, int]:
    """Sessions absent, and sessions possible, of the places given."""
    counted = [_counts_as(code, on) for on, _, code in places if code is not None]
    return counted.count(ABSENCE), len(counted) - counted.count(NOTHING)


@lru_cache(maxsize=1 << 15)
def _counts_as(code: str, on: date) -> int:
    """Kept, for a morning asks for the same few codes on the same days for every pupil of the list."""
    classed = last_class(code, on)
    return ABSENCE if classed in ABSENT else ATTENDANCE if classed in POSSIBLE else NOTHING
