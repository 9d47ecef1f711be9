"""Reads planned absences."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from haven.attendance.registers.models import PlannedAbsence
from haven.attendance.registers.queries.worklists import who_is
from haven.core.people.models import Enrolment, Pupil
from haven.platform.dates import HALF_WORDS, in_words
from haven.rules.attendance_codes import code_for
from haven.rules.sessions import Half, SessionDate, session_key, session_of


@dataclass(frozen=True, slots=True)
class Plan:
    """A planned absence. `withdrawn_at` None: it is in force."""

    ref: UUID
    pupil_ref: UUID
    name: str
    first: SessionDate
    last: SessionDate
    code: str
    code_name: str
    reason: str
    author_name: str
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by_name: str

    @property
    def away(self) -> str:
        """When, as a person says it: "20 November 2026, morning"; whole days have no half named."""
        first, last = in_words(self.first.on), in_words(self.last.on)
        if self.first.on == self.last.on:
            whole = self.first.half is not self.last.half
            return first if whole else f"{first}, {HALF_WORDS[self.first.half.value]}"
        begins = f"{first}, afternoon," if self.first.half is Half.PM else first
        return f"{begins} to {last}{', morning' if self.last.half is Half.AM else ''}"


def plans_of(*, school_id: int, from_on: date, pupil_id: int | None = None, withdrawn: bool = False) -> list[Plan]:
    """Planned absences that end on `from_on` or later, by first session; `withdrawn` includes withdrawn ones, `pupil_id` limits them to one
    pupil."""
    rows = PlannedAbsence.objects.filter(school_id=school_id, last_key__gte=session_key(from_on, Half.AM))
    if pupil_id is not None:
        rows = rows.filter(pupil_id=pupil_id)
    if not withdrawn:
        rows = rows.filter(withdrawn_at__isnull=True)
    return [_plan(row, row.pupil) for row in rows.select_related("pupil").order_by("first_key", "id")]


def plan_by_ref(*, school_id: int, ref: UUID) -> Plan | None:
    """One planned absence of a school, or None if there is none that the user may see."""
    row = PlannedAbsence.objects.filter(school_id=school_id, ref=ref).select_related("pupil").first()
    return _plan(row, row.pupil) if row else None


def _plan(row: PlannedAbsence, pupil: Pupil) -> Plan:
    return Plan(
        row.ref, pupil.ref, pupil.name, session_of(row.first_key), session_of(row.last_key), row.code,
        code_for(row.code).name, row.reason, row.author_name, row.recorded_at, row.withdrawn_at, row.withdrawn_by_name,
    )  # fmt: skip


def enrolments_on(*, school_id: int, on: date, in_sight: frozenset[int] | None) -> list[tuple[int, str]]:
    """(enrolment id, name and class) of every pupil on roll on a day or later, by name, for the choice of a pupil in a form."""
    rows = Enrolment.objects.filter(school_id=school_id).exclude(ends_on__lt=on).select_related("pupil")
    if in_sight is not None:
        rows = rows.filter(pupil_id__in=in_sight)
    listed = list(rows.order_by("pupil__surname_key", "pupil__forename_key", "id"))
    who = who_is([enrolment.id for enrolment in listed], on)
    return [
        (enrolment.id, f"{enrolment.pupil.name}{f', {who[enrolment.id].group}' if who[enrolment.id].group else ''}")
        for enrolment in listed
    ]
