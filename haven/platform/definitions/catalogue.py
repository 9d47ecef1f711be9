"""All definitions together: versions, days in force, and references between definitions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TypeVar, cast

from pydantic_core import PydanticCustomError

from haven.platform.definitions.files import Kinds, Loaded, read_file
from haven.platform.definitions.header import Definition, references

D = TypeVar("D", bound=Definition)


class Definitions:
    """Every definition of every kind, in every version. `load` makes one."""

    def __init__(self, loaded: Iterable[Loaded] = ()) -> None:
        self._loaded = list(loaded)
        self._versions: dict[type[Definition], dict[str, list[Definition]]] = {}
        """The versions of each id of each kind, the first version first."""
        for entry in sorted(self._loaded, key=lambda entry: entry.definition.version):
            self._versions.setdefault(type(entry.definition), {}).setdefault(entry.definition.id, []).append(
                entry.definition
            )
        self._ids = {
            kind: list(dict.fromkeys(entry.definition.id for entry in self._loaded if type(entry.definition) is kind))
            for kind in self._versions
        }

    def version(self, kind: type[D], id: str, version: int) -> D:
        """One version. Raises KeyError if it does not exist."""
        for definition in self._of(kind, id):
            if definition.version == version:
                return definition
        raise KeyError(f"There is no version {version} of {kind.kind_name()} “{id}”.")

    def in_force(self, kind: type[D], id: str, on: date) -> D:
        """The version that is in force on a day. Raises KeyError if there is none.

        That is the newest version that has begun. If that one has ended, no earlier version comes back.
        """
        begun = [
            version for version in self._of(kind, id) if version.valid_from is not None and version.valid_from <= on
        ]
        if not begun or not begun[-1].is_in_force(on):
            raise KeyError(f"No {kind.kind_name()} “{id}” is in force on {on.isoformat()}.")
        return begun[-1]

    def all_in_force(self, kind: type[D], on: date) -> list[D]:
        """Every definition of a kind that is in force on a day, in the order of the files. Empty if there is none."""
        definitions = []
        for id in self.ids(kind):
            try:
                definitions.append(self.in_force(kind, id, on))
            except KeyError:
                continue
        return definitions

    def latest(self, kind: type[D], id: str) -> D:
        """The newest version, whether in force or not, to show what a record refers to. Raises KeyError for an unknown id."""
        versions = self._of(kind, id)
        if not versions:
            raise KeyError(f"There is no {kind.kind_name()} “{id}”.")
        return versions[-1]

    def all(self, kind: type[D]) -> list[D]:
        """Every version of every definition of a kind, in the order of the files and then of the versions."""
        return [definition for id in self.ids(kind) for definition in self._of(kind, id)]

    def ids(self, kind: type[Definition]) -> list[str]:
        """The ids of a kind, in the order of the files."""
        return self._ids.get(kind, [])

    def loaded(self) -> Iterator[Loaded]:
        """Every definition with its file, in the order of the files."""
        yield from self._loaded

    def _of(self, kind: type[D], id: str) -> list[D]:
        return cast("list[D]", self._versions.get(kind, {}).get(id, []))


def load(folders: Iterable[Path], kinds: Kinds) -> Definitions:
    """Read every `*.toml` below the folders and check the definitions against each other.

    A folder that does not exist counts as empty. Raises DefinitionError for the first mistake: in a file, an id and version given twice,
    versions whose days overlap, or a reference to a definition that does not exist.
    """
    files = [path for folder in folders for path in sorted(folder.rglob("*.toml"))]
    loaded = [entry for path in files for entry in read_file(path, kinds)]
    _check_once(loaded)
    definitions = Definitions(loaded)
    _check_days(loaded)
    _check_references(loaded)
    return Definitions(_completed(entry, definitions) for entry in loaded)


def _check_once(loaded: Sequence[Loaded]) -> None:
    first: dict[tuple[str, str, int], Loaded] = {}
    for entry in loaded:
        made = entry.definition
        there = first.setdefault((made.kind, made.id, made.version), entry)
        if there is not entry:
            line = there.file.line_of(there.path_of(("id",)))
            raise entry.mistake(
                ("id",), f"“{made.id}” has version {made.version} already, in {there.file.shown}, line {line}."
            )


def _check_days(loaded: Sequence[Loaded]) -> None:
    """Each version with a first day begins after the previous one, which must not name a later last day."""
    on = [entry for entry in loaded if entry.definition.valid_from is not None]
    on.sort(key=lambda entry: (entry.definition.kind, entry.definition.id, entry.definition.version))
    for before, after in pairwise(on):
        first, then = before.definition, after.definition
        if (first.kind, first.id) != (then.kind, then.id):
            continue
        assert first.valid_from is not None and then.valid_from is not None
        if then.valid_from <= first.valid_from:
            raise after.mistake(
                ("valid_from",),
                f"must be after {first.valid_from.isoformat()}, the first day of version {first.version}.",
            )
        if first.valid_to is not None and first.valid_to >= then.valid_from:
            raise before.mistake(
                ("valid_to",),
                f"must be before {then.valid_from.isoformat()}, the first day of version {then.version}.",
            )


def _check_references(loaded: Sequence[Loaded]) -> None:
    known = {(entry.definition.kind, entry.definition.id) for entry in loaded}
    for entry in loaded:
        for path, kind, id in references(entry.definition):
            if (kind, id) not in known:
                raise entry.mistake(path, f"refers to {kind} “{id}”, which does not exist.")


def _completed(entry: Loaded, definitions: Definitions) -> Loaded:
    try:
        return replace(entry, definition=entry.definition.completed(definitions))
    except PydanticCustomError as error:
        context = error.context or {}
        raise entry.mistake(tuple(context.get("at", ())), str(context.get("sentence", error))) from None
