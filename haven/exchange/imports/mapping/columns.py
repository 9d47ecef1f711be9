"""Which column of a file holds which field? Definitions for the layouts we know, and a person's own choice above them.

Each layout is a file in `definitions/`: its headings, which of them are needed, where the layout comes from. The
layout is chosen by the headings of the file; a mapping given by a person (`{"surname": "Legal Surname"}`) goes first,
field by field, and an empty heading says that the field is not to be read. A definition with a mistake is refused
when it is loaded, with file, line and key.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from haven.exchange.imports.mapping.fields import FIELDS, NUMBERED_FIELDS
from haven.exchange.imports.mapping.headings import heading_name

FOLDER = Path(__file__).parent.parent / "definitions"
_KEYS = {"id", "title", "format", "source", "extends", "tells", "ignores_others", "columns", "numbered"}
_NEEDED_KEYS = ("id", "title", "format", "source")
_NUMBER = "{n}"


class DefinitionError(ValueError):
    """A definition file has a mistake; the message names file, line and key."""


@dataclass(frozen=True, slots=True)
class Column:
    """The headings (compared by `heading_name`) under which a field may stand; `{n}` in one stands for 1, 2, 3 ..."""

    field: str
    headings: tuple[str, ...]
    required: bool = False

    @property
    def shown(self) -> str:
        return self.headings[0]


@dataclass(frozen=True, slots=True)
class Definition:
    """One known layout. `tells` are headings that only this layout has."""

    id: str
    title: str
    format: str
    source: str
    columns: tuple[Column, ...]
    numbered: Mapping[str, tuple[Column, ...]]
    tells: tuple[str, ...] = ()
    ignores_others: bool = False

    def field_of(self, name: str) -> str | None:
        """The field under a heading name: `surname`, `contact2_name`; None when this layout does not know it."""
        return _index_of(self.id).get(name) or self._numbered_field(name)

    def _numbered_field(self, name: str) -> str | None:
        for pattern, group, number_field in _patterns_of(self.id):
            if match := pattern.fullmatch(name):
                return f"{group}{int(match[1])}_{number_field}"
        return None

    @property
    def required(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.required)


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where the fields of one file are: positions by field, numbered groups by number, and what does not fit.

    `missing` are needed columns that are not there, `twice` headings that stand for a field already found,
    `unknown_fields` and `absent_headings` mistakes in a person's own mapping, `unused` positions nobody reads.
    """

    definition: Definition
    positions: dict[str, int]
    numbered: dict[str, dict[int, dict[str, int]]] = field(default_factory=dict)
    missing: tuple[Column, ...] = ()
    twice: tuple[tuple[str, int, int], ...] = ()
    unknown_fields: tuple[str, ...] = ()
    absent_headings: tuple[str, ...] = ()
    unused: tuple[int, ...] = ()


def knows(format: str, explicit: Mapping[str, str] | None = None) -> Any:
    """A test of heading names: does any layout of this format, or the person's own mapping, use it?"""
    layouts = definitions_for(format)
    chosen = {heading_name(heading) for heading in (explicit or {}).values()} - {""}
    # The same few cells are asked about for each way in which a file may be cut.
    return functools.cache(lambda name: name in chosen or any(layout.field_of(name) for layout in layouts))


def resolve(format: str, names: list[str], explicit: Mapping[str, str] | None = None) -> Resolved:
    """Chooses the layout whose headings fit best and finds each field in `names`; `explicit` is field to heading."""
    candidates = [_resolve_with(layout, names, explicit or {}) for layout in definitions_for(format)]
    return max(candidates, key=lambda found: _fit(found, names))


def _fit(found: Resolved, names: list[str]) -> tuple[int, int, int]:
    tells = sum(1 for tell in found.definition.tells if tell in names)
    return (-len(found.missing), tells, len(names) - len(found.unused))


def _resolve_with(layout: Definition, names: list[str], explicit: Mapping[str, str]) -> Resolved:
    chosen = {heading_name(heading): target for target, heading in explicit.items() if heading_name(heading)}
    places: dict[str, int] = {}
    twice: list[tuple[str, int, int]] = []
    unused: list[int] = []
    for index, name in enumerate(names):
        target = chosen.get(name) or layout.field_of(name)
        if not name or target is None or (name not in chosen and target in explicit):
            if name:
                unused.append(index)
        elif target in places:
            twice.append((target, places[target], index))
        else:
            places[target] = index
    plain = {target: index for target, index in places.items() if target in FIELDS[layout.format]}
    return Resolved(
        definition=layout,
        positions=plain,
        numbered=_grouped(layout, places),
        missing=tuple(column for column in layout.required if column.field not in plain),
        twice=tuple(twice),
        unknown_fields=tuple(target for target in explicit if not is_field(layout.format, target)),
        absent_headings=tuple(
            heading for heading in explicit.values() if heading and heading_name(heading) not in names
        ),
        unused=tuple(unused),
    )


def _grouped(layout: Definition, places: dict[str, int]) -> dict[str, dict[int, dict[str, int]]]:
    grouped: dict[str, dict[int, dict[str, int]]] = {}
    for target, index in places.items():
        if parts := _numbered_parts(layout.format, target):
            group, number, number_field = parts
            grouped.setdefault(group, {}).setdefault(number, {})[number_field] = index
    return grouped


def is_field(format: str, target: str) -> bool:
    """Whether a field name, such as `surname` or `contact2_phone`, belongs to a format."""
    return target in FIELDS[format] or _numbered_parts(format, target) is not None


def _numbered_parts(format: str, target: str) -> tuple[str, int, str] | None:
    match = re.fullmatch(r"([a-z]+)([1-9][0-9]?)_([a-z_]+)", target)
    if match and match[3] in NUMBERED_FIELDS.get(format, {}).get(match[1], frozenset()):
        return match[1], int(match[2]), match[3]
    return None


@functools.cache
def definitions() -> dict[str, Definition]:
    """All definitions by id, checked. Raises DefinitionError."""
    return load_folder(FOLDER)


def definitions_for(format: str) -> tuple[Definition, ...]:
    return tuple(layout for layout in definitions().values() if layout.format == format)


@functools.cache
def _index_of(definition_id: str) -> dict[str, str]:
    layout = definitions()[definition_id]
    return {heading_name(heading): column.field for column in layout.columns for heading in column.headings}


@functools.cache
def _patterns_of(definition_id: str) -> tuple[tuple[re.Pattern[str], str, str], ...]:
    layout = definitions()[definition_id]
    return tuple(
        (_pattern(heading), group, column.field)
        for group, columns in layout.numbered.items()
        for column in columns
        for heading in column.headings
    )


def _pattern(heading: str) -> re.Pattern[str]:
    before, after = heading.split(_NUMBER)
    return re.compile(re.escape(heading_name(before)) + "([1-9][0-9]?)" + re.escape(heading_name(after)))


def load_folder(folder: Path) -> dict[str, Definition]:
    """Every `*.toml` of a folder by id; a layout that `extends` another adds to its columns. Raises DefinitionError."""
    loaded: dict[str, Definition] = {}
    raw = {path: _parse(path) for path in sorted(folder.glob("*.toml"))}
    for path, content in sorted(raw.items(), key=lambda pair: "extends" in pair[1]):
        layout = _definition(path, content, loaded)
        if layout.id in loaded:
            raise _mistake(path, "id", f"“{layout.id}” is the id of another definition too")
        loaded[layout.id] = layout
    return loaded


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise DefinitionError(f"{path.name}: this is not valid TOML: {fault}") from None


def _definition(path: Path, content: dict[str, Any], loaded: Mapping[str, Definition]) -> Definition:
    for key in content:
        if key not in _KEYS:
            raise _mistake(path, key, "there is no such key in a definition")
    for key in _NEEDED_KEYS:
        if not isinstance(content.get(key), str) or not content[key].strip():
            raise _mistake(path, key, "a text is needed here")
    if content["format"] not in FIELDS:
        raise _mistake(path, "format", f"“{content['format']}” is none of {', '.join(sorted(FIELDS))}")
    base = None
    if "extends" in content:
        base = loaded.get(content["extends"])
        if base is None or base.format != content["format"]:
            raise _mistake(path, "extends", f"there is no definition “{content['extends']}” of this format to extend")
    columns = {column.field: column for column in (base.columns if base else ())}
    columns |= {column.field: column for column in _columns(path, content)}
    numbered = dict(base.numbered if base else {}) | dict(_numbered_columns(path, content))
    if not columns:
        raise _mistake(path, "columns", "a definition has at least one column")
    tells = content.get("tells", [])
    _check_headings(path, "tells", tells, may_be_empty=True)
    layout = Definition(
        id=content["id"],
        title=content["title"],
        format=content["format"],
        source=content["source"],
        columns=tuple(columns.values()),
        numbered=numbered,
        tells=tuple(heading_name(tell) for tell in tells),
        ignores_others=bool(content.get("ignores_others", base.ignores_others if base else False)),
    )
    _check_unambiguous(path, layout)
    return layout


def _columns(path: Path, content: dict[str, Any]) -> Iterator[Column]:
    for name, entry in content.get("columns", {}).items():
        if name not in FIELDS[content["format"]]:
            raise _mistake(path, name, f"a {content['format']} file has no field of this name")
        if not isinstance(entry, dict) or entry.keys() - {"headings", "required"}:
            raise _mistake(path, name, 'write { headings = ["..."], required = true }; required may be left out')
        _check_headings(path, name, entry.get("headings"))
        if not isinstance(entry.get("required", False), bool):
            raise _mistake(path, name, "required is true or false")
        yield Column(name, tuple(entry["headings"]), entry.get("required", False))


def _numbered_columns(path: Path, content: dict[str, Any]) -> Iterator[tuple[str, tuple[Column, ...]]]:
    groups = NUMBERED_FIELDS.get(content["format"], {})
    for group, entries in content.get("numbered", {}).items():
        if group not in groups:
            raise _mistake(path, group, f"a {content['format']} file has no numbered fields of this name")
        columns = []
        for name, headings in entries.items():
            if name not in groups[group]:
                raise _mistake(path, name, f"a {group} has no field of this name")
            _check_headings(path, name, headings)
            if any(heading.count(_NUMBER) != 1 for heading in headings):
                raise _mistake(path, name, "each heading here has {n} once, where the number stands")
            columns.append(Column(name, tuple(headings)))
        yield group, tuple(columns)


def _check_headings(path: Path, key: str, headings: Any, *, may_be_empty: bool = False) -> None:
    is_list = isinstance(headings, list) and all(isinstance(heading, str) and heading.strip() for heading in headings)
    if not is_list or (not headings and not may_be_empty):
        raise _mistake(path, key, "a list of headings is needed here, each of them a text")


def _check_unambiguous(path: Path, layout: Definition) -> None:
    seen: dict[str, str] = {}
    for column in layout.columns:
        for heading in column.headings:
            other = seen.setdefault(heading_name(heading), column.field)
            if other != column.field:
                raise _mistake(path, column.field, f"heading “{heading}” already stands for {other}")


def _mistake(path: Path, key: str, what: str) -> DefinitionError:
    lines = path.read_text("utf-8").splitlines()
    found = re.compile(rf"^\s*\[?[\w.\"]*\b{re.escape(key)}\b\"?\s*[\]=]")
    line = next((number for number, text in enumerate(lines, start=1) if found.match(text)), 1)
    return DefinitionError(f"{path.name}, line {line}, key {key}: {what}.")
