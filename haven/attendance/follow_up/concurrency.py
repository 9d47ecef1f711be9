"""Optimistic locking of a pupil's day: a user whose page is out of date is told, and nothing is written.

Every action of first-day response locks the pupil's day until its transaction ends, and compares what the user's page showed (`Seen`) with
what other users have done since.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from haven.attendance.follow_up.items import SeenVersion
from haven.attendance.follow_up.loaders import attempts_for, claim_of, steps_on
from haven.attendance.follow_up.models import DayStep
from haven.attendance.follow_up.queries.day import pupil_of_day
from haven.attendance.registers.models import InitialEntry, MarkAmendment
from haven.attendance.registers.notifications import notify_changed
from haven.platform.accounts.context import AccessContext
from haven.platform.accounts.models import User
from haven.platform.accounts.queries import colleagues
from haven.platform.audit.actions import append_event
from haven.platform.errors import ActionRejected, StaleDataError
from haven.platform.locks import Lock, lock
from haven.rules.visibility import RecordCategory, access_scope_of


@dataclass(frozen=True)
class Target:
    """The pupil an action is about, who acts and when, and the school's day."""

    by: AccessContext
    at: datetime
    school_id: int
    on: date
    pupil_id: int
    enrolment_id: int
    sheet_id: int | None
    version: int


DID = {
    "accounted": "said that the pupil is accounted for",
    "not_accounted": "said that the pupil is not accounted for",
    "passed_on": "passed the pupil on",
    "explained": "wrote why this is still open",
    "instruction_done": "recorded that the instruction is done",
    "remark": "added a note",
}


def take_pupil(
    *, by: AccessContext, at: datetime, school_id: int, on: date, pupil_id: int, seen: SeenVersion | None
) -> Target:
    """The pupil, locked until the transaction ends. Raises ActionRejected if the school's roll that day has no such pupil or the user may
    not see their attendance (the same sentence for both), StaleDataError if others have acted since `seen` (None: not checked)."""
    lock(Lock.PUPIL_DAY, pupil_id)
    row = pupil_of_day(school_id=school_id, pupil_id=pupil_id, on=on)
    if row is None:
        raise ActionRejected("This pupil was not on the roll of this school that day.")
    target = Target(by, at, school_id, on, pupil_id, *row)
    if seen is not None:
        _nobody_since(target, seen)
    return target


def _nobody_since(target: Target, seen: SeenVersion) -> None:
    """Raise StaleDataError if another user has acted since. Completed steps take priority over claims; a released claim is ignored."""
    pupil_id, me = target.pupil_id, target.by.user_id
    attempts = attempts_for(pupil_ids=[pupil_id], on=target.on, until=target.at).get(pupil_id, [])
    steps = steps_on(school_id=target.school_id, on=target.on, until=target.at).get(pupil_id, [])
    done = [
        (attempt.at, f"{attempt.by} recorded: {attempt.said}")
        for attempt in attempts
        if attempt.entry_id > seen.entry and attempt.by_id != me
    ]
    done += [
        (step.at, f"{step.author_name} {DID[step.kind]}")
        for step in steps
        if step.id > seen.step and step.author_id != me and step.kind in DID
    ]
    if target.version != seen.version:
        done += _changed_marks(target)
    claim = claim_of(steps, attempts, target.at)
    if not done and claim and claim.id > seen.step and claim.author_id != me:
        done = [(claim.at, f"{claim.author_name} is calling now")]
    if done:
        when, what = max(done, key=lambda change: change[0])
        raise StaleDataError(f"{what} ({timezone.localtime(when):%H:%M}).")


def _changed_marks(target: Target) -> list[tuple[datetime, str]]:
    """The newest change of the pupil's register row, if another person made it."""
    changes: list[tuple[datetime, int, str]] = []
    if target.sheet_id is None:
        return []
    amendment = MarkAmendment.objects.filter(sheet_id=target.sheet_id).order_by("-id").first()
    if amendment:
        what = f"{amendment.author_name} changed a mark to {amendment.amended or 'no mark'}"
        changes.append((amendment.amended_at, amendment.author_id, what))
    entry = InitialEntry.objects.filter(sheet_id=target.sheet_id).order_by("-id").first()
    if entry:
        changes.append((entry.taken_at, entry.author_id, f"{entry.author_name} took the register"))
    newest = sorted(changes, key=lambda change: change[0])[-1:]
    return [(when, what) for when, author_id, what in newest if author_id != target.by.user_id]


def visitor_at(school_id: int, user_id: int, on: date) -> User:
    """A user of the school as visitor. Raises ActionRejected if the school has no such user."""
    for person in colleagues(school_id=school_id, on=on):
        if person.id == user_id:
            return person
    raise ActionRejected("Choose who makes the visit: a colleague at this school.")


def add_step(target: Target, kind: str, *, verb: str, **more: Any) -> DayStep:
    """Add one step to the pupil's day, with its audit event and the notification. `more`: half, words, to_user_id, to_name, next_at."""
    step = DayStep.objects.create(
        school_id=target.school_id, author_id=target.by.user_id, author_name=target.by.name, pupil_id=target.pupil_id, on=target.on,
        kind=kind, at=target.at, **more,
    )  # fmt: skip
    note_step(target, verb, ("step", step.ref))
    notify_changed(target.school_id)
    return step


def note_step(target: Target, verb: str, about: tuple[str, object]) -> None:
    """The audit event of a first-day response action about one pupil: references alone."""
    append_event(
        by=target.by, at=target.at, verb=f"attendance.{verb}", about=about, school_id=target.school_id,
        access_scope=access_scope_of(target.school_id, RecordCategory.ATTENDANCE), pupil_ids=[target.pupil_id],
    )  # fmt: skip
