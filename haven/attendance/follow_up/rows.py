"""An item of the follow-up list as template context: short sentences, one colour, one action to do first."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import TypedDict

from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from haven.attendance.follow_up import permissions as may
from haven.attendance.follow_up.actions.texts import usual_for
from haven.attendance.follow_up.items import FollowUpItem
from haven.attendance.follow_up.loaders import AttemptLine
from haven.platform.accounts.context import AccessContext
from haven.platform.dates import weekday_without_year
from haven.rules.contact_ladder import Action, Outcome

SAID_ELSEWHERE = ("On the vulnerable ", "An instruction ", "Passed on", "A brother or sister ")
"""Beginnings of sentences that the row shows in a place of their own."""
FIRST_SHOWN = 15


class RowPermissions(TypedDict):
    """What this user may do in a row."""

    log: bool
    reason: bool
    account: bool
    pass_on: bool


NO_PERMISSIONS = RowPermissions(log=False, reason=False, account=False, pass_on=False)


def may_of(viewer: AccessContext, school_id: int) -> RowPermissions:
    """What a user may do in a row at a school."""
    return RowPermissions(
        log=bool(may.may_log_attempt(viewer, school_id)),
        reason=bool(may.may_give_reason(viewer, school_id)),
        account=bool(may.may_account_for(viewer, school_id)),
        pass_on=bool(may.may_pass_on(viewer, school_id)),
    )


def buttons_of(may: RowPermissions, half: str) -> list[tuple[str, str, str]]:
    """The buttons of each row, for these permissions: what `Row.first` calls it, the end of its address, its words. `half`: the session."""
    return [
        button
        for is_given, button in (
            (may["log"], ("reached", "attempt/?outcome=reached", "Reached")),
            (may["log"], ("no_answer", "attempt/?outcome=no_answer", "No answer")),
            (may["log"], ("left_message", "attempt/?outcome=left_message", "Left message")),
            (may["reason"], ("reason", "reason/", "Give a reason")),
            (may["log"], ("visit", "visit/", "Plan a visit")),
            (may["pass_on"], ("pass-on", "pass-on/", "Pass on")),
            (may["account"], ("accounted", f"accounted/?half={half}", "Mark as found")),
            (may["log"], ("attempt", "attempt/", "Log what you did")),
        )
        if is_given
    ]


class Row(TypedDict):
    """The context of follow_up/row.html: an item as text. Lines without a text are not shown.

    It is a dictionary of plain values: a template looks up a key several times faster than an attribute of an object. `base`: the address
    of the row's actions. `page`: the pupil's page. `notes`: what colleagues wrote or did today. `do_not_call`: the contacts who are not safe
    to call, each with the note. `first`: the primary button. `usual`: the button of the usual message, and its recipient.
    """

    key: str
    name: str
    form: str
    base: str
    page: str
    colour: str
    is_listed: bool
    is_passed_on: bool
    why: str
    siblings: str
    instruction: str
    last: str
    next: str
    claim: str
    is_mine: bool
    notes: list[str]
    do_not_call: list[tuple[str, str]]
    first: str
    latest: str
    seen: str
    usual: tuple[str, str] | None


def row_of(item: FollowUpItem, viewer: AccessContext, on: date, urn: int, home: str) -> Row:
    """The row of an item, for a user at a school. `home`: the address of the list, resolved once for each page.

    References and addresses consist of numbers, letters and hyphens and occur some thirty times in a row. They are marked as safe: escaping
    each of them again would lengthen the drawing of the row by half.
    """
    claim = item.claim
    is_mine = claim is not None and claim.author_id == viewer.user_id
    usual = None if _was_written_to(item, on) else usual_for(item.contacts, item.next.contact)
    return Row(
        key=SafeString(item.ref),
        name=conditional_escape(item.name),
        form=item.form,
        base=SafeString(f"{home}{item.ref}/"),
        page=SafeString(reverse("site:pupil", args=[urn, item.ref])),
        colour="" if item.passed_on else "red" if item.priority or item.instruction else "amber",
        is_listed=item.priority > 0,
        is_passed_on=item.passed_on is not None,
        why=why_of(item),
        siblings=_siblings(item),
        instruction=item.instruction,
        last=last_of(item, on),
        next=_next(item),
        claim=f"{'You are' if is_mine else f'{claim.author_name} is'} calling now ({clock_of(claim.at)})"
        if claim
        else "",
        is_mine=is_mine,
        notes=list(_notes(item)),
        do_not_call=[
            (contact.described, contact.safe_contact_note) for contact in item.contacts if not contact.safe_to_contact
        ],
        first=_first(item),
        latest=item.newest_sentence,
        seen=SafeString(item.seen),
        usual=(usual.button, usual.contact.name) if usual else None,
    )


def _notes(item: FollowUpItem) -> Iterator[str]:
    if step := item.instruction_done:
        yield f"Done at {clock_of(step.at)} by {step.author_name}: {step.words}"
    if step := item.passed_on:
        yield f"{step.author_name} passed this on to {step.to_name} at {clock_of(step.at)}: {step.words}"
    if step := item.remark:
        yield f"{step.words} ({step.author_name})"
    if step := item.explanation:
        yield f"{step.author_name} wrote at {clock_of(step.at)}: {step.words}"


def _was_written_to(item: FollowUpItem, on: date) -> bool:
    return any(
        attempt.outcome in (Outcome.TEXT_SENT, Outcome.EMAIL_SENT) and attempt.is_on(on) for attempt in item.attempts
    )


def why_of(item: FollowUpItem) -> str:
    """The reasons for the position in one line: "Second day without a reason · nobody has been tried yet"."""
    sentences = [
        sentence
        for sentence in item.because
        if not sentence.startswith(SAID_ELSEWHERE) and not sentence.startswith("0 of ")
    ]
    if item.days == 1:
        sentences.insert(0, "First day")
    return " · ".join(
        sentence if place == 0 else sentence[0].lower() + sentence[1:] for place, sentence in enumerate(sentences)
    )


def _siblings(item: FollowUpItem) -> str:
    missing = [f"{sibling.name} ({sibling.school_name})" for sibling in item.siblings if sibling.is_missing]
    others = [f"{sibling.name} ({sibling.school_name})" for sibling in item.siblings if not sibling.is_missing]
    parts = []
    if missing:
        parts.append(f"{_and(missing)} {'is' if len(missing) == 1 else 'are'} also missing")
    if others:
        parts.append(f"brother or sister at school: {_and(others)}" if not missing else f"not missing: {_and(others)}")
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def last_of(item: FollowUpItem, on: date) -> str:
    """ "Yesterday 09:40, Farid Rahman, 020 7946 0018: no answer (Priya Nair)" """
    attempt = item.last_attempt
    if attempt is None:
        return "No attempt yet"
    words = f". {attempt.words}" if attempt.words else ""
    return f"{_when(attempt, on)}, {attempt.said} ({attempt.by}){words}"


def _when(attempt: AttemptLine, on: date) -> str:
    local = timezone.localtime(attempt.at)
    away = (on - local.date()).days
    day = "" if away == 0 else "Yesterday " if away == 1 else f"{weekday_without_year(local)} "
    return f"{day}{local:%H:%M}"


def _next(item: FollowUpItem) -> str:
    step = item.next
    promised = item.last_attempt.next_at if item.last_attempt else None
    after = max((moment for moment in (step.not_before, promised) if moment), default=None)
    return f"{step.sentence}, from {clock_of(after)}" if after else step.sentence


def _first(item: FollowUpItem) -> str:
    by_action = {
        Action.CALL: "reached",
        Action.ASK_A_PARENT: "reached",
        Action.RECORD_REASON: "reason",
        Action.VISIT: "visit",
        Action.ACCOUNT_FOR: "accounted",
        Action.TELL_LEAD: "pass-on",
    }
    contact = item.next.contact
    if item.next.action is Action.CALL and contact and contact.prefers in ("text", "email") and not item.attempts_today:
        return "usual"
    return by_action[item.next.action]


def clock_of(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"
