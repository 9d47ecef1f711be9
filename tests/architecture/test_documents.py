"""The papers around the code: links lead somewhere, commands are described, decisions are numbered and dated."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAPERS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")


def test_links_between_papers_lead_somewhere() -> None:
    broken = [
        f"{paper.relative_to(ROOT)}: {target}"
        for paper in PAPERS
        for target in LINK.findall(paper.read_text(encoding="utf-8"))
        if not target.startswith(("https://", "#")) and not (paper.parent / target.split("#")[0]).exists()
    ]
    assert broken == []


def test_every_command_is_described() -> None:
    commands = [
        path.stem for path in (ROOT / "haven").rglob("management/commands/*.py") if not path.stem.startswith("_")
    ]
    text = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    assert len(commands) >= 5
    assert sorted(name for name in commands if f"`haven {name}" not in text) == []


def test_decisions_are_numbered_dated_and_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    pages = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    assert [path.name[:4] for path in pages] == [f"{number:04d}" for number in range(1, len(pages) + 1)]
    for page in pages:
        title, _, dated, *_ = page.read_text(encoding="utf-8").splitlines()
        assert title.startswith(f"# {page.name[:4]} "), page.name
        assert re.fullmatch(r"\d{1,2} [A-Z][a-z]+ \d{4}", dated), page.name
        assert f"({page.name})" in listed, page.name


def test_terms_of_the_glossary_stand_in_order() -> None:
    parts = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").split("\n## ")[1:]
    for part in parts:
        terms = [term.casefold() for term in re.findall(r"^\* \*\*(.+?)\*\*", part, re.M)]
        assert terms == sorted(terms), part.splitlines()[0]


def test_the_rings_are_drawn_as_they_are_kept() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(each for each in project["tool"]["importlinter"]["contracts"] if each["type"] == "layers")
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    titles = dict(re.findall(r'^  (\w+)\["([^":]+)', text, re.M))
    chain = next(line.split(" --> ") for line in text.splitlines() if " --> " in line)
    drawn = [titles[each] if "|" in titles[each] else each for each in map(str.strip, chain)]
    assert drawn == contract["layers"]


def test_a_mark_is_traced_from_file_to_page_in_twelve_files() -> None:
    """The trace forks after the register is written: to Today and to a report."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    journey = text.split("**A mark, from a file to a page.**")[1].split("**A pupil who is missing")[0]
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", journey, re.M)]
    assert numbers == [*range(1, 8), *range(8, 13), *range(8, 13)]
    for step in re.findall(r"^\d+\. (.+)$", journey, re.M):
        path = re.match(r"`(haven/[\w/.]+)`", step)
        assert path and (ROOT / path[1]).is_file(), step


def test_the_files_that_architecture_names_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(haven/[\w/.]*\w)/?`", text))
    assert len(named) > 15
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
