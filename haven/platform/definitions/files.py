"""Reads definition files, and turns every mistake into one sentence with the file and the line."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

import haven
from haven.platform.definitions.errors import MISTAKE, DefinitionError, KeyPath
from haven.platform.definitions.header import HEADER, Definition
from haven.platform.definitions.lines import key_lines, line_of

LIST = "definitions"
"""The key of the list in a file that holds several definitions."""
Kinds = Mapping[str, type[Definition]]

_ROOT = Path(haven.__file__).resolve().parent.parent
_NOUNS: dict[type, str] = {
    bool: "true or false", int: "a whole number", float: "a number with decimals", str: "text", list: "a list", dict: "a table",
    datetime: "a day with a time", date: "a day", time: "a time of day",
}  # fmt: skip
_WANTED = {
    "string_type": "text", "int_type": "a whole number", "bool_type": "true or false", "date_type": "a day such as 2026-09-01",
    "tuple_type": "a list", "dict_type": "a table", "model_type": "a table", "model_attributes_type": "a table",
}  # fmt: skip


@dataclass(frozen=True)
class DefinitionFile:
    """A file of definitions and its text."""

    path: Path
    text: str

    @property
    def shown(self) -> str:
        """The path as messages and lists show it: relative to the source folder if the file is inside it."""
        return str(self.path.relative_to(_ROOT)) if self.path.is_relative_to(_ROOT) else str(self.path)

    @cached_property
    def lines(self) -> dict[KeyPath, int]:
        return key_lines(self.text)

    def line_of(self, path: KeyPath) -> int:
        """The line of a key, or of the table if the key is missing."""
        return line_of(self.lines, path)

    def mistake(self, path: KeyPath, sentence: str) -> DefinitionError:
        """The error for a mistake at a key. `sentence` goes on after the key and ends with a full stop."""
        return DefinitionError(f"{self.shown}, line {self.line_of(path)}, {_dotted(path)} {sentence}")


@dataclass(frozen=True)
class Loaded:
    """A definition and its location: the file, and the path of its table (empty if it is the whole file)."""

    definition: Definition
    file: DefinitionFile
    table: KeyPath
    shared: frozenset[str] = frozenset()
    """The header keys that it has from the top of its file."""

    def path_of(self, key: KeyPath) -> KeyPath:
        """The path in the file of a key of the definition."""
        return key if key and key[0] in self.shared else (*self.table, *key)

    def mistake(self, key: KeyPath, sentence: str) -> DefinitionError:
        return self.file.mistake(self.path_of(key), sentence)


def read_file(path: Path, kinds: Kinds) -> list[Loaded]:
    """The definitions of one file, in its order. Raises DefinitionError for the first mistake in the file.

    `kinds` has the model of each kind by its name. A file whose kind is a list without an entry gives an empty list.
    """
    file, table = _parsed(path)
    kind = table.get("kind")
    if kind is None:
        raise file.mistake(("kind",), f"is missing. Write one of: {', '.join(sorted(kinds))}.")
    if kind not in kinds:
        raise file.mistake(("kind",), f"must be one of: {', '.join(sorted(kinds))}.")
    model = kinds[kind]
    if not model.many_in_a_file:
        return [_read(file, model, table, table=(), shared={})]
    return list(_read_list(file, model, table))


def _parsed(path: Path) -> tuple[DefinitionFile, dict[str, Any]]:
    content = path.read_bytes()
    try:
        file = DefinitionFile(path, content.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        shown = DefinitionFile(path, "").shown
        raise DefinitionError(f"{shown}, line {line}: the file is not UTF-8 text. Save it as UTF-8.") from None
    try:
        return file, tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"line (\d+)", str(error))
        line = int(match[1]) if match else file.text.count("\n") + 1
        reason = re.sub(r" \(at .*\)$", "", str(error))
        raise DefinitionError(f"{file.shown}, line {line}: this is not valid TOML: {reason}.") from None


def _read_list(file: DefinitionFile, model: type[Definition], content: dict[str, Any]) -> Iterator[Loaded]:
    shared = {key: value for key, value in content.items() if key != LIST}
    for key in shared:
        if key not in HEADER:
            raise file.mistake((key,), _unknown(key, [*HEADER, LIST]))
    rows = content.get(LIST)
    if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
        raise file.mistake((LIST,), f"must be a list of tables. Write [[{LIST}]] above each definition.")
    for place, row in enumerate(rows):
        yield _read(file, model, row, table=(LIST, place), shared=shared)


def _read(
    file: DefinitionFile, model: type[Definition], row: dict[str, Any], *, table: KeyPath, shared: dict[str, Any]
) -> Loaded:
    from_top = frozenset(shared) - frozenset(row)
    try:
        return Loaded(model.model_validate({**shared, **row}), file, table, from_top)
    except ValidationError as error:
        mistakes = []
        for mistake in error.errors(include_url=False):
            key = tuple(mistake["loc"]) + tuple(mistake.get("ctx", {}).get("at", ()))
            path = key if key and key[0] in from_top else (*table, *key)
            # A missing key is reported last: another mistake, such as a misspelt key, often explains it.
            mistakes.append(((mistake["type"] == "missing", file.line_of(path)), path, _sentence(mistake, model)))
        _, path, sentence = min(mistakes, key=lambda mistake: mistake[0])
        raise file.mistake(path, sentence) from None


def _sentence(error: Any, model: type[Definition]) -> str:
    """The error of pydantic in words that follow the key."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == MISTAKE:
        return str(context["sentence"])
    if kind == "missing":
        return "is missing."
    if kind == "extra_forbidden":
        return _unknown(str(error["loc"][-1]), _keys_at(model, tuple(error["loc"][:-1])))
    if kind in _WANTED:
        return f"must be {_WANTED[kind]}, but is {_NOUNS.get(type(value), type(value).__name__)}."
    if kind == "string_pattern_mismatch":
        if context["pattern"] == r"\S":
            return "must not be empty."
        return f"“{value}” may have only letters, figures and underscores, and begins with a letter."
    if kind == "literal_error":
        return f"must be {context['expected']}."
    if kind == "greater_than_equal":
        return f"must be {context['ge']} or more."
    if kind == "less_than_equal":
        return f"must be {context['le']} or less."
    if kind == "too_short":
        return "must not be empty."
    return f"is not right: {error['msg']}."


def _unknown(key: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f" Did you mean {near[0]}?" if near else f" The keys are: {', '.join(sorted(known))}."
    return f"is not a key of this table.{hint}"


def _keys_at(model: type[BaseModel], path: KeyPath) -> list[str]:
    """The keys of the table at a path of a model."""
    annotation: Any = model
    for part in path:
        arguments = get_args(annotation)
        if not arguments:
            fields = {field.alias or name: field for name, field in annotation.model_fields.items()}
            annotation = fields[str(part)].annotation
        else:
            annotation = arguments[1] if get_origin(annotation) is dict else arguments[0]
        annotation = _plain(annotation)
    return [field.alias or name for name, field in annotation.model_fields.items()]


def _plain(annotation: Any) -> Any:
    """A type without its metadata and without "or None"."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = next(part for part in get_args(annotation) if part is not NoneType)
    return annotation


def _dotted(path: KeyPath) -> str:
    """A key path in words: `fields[2].label`, counted from 1 as people count."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "the file"
