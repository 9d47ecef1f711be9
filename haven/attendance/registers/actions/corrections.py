"""Bulk corrections of marks: one person prepares one, another approves or refuses it.

Haven's own rule, from the usual practice of a second check of bulk changes; each changed mark keeps its own amendment (SI 2024/208
regulation 10).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from haven.attendance.registers.editor import ChangeReason, Counts, open_year, write
from haven.attendance.registers.models import BulkCorrection
from haven.attendance.registers.notifications import notify_changed
from haven.attendance.registers.permissions import may_decide_correction
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.errors import ActionRejected
from haven.rules.attendance_codes import classify, from_byte, parse_symbol
from haven.rules.sessions import Half, academic_year_of, session_key
from haven.rules.visibility import RecordCategory, access_scope_of


@dataclass(frozen=True, slots=True)
class Wrong:
    """One mark to be corrected: its enrolment and session, and its code at the time of the choice ("" for none)."""

    enrolment_id: int
    on: date
    half: Half
    was: str


@dataclass(frozen=True, slots=True)
class Decided:
    """The result of a correction: the number of changed marks, and of marks left alone because they have changed since (or are not visible
    to the user)."""

    changed: int = 0
    left: int = 0


def symbol_at(code: str, half: Half) -> str:
    """The symbol of a code in a morning or an afternoon: for a pupil who is present, the sign of that session."""
    return {Half.AM: "/", Half.PM: "\\"}[half] if code in ("/", "\\") else code


@action
def propose_correction(
    *, by: AccessContext, at: datetime, school_id: int, items: Iterable[Wrong], code: str, reason: str
) -> BulkCorrection:
    """Prepare a change of many marks to one code; nothing changes until another person approves it. Marks with that code are left out.

    The sign of a pupil who is here ("/" or "\\") means the one of each session.
    Raises ActionRejected without marks or a reason, UnknownCode for a code that is not in force on each of the days.
    """
    wrong = set(items)
    symbol = parse_symbol(code)
    if not wrong:
        raise ActionRejected("Choose at least one mark.")
    listed = sorted(
        (item for item in wrong if symbol is None or item.was != symbol_at(symbol, item.half)),
        key=lambda item: (item.on, item.half.number, item.enrolment_id),
    )
    if not listed:
        raise ActionRejected(f"Every mark you chose is already {code}.")
    if symbol is None or not reason.strip():
        raise ActionRejected("Choose a code and give a reason.")
    for item in listed:
        classify(symbol, item.on)
    access_scope = access_scope_of(school_id, RecordCategory.ATTENDANCE)
    correction = BulkCorrection.objects.create(
        school_id=school_id, author_id=by.user_id, author_name=by.name, proposed_at=at, reason=reason.strip(),
        code=symbol, items=[[item.enrolment_id, item.on.isoformat(), item.half.value, item.was] for item in listed],
    )  # fmt: skip
    append_event(
        by=by, at=at, verb="attendance.propose_correction", about=("correction", correction.ref), school_id=school_id,
        access_scope=access_scope, reason=reason, detail={"marks": len(listed)},
    )  # fmt: skip
    return correction


@action
def decide_correction(*, by: AccessContext, at: datetime, ref: UUID, approve: bool, reason: str = "") -> Decided:
    """Approve or refuse a prepared correction. On approval each mark that has not changed since gets the code, as an amendment.

    Raises ActionRejected for the person who prepared it, for users who may not approve, for a correction that is already decided, and for a
    refusal without a reason.
    """
    correction = BulkCorrection.objects.filter(ref=ref).first()
    if correction is None:
        raise ActionRejected("This correction was not found.")
    allowed = may_decide_correction(by, correction)
    if not allowed:
        raise ActionRejected(allowed.because)
    if not approve and not reason.strip():
        raise ActionRejected("Give a reason for refusing, for the person who prepared it.")
    taken = BulkCorrection.objects.filter(ref=ref, decided_at__isnull=True).update(
        decided_at=at, decided_by_id=by.user_id, decided_by_name=by.name,
        decision="approved" if approve else "refused", decision_reason=reason.strip(),
    )  # fmt: skip
    if not taken:
        raise ActionRejected("Someone else has already decided this correction.")
    counts, left = _apply(by, at, correction) if approve else (Counts(), 0)
    append_event(
        by=by, at=at, verb="attendance.decide_correction", about=("correction", ref), school_id=correction.school_id,
        access_scope=correction.access_scope, reason=reason,
        detail={"approved": approve, "changed": counts.taken + counts.amended, "left": left},
    )  # fmt: skip
    notify_changed(correction.school_id)
    return Decided(counts.taken + counts.amended, left)


def _apply(by: AccessContext, at: datetime, correction: BulkCorrection) -> tuple[Counts, int]:
    items = [Wrong(number, date.fromisoformat(on), Half(half), was) for number, on, half, was in correction.items]
    why = ChangeReason(
        "correction", f"{correction.reason} (prepared by {correction.author_name})", correction_ref=correction.ref
    )
    counts, left = Counts(), 0
    for year in sorted({academic_year_of(item.on) for item in items}):
        wanted = [item for item in items if academic_year_of(item.on) == year]
        opened = open_year(
            by=by,
            at=at,
            school_id=correction.school_id,
            year=year,
            enrolment_ids={item.enrolment_id for item in wanted},
        )
        still = []
        for item in wanted:
            key, sheet = session_key(item.on, item.half), opened.sheets.get(item.enrolment_id)
            places = opened.calendar.sessions
            if sheet and key in places and (from_byte(bytes(sheet.marks)[places.index(key)]) or "") == item.was:
                still.append((item.enrolment_id, key, symbol_at(correction.code, item.half)))
        counts += write(by=by, at=at, year=opened, proposed=opened.stage_change(still), why=why)
        left += len(wanted) - len(still)
    return counts, left
