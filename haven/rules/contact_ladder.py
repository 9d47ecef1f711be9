"""Decides which contact to try next, how and when, from the attempts made so far today.

Working together to improve school attendance: the school follows up an unexplained absence on the first day, with every
contact that it has, and visits where nobody answers. The steps and waiting times are the field's usual ladder: each
contact in order of priority, a second round, a visit, then the safeguarding lead decides on a welfare check. A contact
who is not safe to contact is never proposed. Only a person with parental responsibility can give the reason; an answer
from another relative is reassuring but not a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

ROUNDS = 2
"""How often each contact is tried by telephone before a home visit."""


class Outcome(Enum):
    """The result of an attempt. The values are stable: they are stored in records."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    LEFT_MESSAGE = "left_message"
    WRONG_NUMBER = "wrong_number"
    REFUSED = "refused"
    TEXT_SENT = "text_sent"
    EMAIL_SENT = "email_sent"
    VISIT_SEEN = "visit_seen"
    VISIT_SPOKEN = "visit_spoken"
    VISIT_NO_ANSWER = "visit_no_answer"


@dataclass(frozen=True, slots=True)
class OutcomeRule:
    """What a result means for the next step."""

    outcome: Outcome
    title: str
    spoke: bool
    """Somebody was spoken to."""
    is_call: bool
    """Counts as one of the ROUNDS for that contact."""
    wait: timedelta
    """How long before the same contact is tried again."""
    ends_contact: bool = False
    """The contact is not tried again today."""


NOW = timedelta(0)
OUTCOMES: dict[Outcome, OutcomeRule] = {
    rule.outcome: rule
    for rule in (
        OutcomeRule(Outcome.REACHED, "Reached", spoke=True, is_call=True, wait=NOW),
        OutcomeRule(Outcome.NO_ANSWER, "No answer", spoke=False, is_call=True, wait=timedelta(minutes=30)),
        OutcomeRule(Outcome.LEFT_MESSAGE, "Left a message", spoke=False, is_call=True, wait=timedelta(minutes=60)),
        OutcomeRule(Outcome.WRONG_NUMBER, "Wrong number", False, is_call=True, wait=NOW, ends_contact=True),
        OutcomeRule(Outcome.REFUSED, "Refused to speak", spoke=False, is_call=True, wait=NOW, ends_contact=True),
        OutcomeRule(Outcome.TEXT_SENT, "Text sent", spoke=False, is_call=False, wait=timedelta(minutes=20)),
        OutcomeRule(Outcome.EMAIL_SENT, "Email sent", spoke=False, is_call=False, wait=timedelta(minutes=20)),
        OutcomeRule(Outcome.VISIT_SEEN, "Visit: pupil seen", spoke=True, is_call=False, wait=NOW),
        OutcomeRule(Outcome.VISIT_SPOKEN, "Visit: spoke to someone", spoke=True, is_call=False, wait=NOW),
        OutcomeRule(Outcome.VISIT_NO_ANSWER, "Visit: no answer", spoke=False, is_call=False, wait=NOW),
    )
}
"""Every outcome, in the order of a picker."""


class Action(Enum):
    """What to do next."""

    CALL = "call"
    RECORD_REASON = "record_reason"
    ASK_A_PARENT = "ask_a_parent"
    VISIT = "visit"
    TELL_LEAD = "tell_lead"
    ACCOUNT_FOR = "account_for"


@dataclass(frozen=True, slots=True)
class LadderContact:
    """The part of a contact that the ladder needs. `priority` 1 comes first."""

    priority: int
    has_parental_responsibility: bool
    safe_to_contact: bool = True
    has_number: bool = True


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of today. `contact_index` is the index in the contacts given; None for a visit to the address."""

    contact_index: int | None
    outcome: Outcome
    at: datetime
    again_at: datetime | None = None
    """The agreed time at which this contact is tried again, instead of the usual wait. Other contacts do not wait for it."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do, with which contact (None: no particular one), and the earliest time (None: now)."""

    contact_index: int | None
    action: Action
    not_before: datetime | None
    because: str


def next_step(contacts: Sequence[LadderContact], attempts: Sequence[Attempt], at: datetime) -> NextStep:
    """Return the next step of the ladder.

    `contacts` and `attempts` (those of today for this pupil) may be in any order; `at` is an aware datetime. After an
    answered call, the step is to record the reason, or to obtain it from a person with parental responsibility. When no
    contact is left to call, the step is a visit; after a visit without an answer, the safeguarding lead. Never proposes
    a contact who is not safe to contact, even for a reason.
    """
    seen = _after_speaking(contacts, attempts, at)
    if seen is not None:
        return seen
    candidates = _candidates(contacts, attempts)
    if candidates:
        return _call(contacts, attempts, candidates, at)
    if any(attempt.outcome is Outcome.VISIT_NO_ANSWER for attempt in attempts):
        return NextStep(None, Action.TELL_LEAD, None, "No answer at the door. Refer to the safeguarding lead.")
    if not any(contact.safe_to_contact and contact.has_number for contact in contacts):
        return NextStep(
            None, Action.TELL_LEAD, None, "No contact is safe and possible to call. Refer to the safeguarding lead."
        )
    return NextStep(None, Action.VISIT, None, "All contacts have been tried without success. Arrange a visit.")


def _after_speaking(contacts: Sequence[LadderContact], attempts: Sequence[Attempt], at: datetime) -> NextStep | None:
    spoken = [attempt for attempt in sorted(attempts, key=_when) if OUTCOMES[attempt.outcome].spoke]
    if not spoken:
        return None
    if any(attempt.outcome is Outcome.VISIT_SEEN for attempt in spoken):
        return NextStep(None, Action.ACCOUNT_FOR, None, "The pupil has been seen.")
    for attempt in reversed(spoken):
        index = attempt.contact_index
        if index is not None and contacts[index].has_parental_responsibility:
            return NextStep(index, Action.RECORD_REASON, None, "Spoke to someone with parental responsibility.")
    parents = [index for index in _candidates(contacts, attempts) if contacts[index].has_parental_responsibility]
    if parents:
        step = _call(contacts, attempts, parents, at)
        because = "The person reached cannot give the reason. Ask a parent."
        return NextStep(step.contact_index, Action.ASK_A_PARENT, step.not_before, because)
    return NextStep(
        spoken[-1].contact_index,
        Action.RECORD_REASON,
        None,
        "Contact was made, but there is no other parent to ask today.",
    )


def _candidates(contacts: Sequence[LadderContact], attempts: Sequence[Attempt]) -> list[int]:
    """Indexes of the contacts who may still be called today."""
    return [
        index
        for index, contact in enumerate(contacts)
        if contact.safe_to_contact
        and contact.has_number
        and _calls(index, attempts) < ROUNDS
        and not any(OUTCOMES[attempt.outcome].ends_contact for attempt in attempts if attempt.contact_index == index)
    ]


def _call(
    contacts: Sequence[LadderContact], attempts: Sequence[Attempt], candidates: Sequence[int], at: datetime
) -> NextStep:
    """Choose the contact to call: those whose wait is over first, then the fewest calls, then priority."""

    def order(index: int) -> tuple[datetime, int, int, int]:
        return max(_free_at(index, attempts, at), at), _calls(index, attempts), contacts[index].priority, index

    index = min(candidates, key=order)
    free_at = _free_at(index, attempts, at)
    tried = _calls(index, attempts)
    because = "Next in order of priority." if tried == 0 else "All contacts have been tried once. Try again."
    if tried and any(_calls(other, attempts) == 0 for other in candidates):
        because = "Tried before. The other contacts have not yet answered a message."
    return NextStep(index, Action.CALL, free_at if free_at > at else None, because)


def _free_at(index: int, attempts: Sequence[Attempt], at: datetime) -> datetime:
    mine = [attempt for attempt in attempts if attempt.contact_index == index]
    return max((attempt.again_at or attempt.at + OUTCOMES[attempt.outcome].wait for attempt in mine), default=at)


def _calls(index: int, attempts: Sequence[Attempt]) -> int:
    return sum(attempt.contact_index == index and OUTCOMES[attempt.outcome].is_call for attempt in attempts)


def _when(attempt: Attempt) -> datetime:
    return attempt.at
