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


WRITES = re.compile(r"\.(create|bulk_create|get_or_create|update_or_create|update|bulk_update|save|delete)\(")
WITHOUT_AN_EVENT = {
    # drafts: nobody but their writer sees them, and they are no record
    "keep_draft", "drop_drafts", "save_draft_of_request", "discard_draft",
    # parts of an action: the marked function that calls them leaves the event
    "keep_identifier", "open_year", "add_step",
}  # fmt: skip
"""Functions that write for a person and leave no audit event, each with its reason."""


def writing_functions() -> dict[str, set[str]]:
    """Each public function, wherever it lies, that takes the person as `by`, with the names of its decorators.

    In files of actions all of them count; elsewhere those that write to the database themselves.
    """
    found = {}
    for path in sources():
        names = (path.stem, path.parent.name)
        is_of_actions = any(
            name == "actions" or name.startswith("actions_") or name.endswith("_actions") for name in names
        )
        if path.parent.name in ("audit", "commands", "demonstration", "bench"):
            continue
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            takes_by = any(a.arg == "by" for a in [*node.args.kwonlyargs, *node.args.args])
            if takes_by and (is_of_actions or WRITES.search(ast.unparse(node))):
                found[f"{path.relative_to(ROOT)}:{node.name}"] = {ast.unparse(d) for d in node.decorator_list}
    return found


def test_every_action_is_marked_so_that_it_must_leave_an_audit_event() -> None:
    found = writing_functions()
    unmarked = {name for name, marks in found.items() if "action" not in marks}
    assert {name for name in unmarked if name.split(":")[1] not in WITHOUT_AN_EVENT} == set()
    assert len(found) >= 40


def test_views_do_not_import_models() -> None:
    guilty = [
        f"{p.relative_to(ROOT)}:{number}"
        for p in sources() if p.stem == "views" or p.stem.startswith("views_") or p.stem.endswith("_views") or p.parent.name == "views"
        for number, line in enumerate(p.read_text().splitlines(), 1)
        if re.match(r"\s*(from haven\.[\w.]+\.models import|import haven\.[\w.]+\.models)", line) or ".objects." in line
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
            if leaves and not (getattr(field.remote_field, "related_name", None) or "").endswith("+"):
                guilty.append(f"{model.__name__}.{field.name}")
    assert guilty == []


EDGES = ("views", "page", "jobs", "commands", "middleware", "signals", "context", "banner", "lookup")
"""The whole name of a file or a folder at the edge, or the end of it after an underscore: `views`, `views/`, `status_views`."""
OF_THE_CLOCK = ("platform/clock.py", "platform/clock_file.py", "platform/row_security/context.py")


def reads_the_clock(where: str) -> bool:
    """Whether the file at this path below `haven` may ask what time it is."""
    parts = Path(where).with_suffix("").parts
    return (
        where in OF_THE_CLOCK
        or parts[0] in ("demonstration", "operations")
        or any(
            part == edge or part.endswith(f"_{edge}") or part.startswith(f"{edge}_") for part in parts for edge in EDGES
        )
    )


def test_a_rule_about_clocks_is_no_edge() -> None:
    assert not any(
        map(reads_the_clock, ("rules/clocks.py", "core/people/lookups.py", "attendance/contexts.py", "rules/clock.py"))
    )
    assert all(
        map(
            reads_the_clock,
            (
                "core/people/status_views.py",
                "attendance/registers/views/marks.py",
                "platform/clock.py",
                "exchange/imports/jobs.py",
            ),
        )
    )


def test_no_clock_is_read_below_the_edge() -> None:
    """`now` and `today` come from haven.platform.clock, and only views, jobs, commands, middleware and signals ask it; and entering as a viewer."""
    guilty = []
    for path in sources():
        where = str(path.relative_to(HAVEN))
        if reads_the_clock(where):
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
