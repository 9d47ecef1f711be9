"""Actions of first-day response: claims, contact attempts, reasons, handing on, visits, location status and late arrivals.

Working together to improve school attendance: an unexplained absence is followed up on its first day, and each attempt is recorded; SI
2024/208 regulation 10 for a changed mark (original, amended, reason, who and when). Each action takes what the user's page showed (`seen`).
If another user has acted since, nothing is written and StaleDataError says who did what.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from haven.attendance.follow_up.actions.visits import finish_planned_visit
from haven.attendance.follow_up.concurrency import Target, add_step, note_step, take_pupil, visitor_at
from haven.attendance.follow_up.items import SeenVersion
from haven.attendance.follow_up.loaders import newest, steps_on
from haven.attendance.follow_up.models import DayStep
from haven.attendance.follow_up.permissions import (
    may_account_for,
    may_give_reason,
    may_log_attempt,
    may_pass_on,
    may_sign_in_late,
)
from haven.attendance.follow_up.roll_snapshot import frame_of
from haven.attendance.registers.actions.registers import amend_mark
from haven.attendance.registers.definition_keys import (
    CONTACT_ATTEMPT,
    CONTACT_NAME,
    CONTACT_REF,
    NEXT_AT,
    NUMBER,
    OUTCOME,
    REASON,
    WORDS,
)
from haven.attendance.registers.notifications import notify_changed
from haven.attendance.task_sources import AttendanceTaskSource
from haven.core.people.models import Contact, Pupil
from haven.core.records.actions import NewEntry, record_entry
from haven.core.records.models import Entry
from haven.core.tasks.actions import NewTask, raise_task
from haven.core.tasks.sources import Source
from haven.platform.accounts.context import AccessContext
from haven.platform.accounts.models import Allocation
from haven.platform.accounts.queries import colleagues
from haven.platform.audit.actions import action
from haven.platform.errors import ActionRejected, check
from haven.rules.attendance_codes import Class, classify
from haven.rules.contact_ladder import OUTCOMES, Outcome
from haven.rules.lateness import Arrival, arrival
from haven.rules.sessions import Half
from haven.rules.visibility import RecordCategory, access_scope_of
from haven.rules.whereabouts import CLAIM_STANDS_FOR

VISITED = (Outcome.VISIT_SEEN, Outcome.VISIT_SPOKEN, Outcome.VISIT_NO_ANSWER)


@dataclass(frozen=True)
class OutcomeReport:
    """Who was contacted or tried: a contact of the pupil by reference, or a name, and the number used."""

    contact_ref: UUID | None = None
    name: str = ""
    number: str = ""


@dataclass(frozen=True)
class SignedIn:
    """The result of a late arrival: the session, its code ("" if none was due), and the minutes late."""

    half: Half
    code: str
    minutes: int


@action
def start_working(
    *, by: AccessContext, at: datetime, school_id: int, on: date, pupil_id: int, seen: SeenVersion | None = None
) -> DayStep:
    """Claim a pupil: other users see who is working on it. A second claim while the first is in force writes nothing. Raises
    PermissionDenied, ActionRejected, StaleDataError."""
    check(may_log_attempt(by, school_id))
    target = take_pupil(by=by, at=at, school_id=school_id, on=on, pupil_id=pupil_id, seen=seen)
    steps = steps_on(school_id=school_id, on=on, until=at).get(pupil_id, ())
    claim = newest(steps, "working", "released")
    if claim and claim.kind == "working" and claim.author_id == by.user_id and at - claim.at < CLAIM_STANDS_FOR / 2:
        note_step(target, "start_working", ("step", claim.ref))
        return claim
    return add_step(target, "working", verb="start_working")


@action
def release(*, by: AccessContext, at: datetime, school_id: int, on: date, pupil_id: int) -> DayStep:
    """Release the user's claim on a pupil. Raises PermissionDenied, ActionRejected."""
    check(may_log_attempt(by, school_id))
    target = take_pupil(by=by, at=at, school_id=school_id, on=on, pupil_id=pupil_id, seen=None)
    return add_step(target, "released", verb="release")


@action
def log_attempt(
    *, by: AccessContext, at: datetime, school_id: int, on: date, pupil_id: int, outcome: Outcome, report: OutcomeReport, words: str = "",
    next_at: datetime | None = None, happened_at: datetime | None = None, also: Sequence[int] = (), seen: SeenVersion | None = None,
) -> Entry:  # fmt: skip
    """Record an attempt to reach the family, as an entry of the pupil's file. `also`: other pupils of the family target the call was about.

    Returns the entry. Raises PermissionDenied, ActionRejected, StaleDataError, FieldProblems (a time in the future, text that does not
    fit).
    """
    check(may_log_attempt(by, school_id))
    target = take_pupil(by=by, at=at, school_id=school_id, on=on, pupil_id=pupil_id, seen=seen)
    for other in sorted(set(also) - {pupil_id}):
        take_pupil(by=by, at=at, school_id=school_id, on=on, pupil_id=other, seen=None)
    fields: dict[str, object] = _contact_fields(target, report) | {OUTCOME: outcome.value, WORDS: words.strip()}
    if next_at is not None:
        fields[NEXT_AT] = next_at
    entry = _record(target, fields, happened_at or at, also)
    note_step(target, "log_attempt", ("entry", entry.ref))
    if outcome in VISITED:
        finish_planned_visit(by=by, at=at, school_id=school_id, pupil_id=pupil_id, outcome=OUTCOMES[outcome].title)
    notify_changed(school_id)
    return entry


def _contact_fields(target: Target, report: OutcomeReport) -> dict[str, object]:
    """The form's fields that say who was tried. Raises ActionRejected for a contact of another pupil."""
    if report.contact_ref is None:
        typed = {CONTACT_NAME: report.name.strip(), NUMBER: report.number.strip()}
        return {key: text for key, text in typed.items() if text}
    contact = Contact.objects.filter(
        ref=report.contact_ref,
        pupil_id=target.pupil_id,
        access_scope=access_scope_of(target.school_id, RecordCategory.ATTENDANCE),
    ).first()
    if contact is None:
        raise ActionRejected("That person is no longer a contact of the pupil. Choose another contact.")
    named = f"{contact.name}, {contact.relationship}" if contact.relationship else contact.name
    number = report.number.strip() or contact.telephone or contact.other_telephone
    return {CONTACT_REF: str(contact.ref), CONTACT_NAME: named, **({NUMBER: number} if number else {})}


def _record(target: Target, fields: dict[str, object], happened_at: datetime, also: Sequence[int] = ()) -> Entry:
    pupil_ids = [target.pupil_id, *sorted(set(also) - {target.pupil_id})]
    return record_entry(
        by=target.by,
        at=target.at,
        school_id=target.school_id,
        entry=NewEntry(
            form=CONTACT_ATTEMPT,
            fields={key: value for key, value in fields.items() if value},
            happened_at=happened_at,
            pupils=[(pupil_id, "subject") for pupil_id in pupil_ids],
        ),
    )


@action
def give_reason(
    *, by: AccessContext, at: datetime, school_id: int, on: date, pupil_id: int, sessions: Sequence[tuple[date, Half, str]],
    code: str, reason: str, report: OutcomeReport | None = None, seen: SeenVersion | None = None,
) -> int:  # fmt: skip
    """Enter the reason of an absence: the marks of these sessions (day, half, the mark that was seen, "" for none) become `code`.

    The person who gave the reason, if named, is recorded in the file as a successful contact; a pupil coded O is then accounted for today.
    Without such a person nobody was reached, and a pupil coded O stays on the list. Returns how many marks changed. Raises
    PermissionDenied, StaleDataError, and ActionRejected or UnknownCode: no session, no text, a code of presence, a code that is not in
    force, a mark that changed meanwhile.
    """
    check(may_give_reason(by, school_id))
    target = take_pupil(by=by, at=at, school_id=school_id, on=on, pupil_id=pupil_id, seen=seen)
    if not sessions:
        raise ActionRejected("Choose at least one session for this reason.")
    if not reason.strip():
        raise ActionRejected("Write the reason in a few words.")
    if code == "N" or classify(code, on) is Class.PRESENT:
        raise ActionRejected("Choose a code that says why the pupil is away.")
    changed = [
        amend_mark(by=by, at=at, enrolment_id=target.enrolment_id, on=day, half=half, symbol=code, reason=reason.strip(),
                   expected=expected)
        for day, half, expected in sessions
    ]  # fmt: skip
    if report is not None:
        fields = _contact_fields(target, report) | {OUTCOME: Outcome.REACHED.value, REASON: reason.strip()}
        _record(target, fields, at)
    if report is not None and code == "O":
        halves = {half for day, half, _ in sessions if day == on}
        for half in sorted(halves, key=lambda half: half.number):
            add_step(target, "accounted", verb="give_reason", half=half.value, words=reason.strip())
    note_step(target, "give_reason", ("sheet", target.sheet_id or ""))
    return sum(mark.is_changed for mark in changed)


@action
def pass_on(
    *, by: AccessContext, at: datetime, school_id: int, on: date, pupil_id: int, to_user_id: int, words: str,
    seen: SeenVersion | None = None,
) -> DayStep:  # fmt: skip
    """Pass a pupil on to a colleague at the school: a task due today, and an allocation to the colleague's caseload with no end date.

    Raises PermissionDenied, StaleDataError, ActionRejected (no text, no such user at the school).
    """
    check(may_pass_on(by, school_id))
    target = take_pupil(by=by, at=at, school_id=school_id, on=on, pupil_id=pupil_id, seen=seen)
    if not words.strip():
        raise ActionRejected("Write what your colleague needs to know and do.")
    to = next((person for person in colleagues(school_id=school_id, on=on) if person.id == to_user_id), None)
    if to is None or to.id == by.user_id:
        raise ActionRejected("Choose a colleague of this school.")
    _let_see(target, to.id)
    raise_task(
        by=by,
        at=at,
        school_id=school_id,
        task=NewTask(
            record_category=RecordCategory.ATTENDANCE,
            title=f"Find {_name(target)}",
            pupil_ids=[pupil_id],
            source=Source(AttendanceTaskSource.FIRST_DAY),
            assignee_id=to.id,
            due_at=_end_of(on),
        ),
    )
    return add_step(
        target,
        "passed_on",
        verb="pass_on",
        words=words.strip(),
        to_user_id=to.id,
        to_name=to.name,
    )


def _let_see(target: Target, user_id: int) -> None:
    """Add the pupil to the user's caseload, unless an allocation is in force. For a user who sees the whole school this changes nothing."""
    held = Allocation.objects.filter(
        user_id=user_id, pupil_id=target.pupil_id, school_id=target.school_id, ends_on=None
    ).exists()
    if not held:
        Allocation.objects.create(
            user_id=user_id, school_id=target.school_id, author_id=target.by.user_id, pupil_id=target.pupil_id,
            reason="Passed on in the morning", begins_on=target.on,
        )  # fmt: skip


def _name(target: Target) -> str:
    return str(Pupil.objects.get(id=target.pupil_id).name)


def _end_of(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, datetime.min.time().replace(hour=16)))


@action
def plan_visit(
    *, by: AccessContext, at: datetime, school_id: int, on: date, pupil_id: int, visitor_id: int, due_at: datetime, words: str,
    seen: SeenVersion | None = None,
) -> UUID:  # fmt: skip
    """Plan a home visit: a task for the visitor with a due time. Returns the task's reference.

    Raises PermissionDenied, StaleDataError, ActionRejected (a time in the past, no such user at the school).
    """
    check(may_log_attempt(by, school_id))
    target = take_pupil(by=by, at=at, school_id=school_id, on=on, pupil_id=pupil_id, seen=seen)
    if due_at <= at:
        raise ActionRejected("Choose a time for the visit later today.")
    visitor = visitor_at(school_id, visitor_id, on)
    if visitor.id != by.user_id:
        _let_see(target, visitor.id)
    task = raise_task(
        by=by,
        at=at,
        school_id=school_id,
        task=NewTask(
            record_category=RecordCategory.ATTENDANCE,
            title=f"Visit {_name(target)} at home",
            pupil_ids=[pupil_id],
            source=Source(AttendanceTaskSource.VISIT),
            assignee_id=visitor.id,
            due_at=due_at,
        ),
    )
    said = f"Visit planned for {timezone.localtime(due_at):%H:%M}, {visitor.name}. {words.strip()}".strip()
    add_step(target, "remark", verb="plan_visit", words=said, next_at=due_at)
    return task


@action
def say_accounted(
    *, by: AccessContext, at: datetime, school_id: int, on: date, pupil_id: int, half: Half, is_accounted: bool, words: str = "",
    needs_words: bool = False, seen: SeenVersion | None = None,
) -> DayStep:  # fmt: skip
    """Record for one session whether a pupil is accounted for. The newest record is in force.

    "Not accounted for" always needs text. Raises PermissionDenied, StaleDataError, ActionRejected (no text).
    """
    check(may_account_for(by, school_id))
    target = take_pupil(by=by, at=at, school_id=school_id, on=on, pupil_id=pupil_id, seen=seen)
    if not words.strip() and (needs_words or not is_accounted):
        raise ActionRejected("Write where the pupil is and who says so." if is_accounted else "Write what you found.")
    kind = "accounted" if is_accounted else "not_accounted"
    return add_step(target, kind, verb=f"say_{kind}", half=half.value, words=words.strip())


@action
def carry_out_instruction(
    *,
    by: AccessContext,
    at: datetime,
    school_id: int,
    on: date,
    pupil_id: int,
    words: str,
    seen: SeenVersion | None = None,
) -> DayStep:
    """Record that what the vulnerable pupils list asks for was done: target one told, and how (D016: agencies told, by target, when).

    Raises PermissionDenied, StaleDataError, ActionRejected (no text).
    """
    check(may_account_for(by, school_id))
    target = take_pupil(by=by, at=at, school_id=school_id, on=on, pupil_id=pupil_id, seen=seen)
    if not words.strip():
        raise ActionRejected("Write who you contacted, and how.")
    return add_step(target, "instruction_done", verb="carry_out_instruction", words=words.strip())


@action
def sign_in_late(
    *, by: AccessContext, at: datetime, school_id: int, pupil_id: int, arrived_at: datetime, words: str = ""
) -> SignedIn:
    """Sign in a pupil who arrives late: L before the register closes, U after it, with the minutes (SI 2024/208 regulation 10).

    Between two sessions no session is late: the arrival is recorded for the next one. Raises PermissionDenied, and ActionRejected: no
    school today, before the school day begins or after it ends, a pupil target the register shows as present.
    """
    check(may_sign_in_late(by, school_id))
    local = timezone.localtime(arrived_at)
    if arrived_at > at:
        raise ActionRejected("The arrival time is in the future. Enter a time that has passed.")
    target = take_pupil(by=by, at=at, school_id=school_id, on=local.date(), pupil_id=pupil_id, seen=None)
    came = _arrival(target, local)
    clock = f"{local:%H:%M}"
    if came.code is None:
        said = f"Arrived at {clock}. {words.strip()}".strip()
        add_step(target, "accounted", verb="sign_in", half=came.half.value, words=said)
        return SignedIn(came.half, "", 0)
    changed = amend_mark(
        by=by, at=at, enrolment_id=target.enrolment_id, on=target.on, half=came.half, symbol=came.code,
        reason=f"Signed in at the late gate at {clock}", minutes_late=came.minutes, comment=words.strip(),
    )  # fmt: skip
    if changed.original and classify(changed.original, target.on) is Class.PRESENT:
        raise ActionRejected(f"The register already shows this pupil as present ({changed.original}).")
    note_step(target, "sign_in_late", ("sheet", target.sheet_id or ""))
    return SignedIn(came.half, came.code, came.minutes)


def _arrival(target: Target, local: datetime) -> Arrival:
    frame = frame_of(school_id=target.school_id, on=target.on)
    came = arrival(tuple(frame.hours_of(half) for half in frame.halves), local.time())
    if not frame.halves:
        raise ActionRejected("The school has no session today.")
    if came is None:
        raise ActionRejected("The last session of today is over.")
    if came.code is None and came.half is frame.halves[0]:
        raise ActionRejected("The first session has not begun: the register shows who is here.")
    return came
