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

from haven.rules.visibility import RecordCategory

FILE = Path(__file__).parent / "definitions" / "statuses.toml"
_RECORD_CATEGORIES = {
    "attendance": RecordCategory.ATTENDANCE,
    "pastoral": RecordCategory.PASTORAL,
    "safeguarding": RecordCategory.SAFEGUARDING,
}
_KEYS = {
    "title": str, "record_category": str, "detail": str, "needs_source": bool, "review_days": int, "tier": int,
    "instruction": str, "due": str, "guidance": str, "help": bool,
}  # fmt: skip
_NEEDED = ("title", "record_category", "needs_source", "tier", "guidance")


class DefinitionProblem(ValueError):
    """A definition file has a mistake; the text names file and key."""


@dataclass(frozen=True, slots=True)
class StatusKind:
    """One kind of status. `detail_asks` is what the free text beside it is for; tier 0: not on the vulnerable pupils' list. `is_help`:
    it says that somebody began to do something for the child, so that it may be asked what came of it."""

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
    )


def _time(where: str, text: str) -> time | None:
    if not text:
        return None
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise DefinitionProblem(f"{where}.due is not a time like 10:00.") from None


KINDS = load(FILE)
"""Every kind of status by its name, in the order in which people are shown them."""


def title_of(kind: str) -> str:
    """The title of a kind; a kind that is no longer defined is shown by its name."""
    return KINDS[kind].title if kind in KINDS else kind.replace("_", " ").capitalize()
