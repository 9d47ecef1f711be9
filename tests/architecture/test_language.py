"""Names and phrases that were replaced by the terms of the field, of Django and of PostgreSQL do not come back."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

REPLACED = {
    "row security": r"walls?|walled|Walls?|WALLS|azones|wzones|open_table|joined_whole|wall_(?:see|put|change|drop|owner|backup)",
    "access scope": r"(?<!time )(?<!Time )zones?|zone_of|zones_of",
    "record category": r"compartments?|Compartments?|COMPARTMENTS",
    "access context": r"Viewer|ViewerMiddleware|viewer_for|service_viewer|viewing|entered_as|stream_as",
    "templates": r"stencils?|Stencils?|frame_part",
    "registers": r"kept_blocks|OpenYear|AtHand|UNTOUCHED|laid_on|lay_anew|RegisterTake|RegisterRevision|(?:small|through the|ask the) doors?|door for",
    "notifications": r"raise_pulse|DayPulse|beat_of",
    "follow-up": r"day_book|day_facts|day_rolls|day_guard|Whom(?= ?[(:\[])|SomebodyWasQuicker|ChangedMeanwhile|TaskMoved|AlreadyReceived|LinkedMeanwhile|NotAllowed",
    "imports": r"Ledger|at_work_on|follow_with_the_next|Filling",
    "records": r"tombstones?|[Ss]trike (?:it )?out|struck out|keep_unsent|drop_unsent|kept_words|kept_views",
    "audit": r"broken_block|seal_window|AuditBlock",
    "operations": r"step_aside|surroundings|let_go_of_the_pipe|_alone_at_the_door",
    "rules": r"[Ll]aw book|[Ee]ngine room",
    "layout": r"laid anew|lays? (?:\w+ )?anew|roofs?|floors? of the house|doors of the house",
    "tests": r"lay_out|ready_made",
    "idiom": r"[Tt]here is no such|of whoever|put aside|stood so",
}
"""What was meant -> the old words, as whole words. Ordinary English and the field's own words (front door, told) are not on it."""

FOLDERS = ("haven", "tests", "docs", "benchmarks")
SUFFIXES = {".py", ".html", ".sql", ".md", ".toml", ".js", ".sh"}
HISTORY = (
    "docs/decisions/",
    "docs/reference/benchmarks.md",
    "tests/architecture/test_language.py",
    "tests/architecture/test_words.py",
    "docs/reference/words.md",
)


def _papers() -> list[Path]:
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES]
    found += [path for path in ROOT.glob("*.md") if path.name != "CHANGELOG.md"]
    return [
        path for path in found if not str(path.relative_to(ROOT)).startswith(HISTORY) and "static" not in path.parts
    ]


def test_no_replaced_name_or_phrase_is_left() -> None:
    patterns = {meant: re.compile(rf"(?<![\w-])(?:{old})(?![\w-])") for meant, old in REPLACED.items()}
    left = [
        f"{path.relative_to(ROOT)}:{number}: “{match.group(0)}” ({meant})"
        for path in _papers()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for meant, pattern in patterns.items()
        if (match := pattern.search(line))
    ]
    assert left == []
