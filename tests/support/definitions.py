"""Definition files in a folder of a test, read in the same way as the product's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from haven.platform.definitions import Definition, Definitions, installed, load
from haven.platform.definitions import definitions as installed_definitions

D = TypeVar("D", bound=Definition)


def loaded_from(folder: Path, *models: type[Definition]) -> Definitions:
    """The definitions of the TOML files of a folder. Raises DefinitionError."""
    return load([folder], {model.kind_name(): model for model in models})


def one_from(path: Path, model: type[D]) -> D:
    """The only definition of the folder of a file. Raises DefinitionError."""
    (found,) = loaded_from(path.parent, model).all(model)
    return found


@contextmanager
def installed_with(*folders: Path) -> Iterator[None]:
    """The installed definitions together with those of further folders."""
    before = installed.folders()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(installed, "folders", lambda: [*before, *folders])
        installed_definitions.cache_clear()
        try:
            yield
        finally:
            installed_definitions.cache_clear()
