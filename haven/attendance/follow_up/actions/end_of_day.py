"""Actions at the end of a day: sign-off, re-opening, and handover notes.

Working together to improve school attendance: every unexplained absence has a next step. A day is therefore signed off by name when no item
is open, or when each open item has an explanation of what happens next. Every sign-off is kept; a day can be opened again. A user with a
conflict of interest signs off what they can see; that pupil's item stays open until another user signs it off.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from haven.attendance.follow_up.concurrency import add_step, take_pupil
from haven.attendance.follow_up.day import OpenItem
from haven.attendance.follow_up.models import DaySignOff, HandOverNote, HandOverRead
from haven.attendance.follow_up.permissions import may_end_day, may_hand_over, may_reopen_day, may_sign_left
from haven.attendance.follow_up.queries.day import day_of, open_items
from haven.attendance.follow_up.queries.end_of_day import ending_of, left_of, sign_off_of
from haven.attendance.registers.notifications import notify_changed
from haven.attendance.task_sources import AttendanceTaskSource
from haven.core.tasks.actions import NewTask, raise_task
from haven.core.tasks.queries import is_raised
from haven.core.tasks.sources import Source
from haven.platform.accounts.context import AccessContext
from haven.platform.accounts.queries import colleagues
from haven.platform.audit.actions import action, append_event
from haven.platform.errors import ActionRejected, check
from haven.platform.locks import Lock, lock
from haven.rules.morning import DayLine, may_sign_off
from haven.rules.visibility import RecordCategory, access_scope_of

SOON = timedelta(minutes=30)


@action
def sign_off_day(
    *, by: AccessContext, at: datetime, school_id: int, on: date, explanations: Mapping[str, str]
) -> DaySignOff:
    """Sign the day off by name, with its counts and, for each open item (`OpenItem.key`), why it stays open.

    Raises PermissionDenied (also where the day was signed off meanwhile), ActionRejected with the sentence of `rules.morning.may_sign_off` where
    an open item is unexplained, or where the school had no session.
    """
    lock(Lock.SIGN_OFF, school_id, on)
    check(may_end_day(by, school_id, sign_off_of(school_id=school_id, on=on)))
    day = day_of(viewer=by, school_id=school_id, on=on, at=at)
    if not day.is_open:
        raise ActionRejected("The school has no session on that day.")
    items = open_items(day)
    decision = may_sign_off([DayLine(item.key, explanation=explanations.get(item.key, "")) for item in items])
    if not decision:
        raise ActionRejected(decision.because)
    row = DaySignOff.objects.create(
        **_columns(by, school_id), on=on, signed_at=at, counts=day.counts.as_dict(),
        open_lines=[_entry_of(by, at, school_id, on, item, explanations[item.key].strip()) for item in items],
    )  # fmt: skip
    _note(by, at, "sign_off_day", school_id, ("day", on.isoformat()), detail={"open": len(items)})
    return row


@action
def sign_left_lines(
    *, by: AccessContext, at: datetime, school_id: int, on: date, explanations: Mapping[str, str]
) -> int:
    """Sign off each item that the day's sign-off left out, because it opened later or the signer may not see the pupil. Returns how many.

    One row for each item: it is visible to users who can see the pupil. Raises PermissionDenied (the day is not signed off, or no item is
    left), ActionRejected if an item has no explanation.
    """
    lock(Lock.SIGN_OFF, school_id, on)
    ending = ending_of(school_id=school_id, on=on)
    day = day_of(viewer=by, school_id=school_id, on=on, at=at)
    items = left_of(open_items(day), ending)
    check(may_sign_left(by, school_id, ending.signed if ending else None, len(items)))
    decision = may_sign_off([DayLine(item.key, explanation=explanations.get(item.key, "")) for item in items])
    if not decision:
        raise ActionRejected(decision.because)
    for item in items:
        entry = _entry_of(by, at, school_id, on, item, explanations[item.key].strip())
        pupils = [] if item.pupil_id is None else [item.pupil_id]
        DaySignOff.objects.create(
            **_columns(by, school_id), on=on, signed_at=at, counts={}, kind="rest", open_lines=[entry], pupil_ids=pupils
        )
        _note(by, at, "sign_left_line", school_id, ("day", on.isoformat()), pupil_ids=pupils)
    return len(items)


@action
def pass_on_left_lines(*, by: AccessContext, at: datetime, school_id: int, on: date) -> int:
    """Check a signed-off day for open items of pupils target the signer could not see. For each such pupil, give the safeguarding lead (the
    head, if the signer is a safeguarding lead) one task. Returns the number of new tasks; 0 if the day is not signed off."""
    _note(by, at, "look_at_signed_day", school_id, ("day", on.isoformat()))
    ending = ending_of(school_id=school_id, on=on)
    if ending is None:
        return 0
    day = day_of(viewer=by, school_id=school_id, on=on, at=at)
    leads = {
        person.id
        for person in colleagues(school_id=school_id, on=timezone.localtime(at).date(), roles=("dsl", "deputy_dsl"))
    }
    role = "dsl" if leads and ending.signed.author_id not in leads else "head"
    raised = 0
    for item in left_of(open_items(day), ending):
        source = Source(AttendanceTaskSource.SIGN_OFF, f"{on.isoformat()} {item.key}")
        if item.pupil_id is None or is_raised(school_id=school_id, source=source):
            continue
        raise_task(
            by=by,
            at=at,
            school_id=school_id,
            task=NewTask(
                record_category=RecordCategory.ATTENDANCE,
                pupil_ids=[item.pupil_id],
                source=source,
                title=f"{item.title} was not accounted for at sign-off",
                assignee_role=role,
                due_at=at + SOON,
            ),
        )
        _note(by, at, "pass_on_left_lines", school_id, ("day", on.isoformat()), pupil_ids=[item.pupil_id])
        raised += 1
    return raised


def _entry_of(by: AccessContext, at: datetime, school_id: int, on: date, item: OpenItem, words: str) -> dict[str, str]:
    """What the sign-off stores for an open item. Text about a pupil is stored in the pupil's own step, under the pupil's row policy."""
    if item.pupil_id is None:
        return {"key": item.key, "register": item.title, "words": words}
    target = take_pupil(by=by, at=at, school_id=school_id, on=on, pupil_id=item.pupil_id, seen=None)
    step = add_step(target, "explained", verb="explain_open_line", words=words)
    return {"key": item.key, "step": str(step.ref)}


@action
def reopen_day(*, by: AccessContext, at: datetime, school_id: int, on: date, reason: str) -> DaySignOff:
    """Open a signed-off day again, with a reason. Raises PermissionDenied, ActionRejected (no reason)."""
    lock(Lock.SIGN_OFF, school_id, on)
    signed = sign_off_of(school_id=school_id, on=on)
    check(may_reopen_day(by, school_id, signed))
    if not reason.strip():
        raise ActionRejected("Write why you are reopening the day.")
    row = DaySignOff.objects.create(
        **_columns(by, school_id), on=on, signed_at=at, counts={}, kind="reopened", reason=reason.strip()
    )
    _note(by, at, "reopen_day", school_id, ("day", on.isoformat()))
    return row


@action
def write_hand_over(*, by: AccessContext, at: datetime, school_id: int, for_on: date, words: str) -> HandOverNote:
    """Leave a handover note for the person on duty on a day. Raises PermissionDenied, ActionRejected (no text)."""
    check(may_hand_over(by, school_id))
    if not words.strip():
        raise ActionRejected("Write what the next person on duty needs to know.")
    row = HandOverNote.objects.create(**_columns(by, school_id), for_on=for_on, words=words.strip(), written_at=at)
    _note(by, at, "write_hand_over", school_id, ("hand_over", row.ref))
    return row


@action
def read_hand_over(*, by: AccessContext, at: datetime, note_ref: UUID, school_id: int) -> None:
    """Mark a handover note as read by the user; a second time changes nothing. Raises PermissionDenied, ActionRejected if the school has no
    note with this reference."""
    check(may_hand_over(by, school_id))
    note = HandOverNote.objects.filter(ref=note_ref, school_id=school_id).first()
    if note is None:
        raise ActionRejected("This note was not found at this school.")
    if not HandOverRead.objects.filter(note=note, author_id=by.user_id).exists():
        HandOverRead.objects.create(**_columns(by, school_id), note=note, read_at=at)
    _note(by, at, "read_hand_over", school_id, ("hand_over", note.ref))


def _columns(by: AccessContext, school_id: int) -> dict[str, object]:
    return {"school_id": school_id, "author_id": by.user_id, "author_name": by.name}


def _note(
    by: AccessContext,
    at: datetime,
    verb: str,
    school_id: int,
    about: tuple[str, object],
    detail: dict[str, int] | None = None,
    pupil_ids: Sequence[int] = (),
) -> None:
    append_event(
        by=by, at=at, verb=f"attendance.{verb}", about=about, school_id=school_id,
        access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE), detail=detail, pupil_ids=list(pupil_ids),
    )  # fmt: skip
    notify_changed(school_id)
