"""The layouts of import files, as the files in `definitions/` describe them."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from haven.exchange.imports.mapping.fields import FIELDS, NUMBERED_FIELDS
from haven.exchange.imports.mapping.headings import heading_name
from haven.platform.definitions import Definition, Definitions, Id, ListOf, OneOf, Part, RefersTo, Words, mistake

_NUMBER = "{n}"


def _number_once(heading: str) -> str:
    if heading.count(_NUMBER) != 1:
        raise mistake("must have {n} once, where the number stands.")
    return heading


Heading = Words
"""A heading of a file. Case, spaces and underscores are ignored."""
NumberedHeading = Annotated[Heading, AfterValidator(_number_once)]
"""A heading that contains a number: `PARENT_{n}_NAME`."""


class Column(Part):
    """The headings that a field may have. Pages show the first one."""

    headings: ListOf[Heading] = Field(min_length=1)
    required: bool = False

    @property
    def shown(self) -> str:
        return self.headings[0]


class ImportLayout(Definition):
    """One known layout of a file. `tells` are headings that no other layout has."""

    kind: Literal["import_layout"]
    format: Annotated[str, OneOf(sorted(FIELDS), "format")]
    extends: Annotated[Id, RefersTo("import_layout")] | None = Field(
        None, description="The layout whose columns this one has too. Its own columns replace those of the same field."
    )
    tells: ListOf[Heading] = ()
    ignores_others: bool | None = Field(None, description="Whether other columns are left out without a word.")
    columns: dict[str, Column] = {}
    numbered: dict[str, dict[str, Annotated[ListOf[NumberedHeading], Field(min_length=1)]]] = {}

    def field_of(self, name: str) -> str | None:
        """The field of a heading name: `surname`, `contact2_name`; None if this layout does not contain it."""
        return self._fields_by_heading.get(name) or self._numbered_field(name)

    @property
    def required(self) -> Mapping[str, Column]:
        """The required columns, by field."""
        return {field: column for field, column in self.columns.items() if column.required}

    @cached_property
    def telling_names(self) -> tuple[str, ...]:
        return tuple(map(heading_name, self.tells))

    def completed(self, others: Definitions) -> Self:
        """This layout with the columns of the layout that it extends."""
        base = others.latest(ImportLayout, self.extends) if self.extends else None
        if base is not None and base.extends:
            raise mistake(f"“{base.id}” extends a layout itself. Extend “{base.extends}”.", "extends")
        if base is not None and base.format != self.format:
            raise mistake(f"“{base.id}” is a layout of {base.format}, not of {self.format}.", "extends")
        whole = self if base is None else self.model_copy(update={
            "columns": {**base.columns, **self.columns}, "numbered": {**base.numbered, **self.numbered},
            "ignores_others": base.ignores_others if self.ignores_others is None else self.ignores_others,
        })  # fmt: skip
        if not whole.columns:
            raise mistake("must have at least one column.", "columns")
        _check_unambiguous(whole)
        return whole

    @model_validator(mode="after")
    def _fields_are_of_the_format(self) -> Self:
        for name in self.columns:
            if name not in FIELDS[self.format]:
                raise mistake(f"is not a field of {self.format}.", "columns", name)
        groups = NUMBERED_FIELDS.get(self.format, {})
        for group, columns in self.numbered.items():
            if group not in groups:
                raise mistake(f"is not a numbered group of {self.format}.", "numbered", group)
            for name in columns:
                if name not in groups[group]:
                    raise mistake(f"is not a field of a {group}.", "numbered", group, name)
        return self

    @cached_property
    def _fields_by_heading(self) -> dict[str, str]:
        return {heading_name(heading): field for field, column in self.columns.items() for heading in column.headings}

    def _numbered_field(self, name: str) -> str | None:
        for pattern, group, number_field in self._patterns:
            if match := pattern.fullmatch(name):
                return f"{group}{int(match[1])}_{number_field}"
        return None

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], str, str], ...]:
        return tuple(self._each_pattern())

    def _each_pattern(self) -> Iterator[tuple[re.Pattern[str], str, str]]:
        for group, columns in self.numbered.items():
            for name, headings in columns.items():
                for heading in headings:
                    before, after = map(heading_name, heading.split(_NUMBER))
                    yield re.compile(f"{re.escape(before)}([1-9][0-9]?){re.escape(after)}"), group, name


def _check_unambiguous(layout: ImportLayout) -> None:
    seen: dict[str, str] = {}
    for field, column in layout.columns.items():
        for place, heading in enumerate(column.headings):
            other = seen.setdefault(heading_name(heading), field)
            if other != field:
                raise mistake(f"“{heading}” already stands for {other}.", "columns", field, "headings", place)
