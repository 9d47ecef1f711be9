"""An entry as a page shows it: both times, its author, its answers in order, what was added, and whether it still counts."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from haven.core.records.form_definitions import form_in_version
from haven.core.records.forms_engine import answers
from haven.core.records.models import Addendum, Entry
from haven.core.records.queries import addenda_of, parts_of, pupils_by_id

PART_TITLES = {
    "subject": "", "sibling": "brother or sister", "harmed": "harmed", "alleged": "alleged perpetrator",
    "witness": "witness", "named": "named",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """One answered question. `kind`: "own_words", "opinion", "date", "datetime" or another type of field."""

    label: str
    value: Any
    kind: str


@dataclass(frozen=True)
class Added:
    """An addendum."""

    title: str
    words: str
    author_name: str
    author_role: str
    recorded_at: dt.datetime


@dataclass(frozen=True)
class EntryLine:
    """An entry with everything that a page shows of it. `retracted`: it has a retraction and no longer counts."""

    ref: uuid.UUID
    form: str
    title: str
    record_category: str
    happened_at: dt.datetime
    recorded_at: dt.datetime
    author_name: str
    author_role: str
    pupils: tuple[tuple[str, str], ...]
    answers: tuple[Answer, ...]
    added: tuple[Added, ...]
    retracted: bool
    is_restricted: bool
    url: str

    @property
    def in_short(self) -> str:
        """The answers in words one after another: "Reached · Farid Rahman, father · 020 7946 0018 · He is ill"."""
        return " · ".join(answer.value.strip() for answer in self.answers if isinstance(answer.value, str))

    @property
    def is_confidential(self) -> bool:
        """Whether the entry is in the safeguarding or staff category: pages that others may see on the screen show its title only."""
        return self.record_category in ("safeguarding", "staff")


_ADDED = {"addition": "Added", "correction": "Corrected", "retraction": "Entered in error"}


def url_of(form: str, version: str, urn: int, ref: uuid.UUID) -> str:
    """The address of an entry: its form's own page, or the page of entries."""
    try:
        page = form_in_version(form, version).page
    except KeyError:
        page = ""
    return reverse(page or "records:entry", args=[urn, ref])


def lines_of(*, entries: Sequence[Entry], urn: int) -> list[EntryLine]:
    """The entries for a page of the school with that URN, in the order given."""
    added = addenda_of(entry_ids=[entry.id for entry in entries])
    parts = parts_of(entry_ids=[entry.id for entry in entries])
    names = {
        number: pupil.name
        for number, pupil in pupils_by_id(pupil_ids=[p for one in entries for p in one.pupil_ids]).items()
    }
    return [_line(entry, urn, added.get(entry.id, []), parts.get(entry.id, {}), names) for entry in entries]


def _line(
    entry: Entry, urn: int, added: Sequence[Addendum], parts: Mapping[int, str], names: Mapping[int, str]
) -> EntryLine:
    title, answered = _answered(entry)
    return EntryLine(
        ref=entry.ref,
        form=entry.form,
        title=title,
        record_category=("roll", "attendance", "pastoral", "safeguarding", "staff")[entry.record_category],
        happened_at=entry.happened_at,
        recorded_at=entry.recorded_at,
        author_name=entry.author_name,
        author_role=entry.author_role,
        pupils=tuple((names[p], PART_TITLES.get(parts.get(p, ""), "")) for p in entry.pupil_ids if p in names),
        answers=answered,
        added=tuple(
            Added(_ADDED[one.kind], one.words, one.author_name, one.author_role, one.recorded_at) for one in added
        ),
        retracted=any(one.kind == "retraction" for one in added),
        is_restricted=entry.restricted_to is not None,
        url=url_of(entry.form, entry.form_version, urn, entry.ref),
    )


def _answered(entry: Entry) -> tuple[str, tuple[Answer, ...]]:
    """The title and the answers. An entry whose form definition was removed is shown by the keys it was written with."""
    try:
        definition = form_in_version(entry.form, entry.form_version)
    except KeyError:
        return entry.form.replace("_", " ").capitalize(), tuple(
            Answer(key.replace("_", " ").capitalize(), value, "text") for key, value in entry.fields.items()
        )
    return definition.title, tuple(
        Answer(one.label, value, one.type) for one, value in answers(definition, entry.fields)
    )
