"""The suite stands alone: it reads nothing beside the repository, and a skipped test fails unless it is named with its reason."""

import ast
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from tests.support.skips import ALLOWED, complaint

ROOT = Path(__file__).resolve().parents[2]
OPENS = ("Path", "open", "joinpath", "join")


def levels_up(node: ast.expr) -> int:
    """How many folders an expression such as `Path(__file__).resolve().parents[2].parent` climbs from the file; 0 for another expression."""
    if isinstance(node, ast.Attribute) and node.attr == "parent":
        return levels_up(node.value) + 1 if climbs_from_file(node) else 0
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "parents":
        index = node.slice.value if isinstance(node.slice, ast.Constant) else 0
        assert isinstance(index, int)
        return levels_up(node.value.value) + index + 1 if climbs_from_file(node) else 0
    return 0


def climbs_from_file(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Name) and part.id == "__file__" for part in ast.walk(node))


def beside_the_repository(path: Path, depth: int) -> list[str]:
    """Each expression or text of a file `depth` folders below the root that leads out of the repository."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.expr) and levels_up(node) > depth:
            found.append(f"{path}:{node.lineno}")
        if isinstance(node, ast.Call) and ast.unparse(node.func).rsplit(".", 1)[-1] in OPENS:
            texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
            found += [f"{path}:{node.lineno}" for text in texts if isinstance(text, str) and text.startswith("..")]
    return found


def test_no_test_reads_outside_the_repository() -> None:
    files = sorted((ROOT / "tests").rglob("*.py"))
    assert len(files) > 100
    found = []
    for path in files:
        if path != Path(__file__).resolve():
            found += beside_the_repository(path, len(path.relative_to(ROOT).parts))
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "Path(__file__).resolve().parents[2].parent / 'x'",
        "Path(__file__).parents[3]",
        "Path(__file__).parent.parent.parent.parent",
        "Path('../x')",
        "open('../x/y')",
    ],
)
def test_an_expression_that_leads_out_is_found(tmp_path: Path, text: str) -> None:
    (tmp_path / "one.py").write_text(f"from pathlib import Path\nX = {text}\n")
    assert beside_the_repository(tmp_path / "one.py", 3) != []
    (tmp_path / "one.py").write_text("from pathlib import Path\nX = Path(__file__).resolve().parents[2] / 'x'\n")
    assert beside_the_repository(tmp_path / "one.py", 3) == []


def test_each_data_file_has_a_line_that_names_its_source_and_licence() -> None:
    data = ROOT / "tests" / "data"
    described = (data / "README.md").read_text()
    files = [path.relative_to(data) for path in data.rglob("*") if path.is_file() and path.name != "README.md"]
    assert len(files) >= 6
    assert [str(path) for path in files if f"`{PurePosixPath(path)}`" not in described] == []


def test_a_skip_is_allowed_for_its_own_reason_alone() -> None:
    name, reason = next(iter(ALLOWED.items()))
    assert complaint(f"tests/x/test_y.py::{name}", f"Skipped: {reason}") is None
    assert complaint(f"tests/x/test_y.py::{name}", "Skipped: the file is not here") is not None
    assert complaint("tests/x/test_y.py::test_another", f"Skipped: {reason}") is not None


def test_a_skipped_test_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("import pytest\n\ndef test_a():\n    pytest.skip('no file')\n")
    (tmp_path / "test_two.py").write_text("import pytest\npytest.importorskip('no_such_module')\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    for file, words in (("test_one.py", "no file"), ("test_two.py", "no_such_module")):
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "tests.support.skips", "-p", "no:django", "-p", "no:cacheprovider", "-q"]
            + ["-c", str(tmp_path / "pytest.ini"), str(tmp_path / file)],
            cwd=ROOT, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT), "PATH": ""},
        )  # fmt: skip
        assert run.returncode != 0, run.stdout
        assert words in run.stdout and "does not allow this skip" in run.stdout
