"""The definitions of the installed apps, and the keys of them that code uses. Both are checked when Haven starts."""

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string

from haven.platform.definitions.catalogue import Definitions, load
from haven.platform.definitions.errors import DefinitionError
from haven.platform.definitions.files import DefinitionFile
from haven.platform.definitions.header import Definition


@dataclass(frozen=True)
class DefinitionUse:
    """A definition that code names, and the keys of it that code names (see `Definition.key_names`).

    An app lists its uses beside the constants, in `definition_keys.py`, and the setting HAVEN_DEFINITION_USES names the list. Every version
    of the definition must have the keys, because records of each version are read.
    """

    kind: str
    id: str
    keys: tuple[str, ...] = ()


@cache
def kinds() -> dict[str, type[Definition]]:
    """The model of each kind, by its name, from the setting HAVEN_DEFINITION_KINDS."""
    models: list[type[Definition]] = [import_string(path) for path in settings.HAVEN_DEFINITION_KINDS]
    return {model.kind_name(): model for model in models}


def folders() -> list[Path]:
    """The `definitions/` folder of each installed app, whether it exists or not."""
    return [Path(app.path) / "definitions" for app in apps.get_app_configs() if app.name.startswith("haven.")]


@cache
def definitions() -> Definitions:
    """Every definition of the installed apps, read once. Raises DefinitionError, which stops the start of Haven."""
    return load(folders(), kinds())


def check_uses() -> None:
    """Check that every definition and key that code names exists. Raises DefinitionError for the first that does not."""
    for path in settings.HAVEN_DEFINITION_USES:
        module, _, _ = path.rpartition(".")
        for use in import_string(path):
            _check(use, module)


def _check(use: DefinitionUse, module: str) -> None:
    named = [
        entry for entry in definitions().loaded() if (entry.definition.kind, entry.definition.id) == (use.kind, use.id)
    ]
    if not named:
        file, line = _place(module, use.id)
        near = _others(use)
        raise DefinitionError(f"{file.shown}, line {line}: there is no {use.kind} “{use.id}”.{near}")
    for entry in named:
        missing = [key for key in use.keys if key not in entry.definition.key_names()]
        if missing:
            file, line = _place(module, missing[0].split(".")[0])
            raise entry.mistake(
                ("id",), f"“{use.id}” needs the key “{missing[0]}”, which {file.shown} uses in line {line}."
            )


def _others(use: DefinitionUse) -> str:
    ids = sorted({entry.definition.id for entry in definitions().loaded() if entry.definition.kind == use.kind})
    return f" The ids are: {', '.join(ids)}." if ids else ""


def _place(module: str, word: str) -> tuple[DefinitionFile, int]:
    """The source file of a module, and the first line that has a word in quotation marks."""
    origin = Path(str(importlib.import_module(module).__file__))
    file = DefinitionFile(origin, origin.read_text(encoding="utf-8"))
    lines: Iterable[tuple[int, str]] = enumerate(file.text.splitlines(), 1)
    return file, next((number for number, line in lines if f'"{word}"' in line), 1)
