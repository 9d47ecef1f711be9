"""Which column of a file holds which field? The known layouts, and a person's own choice above them.

Each layout is a file in `definitions/`: its headings, which of them are needed, where the layout comes from. The
layout is chosen by the headings of the file; a mapping given by a person (`{"surname": "Legal Surname"}`) goes first,
field by field, and an empty heading says that the field is not to be read.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from haven.exchange.imports.layouts import Column, ImportLayout
from haven.exchange.imports.mapping.fields import FIELDS, NUMBERED_FIELDS
from haven.exchange.imports.mapping.headings import heading_name
from haven.platform.definitions import definitions


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where the fields of one file are: positions by field, numbered groups by number, and what does not fit.

    `missing` are needed columns that are not there, `twice` headings that stand for a field already found,
    `unknown_fields` and `absent_headings` mistakes in a person's own mapping, `unused` positions nobody reads.
    """

    definition: ImportLayout
    positions: dict[str, int]
    numbered: dict[str, dict[int, dict[str, int]]] = field(default_factory=dict)
    missing: tuple[Column, ...] = ()
    twice: tuple[tuple[str, int, int], ...] = ()
    unknown_fields: tuple[str, ...] = ()
    absent_headings: tuple[str, ...] = ()
    unused: tuple[int, ...] = ()


def knows(format: str, explicit: Mapping[str, str] | None = None) -> Callable[[str], bool]:
    """A test of heading names: does any layout of this format, or the person's own mapping, use it?"""
    layouts = layouts_for(format)
    chosen = {heading_name(heading) for heading in (explicit or {}).values()} - {""}
    # The same few cells are asked about for each way in which a file may be cut.
    return functools.cache(lambda name: name in chosen or any(layout.field_of(name) for layout in layouts))


def resolve(format: str, names: list[str], explicit: Mapping[str, str] | None = None) -> Resolved:
    """Chooses the layout whose headings fit best and finds each field in `names`; `explicit` is field to heading."""
    candidates = [_resolve_with(layout, names, explicit or {}) for layout in layouts_for(format)]
    return max(candidates, key=lambda candidate: _fit(candidate, names))


def _fit(candidate: Resolved, names: list[str]) -> tuple[int, int, int]:
    tells = sum(1 for tell in candidate.definition.telling_names if tell in names)
    return (-len(candidate.missing), tells, len(names) - len(candidate.unused))


def _resolve_with(layout: ImportLayout, names: list[str], explicit: Mapping[str, str]) -> Resolved:
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
        missing=tuple(column for field, column in layout.required.items() if field not in plain),
        twice=tuple(twice),
        unknown_fields=tuple(target for target in explicit if not is_field(layout.format, target)),
        absent_headings=tuple(
            heading for heading in explicit.values() if heading and heading_name(heading) not in names
        ),
        unused=tuple(unused),
    )


def _grouped(layout: ImportLayout, places: dict[str, int]) -> dict[str, dict[int, dict[str, int]]]:
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


def layouts_for(format: str) -> tuple[ImportLayout, ...]:
    """The layouts of a format, each in its newest version; those without a first day are left out.

    A layout whose last day is past is still read: files of earlier years are imported later.
    """
    return tuple(
        layout
        for layout in (definitions().latest(ImportLayout, id) for id in definitions().ids(ImportLayout))
        if layout.format == format and layout.valid_from is not None
    )
