"""The header that every definition has, and the types of its keys.

A kind of definition is a pydantic model that inherits `Definition` and says `kind: Literal["..."]`. Values are strict: text is never
read as a number or a day. Days are TOML days (`2026-09-01`), times of day are text (`"10:00"`).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator
from pydantic.types import Strict
from pydantic_core import PydanticKnownError, core_schema

from haven.platform.definitions.errors import KeyPath, mistake

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

    from haven.platform.definitions.catalogue import Definitions

T = TypeVar("T")
ListOf = Annotated[tuple[T, ...], Strict(False)]
"""A TOML list, kept as a tuple. Its items stay strict."""
Words = Annotated[str, StringConstraints(pattern=r"\S")]
"""Text that people read; not empty."""
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")]
"""`note` or `safeguarding.concern`."""
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
"""The key of a part of a definition, such as a field of a form."""
_TIME_FORMAT = "([01][0-9]|2[0-3]):[0-5][0-9]"


def _read_time(value: object) -> object:
    if not (isinstance(value, str) and re.fullmatch(_TIME_FORMAT, value)):
        raise mistake('must be a time of day such as "10:00".')
    return time.fromisoformat(value)


TimeOfDay = Annotated[
    time,
    BeforeValidator(_read_time),
    WithJsonSchema({"type": "string", "pattern": f"^{_TIME_FORMAT}$", "examples": ["10:00"]}),
]
"""A time of day, written as text: `"10:00"`."""


@dataclass(frozen=True, eq=False)
class OneOf:
    """Text that is one of a list of names. With a mapping, the name is replaced by its value.

    `noun` is what a name is, for the error sentence: "record category".
    """

    names: Collection[str]
    noun: str

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: "GetJsonSchemaHandler"
    ) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.names)}

    def _read(self, value: object) -> object:
        if not isinstance(value, str):
            raise PydanticKnownError("string_type")
        if value not in self.names:
            raise mistake(f"“{value}” is not a {self.noun}. Use one of: {', '.join(self.names)}.")
        return self.names[value] if isinstance(self.names, Mapping) else value


@dataclass(frozen=True)
class RefersTo:
    """Marks text as the id of a definition of another kind: `Annotated[Id, RefersTo("form")]`. The loader checks that it exists."""

    kind: str


class Part(BaseModel):
    """A table inside a definition. Unknown keys are refused."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Definition(Part):
    """The header of every definition. Definitions never change after loading.

    A definition without `valid_from` is off: the law is made and not yet in force, or the school has not decided. `valid_to` is the last
    day. A version ends by itself the day before the next one begins.
    """

    many_in_a_file: ClassVar[bool] = False
    """Whether a file of this kind is a list, `[[definitions]]`, below shared keys."""

    kind: str = Field(description="The kind of definition.")
    id: Id = Field(description="The name that code, other definitions and records use. It never changes.")
    version: int = Field(ge=1, description="Counted from 1. A record keeps the version it was written with.")
    title: Words = Field(description="What people read.")
    source: Words = Field(description="The law, guidance or practice that it follows.")
    valid_from: date | None = Field(None, description="The first day. Without it the definition is off.")
    valid_to: date | None = Field(None, description="The last day.")
    unverified: str = Field(
        "", description="What nobody has checked against its source yet, shown wherever the source is shown."
    )

    @classmethod
    def kind_name(cls) -> str:
        """The word in `kind = "..."`."""
        return str(get_args(cls.model_fields["kind"].annotation)[0])

    def is_in_force(self, on: date) -> bool:
        """Whether the day is between `valid_from` and `valid_to`, both included. A later version may have replaced this one."""
        return self.valid_from is not None and self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def key_names(self) -> set[str]:
        """The names of its parts that code may use, such as the keys of a form's fields. See `DefinitionUse`."""
        return set()

    def completed(self, others: "Definitions") -> Self:
        """This definition with the values that it takes from others, once all are loaded. Raises `mistake(...)` if they do not fit."""
        return self

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.valid_to and not self.valid_from:
            raise mistake("needs a valid_from before it.", "valid_to")
        if self.valid_to and self.valid_from and self.valid_to < self.valid_from:
            raise mistake("must not be before valid_from.", "valid_to")
        return self


HEADER = ("kind", "version", "source", "valid_from", "valid_to", "unverified")
"""The keys that the definitions of one file may share."""


def references(definition: Definition) -> Iterator[tuple[KeyPath, str, str]]:
    """Where a definition names others: (path, kind, id), from every key marked with `RefersTo`."""
    yield from _references(type(definition), definition, ())


def _references(annotation: Any, value: object, path: KeyPath) -> Iterator[tuple[KeyPath, str, str]]:
    arguments = get_args(annotation)
    if value is None:
        return
    if get_origin(annotation) is Annotated:
        marks = [mark for mark in arguments[1:] if isinstance(mark, RefersTo)]
        yield from ((path, mark.kind, str(value)) for mark in marks)
        yield from _references(arguments[0], value, path)
    elif get_origin(annotation) in (Union, UnionType):
        yield from _references(next(argument for argument in arguments if argument is not NoneType), value, path)
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from _references(field.rebuild_annotation(), getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from _references(arguments[0], item, (*path, place))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _references(arguments[1], item, (*path, key))
