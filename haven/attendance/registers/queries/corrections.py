"""Bulk corrections: those that wait for approval, the marks of each, and what each changed.

A mark that somebody changed after it was chosen is left as it is on approval (haven.attendance.registers.actions.corrections).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from haven.attendance.registers.calendars import versions_of
from haven.attendance.registers.models import BulkCorrection, InitialEntry, MarkAmendment, Sheet
from haven.attendance.registers.queries.worklists import who_is
from haven.rules.attendance_codes import MISSING, from_byte
from haven.rules.sessions import Half, academic_year_of, session_key

Place = tuple[int, int]
"""Enrolment id, session key."""


@dataclass(frozen=True, slots=True)
class CorrectionItem:
    """One mark of a correction, with the pupil's name if the user may see the pupil ("" otherwise). `was` is the code when it was chosen,
    `now` the current code; `is_done`: this correction changed it."""

    name: str
    group: str
    enrolment_ref: UUID | None
    on: date
    half: str
    was: str
    now: str
    is_done: bool

    @property
    def has_moved(self) -> bool:
        """Whether another user changed it after it was chosen."""
        return not self.is_done and self.now != self.was


def corrections_of(*, school_id: int, decided: bool | None = None) -> list[BulkCorrection]:
    """Corrections of a school, newest first: undecided ones (`decided` False), decided ones (True), or all (None)."""
    rows = BulkCorrection.objects.filter(school_id=school_id)
    if decided is not None:
        rows = rows.filter(decided_at__isnull=not decided)
    return list(rows.order_by("-id"))


def correction_by_ref(*, school_id: int, ref: UUID) -> BulkCorrection | None:
    """One correction of a school; None if the user sees none with this reference."""
    return BulkCorrection.objects.filter(school_id=school_id, ref=ref).first()


def items_of(correction: BulkCorrection) -> list[CorrectionItem]:
    """The marks of a correction, in order of day. A pupil whom the user may not see has no name."""
    rows = [(number, date.fromisoformat(on), half, was) for number, on, half, was in correction.items]
    if not rows:
        return []
    numbers = {row[0] for row in rows}
    who = who_is(numbers, max(row[1] for row in rows))
    standing = _standing(correction.school_id, numbers, {academic_year_of(row[1]) for row in rows})
    done = _changed_by(correction, numbers)
    items = []
    for number, on, half, was in rows:
        place, pupil = (number, session_key(on, Half(half))), who.get(number)
        items.append(
            CorrectionItem(
                pupil.name if pupil else "", pupil.group if pupil else "", pupil.enrolment_ref if pupil else None, on, half, was,
                standing.get(place, ""), place in done,
            )
        )  # fmt: skip
    return items


def _standing(school_id: int, enrolment_ids: Collection[int], years: Collection[str]) -> dict[Place, str]:
    """The current code at each place of these sheets; empty places are left out."""
    current: dict[Place, str] = {}
    for year in years:
        versions = versions_of(school_id, year)
        sheets = Sheet.objects.filter(school_id=school_id, year=year, enrolment_id__in=list(enrolment_ids))
        for number, calendar_id, marks in sheets.values_list("enrolment_id", "calendar_id", "marks"):
            pairs = zip(versions[calendar_id].sessions, bytes(marks), strict=True)
            current.update({(number, key): from_byte(byte) or "" for key, byte in pairs if byte != MISSING})
    return current


def _changed_by(correction: BulkCorrection, enrolment_ids: Collection[int]) -> set[Place]:
    """The places that the correction changed: its amendments, and initial entries made by its approval."""
    decided_at = correction.decided_at
    if decided_at is None:
        return set()
    rows = Sheet.objects.filter(school_id=correction.school_id, enrolment_id__in=list(enrolment_ids))
    sheets = dict(rows.values_list("id", "enrolment_id"))
    amended = MarkAmendment.objects.filter(correction_ref=correction.ref).values_list("sheet_id", "on", "half")
    done = {(sheets[sheet_id], session_key(on, Half(half))) for sheet_id, on, half in amended if sheet_id in sheets}
    return done | _taken_at(decided_at, sheets)


def _taken_at(decided_at: datetime, sheets: Mapping[int, int]) -> set[Place]:
    takes = InitialEntry.objects.filter(
        sheet_id__in=list(sheets), source="correction", taken_at=decided_at
    ).select_related("calendar")
    return {
        (sheets[take.sheet_id], take.calendar.sessions[take.first + step])
        for take in takes
        for step, byte in enumerate(bytes(take.codes))
        if byte != MISSING
    }
