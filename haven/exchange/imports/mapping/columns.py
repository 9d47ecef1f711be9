"""Finds the column of each field, from the known layouts and the user's own choice.

Each layout is a file in `definitions/` with its headings, the required ones, and its source. The layout is chosen by the headings of the
file. A mapping given by a user (`{"surname": "Legal Surname"}`) takes precedence field by field; an empty heading means that the field is
not read.
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
    """The columns of the fields of one file: positions by field, numbered groups by number, and the mismatches.

    `missing` are required columns that the file lacks, `twice` headings of a field that another heading already has, `unknown_fields` and
    `absent_headings` are mistakes in the user's own mapping, `unused` positions that are not read.
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
    """A test of heading names: whether any layout of this format, or the user's own mapping, uses it."""
    layouts = layouts_for(format)
    chosen = {heading_name(heading) for heading in (explicit or {}).values()} - {""}
    # The same few cells are tested for each way in which a file may be split.
    return functools.cache(lambda name: name in chosen or any(layout.field_of(name) for layout in layouts))


def resolve(format: str, names: list[str], explicit: Mapping[str, str] | None = None) -> Resolved:
    """Choose the layout whose headings fit best and find each field in `names`; `explicit` maps fields to headings."""
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

    A layout whose last day has passed is still read, because files of earlier years may be imported later.
    """
    return tuple(
        layout
        for layout in (definitions().latest(ImportLayout, id) for id in definitions().ids(ImportLayout))
        if layout.format == format and layout.valid_from is not None
    )
