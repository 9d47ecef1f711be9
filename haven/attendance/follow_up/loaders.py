"""What is known about the pupils whom the morning is looking for: their year so far, whom to ring, what was tried, who is on it?

Working together to improve school attendance: an absence without a reason is followed up on the first day, with every contact that
the school holds. Each function asks one question for many pupils at once; the row policy decides which rows there are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from haven.attendance.follow_up.models import DayStep
from haven.attendance.follow_up.roll_snapshot import DaySnapshot, RollRow
from haven.attendance.registers.calendars import roll_window, versions_of
from haven.attendance.registers.definition_keys import (
    CONTACT_ATTEMPT,
    CONTACT_NAME,
    CONTACT_REF,
    NEXT_AT,
    NUMBER,
    OUTCOME,
    WORDS,
)
from haven.attendance.registers.models import Sheet
from haven.core.people.models import Contact, DailyWatch
from haven.core.records.queries import addenda_of, entries_of
from haven.platform.row_security.statements import statement
from haven.rules.attendance_codes import from_byte
from haven.rules.contact_ladder import OUTCOMES, Outcome
from haven.rules.measures import Place
from haven.rules.sessions import Half, session_key, session_of
from haven.rules.visibility import RecordCategory, access_scope_of
from haven.rules.whereabouts import CLAIM_STANDS_FOR

LOOK_BACK = timedelta(days=10)
"""Attempts older than this are not shown in the list; the pupil's file has them all."""
MANY = 100_000


@dataclass(frozen=True)
class ContactLine:
    """Somebody to ring. `number` is the first telephone number there is, "" for none."""

    ref: UUID
    name: str
    relationship: str
    priority: int
    telephone: str
    other_telephone: str
    email: str
    prefers: str
    has_parental_responsibility: bool
    safe_to_contact: bool
    safe_contact_note: str
    needs_interpreter: bool
    language: str

    @property
    def key(self) -> str:
        return str(self.ref)

    @property
    def number(self) -> str:
        return self.telephone or self.other_telephone

    @property
    def described(self) -> str:
        """ "Farid Rahman, father" """
        return f"{self.name}, {self.relationship}" if self.relationship else self.name


@dataclass(frozen=True)
class AttemptLine:
    """One attempt to reach a family, from the file."""

    entry_id: int
    pupil_ids: tuple[int, ...]
    at: datetime
    by_id: int
    by: str
    outcome: Outcome
    contact_ref: str
    contact_name: str
    number: str
    words: str
    next_at: datetime | None

    @property
    def said(self) -> str:
        """ "Farid Rahman, 020 7946 0018: no answer" """
        whom = ", ".join(part for part in (self.contact_name, self.number) if part)
        came = OUTCOMES[self.outcome].title
        return f"{whom}: {came[0].lower()}{came[1:]}" if whom else came

    def is_on(self, on: date) -> bool:
        return timezone.localtime(self.at).date() == on


@dataclass(frozen=True)
class Sibling:
    """A brother or sister, at whatever school; missing without a reason today, yes or no."""

    name: str
    school_id: int
    school_name: str
    is_missing: bool


@dataclass(frozen=True)
class Watch:
    """The line of the vulnerable list that holds today: how urgent, and what to do. Never why."""

    tier: int
    instruction: str
    due_at: datetime | None


def steps_on(*, school_id: int, on: date, until: datetime) -> dict[int, list[DayStep]]:
    """The day's steps by pupil, oldest first; a pupil without steps has no key."""
    found: dict[int, list[DayStep]] = {}
    for step in _steps(school_id=school_id, on=on, until=until):
        found.setdefault(step.pupil_id, []).append(step)
    return found


@statement
def _steps(school_id: Any, on: Any, until: Any) -> QuerySet[DayStep]:
    return DayStep.objects.filter(school_id=school_id, on=on, at__lte=until).order_by("id")


def newest(steps: Sequence[DayStep], *kinds: str, half: str | None = None) -> DayStep | None:
    """The newest step of these kinds (and of a half, where given), or None."""
    wanted = (step for step in reversed(steps) if step.kind in kinds and half in (None, step.half))
    return next(wanted, None)


def claim_of(steps: Sequence[DayStep], attempts: Sequence[AttemptLine], at: datetime) -> DayStep | None:
    """Who is working on the pupil now: the newest claim, unless it was released, is too old, or came to an attempt."""
    step = newest(steps, "working", "released")
    if step is None or step.kind == "released" or at - step.at > CLAIM_STANDS_FOR:
        return None
    if any(attempt.by_id == step.author_id and attempt.at >= step.at for attempt in attempts):
        return None
    return step


def attempts_for(*, pupil_ids: Collection[int], on: date, until: datetime) -> dict[int, list[AttemptLine]]:
    """Attempts of the last LOOK_BACK days up to the end of `on` by pupil, oldest first; entries retracted left out."""
    since = timezone.make_aware(datetime.combine(on - LOOK_BACK, time.min))
    until = min(until, timezone.make_aware(datetime.combine(on, time.max)))
    entries = entries_of(pupil_ids=list(pupil_ids), forms=[CONTACT_ATTEMPT], since=since, limit=MANY)
    added = addenda_of(entry_ids=[entry.id for entry in entries]) if entries else {}
    found: dict[int, list[AttemptLine]] = {}
    for entry in reversed(entries):
        retracted = any(addendum.kind == "retraction" for addendum in added.get(entry.id, ()))
        if retracted or entry.happened_at > until:
            continue
        line = _attempt(entry)
        for pupil_id in line.pupil_ids:
            found.setdefault(pupil_id, []).append(line)
    return found


def _attempt(entry: object) -> AttemptLine:
    fields: Mapping[str, str] = entry.fields  # type: ignore[attr-defined]
    next_at = fields.get(NEXT_AT)
    return AttemptLine(
        entry_id=entry.id,  # type: ignore[attr-defined]
        pupil_ids=tuple(entry.pupil_ids),  # type: ignore[attr-defined]
        at=entry.happened_at,  # type: ignore[attr-defined]
        by_id=entry.author_id,  # type: ignore[attr-defined]
        by=entry.author_name,  # type: ignore[attr-defined]
        outcome=Outcome(fields[OUTCOME]),
        contact_ref=fields.get(CONTACT_REF, ""),
        contact_name=fields.get(CONTACT_NAME, ""),
        number=fields.get(NUMBER, ""),
        words=fields.get(WORDS, ""),
        next_at=datetime.fromisoformat(next_at) if next_at else None,
    )


def contacts_for(*, pupil_ids: Collection[int], school_id: int, on: date) -> dict[int, list[ContactLine]]:
    """The contacts in force of each pupil at a school, in order of priority; a pupil without contacts has no key."""
    rows = _contacts(pupil_ids=pupil_ids, access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE), on=on)
    found: dict[int, list[ContactLine]] = {}
    for row in rows:
        found.setdefault(row.pupil_id, []).append(
            ContactLine(
                row.ref, row.name, row.relationship, row.priority, row.telephone, row.other_telephone, row.email, row.prefers,
                bool(row.parental_responsibility), row.safe_to_contact, row.safe_contact_note, row.needs_interpreter,
                row.language,
            )
        )  # fmt: skip
    return found


@statement
def _contacts(pupil_ids: Any, access_scope: Any, on: Any) -> QuerySet[Contact]:
    rows = Contact.objects.filter(_in_force(on), pupil_id__any=pupil_ids, access_scope=access_scope)
    return rows.order_by("priority", "id")


def _in_force(on: Any) -> Q:
    return Q(begins_on__lte=on) & (Q(ends_on__isnull=True) | Q(ends_on__gte=on))


def watches_for(*, school_id: int, on: date, pupil_ids: Collection[int] | None = None) -> dict[int, Watch]:
    """The line of the vulnerable list for each pupil who is on it that day; of several, the most urgent one first, the instruction
    that is due first, else the newest."""
    some = {} if pupil_ids is None else {"pupil_ids": pupil_ids}
    by_pupil: dict[int, list[DailyWatch]] = {}
    for row in _watches(access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE), on=on, **some):
        by_pupil.setdefault(row.pupil_id, []).append(row)
    return {pupil_id: _watch(lines, on) for pupil_id, lines in by_pupil.items()}


@statement
def _watches(access_scope: Any, on: Any, pupil_ids: Any = None) -> QuerySet[DailyWatch]:
    rows = DailyWatch.objects.filter(_in_force(on), access_scope=access_scope).order_by("-id")
    return rows if pupil_ids is None else rows.filter(pupil_id__any=pupil_ids)


def _watch(lines: list[DailyWatch], on: date) -> Watch:
    told = [line for line in lines if line.instruction]
    told.sort(key=lambda line: (line.instruction_due or time.max, -line.tier))
    sentences = list(dict.fromkeys(line.instruction.strip().rstrip(".") for line in told))
    due = min((line.instruction_due for line in told if line.instruction_due), default=None)
    due_at = timezone.make_aware(datetime.combine(on, due)) if due else None
    return Watch(max(line.tier for line in lines), ". ".join(sentences), due_at)


def siblings_for(*, pupil_ids: Collection[int], on: date) -> dict[int, list[Sibling]]:
    """Brothers and sisters at this and other schools, and whether each is missing; a pupil without any has no key."""
    if not pupil_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select s.pupil_id, s.forename, s.surname, s.school_id, s.school_name, coalesce(m.is_missing, false)"
            " from app.siblings(%(pupils)s) s"
            " left join app.siblings_missing(%(pupils)s, %(on)s) m using (pupil_id, sibling_id) order by 1, 3, 2",
            {"pupils": list(pupil_ids), "on": on},
        )
        rows = cursor.fetchall()
    found: dict[int, list[Sibling]] = {}
    for pupil_id, forename, surname, school_id, school_name, is_missing in rows:
        found.setdefault(pupil_id, []).append(Sibling(f"{forename} {surname}", school_id, school_name, is_missing))
    return found


def years_of(*, rows: Sequence[RollRow], frame: DaySnapshot, upto: Half) -> dict[int, list[Place]]:
    """The year of each of these pupils up to the session `upto` of the day, by pupil, in order of time, while on roll."""
    found = _sheets(sheet_ids=[row.sheet_id for row in rows if row.sheet_id])
    versions = versions_of(frame.school_id, frame.year) if found else {}
    sessions = {calendar_id: versions[calendar_id].sessions for calendar_id in {each[1] for each in found}}
    last = session_key(frame.on, upto)
    spelled = {
        key: (at.on, at.half) for keys in sessions.values() for key in keys if key <= last and (at := session_of(key))
    }
    symbol_of = cache(from_byte)
    years = {}
    for pupil_id, calendar_id, marks, begins_on, ends_on in found:
        keys = sessions[calendar_id]
        first, after = roll_window(keys, begins_on, ends_on)
        years[pupil_id] = [
            (*spelled[key], symbol_of(byte))
            for key, byte in zip(keys[first:after], bytes(marks)[first:after], strict=True)
            if key <= last
        ]
    return years


@statement
def _sheets(sheet_ids: Any) -> QuerySet[Sheet, Any]:
    sheets = Sheet.objects.filter(id__any=sheet_ids)
    return sheets.values_list("pupil_id", "calendar_id", "marks", "enrolment__begins_on", "enrolment__ends_on")
