"""Planned absence: leave, an appointment or a visit over a range of sessions.

A plan writes no mark: the register offers it as a default, and the person who takes the register confirms or changes it. Leave is granted
before it begins (SI 2024/208 regulation 11).
"""

from datetime import datetime
from uuid import UUID

from haven.attendance.registers.models import PlannedAbsence
from haven.attendance.registers.notifications import notify_changed
from haven.core.people.models import Enrolment
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.dates import in_words
from haven.platform.errors import ActionRejected
from haven.rules.attendance_codes import Class, classify, code_for
from haven.rules.sessions import session_of
from haven.rules.visibility import RecordCategory, access_scope_of

NEVER_PLANNED = frozenset("NUO")
"""Unauthorised codes for absence without any arrangement; a refused holiday (G) may be planned."""


@action
def plan_absence(
    *, by: AccessContext, at: datetime, enrolment_id: int, first_key: int, last_key: int, code: str, reason: str
) -> PlannedAbsence:
    """Record a planned absence with a code from one session to another (session keys, both included).

    Raises ActionRejected for a range that ends before it begins or lies outside the time on roll, for a code that cannot be planned and
    without a reason; UnknownCode for a code that is not in force on both days.
    """
    enrolment = Enrolment.objects.filter(id=enrolment_id).first()
    if enrolment is None:
        raise ActionRejected("This pupil was not found on the roll.")
    first, last = session_of(first_key), session_of(last_key)
    if last_key < first_key:
        raise ActionRejected("The last day is before the first day. Check the dates.")
    if first.on < enrolment.begins_on or (enrolment.ends_on is not None and last.on > enrolment.ends_on):
        raise ActionRejected("The pupil is not on roll for all of these days. Check the dates.")
    if not reason.strip():
        raise ActionRejected("Give a reason, so that the person taking the register knows.")
    for day in (first.on, last.on):
        if classify(code, day) is Class.PRESENT or code in NEVER_PLANNED:
            raise ActionRejected(f"{code} ({code_for(code).name}) cannot be planned. Choose another absence code.")
    access_scope = access_scope_of(enrolment.school_id, RecordCategory.ATTENDANCE)
    plan = PlannedAbsence.objects.create(
        school_id=enrolment.school_id, author_id=by.user_id, pupil_id=enrolment.pupil_id,
        first_key=first_key, last_key=last_key, code=code, reason=reason.strip(), author_name=by.name, recorded_at=at,
    )  # fmt: skip
    append_event(
        by=by, at=at, verb="attendance.plan_absence", about=("plan", plan.ref), school_id=enrolment.school_id, access_scope=access_scope,
        pupil_ids=[enrolment.pupil_id], detail={"sessions_from": first_key, "sessions_to": last_key},
    )  # fmt: skip
    notify_changed(enrolment.school_id)
    return plan


@action
def withdraw_plan(*, by: AccessContext, at: datetime, ref: UUID) -> PlannedAbsence:
    """Withdraw a planned absence: it is kept but no longer offered in registers. Existing marks do not change.

    Raises ActionRejected if the plan does not exist or was withdrawn already.
    """
    plan = PlannedAbsence.objects.filter(ref=ref).first()
    if plan is None:
        raise ActionRejected("This planned absence was not found.")
    taken_back = PlannedAbsence.objects.filter(ref=ref, withdrawn_at__isnull=True).update(
        withdrawn_at=at, withdrawn_by_name=by.name
    )
    if not taken_back:
        was = plan.withdrawn_at
        raise ActionRejected(
            f"This planned absence was already withdrawn{f' on {in_words(was.date())}' if was else ''}."
        )
    append_event(
        by=by, at=at, verb="attendance.withdraw_plan", about=("plan", ref), school_id=plan.school_id, access_scope=plan.access_scope,
        pupil_ids=[plan.pupil_id],
    )  # fmt: skip
    notify_changed(plan.school_id)
    plan.refresh_from_db()
    return plan
