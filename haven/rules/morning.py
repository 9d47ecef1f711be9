"""Orders the missing pupils for follow-up, and decides when the day may be signed off.

Working together to improve school attendance: the school follows up an unexplained absence on the first day, and tells
a pupil's social worker where there is one. Keeping children safe in education: a child who is missing from education
may be at risk of harm. The order is Haven's own rule: a plain list of comparisons, applied one after another, never a
score, so that users can see the reason for each position. It ranks the work, not the children.

The reader of the list may not know the reason behind a status. So a line says "On the vulnerable pupils list", and carries
the instruction ("Call the social worker") in place of the reason.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from haven.rules.decision import Decision, allow, refuse

DUE_SOON = timedelta(hours=1)
"""A line moves to the top this long before its instruction is due."""
ENOUGH_TO_COMPARE = 20
"""With fewer possible sessions, history is not compared: two absences in September are not a pattern."""


@dataclass(frozen=True, slots=True)
class MissingPupil:
    """One pupil who is missing without a reason. `ref` identifies the line, is unique and breaks ties."""

    ref: str
    priority: int = 0
    """Place on the vulnerable pupils list: 0 not on it, 1 or 2 on it, 3 to be found first."""
    instruction: str = ""
    """The instruction on the vulnerable pupils list, without the reason: "Call the social worker"."""
    instruction_due_at: datetime | None = None
    days_unexplained: int = 1
    """School days in a row without a reason, today included."""
    attempts_today: int = 0
    reached: bool = False
    """A contact was reached today, and the pupil is still not accounted for."""
    last_attempt_at: datetime | None = None
    sessions_missed: int = 0
    sessions_possible: int = 0
    is_usual_weekday: bool = False
    """Has often been absent on this weekday."""
    sibling_missing: bool = False
    year_group: int = 0
    """National curriculum year; 0 is reception, -1 nursery."""
    unmarked: bool = False
    """No mark at all, rather than N."""
    passed_on: bool = False
    """Another colleague has taken the line over."""
    claimed_by: str = ""
    """Who is working on it now. It does not affect the order, so that the list does not move while they work."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A pupil with their position. `because` are plain sentences, the most important first."""

    position: int
    pupil: MissingPupil
    instruction: str
    because: tuple[str, ...]


def rank(missing: Iterable[MissingPupil], at: datetime) -> list[Placed]:
    """The list in the order to act, each line with its reasons (see ORDER).

    `at` is an aware datetime in the school's own time. The order of the input does not matter. An empty list gives an
    empty list. Raises ValueError when two lines have the same `ref`.
    """
    pupils = sorted(missing, key=lambda pupil: _order_key(pupil, at))
    if len({pupil.ref for pupil in pupils}) < len(pupils):
        raise ValueError("One pupil is on the list twice.")
    return [
        Placed(position, pupil, _instruction(pupil, at), tuple(_because(pupil, at)))
        for position, pupil in enumerate(pupils, start=1)
    ]


def _is_pressing(pupil: MissingPupil, at: datetime) -> bool:
    return pupil.instruction_due_at is not None and pupil.instruction_due_at <= at + DUE_SOON


def _share_missed(pupil: MissingPupil) -> Fraction:
    if pupil.sessions_possible < ENOUGH_TO_COMPARE:
        return Fraction(0)
    return Fraction(pupil.sessions_missed, pupil.sessions_possible)


def _instruction_due(pupil: MissingPupil, at: datetime) -> tuple[bool, float]:
    """Overdue instructions and those due soon first, earliest first."""
    if pupil.instruction_due_at is None or not _is_pressing(pupil, at):
        return True, 0.0
    return False, pupil.instruction_due_at.timestamp()


def _attempts_key(pupil: MissingPupil) -> tuple[int, float]:
    """Fewest attempts first, then the longest time since the last one."""
    return pupil.attempts_today, pupil.last_attempt_at.timestamp() if pupil.last_attempt_at else 0.0


Key = Callable[[MissingPupil, datetime], Any]


@dataclass(frozen=True, slots=True)
class OrderRule:
    """One rule of the order: the sentence for the user, and the key that sorts by it, lowest first."""

    sentence: str
    key: Key


ORDER = (
    OrderRule(
        "Pupils handed over to someone else come last. The others are in this order.",
        lambda pupil, at: pupil.passed_on,
    ),
    OrderRule("First, instructions that are overdue or due within the hour, earliest first.", _instruction_due),
    OrderRule(
        "Then pupils on the vulnerable pupils list, with “find first” pupils at the top.",
        lambda pupil, at: -pupil.priority,
    ),
    OrderRule("Then pupils whose family has not been reached yet.", lambda pupil, at: pupil.reached),
    OrderRule("Then pupils with more days of unexplained absence.", lambda pupil, at: -pupil.days_unexplained),
    OrderRule("Then pupils marked absent, before pupils with no mark.", lambda pupil, at: pupil.unmarked),
    OrderRule("Then pupils whose brother or sister is also missing.", lambda pupil, at: not pupil.sibling_missing),
    OrderRule("Then the youngest pupils.", lambda pupil, at: pupil.year_group),
    OrderRule("Then pupils who are not usually absent on this weekday.", lambda pupil, at: pupil.is_usual_weekday),
    OrderRule(
        "Then pupils who have missed a higher share of their sessions this year.",
        lambda pupil, at: -_share_missed(pupil),
    ),
    OrderRule(
        "Then pupils with fewer contact attempts today, longest ago first.", lambda pupil, at: _attempts_key(pupil)
    ),
)
"""The rules of the order, the most important first. Each decides where the rules before it find two pupils equal."""
WHY_THIS_ORDER = tuple(rule.sentence for rule in ORDER)
"""The order in sentences, for the user."""


def _order_key(pupil: MissingPupil, at: datetime) -> tuple[Any, ...]:
    return *(rule.key(pupil, at) for rule in ORDER), pupil.ref


def _instruction(pupil: MissingPupil, at: datetime) -> str:
    if not pupil.instruction:
        return ""
    if pupil.instruction_due_at is None or _time(pupil.instruction_due_at, at) in pupil.instruction:
        return f"{pupil.instruction}."  # the time is given once
    return f"{pupil.instruction} before {_time(pupil.instruction_due_at, at)}."


def _because(pupil: MissingPupil, at: datetime) -> Iterable[str]:
    if pupil.passed_on:
        yield "Handed over: someone else is dealing with this pupil"
    if pupil.instruction_due_at and _is_pressing(pupil, at):
        late = pupil.instruction_due_at < at
        yield f"An instruction {'was' if late else 'is'} due at {_time(pupil.instruction_due_at, at)}"
    if pupil.priority > 0:
        yield "On the vulnerable pupils list: find first" if pupil.priority >= 3 else "On the vulnerable pupils list"
    if pupil.days_unexplained > 1:
        yield f"{_ordinal(pupil.days_unexplained)} day of unexplained absence"
    yield _attempts(pupil, at)
    if pupil.unmarked:
        yield "No mark in the register"
    if pupil.sibling_missing:
        yield "A brother or sister is also missing"
    if pupil.is_usual_weekday:
        yield "Often absent on this weekday"
    if pupil.sessions_possible:
        yield f"{pupil.sessions_missed} of {pupil.sessions_possible} sessions missed this year"


def _attempts(pupil: MissingPupil, at: datetime) -> str:
    if pupil.reached:
        return "Contact made, but no reason yet"
    if pupil.attempts_today == 0:
        return "No contact attempts yet"
    tried = "once" if pupil.attempts_today == 1 else f"{pupil.attempts_today} times"
    last = f", last at {_time(pupil.last_attempt_at, at)}" if pupil.last_attempt_at else ""
    return f"No contact made yet: tried {tried}{last}"


def _ordinal(n: int) -> str:
    words = ("", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")
    if n < len(words):
        return words[n]
    return f"{n}" + ("th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th"))


def _time(when: datetime, at: datetime) -> str:
    return when.astimezone(at.tzinfo).strftime("%H:%M")


@dataclass(frozen=True, slots=True)
class DayLine:
    """A line of the day's list at the end of the day. It is closed when the pupil is accounted for or a reason is
    known; otherwise it needs an explanation."""

    ref: str
    accounted_for: bool = False
    reason_known: bool = False
    explanation: str = ""
    """Why the line stays open overnight, and who will follow up."""

    @property
    def is_open(self) -> bool:
        """Neither accounted for nor explained by a reason for the absence."""
        return not (self.accounted_for or self.reason_known)


def open_lines(lines: Iterable[DayLine]) -> list[DayLine]:
    """The lines that are still open, in the order given."""
    return [line for line in lines if line.is_open]


def may_sign_off(lines: Sequence[DayLine]) -> Decision:
    """Whether the day may be signed off: nothing open, or every open line explained."""
    still_open = open_lines(lines)
    unexplained = sum(not line.explanation.strip() for line in still_open)
    if unexplained:
        who = "1 pupil is" if unexplained == 1 else f"{unexplained} pupils are"
        return refuse(f"{who} not accounted for, and there is no explanation. Find them, or record what happens next.")
    if still_open:
        return allow(
            "1 item is still open and is explained."
            if len(still_open) == 1
            else f"{len(still_open)} items are still open and are explained."
        )
    return allow("No open items.")
