"""One loader for every kind of definition file.

An app describes a kind by a pydantic model that inherits `Definition`, names it in the setting HAVEN_DEFINITION_KINDS and keeps its TOML
files in its folder `definitions/`. All files are read and checked when Haven starts. `definitions()` gives them by kind, id, version and
day.
"""

from haven.platform.definitions.catalogue import Definitions, load
from haven.platform.definitions.errors import DefinitionError, mistake
from haven.platform.definitions.header import Definition, Id, Key, ListOf, OneOf, Part, RefersTo, TimeOfDay, Words
from haven.platform.definitions.installed import DefinitionUse, definitions

__all__ = [
    "Definition",
    "DefinitionError",
    "DefinitionUse",
    "Definitions",
    "Id",
    "Key",
    "ListOf",
    "OneOf",
    "Part",
    "RefersTo",
    "TimeOfDay",
    "Words",
    "definitions",
    "load",
    "mistake",
]
