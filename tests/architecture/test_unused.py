"""Nothing is written that nobody calls: no function or class, and above all no check and no sentence."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
HAVEN = ROOT / "haven"
READ = {".py", ".html", ".toml", ".sql", ".js", ".txt"}
# Called by a framework by its name or by its decorator.
CALLED_BY_NAME = re.compile(r"^(clean_\w+|visit_\w+|\w+Config|has_perm|has_module_perms|get_full_name)$")
CHECKS = ("sentences.py", "permissions.py", "refusals.py", "errors.py", "problems.py")
"""Files of sentences and checks: what only a test calls is not called."""


def words_below(*folders: Path) -> Counter[str]:
    counted: Counter[str] = Counter()
    for folder in folders:
        for path in folder.rglob("*"):
            if path.suffix in READ and path != Path(__file__) and not {"migrations", "node_modules"} & set(path.parts):
                counted.update(re.findall(r"\w+", path.read_text(encoding="utf-8", errors="replace")))
    return counted


def definitions(path: Path) -> Iterator[str]:
    """The functions, classes and methods of a file that no decorator registers."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list:
            yield node.name
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("__"):
                    names = {
                        getattr(one, "id", getattr(getattr(one, "func", one), "id", "")) for one in inner.decorator_list
                    }
                    if names <= {"property", "staticmethod", "classmethod", "cached_property"}:
                        yield inner.name


def unused(files: list[Path], counted: Counter[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in definitions(path)
        if counted[name] < 2 and not CALLED_BY_NAME.match(name)
    ]


FRAMEWORK = {
    "haven/core/people/forms.py: prepare_value": "Django asks a field for it",
    "haven/platform/accounts/adapter.py: get_client_ip": "allauth asks the adapter for it",
    "haven/platform/accounts/adapter.py: is_open_for_signup": "allauth asks the adapter for it",
    "haven/platform/definitions/schema.py: nullable_schema": "pydantic asks the generator for it",
    "haven/platform/definitions/schema.py: field_title_should_be_set": "pydantic asks the generator for it",
}


def test_nothing_is_written_that_nobody_calls() -> None:
    files = [path for path in sorted(HAVEN.rglob("*.py")) if "migrations" not in path.parts]
    assert unused(files, words_below(HAVEN, ROOT / "tests", ROOT / "benchmarks")) == list(FRAMEWORK)


def test_no_sentence_and_no_check_is_called_by_tests_alone() -> None:
    files = [path for path in sorted(HAVEN.rglob("*.py")) if path.name in CHECKS]
    assert len(files) >= 10
    assert unused(files, words_below(HAVEN)) == []


def test_the_search_finds_what_nobody_calls(tmp_path: Path) -> None:
    path = tmp_path / "checks.py"
    path.write_text("def called():\n    pass\n\n\ndef forgotten():\n    called()\n")
    counted = words_below(tmp_path)
    assert [name for name in definitions(path) if counted[name] < 2] == ["forgotten"]
