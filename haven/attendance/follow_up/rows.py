"""A line of the morning's list as a person reads it: short sentences, one colour, one thing to do first."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone

from haven.attendance.follow_up import permissions as may
from haven.attendance.follow_up.actions.texts import Usual, usual_for
from haven.attendance.follow_up.items import FollowUpItem
from haven.attendance.follow_up.loaders import AttemptLine, ContactLine
from haven.platform.accounts.context import AccessContext
from haven.rules.contact_ladder import Action, Outcome

SAID_ELSEWHERE = ("On the vulnerable list", "An instruction ", "Passed on", "A brother or sister ")
"""Beginnings of sentences that the row shows in a place of their own."""
QUICK = (("reached", "Reached"), ("no_answer", "No answer"), ("left_message", "Left message"))
FIRST_SHOWN = 15


@dataclass(frozen=True)
class RowPermissions:
    """Which buttons this viewer has."""

    log: bool
    reason: bool
    account: bool
    pass_on: bool

    @classmethod
    def of(cls, viewer: AccessContext, school_id: int) -> "RowPermissions":
        return cls(
            bool(may.may_log_attempt(viewer, school_id)),
            bool(may.may_give_reason(viewer, school_id)),
            bool(may.may_account_for(viewer, school_id)),
            bool(may.may_pass_on(viewer, school_id)),
        )


@dataclass(frozen=True)
class Row:
    """A line with its words. `first`: the button that is filled: an outcome, "reason", "visit", "accounted" or ""."""

    line: FollowUpItem
    key: str
    base: str
    page: str
    colour: str
    why: str
    siblings: str
    last: str
    next: str
    claim: str
    is_mine: bool
    passed_on: str
    done: str
    first: str
    latest: str
    usual: Usual | None

    @property
    def chosen(self) -> str:
        """The contact whom the form offers first."""
        return str(self.line.next.contact.ref) if self.line.next.contact else ""

    @property
    def explained_at(self) -> str:
        """When somebody wrote why the line stays open, "" where nobody has."""
        return clock_of(self.line.explanation.at) if self.line.explanation else ""

    @property
    def to_ring(self) -> list[ContactLine]:
        return [contact for contact in self.line.contacts if contact.safe_to_contact]

    @property
    def not_to_ring(self) -> list[ContactLine]:
        return [contact for contact in self.line.contacts if not contact.safe_to_contact]


def row_of(line: FollowUpItem, viewer: AccessContext, on: date, urn: int) -> Row:
    """The row of a line, for a viewer at a school. `base`: where its verbs are, `page`: the pupil's page."""
    claim = line.claim
    is_mine = claim is not None and claim.author_id == viewer.user_id
    return Row(
        line=line,
        key=str(line.ref),
        base=f"{reverse('follow_up:today', args=[urn])}{line.ref}/",
        page=reverse("site:pupil", args=[urn, line.ref]),
        colour="" if line.passed_on else "red" if line.tier or line.instruction else "amber",
        why=why_of(line),
        siblings=_siblings(line),
        last=last_of(line, on),
        next=_next(line),
        claim=""
        if claim is None
        else f"{'You are' if is_mine else f'{claim.author_name} is'} ringing now ({clock_of(claim.at)})",
        is_mine=is_mine,
        passed_on=_passed_on(line),
        done=_done(line),
        first=_first(line),
        latest=line.newest_sentence,
        usual=None if _was_written_to(line, on) else usual_for(line.contacts, line.next.contact),
    )


def _was_written_to(line: FollowUpItem, on: date) -> bool:
    return any(each.outcome in (Outcome.TEXT_SENT, Outcome.EMAIL_SENT) and each.is_on(on) for each in line.attempts)


def why_of(line: FollowUpItem) -> str:
    """The reasons for the place in one line: "Second day without a reason · nobody has been tried yet"."""
    told = [each for each in line.because if not each.startswith(SAID_ELSEWHERE) and not each.startswith("0 of ")]
    if line.days == 1:
        told.insert(0, "First day")
    return " · ".join(
        sentence if place == 0 else sentence[0].lower() + sentence[1:] for place, sentence in enumerate(told)
    )


def _siblings(line: FollowUpItem) -> str:
    missing = [f"{each.name} ({each.school_name})" for each in line.siblings if each.is_missing]
    others = [f"{each.name} ({each.school_name})" for each in line.siblings if not each.is_missing]
    parts = []
    if missing:
        parts.append(f"{_and(missing)} {'is' if len(missing) == 1 else 'are'} missing too")
    if others:
        parts.append(f"brother or sister at school: {_and(others)}" if not missing else f"not missing: {_and(others)}")
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def last_of(line: FollowUpItem, on: date) -> str:
    """ "Yesterday 09:40, Farid Rahman, 020 7946 0018: no answer (Priya Nair)" """
    attempt = line.last_attempt
    if attempt is None:
        return "No attempt yet"
    words = f". {attempt.words}" if attempt.words else ""
    return f"{_when(attempt, on)}, {attempt.said} ({attempt.by}){words}"


def _when(attempt: AttemptLine, on: date) -> str:
    local = timezone.localtime(attempt.at)
    away = (on - local.date()).days
    day = "" if away == 0 else "Yesterday " if away == 1 else f"{local:%A} {local.day} {local:%B} "
    return f"{day}{local:%H:%M}"


def _next(line: FollowUpItem) -> str:
    step = line.next
    promised = line.last_attempt.next_at if line.last_attempt else None
    after = max((moment for moment in (step.not_before, promised) if moment), default=None)
    return f"{step.sentence}, from {clock_of(after)}" if after else step.sentence


def _passed_on(line: FollowUpItem) -> str:
    step = line.passed_on
    return f"{step.author_name} passed this on to {step.to_name} at {clock_of(step.at)}: {step.words}" if step else ""


def _done(line: FollowUpItem) -> str:
    step = line.instruction_done
    return f"Done at {clock_of(step.at)} by {step.author_name}: {step.words}" if step else ""


def _first(line: FollowUpItem) -> str:
    by_action = {
        Action.CALL: "reached",
        Action.ASK_A_PARENT: "reached",
        Action.RECORD_REASON: "reason",
        Action.VISIT: "visit",
        Action.ACCOUNT_FOR: "accounted",
        Action.TELL_LEAD: "pass-on",
    }
    contact = line.next.contact
    if line.next.action is Action.CALL and contact and contact.prefers in ("text", "email") and not line.attempts_today:
        return "usual"
    return by_action[line.next.action]


def clock_of(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"
