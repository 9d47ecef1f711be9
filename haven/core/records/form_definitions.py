"""What does each form of the file ask for, and are the definition files sound?

A form is a reviewed TOML file in `definitions/`. All are read when Haven starts; one mistake, and Haven does not start and says
which file, and which line or key. A form that changes gets a new file with the next version: entries keep the version they were
written with.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from haven.rules.contact_ladder import OUTCOMES
from haven.rules.roles import CAPABILITIES
from haven.rules.visibility import RecordCategory

FOLDER = Path(__file__).parent / "definitions"

FIELD_TYPES = (
    "text", "own_words", "opinion", "choice", "yes_no", "date", "time", "datetime", "person", "agency", "number"
)  # fmt: skip
Choices = tuple[tuple[str, str], ...]
CHOICES_FROM: Mapping[str, Callable[[], Choices]] = {
    "contact_outcomes": lambda: tuple((outcome.value, rule.title) for outcome, rule in OUTCOMES.items()),
}

_FORM_KEYS = {
    "id",
    "version",
    "title",
    "record_category",
    "verb",
    "page",
    "valid_from",
    "source",
    "fields",
    "due",
    "follow_up",
    "help",
}
_FIELD_KEYS = {"key", "label", "type", "required", "hint", "choices", "choices_from", "lines", "hidden"}


class DefinitionProblem(ImproperlyConfigured):
    """A definition file with a mistake. The message names the file, and the line or the key."""


@dataclass(frozen=True)
class FieldDefinition:
    """One question of a form. `lines` above 1 makes a text box of that height; a hidden field is filled in by Haven."""

    key: str
    label: str
    type: str
    required: bool = False
    hint: str = ""
    choices: Choices = ()
    lines: int = 1
    hidden: bool = False


@dataclass(frozen=True)
class FormDefinition:
    """A form of the file.

    `verb`: the capability that its writer needs besides the right to write in the record category. `page`: the name of the address of
    one entry (URN and reference) where the form has pages of its own; it is then not offered among the others. `due_minutes`: in
    how many minutes somebody must receive the entry, by the answer to the field `due_by`. `follow_up_on`: the field with the day on
    which its writer has to do something again, the task of that day being `follow_up_title`. `is_help`: it says that something was done
    for the child, of which it may be asked what came.
    """

    id: str
    version: str
    title: str
    record_category: RecordCategory
    source: str
    valid_from: date
    fields: tuple[FieldDefinition, ...]
    verb: str = ""
    page: str = ""
    due_by: str = ""
    due_minutes: Mapping[str, int] | None = None
    follow_up_on: str = ""
    follow_up_title: str = ""
    is_help: bool = False

    def field(self, key: str) -> FieldDefinition:
        """The field of that key. Raises KeyError."""
        for one in self.fields:
            if one.key == key:
                return one
        raise KeyError(key)

    def due_at(self, kept: Mapping[str, object], at: datetime) -> datetime | None:
        """By when an entry with these answers, recorded at `at`, must be received; None where the form has no such limit."""
        if self.due_minutes is None:
            return None
        return at + timedelta(minutes=self.due_minutes[str(kept[self.due_by])])

    def follow_up_day(self, kept: Mapping[str, object]) -> date | None:
        """The day on which the writer of an entry with these answers has something to do again, if they named one."""
        named = kept.get(self.follow_up_on) if self.follow_up_on else None
        return date.fromisoformat(str(named)) if named else None


class Library:
    """Every form of the files, by id and version."""

    def __init__(self, forms: list[FormDefinition]) -> None:
        self._forms = {(form.id, form.version): form for form in forms}

    def form(self, form_id: str, version: str) -> FormDefinition:
        """The form as it was in that version. Raises KeyError."""
        return self._forms[form_id, version]

    def current(self, form_id: str, on: date) -> FormDefinition:
        """The newest version in force on a day. Raises KeyError where there is none."""
        found = [form for form in self._forms.values() if form.id == form_id and form.valid_from <= on]
        if not found:
            raise KeyError(form_id)
        return max(found, key=lambda form: (form.valid_from, form.version))

    def all(self) -> list[FormDefinition]:
        """Every form in every version."""
        return list(self._forms.values())

    def all_current(self, on: date) -> list[FormDefinition]:
        """The forms in force on a day, by title."""
        ids = {form.id for form in self._forms.values() if form.valid_from <= on}
        return sorted((self.current(form_id, on) for form_id in ids), key=lambda form: form.title)


def read_folder(folder: Path = FOLDER) -> Library:
    """Read every `*.toml` of a folder. Raises DefinitionProblem at the first mistake, and for a version given twice."""
    forms: dict[tuple[str, str], Path] = {}
    found = []
    for path in sorted(folder.glob("*.toml")):
        form = read_file(path)
        if (form.id, form.version) in forms:
            first = forms[form.id, form.version].name
            raise DefinitionProblem(f"{path}: version {form.version} of {form.id!r} is in {first} already.")
        forms[form.id, form.version] = path
        found.append(form)
    return Library(found)


def read_file(path: Path) -> FormDefinition:
    """Read one definition file. Raises DefinitionProblem naming the file and the line or key."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as mistake:
        raise DefinitionProblem(f"{path}: {mistake}") from None
    return _Reader(path).form(table)


class _Reader:
    """Reads tables of one file, and says in which file and at which key something is wrong."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def wrong(self, key: str, sentence: str) -> DefinitionProblem:
        return DefinitionProblem(f"{self.path}: {key}: {sentence}")

    def take(self, table: Mapping[str, Any], where: str, key: str, kind: type, default: Any = None) -> Any:
        value = table.get(key, default)
        if value is None:
            raise self.wrong(f"{where}{key}", "is missing.")
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.wrong(f"{where}{key}", f"should be {kind.__name__} and is {type(value).__name__}.")
        if kind is str and not value and default is None:
            raise self.wrong(f"{where}{key}", "is empty.")
        return value

    def only(self, table: Mapping[str, Any], where: str, known: set[str]) -> None:
        for key in table:
            if key not in known:
                raise self.wrong(f"{where}{key}", f"is not a key of a form; the keys are {', '.join(sorted(known))}.")

    def form(self, table: Mapping[str, Any]) -> FormDefinition:
        self.only(table, "", _FORM_KEYS)
        record_category = self.take(table, "", "record_category", str)
        if record_category.upper() not in RecordCategory.__members__:
            raise self.wrong("record_category", f"{record_category!r} is no record_category.")
        verb = self.take(table, "", "verb", str, "")
        if verb and verb not in CAPABILITIES:
            raise self.wrong("verb", f"{verb!r} is no capability of the roles.")
        rows = self.take(table, "", "fields", list)
        fields = tuple(self.field(row, f"fields[{place}].") for place, row in enumerate(rows, start=1))
        keys = [one.key for one in fields]
        for key in keys:
            if keys.count(key) > 1:
                raise self.wrong("fields", f"{key!r} is there twice.")
        due_by, due_minutes = self.due(table, fields)
        return FormDefinition(
            id=self.take(table, "", "id", str),
            version=self.take(table, "", "version", str),
            title=self.take(table, "", "title", str),
            record_category=RecordCategory[record_category.upper()],
            source=self.take(table, "", "source", str),
            valid_from=self.take(table, "", "valid_from", date),
            fields=fields,
            verb=verb,
            page=self.take(table, "", "page", str, ""),
            due_by=due_by,
            due_minutes=due_minutes,
            is_help=self.take(table, "", "help", bool, False),
            **self.follow_up(table, fields),
        )

    def field(self, row: Any, where: str) -> FieldDefinition:
        if not isinstance(row, dict):
            raise self.wrong(where.rstrip("."), "should be a table.")
        self.only(row, where, _FIELD_KEYS)
        key, kind = self.take(row, where, "key", str), self.take(row, where, "type", str)
        if not key.isidentifier():
            raise self.wrong(f"{where}key", f"{key!r} should be letters, figures and underscores.")
        if kind not in FIELD_TYPES:
            raise self.wrong(f"{where}type", f"{kind!r} is no type; the types are {', '.join(FIELD_TYPES)}.")
        return FieldDefinition(
            key=key,
            label=self.take(row, where, "label", str),
            type=kind,
            required=self.take(row, where, "required", bool, False),
            hint=self.take(row, where, "hint", str, ""),
            choices=self.choices(row, where, kind),
            lines=self.take(row, where, "lines", int, 6 if kind in ("own_words", "opinion") else 1),
            hidden=self.take(row, where, "hidden", bool, False),
        )

    def choices(self, row: Mapping[str, Any], where: str, kind: str) -> Choices:
        if kind != "choice":
            if "choices" in row or "choices_from" in row:
                raise self.wrong(f"{where}choices", "only a field of type choice has choices.")
            return ()
        if "choices_from" in row:
            name = self.take(row, where, "choices_from", str)
            if name not in CHOICES_FROM:
                raise self.wrong(f"{where}choices_from", f"{name!r} is none of {', '.join(CHOICES_FROM)}.")
            return CHOICES_FROM[name]()
        pairs = self.take(row, where, "choices", list)
        for pair in pairs:
            if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) and part for part in pair)):
                raise self.wrong(f"{where}choices", 'each choice is a pair like ["yes", "Yes"].')
        if not pairs:
            raise self.wrong(f"{where}choices", "is empty.")
        return tuple((value, title) for value, title in pairs)

    def due(
        self, table: Mapping[str, Any], fields: tuple[FieldDefinition, ...]
    ) -> tuple[str, Mapping[str, int] | None]:
        if "due" not in table:
            return "", None
        due = self.take(table, "", "due", dict)
        by, minutes = self.take(due, "due.", "by", str), self.take(due, "due.", "minutes", dict)
        asked = next((one for one in fields if one.key == by and one.type == "choice"), None)
        if asked is None:
            raise self.wrong("due.by", f"{by!r} is no choice field of this form.")
        for value, _ in asked.choices:
            self.take(minutes, "due.minutes.", value, int)
        return by, minutes

    def follow_up(self, table: Mapping[str, Any], fields: tuple[FieldDefinition, ...]) -> dict[str, str]:
        if "follow_up" not in table:
            return {}
        follow_up = self.take(table, "", "follow_up", dict)
        self.only(follow_up, "follow_up.", {"on", "title"})
        on, title = (self.take(follow_up, "follow_up.", key, str) for key in ("on", "title"))
        if not any(one.key == on and one.type == "date" for one in fields):
            raise self.wrong("follow_up.on", f"{on!r} is no date field of this form.")
        return {"follow_up_on": on, "follow_up_title": title}


_library: list[Library] = []


def library() -> Library:
    """Every form of the installed definitions, read once. Raises DefinitionProblem."""
    if not _library:
        _library.append(read_folder())
    return _library[0]
