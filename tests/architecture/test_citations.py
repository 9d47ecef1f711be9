"""Guidance is cited by its title, and its edition comes from the table: a year beside a title must be that of an edition."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from haven.rules.editions import EDITIONS, GUIDANCE, NoEdition, cited, edition_in_force, guidance_in

ROOT = Path(__file__).resolve().parents[2]
KINDS = {".py", ".toml", ".html", ".md", ".sql"}
TABLE = ROOT / "haven" / "rules" / "edition_table.py"
PRINTED = ROOT / "docs" / "reference" / "editions.md"
TITLES = {title.casefold(): each.id for each in GUIDANCE for title in (each.title, *each.also)}
TITLE = re.compile("|".join(sorted(map(re.escape, TITLES), key=len, reverse=True)), re.IGNORECASE)
BESIDE = 45
"""Characters after a title in which a year is taken for that of its edition."""


def citations() -> Iterator[tuple[str, str, str]]:
    """Place, id of the guidance and the words after its title, for each citation in code, definitions, templates and documents.
    Decision records and the changelog are dated and say what was true then."""
    for path in sorted([*(ROOT / "haven").rglob("*"), *(ROOT / "docs").rglob("*"), *ROOT.glob("*.md")]):
        if (
            path.suffix not in KINDS
            or path in (TABLE, PRINTED)
            or "decisions" in path.parts
            or path.stem == "CHANGELOG"
        ):
            continue
        text = " ".join(path.read_text(encoding="utf-8").split())
        for match in TITLE.finditer(text):
            after = text[match.end() : match.end() + BESIDE].split(";")[0]
            yield str(path.relative_to(ROOT)), TITLES[match[0].casefold()], after


def disagreements(guidance: str, after: str) -> list[str]:
    """Years beside a title that no edition of the guidance has. Numbers of statutory instruments and Acts, and dates of a
    definition file that follow, are not years of editions."""
    words = re.sub(r"SI 20\d\d/\d+|Act (19|20)\d\d|\(?from \d+ \w+ 20\d\d\)?|20\d\d-(\d\d-\d\d)?", "", after)
    editions = {year for each in EDITIONS if each.guidance == guidance for year in re.findall(r"20\d\d", each.edition)}
    return [year for year in re.findall(r"\b20\d\d\b", words) if year not in editions]


def test_no_citation_names_a_year_that_is_not_in_the_table() -> None:
    found = list(citations())
    assert len(found) > 40
    assert [(place, after) for place, guidance, after in found if disagreements(guidance, after)] == []


def test_rules_and_definitions_name_no_year_at_all() -> None:
    """Their edition is the one in force on the day asked about, so that none goes stale."""
    stale = [
        (place, after)
        for place, _, after in citations()
        if (place.startswith("haven/rules/") or place.endswith(".toml"))
        and not place.endswith("editions.py")  # its docstrings show what a citation looks like
        and disagreements("", after)
    ]
    assert stale == []


def test_the_role_of_the_lead_is_not_cited_by_an_annex_that_has_moved() -> None:
    files = [path for path in (ROOT / "haven").rglob("*") if path.suffix in KINDS and path != TABLE]
    assert [str(path) for path in files if re.search(r"annex\s+C\b", path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("guidance", "after", "wrong"),
    [
        ("suspension", " (Department for Education, 2022)", ["2022"]),
        ("suspension", " (September 2023)", []),
        ("attendance", '", August 2025: analyse data', ["2025"]),
        ("attendance", ", August 2024: analyse data", []),
        ("kcsie", ", part one (2022 and later)", ["2022"]),
        ("attendance", " and SI 2024/208 regulation 11", []),
        ("working_together", "; Children Act 1989", []),
        ("suspension", ': safeguarding separation" valid_from = 2026-', []),
    ],
)
def test_what_counts_as_a_disagreement(guidance: str, after: str, wrong: list[str]) -> None:
    assert disagreements(guidance, after) == wrong


def test_every_module_of_the_rules_cites_guidance_that_has_an_edition_today() -> None:
    today = date(2026, 11, 30)
    for path in sorted((ROOT / "haven" / "rules").glob("*.py")):
        for guidance in guidance_in(path.read_text(encoding="utf-8")):
            try:
                assert edition_in_force(guidance, today).edition in cited(
                    next(each.title for each in GUIDANCE if each.id == guidance), today
                )
            except NoEdition:
                pytest.fail(f"{path.name} cites {guidance}, which has no edition on {today}")
