"""Written records: contact attempts, notes, concerns with their receipts, tasks, handover and sign-off."""

import random
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from haven.attendance.registers.definition_keys import (
    CONTACT_ATTEMPT,
    CONTACT_NAME,
    CONTACT_REF,
    NEXT_AT,
    NUMBER,
    OUTCOME,
    WORDS,
)
from haven.core.records.definition_keys import CONCERN
from haven.core.records.form_definitions import form_in_force
from haven.core.records.models import Acknowledgement, Entry, EntryPupil
from haven.core.tasks.models import Task, TaskStep
from haven.core.tasks.sources import Source
from haven.demonstration.families import Child
from haven.demonstration.load import reserve, write
from haven.demonstration.places import Place
from haven.demonstration.rolls import Worker
from haven.demonstration.rows import contact_ref
from haven.rules.roles import ROLES
from haven.rules.visibility import RecordCategory
from haven.safeguarding.actions import TEAM
from haven.safeguarding.models import Receipt

FILE_ROW = (
    "school_id", "record_category", "author_id", "author_name", "author_role", "pupil_ids", "restricted_to", "recorded_at"
)  # fmt: skip


@dataclass(slots=True)
class Written:
    """One entry."""

    place: Place
    record_category: RecordCategory
    by: Worker
    role: str
    children: list[Child]
    form: str
    fields: dict[str, Any]
    at: datetime
    ref: uuid.UUID
    id: int = 0

    def row(self) -> tuple[Any, ...]:
        """The columns of FILE_ROW."""
        return file_row(self.place, self.record_category, self.by, self.role, self.children, self.at)


def file_row(
    place: Place, record_category: RecordCategory, by: Worker, role: str, children: list[Child], when: datetime
) -> tuple[Any, ...]:
    """The columns of FILE_ROW: those that the row policy reads in every row of a pupil's file."""
    pupils = sorted({child.id for child in children})
    return (
        place.id,
        int(record_category),
        by.id,
        by.name,
        ROLES[role].title,
        pupils,
        None,
        when,
    )


class File:
    """Collects entries and tasks, then writes them."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.entries: list[Written] = []
        self.tasks: list[tuple[tuple[Any, ...], dict[str, Any], Written | None]] = []
        self.acknowledged: list[tuple[Written, Worker, str, datetime]] = []
        self.receipts: list[tuple[Written, datetime | None, str]] = []

    def ref(self) -> uuid.UUID:
        return uuid.UUID(int=self.rng.getrandbits(128), version=4)

    def entry(
        self, place: Place, record_category: RecordCategory, by: Worker, role: str, children: list[Child], form: str,
        fields: dict[str, Any], when: datetime,
    ) -> Written:  # fmt: skip
        written = Written(place, record_category, by, role, children, form, fields, when, self.ref())
        self.entries.append(written)
        return written

    def attempt(
        self, place: Place, by: Worker, role: str, child: Child, priority: int, outcome: str, when: datetime,
        words: str = "", next_at: datetime | None = None,
    ) -> Written:  # fmt: skip
        """Add an attempt to reach a contact about a missing child."""
        person = child.family.people[priority - 1]
        fields: dict[str, Any] = {
            OUTCOME: outcome, CONTACT_REF: str(contact_ref(place, child, priority)), CONTACT_NAME: person.name,
            NUMBER: person.telephone or person.landline,
        }  # fmt: skip
        if words:
            fields[WORDS] = words
        if next_at:
            fields[NEXT_AT] = next_at.isoformat()
        return self.entry(place, RecordCategory.ATTENDANCE, by, role, [child], CONTACT_ATTEMPT, fields, when)

    def task(
        self, place: Place, record_category: RecordCategory, by: Worker, role: str, children: list[Child], title: str, when: datetime,
        *, source: Source, assignee: Worker | None = None, assignee_role: str = "", due_at: datetime | None = None,
        about: Written | None = None, done_at: datetime | None = None, done_by: str = "", outcome: str = "",
    ) -> None:  # fmt: skip
        columns = file_row(place, record_category, by, role, children, when)
        self.tasks.append((columns, {
            "title": title, "assignee_id": assignee.id if assignee else None, "assignee_role": assignee_role, "due_at": due_at,
            "source_kind": source.kind, "source_ref": source.ref, "done_at": done_at, "done_by_name": done_by, "outcome": outcome,
        }, about))  # fmt: skip

    def concern(
        self, place: Place, by: Worker, role: str, child: Child, fields: dict[str, Any], when: datetime,
        *, seen_by: Worker | None = None, seen_role: str = "dsl", seen_at: datetime | None = None,
    ) -> Written:  # fmt: skip
        """Add a safeguarding concern with its receipt; acknowledged when `seen_by` is given."""
        written = self.entry(place, RecordCategory.SAFEGUARDING, by, role, [child], CONCERN, fields, when)
        if seen_by is not None and seen_at is not None:
            self.acknowledged.append((written, seen_by, seen_role, seen_at))
        self.receipts.append((written, seen_at, TEAM if seen_by else ""))
        return written

    def save(self) -> None:
        """Write everything; entries in the order in which they were recorded."""
        self.entries.sort(key=lambda entry: entry.at)
        first = reserve(Entry, len(self.entries))
        for number, entry in enumerate(self.entries):
            entry.id = first + number
        write(
            Entry,
            (
                "id",
                *FILE_ROW,
                "ref",
                "form",
                "form_version",
                "fields",
                "happened_at",
                "source",
                "needs_acknowledgement",
            ),
            (
                (
                    entry.id,
                    *entry.row(),
                    entry.ref,
                    entry.form,
                    "1",
                    _json(entry.fields),
                    entry.at,
                    "person",
                    form_in_force(entry.form, entry.at.date()).needs_acknowledgement,
                )
                for entry in self.entries
            ),
        )
        self._save_pupils_of_entries()
        self._save_tasks()
        self._save_receipts()

    def _save_pupils_of_entries(self) -> None:
        write(
            EntryPupil,
            (*FILE_ROW, "entry_id", "pupil_id", "role"),
            ((*entry.row(), entry.id, child.id, "subject") for entry in self.entries for child in entry.children),
        )

    def _save_receipts(self) -> None:
        write(
            Acknowledgement,
            (*FILE_ROW, "entry_id"),
            (
                (*file_row(entry.place, entry.record_category, by, role, entry.children, when), entry.id)
                for entry, by, role, when in self.acknowledged
            ),
        )
        write(
            Receipt,
            (
                "ref",
                "school_id",
                "for_user_id",
                "entry_ref",
                "raised_at",
                "received_at",
                "received_by_name",
            ),
            (
                (
                    self.ref(),
                    entry.place.id,
                    entry.by.id,
                    entry.ref,
                    entry.at,
                    received,
                    name,
                )
                for entry, received, name in self.receipts
            ),
        )

    def _save_tasks(self) -> None:
        first = reserve(Task, len(self.tasks))
        names = (
            "title",
            "assignee_id",
            "assignee_role",
            "due_at",
            "source_kind",
            "source_ref",
            "done_at",
            "done_by_name",
            "outcome",
        )
        write(
            Task,
            ("id", *FILE_ROW, "ref", "about_entry_id", *names),
            (
                (first + n, *columns, self.ref(), about.id if about else None, *(values[name] for name in names))
                for n, (columns, values, about) in enumerate(self.tasks)
            ),
        )
        steps = []
        for number, (columns, values, _) in enumerate(self.tasks, start=first):
            steps.append((*columns, number, "raised", ""))
            if values["done_at"]:
                steps.append((*columns[:-1], values["done_at"], number, "done", values["outcome"]))
        write(TaskStep, (*FILE_ROW, "task_id", "verb", "reason"), steps)


def _json(fields: dict[str, Any]) -> Any:
    from psycopg.types.json import Jsonb

    return Jsonb(fields)
