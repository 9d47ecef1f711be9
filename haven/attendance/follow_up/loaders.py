"""Loads facts about the pupils on the follow-up list: their year so far, contacts, attempts and claims.

Working together to improve school attendance: an absence without a reason is followed up on the first day, with every contact that the
school holds. Each function runs one query for many pupils; the row policy filters the rows.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from uuid import UUID

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
from haven.core.records.queries import CONFIDENTIAL
from haven.platform.sql_files import SqlFile
from haven.rules.attendance_codes import from_byte
from haven.rules.contact_ladder import OUTCOMES, Outcome
from haven.rules.measures import Place
from haven.rules.sessions import Half, session_key, session_of
from haven.rules.visibility import RecordCategory, access_scope_of
from haven.rules.whereabouts import CLAIM_STANDS_FOR

LOOK_BACK = timedelta(days=10)
"""Older attempts are not shown in the list; the pupil's file has all of them."""
QUERIES = SqlFile(__file__)


@dataclass(frozen=True)
class ContactLine:
    """A contact to call. `number` is the contact's first telephone number, "" for none."""

    pupil_id: int
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
    """A brother or sister at any school, and whether they are missing without a reason today."""

    name: str
    school_id: int
    school_name: str
    is_missing: bool


def steps_on(*, school_id: int, on: date, until: datetime) -> dict[int, list[DayStep]]:
    """The day's steps by pupil, oldest first; a pupil without steps has no key."""
    by_pupil: dict[int, list[DayStep]] = {}
    for step in QUERIES.objects(DayStep, "steps_of_day", school_id=school_id, on=on, until=until):
        by_pupil.setdefault(step.pupil_id, []).append(step)
    return by_pupil


def newest(steps: Sequence[DayStep], *kinds: str, half: str | None = None) -> DayStep | None:
    """The newest step of these kinds (and of a half, if given), or None."""
    wanted = (step for step in reversed(steps) if step.kind in kinds and half in (None, step.half))
    return next(wanted, None)


def claim_of(steps: Sequence[DayStep], attempts: Sequence[AttemptLine], at: datetime) -> DayStep | None:
    """The newest claim of the pupil, unless it was released, has expired, or ended in an attempt."""
    step = newest(steps, "working", "released")
    if step is None or step.kind == "released" or at - step.at > CLAIM_STANDS_FOR:
        return None
    if any(attempt.by_id == step.author_id and attempt.at >= step.at for attempt in attempts):
        return None
    return step


def attempts_for(*, pupil_ids: Collection[int], on: date, until: datetime) -> dict[int, list[AttemptLine]]:
    """Attempts of the last LOOK_BACK days up to the end of `on` by pupil, oldest first, without retracted entries."""
    since = timezone.make_aware(datetime.combine(on - LOOK_BACK, time.min))
    until = min(until, timezone.make_aware(datetime.combine(on, time.max)))
    attempts = QUERIES.rows(
        _attempt, "attempts", pupil_ids=pupil_ids, form=CONTACT_ATTEMPT, since=since, until=until,
        confidential=[form.value for form in CONFIDENTIAL],
    )  # fmt: skip
    by_pupil: dict[int, list[AttemptLine]] = {}
    for attempt in attempts:
        for pupil_id in attempt.pupil_ids:
            by_pupil.setdefault(pupil_id, []).append(attempt)
    return by_pupil


def _attempt(
    id: int, pupil_ids: list[int], happened_at: datetime, author_id: int, author_name: str, fields: str
) -> AttemptLine:
    """An attempt from its entry; `fields` is JSON."""
    typed: Mapping[str, str] = json.loads(fields)
    next_at = typed.get(NEXT_AT)
    return AttemptLine(
        entry_id=id,
        pupil_ids=tuple(pupil_ids),
        at=happened_at,
        by_id=author_id,
        by=author_name,
        outcome=Outcome(typed[OUTCOME]),
        contact_ref=typed.get(CONTACT_REF, ""),
        contact_name=typed.get(CONTACT_NAME, ""),
        number=typed.get(NUMBER, ""),
        words=typed.get(WORDS, ""),
        next_at=datetime.fromisoformat(next_at) if next_at else None,
    )


def contacts_for(*, pupil_ids: Collection[int], school_id: int, on: date) -> dict[int, list[ContactLine]]:
    """The contacts in force of each pupil at a school, in order of priority; a pupil without contacts has no key."""
    access_scope = access_scope_of(school_id, RecordCategory.ATTENDANCE)
    by_pupil: dict[int, list[ContactLine]] = {}
    for contact in QUERIES.rows(
        ContactLine, "contacts_in_force", pupil_ids=pupil_ids, access_scope=access_scope, on=on
    ):
        by_pupil.setdefault(contact.pupil_id, []).append(contact)
    return by_pupil


def siblings_for(*, pupil_ids: Collection[int], on: date) -> dict[int, list[Sibling]]:
    """Brothers and sisters at this and other schools, and whether each is missing; a pupil without siblings has no key."""
    if not pupil_ids:
        return {}
    by_pupil: dict[int, list[Sibling]] = {}
    for row in QUERIES.rows(_SiblingRow, "siblings", pupil_ids=pupil_ids, on=on):
        by_pupil.setdefault(row.pupil_id, []).append(Sibling(row.name, row.school_id, row.school_name, row.is_missing))
    return by_pupil


class _SiblingRow(NamedTuple):
    pupil_id: int
    name: str
    school_id: int
    school_name: str
    is_missing: bool


class _Sheet(NamedTuple):
    pupil_id: int
    calendar_id: int
    marks: bytes
    begins_on: date
    ends_on: date | None


def years_of(*, rows: Sequence[RollRow], frame: DaySnapshot, upto: Half) -> dict[int, list[Place]]:
    """The year of each of these pupils up to the session `upto` of the day, by pupil, in order of time, while on roll."""
    sheets = QUERIES.rows(_Sheet, "sheets", sheet_ids=[row.sheet_id for row in rows if row.sheet_id])
    versions = versions_of(frame.school_id, frame.year) if sheets else {}
    last = session_key(frame.on, upto)
    keys = {sheet.calendar_id: [key for key in versions[sheet.calendar_id].sessions if key <= last] for sheet in sheets}
    spelled = {calendar_id: [session_of(key) for key in held] for calendar_id, held in keys.items()}
    symbol_of = cache(from_byte)
    years = {}
    for sheet in sheets:
        first, after = roll_window(keys[sheet.calendar_id], sheet.begins_on, sheet.ends_on)
        sessions, marks = spelled[sheet.calendar_id][first:after], sheet.marks[first:after]
        years[sheet.pupil_id] = [
            (at.on, at.half, symbol) for at, symbol in zip(sessions, map(symbol_of, marks), strict=True)
        ]
    return years
