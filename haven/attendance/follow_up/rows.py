"""An item of the follow-up list as template context: short sentences, one colour, one action to do first."""

from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from haven.attendance.follow_up import permissions as may
from haven.attendance.follow_up.actions.texts import usual_for
from haven.attendance.follow_up.items import FollowUpItem
from haven.attendance.follow_up.loaders import AttemptLine, ContactLine
from haven.attendance.follow_up.models import DayStep
from haven.platform.accounts.context import AccessContext
from haven.platform.dates import weekday_without_year
from haven.rules.contact_ladder import Action, Outcome

SAID_ELSEWHERE = ("On the vulnerable ", "An instruction ", "Passed on", "A brother or sister ")
"""Beginnings of sentences that the row shows in a place of their own."""
FIRST_SHOWN = 15


class RowPermissions(TypedDict):
    """The buttons that this user has."""

    log: bool
    reason: bool
    account: bool
    pass_on: bool


NO_BUTTONS = RowPermissions(log=False, reason=False, account=False, pass_on=False)


def may_of(viewer: AccessContext, school_id: int) -> RowPermissions:
    """The buttons of a user at a school."""
    return RowPermissions(
        log=bool(may.may_log_attempt(viewer, school_id)),
        reason=bool(may.may_give_reason(viewer, school_id)),
        account=bool(may.may_account_for(viewer, school_id)),
        pass_on=bool(may.may_pass_on(viewer, school_id)),
    )


class RowContact(TypedDict):
    """A contact as the row names them. `label`: the same with the first telephone number, if there is one."""

    key: str
    described: str
    label: str
    safe_contact_note: str
    is_chosen: bool


class Remark(TypedDict):
    """A note about the pupil, and its author."""

    words: str
    author_name: str


class Addressee(TypedDict):
    """The recipient of the usual message."""

    name: str


class UsualMessage(TypedDict):
    """The button of the usual message, and its recipient."""

    button: str
    contact: Addressee


class RowLine(TypedDict):
    """The item as the row shows it. `priority`: 0 for a pupil who is not on the vulnerable pupils list."""

    ref: UUID
    name: str
    form: str
    priority: int
    passed_on: bool
    instruction: str
    seen: str
    remark: Remark | None
    explanation: Remark | None


class Row(TypedDict):
    """The context of home/today/row.html: an item with its text.

    All levels are dictionaries: a template looks up a key several times faster than an attribute of an object. `base`: the address of the
    row's actions. `page`: the pupil's page. `first`: the primary button: an outcome, "reason", "visit", "accounted" or "".
    `is_other_chosen`: the form selects "somebody else" and none of the contacts. `explained_at`: when an explanation of the open item was
    written, or "".
    """

    line: RowLine
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
    explained_at: str
    to_ring: list[RowContact]
    is_other_chosen: bool
    not_to_ring: list[RowContact]
    usual: UsualMessage | None


def row_of(line: FollowUpItem, viewer: AccessContext, on: date, urn: int, home: str) -> Row:
    """The row of an item, for a user at a school. `home`: the address of the list, resolved once for each page.

    References and addresses consist of numbers, letters and hyphens and occur some fifty times in a row. They are marked as safe: escaping
    each of them again would double the time of drawing the row.
    """
    claim = line.claim
    is_mine = claim is not None and claim.author_id == viewer.user_id
    first = line.next.contact
    usual = None if _was_written_to(line, on) else usual_for(line.contacts, first)
    return Row(
        line=_line(line),
        key=SafeString(line.ref),
        base=SafeString(f"{home}{line.ref}/"),
        page=SafeString(reverse("site:pupil", args=[urn, line.ref])),
        colour="" if line.passed_on else "red" if line.priority or line.instruction else "amber",
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
        explained_at=clock_of(line.explanation.at) if line.explanation else "",
        to_ring=[_contact(contact, first) for contact in line.contacts if contact.safe_to_contact],
        is_other_chosen=False,
        not_to_ring=[_contact(contact, first) for contact in line.contacts if not contact.safe_to_contact],
        usual={"button": usual.button, "contact": {"name": usual.contact.name}} if usual else None,
    )


def _line(line: FollowUpItem) -> RowLine:
    return RowLine(
        ref=line.ref, name=conditional_escape(line.name), form=line.form, priority=line.priority, passed_on=line.passed_on is not None,
        instruction=line.instruction, seen=SafeString(line.seen), remark=_remark(line.remark), explanation=_remark(line.explanation),
    )  # fmt: skip


def _remark(step: DayStep | None) -> Remark | None:
    return Remark(words=step.words, author_name=step.author_name) if step else None


def _contact(contact: ContactLine, first: ContactLine | None) -> RowContact:
    return RowContact(
        key=SafeString(contact.key),
        described=contact.described,
        label=", ".join(part for part in (contact.described, contact.number) if part),
        safe_contact_note=contact.safe_contact_note,
        is_chosen=first is not None and contact.ref == first.ref,
    )


def with_chosen(row: Row, key: str) -> Row:
    """The row with the contact of that key selected in its form; "" selects somebody else."""
    contacts = [RowContact(**{**contact, "is_chosen": contact["key"] == key}) for contact in row["to_ring"]]
    return Row(**{**row, "to_ring": contacts, "is_other_chosen": not key})


def _was_written_to(line: FollowUpItem, on: date) -> bool:
    return any(each.outcome in (Outcome.TEXT_SENT, Outcome.EMAIL_SENT) and each.is_on(on) for each in line.attempts)


def why_of(line: FollowUpItem) -> str:
    """The reasons for the position in one line: "Second day without a reason · nobody has been tried yet"."""
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
        parts.append(f"{_and(missing)} {'is' if len(missing) == 1 else 'are'} also missing")
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
    day = "" if away == 0 else "Yesterday " if away == 1 else f"{weekday_without_year(local)} "
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
