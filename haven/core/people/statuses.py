"""Which statuses are there, who may see each, and what does each mean for the morning?

Read from `definitions/statuses.toml`. A mistake in it stops the start, with file and key.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from haven.rules.editions import Check
from haven.rules.visibility import RecordCategory

FILE = Path(__file__).parent / "definitions" / "statuses.toml"
_RECORD_CATEGORIES = {
    "attendance": RecordCategory.ATTENDANCE,
    "pastoral": RecordCategory.PASTORAL,
    "safeguarding": RecordCategory.SAFEGUARDING,
}
_KEYS = {
    "title": str, "record_category": str, "detail": str, "needs_source": bool, "review_days": int, "tier": int,
    "instruction": str, "due": str, "guidance": str, "help": bool, "valid_from": date, "checked": str, "fields": list,
}  # fmt: skip
_FIELD_KEYS = {"key": str, "label": str, "type": str, "help": str}
FIELD_TYPES = ("text", "day")
_NEEDED = ("title", "record_category", "needs_source", "tier", "guidance")


class DefinitionProblem(ValueError):
    """A definition file has a mistake; the text names file and key."""


@dataclass(frozen=True, slots=True)
class StatusField:
    """Something that one kind of status asks besides, and that must be answered. `type`: "text" or "day"."""

    key: str
    label: str
    type: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class StatusKind:
    """One kind of status. `detail_asks` is what the free text beside it is for; tier 0: not on the vulnerable pupils' list. `is_help`:
    it says that somebody began to do something for the child, so that it may be asked what came of it. `valid_from`: the first day on
    which a status of the kind may begin. `checked`: how well the law behind it was checked. `fields`: what it asks besides."""

    name: str
    title: str
    record_category: RecordCategory
    needs_source: bool
    tier: int
    guidance: str
    detail_asks: str = ""
    review_days: int | None = None
    instruction: str = ""
    due: time | None = None
    is_help: bool = False
    valid_from: date | None = None
    checked: Check = Check.VERIFIED
    fields: tuple[StatusField, ...] = ()

    def exists_on(self, on: date) -> bool:
        """Whether a status of this kind may begin on a day."""
        return self.valid_from is None or self.valid_from <= on

    def review_after(self, begins_on: date) -> date | None:
        """The day on which a status that begins then is looked at again, or None where the kind has no review."""
        return begins_on + timedelta(days=self.review_days) if self.review_days else None


def load(path: Path) -> Mapping[str, StatusKind]:
    """The kinds of a definition file, in its order. Raises DefinitionProblem with file and key."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise DefinitionProblem(f"{path.name}: {problem}") from None
    return MappingProxyType({name: _read(f"{path.name}: {name}", name, table) for name, table in tables.items()})


def _read(where: str, name: str, table: Any) -> StatusKind:
    if not isinstance(table, dict):
        raise DefinitionProblem(f"{where} is not a kind of status.")
    for key, value in table.items():
        if key not in _KEYS:
            raise DefinitionProblem(f"{where}.{key} is not a key of a status. The keys are: {', '.join(_KEYS)}.")
        if type(value) is not _KEYS[key]:
            raise DefinitionProblem(f"{where}.{key} is not a {_KEYS[key].__name__}.")
    for key in _NEEDED:
        if table.get(key) in (None, ""):
            raise DefinitionProblem(f"{where}.{key} is missing.")
    if table["record_category"] not in _RECORD_CATEGORIES:
        raise DefinitionProblem(f"{where}.record_category is none of: {', '.join(_RECORD_CATEGORIES)}.")
    if not 0 <= table["tier"] <= 3:
        raise DefinitionProblem(f"{where}.tier is not between 0 and 3.")
    if bool(table["tier"]) != bool(table.get("instruction")):
        raise DefinitionProblem(f"{where}.instruction belongs to a tier above 0, and every such tier has one.")
    return StatusKind(
        name=name,
        title=table["title"],
        record_category=_RECORD_CATEGORIES[table["record_category"]],
        needs_source=table["needs_source"],
        tier=table["tier"],
        guidance=table["guidance"],
        detail_asks=table.get("detail", ""),
        review_days=table.get("review_days"),
        instruction=table.get("instruction", ""),
        due=_time(where, table.get("due", "")),
        is_help=table.get("help", False),
        valid_from=table.get("valid_from"),
        checked=_checked(where, table.get("checked", Check.VERIFIED.value)),
        fields=_fields(where, table.get("fields", [])),
    )


def _checked(where: str, text: str) -> Check:
    try:
        return Check(text)
    except ValueError:
        raise DefinitionProblem(f"{where}.checked is none of: {', '.join(Check)}.") from None


def _fields(where: str, tables: list[Any]) -> tuple[StatusField, ...]:
    for number, table in enumerate(tables, start=1):
        here = f"{where}.fields {number}"
        if not isinstance(table, dict):
            raise DefinitionProblem(f"{here} is not a table.")
        for key, value in table.items():
            if key not in _FIELD_KEYS or type(value) is not str:
                raise DefinitionProblem(f"{here}.{key} is not a text under one of: {', '.join(_FIELD_KEYS)}.")
        if not table.get("key", "").isidentifier() or not table.get("label"):
            raise DefinitionProblem(f"{here} needs a key in small letters and a label.")
        if table.get("type") not in FIELD_TYPES:
            raise DefinitionProblem(f"{here}.type is none of: {', '.join(FIELD_TYPES)}.")
    if len({table["key"] for table in tables}) < len(tables):
        raise DefinitionProblem(f"{where}.fields has a key twice.")
    return tuple(StatusField(**table) for table in tables)


def _time(where: str, text: str) -> time | None:
    if not text:
        return None
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise DefinitionProblem(f"{where}.due is not a time like 10:00.") from None


KINDS = load(FILE)
"""Every kind of status by its name, in the order in which people are shown them."""


SEPARATION = "safeguarding_separation"
"""A pupil kept off site for safety: the kind whose sessions are never counted as suspension (`sql/separations.sql` names it too)."""
FREE_MEALS = ("fsm", "fsm_expanded")
"""Free school meals, targeted and expanded. Before September 2026 there was one kind, which goes on as targeted."""


def title_of(kind: str) -> str:
    """The title of a kind; a kind that is no longer defined is shown by its name."""
    return KINDS[kind].title if kind in KINDS else kind.replace("_", " ").capitalize()


def answers_of(kind: str, fields: Mapping[str, str]) -> list[tuple[str, str | date]]:
    """(label, answer) of what a status answers besides, in the order of its kind's definition; days as dates. A key that is no longer
    defined is shown by its name."""
    labels = {field.key: field for field in (KINDS[kind].fields if kind in KINDS else ())}
    ordered = [*(key for key in labels if key in fields), *(key for key in fields if key not in labels)]
    return [
        (labels[key].label, date.fromisoformat(fields[key]) if labels[key].type == "day" else fields[key])
        if key in labels
        else (key.replace("_", " ").capitalize(), fields[key])
        for key in ordered
    ]
