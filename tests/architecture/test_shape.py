"""The shape of the house: sizes, rooms, and what imports cannot see."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
HAVEN = ROOT / "haven"

LONGEST_FILE, LONGEST_FUNCTION = 400, 60
# Named exceptions; the list only shrinks.
LONG_FUNCTIONS: dict[str, int] = {}


def sources() -> list[Path]:
    return [path for path in sorted(HAVEN.rglob("*.py")) if "migrations" not in path.parts]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_is_longer_than_a_person_reads() -> None:
    long = {str(p.relative_to(ROOT)): n for p in sources() if (n := len(p.read_text().splitlines())) > LONGEST_FILE}
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {}
    for path in sources():
        for node in functions(path):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            name = f"{path.relative_to(HAVEN)}:{node.name}"
            if lines > LONG_FUNCTIONS.get(name, LONGEST_FUNCTION):
                long[name] = lines
    assert long == {}


def test_no_module_is_named_after_nothing() -> None:
    empty_words = {"utils", "util", "helpers", "helper", "services", "service", "common", "misc", "tools", "lib"}
    assert [str(p) for p in HAVEN.rglob("*.py") if p.stem in empty_words] == []


@pytest.mark.parametrize("room", ["actions", "queries", "permissions"])
def test_rooms_say_what_they_answer(room: str) -> None:
    silent = [
        str(p.relative_to(ROOT))
        for p in sources()
        if p.stem.startswith(room) and not ast.get_docstring(ast.parse(p.read_text()))
    ]
    assert silent == []


def action_files() -> list[Path]:
    """Files of actions: `actions.py`, `actions_*.py`, `*_actions.py`, and what lies in a folder `actions`."""
    return [
        p for p in sources()
        if (p.stem == "actions" or p.stem.startswith("actions_") or p.stem.endswith("_actions") or p.parent.name == "actions")
        and p.parent.name != "audit" and p.stem != "__init__"
    ]  # fmt: skip


def test_every_action_is_marked_so_that_it_must_leave_an_audit_event() -> None:
    unmarked = []
    for path in action_files():
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            takes_by = any(a.arg == "by" for a in node.args.kwonlyargs)
            marks = {ast.unparse(d) for d in node.decorator_list}
            if takes_by and "action" not in marks:
                unmarked.append(f"{path.relative_to(ROOT)}:{node.name}")
    assert unmarked == []
    assert len(action_files()) >= 4


def test_views_do_not_import_models() -> None:
    guilty = [
        f"{p.relative_to(ROOT)}:{number}"
        for p in sources() if p.stem == "views" or p.stem.startswith("views_") or p.stem.endswith("_views") or p.parent.name == "views"
        for number, line in enumerate(p.read_text().splitlines(), 1)
        if re.match(r"\s*(from haven\.[\w.]+\.models import|import haven\.[\w.]+\.models)", line)
    ]  # fmt: skip
    assert guilty == []


def test_no_foreign_key_leaves_its_slice_with_a_reverse_accessor() -> None:
    guilty = []
    for model in apps.get_models():
        if not model.__module__.startswith("haven."):
            continue
        for field in model._meta.get_fields():
            leaves = (
                isinstance(field, models.ForeignKey) and field.related_model._meta.app_label != model._meta.app_label
            )
            if leaves and not (field.remote_field.related_name or "").endswith("+"):
                guilty.append(f"{model.__name__}.{field.name}")
    assert guilty == []


def test_no_clock_is_read_below_the_edge() -> None:
    """`now` and `today` come from haven.platform.clock, and only views, jobs, commands, middleware and signals ask it; and entering as a viewer."""
    edge = re.compile(
        r"(^|/)(views|jobs|commands|demonstration|operations)/"
        r"|(^|/)(\w*views|\w*page|jobs|\w*middleware|signals|context|banner|clock|clock_file|lookup)\.py$"
    )
    guilty = []
    for path in sources():
        where = str(path.relative_to(HAVEN))
        if edge.search(where):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(
                r"timezone\.(now|localdate|localtime\(\))|datetime\.now|date\.today|time\.time\(|clock\.(now|today)\(",
                line,
            ):
                guilty.append(f"{where}:{number}")
    assert guilty == []


def test_every_setting_is_documented() -> None:
    used = set()
    for path in [*(HAVEN / "operations").glob("*.py"), *(HAVEN / "project").glob("*.py")]:
        used |= set(re.findall(r"\"(HAVEN_[A-Z_]+|DATABASE_URL)\"", path.read_text()))
    text = (ROOT / "docs" / "reference" / "settings.md").read_text()
    internal = {"HAVEN_DB_ROLE"}
    assert sorted(name for name in used - internal if f"`{name}`" not in text) == []


def test_nothing_names_the_machine_it_was_written_on() -> None:
    pattern = re.compile(r"(^|[^\w.])/(home|root|work)/[a-z]")
    guilty = []
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *sources(), *ROOT.glob("tests/**/*.py")]:
        if path.name == Path(__file__).name:
            continue
        guilty += [
            f"{path.relative_to(ROOT)}:{n}"
            for n, line in enumerate(path.read_text().splitlines(), 1)
            if pattern.search(line)
        ]
    assert guilty == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 80
