"""No private name of another package is used: one of Django, psycopg or numba may change with any release, without notice."""

import ast
from pathlib import Path

import pytest

from tests.architecture.test_shape import ROOT

PUBLIC = {"_meta", "_make", "_replace", "_asdict", "_fields", "_field_defaults"}
"""Documented in spite of the underscore: Django's `_meta` (the Model._meta API) and what every named tuple has."""


def is_private(name: str | None) -> bool:
    return bool(name) and name.startswith("_") and not name.startswith("__") and name not in PUBLIC  # type: ignore[union-attr]


def own_names(tree: ast.AST) -> set[str]:
    """The names that a module defines: functions, classes, fields, and attributes that it sets."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.id if isinstance(node, ast.Name) else node.attr)
    return names


def private_names(tree: ast.AST, own: set[str]) -> list[tuple[int, str]]:
    """Lines and private names that are not among `own`: attributes, imports from elsewhere, named arguments, and keys of a dictionary, which
    may be arguments too."""
    used: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            names = [node.attr]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
            if node.__class__ is ast.ImportFrom and (node.level or module.split(".")[0] in ("haven", "benchmarks")):
                continue
            names = [*module.split("."), *(part for alias in node.names for part in alias.name.split("."))]
        elif isinstance(node, ast.Call):
            names = [keyword.arg for keyword in node.keywords if keyword.arg]
        elif isinstance(node, ast.Dict):
            names = [key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
        else:
            continue
        used += [(node.lineno, name) for name in names if is_private(name) and name not in own]
    return used


def modules() -> list[Path]:
    """Without migrations: Django writes them, with its own private names in them."""
    paths = [path for folder in ("haven", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in paths if "migrations" not in path.parts]


def test_no_private_name_of_another_package_is_used() -> None:
    """A class may use what the module of its base class defines, so that any attribute of `self` may be defined in another module."""
    trees = {path: ast.parse(path.read_text()) for path in modules()}
    everywhere = set().union(*map(own_names, trees.values()))
    used = {}
    for path, tree in trees.items():
        inherited = {
            node.attr for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
        }  # fmt: skip
        if names := private_names(tree, own_names(tree) | inherited & everywhere):
            used[str(path.relative_to(ROOT))] = names
    assert used == {}


@pytest.mark.parametrize(
    "source",
    [
        "numba.njit(cache=True, _nrt=False)(walk)",
        "OPTIONS = {'_nrt': False}",
        "from django.utils._os import to_path",
        "from psycopg import _queries",
        "import psycopg._cmodule",
        "queryset._fetch_all()",
        "connection._connect()",
        "class Page(View):\n    def get(self):\n        return self._allowed_methods()",
    ],
)
def test_a_private_name_is_found(source: str) -> None:
    tree = ast.parse(source)
    assert private_names(tree, own_names(tree))


@pytest.mark.parametrize(
    "source",
    [
        "Pupil._meta.get_field('upn')",
        "row._replace(marks=b'')",
        "from haven.rules.codes import _TABLE",
        "class Page:\n    def _own(self): ...\n    def get(self):\n        return self._own()",
        "super().__init__()",
    ],
)
def test_a_public_or_own_name_is_not(source: str) -> None:
    tree = ast.parse(source)
    assert private_names(tree, own_names(tree)) == []
