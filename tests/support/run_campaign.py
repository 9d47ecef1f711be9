"""Runs all checks that are too long for `make test` and writes docs/reference/campaign.md: `python -m tests.support.run_campaign`.

Every part is seeded (HAVEN_SEED, by default 7), so that a failure can be repeated. Parts may be run by themselves, by
name; each row of the page then tells the commit and the day of its own run.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "campaign.md"
MUTATION_PAGE = ROOT / "docs" / "reference" / "mutation.md"


@dataclass(frozen=True)
class Part:
    """One part of the campaign: a title, what it checks, and its test files. No file: the mutation run."""

    title: str
    asks: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """The result of a part: whether it passed, how many checks it made, how many failed, and how long it took."""

    part: Part
    is_passed: bool
    checks: int
    failed: int
    seconds: float


PARTS = (
    Part("Answers", "every address x every person, visits and forms", ("tests/architecture/test_matrix.py",)),
    Part("Pages", "every page x every person x both widths, by axe", ("tests/browser/test_every_page.py",)),
    Part("Traces", "every address x every role, with and without a concern", ("tests/safeguarding/test_confidentiality.py",)),
    Part(
        "Kills", "imports, restores and servers that are killed half way",
        ("tests/operations/test_killed.py", "tests/exchange/imports/test_import_bad_luck.py", "tests/exchange/imports/test_bad_luck_both_ways.py",
         "tests/operations/test_run_goes_on.py", "tests/operations/test_backup.py", "tests/attendance/follow_up/test_day_race.py"),
    ),
    Part("Mutation", "every mutant of the rules"),
)  # fmt: skip


def run_part(part: Part) -> Outcome:
    """Run one part in full. Raises FileNotFoundError if a named test file does not exist."""
    for name in part.files:
        if not (ROOT / name).exists():
            raise FileNotFoundError(name)
    began = time.monotonic()
    checks, failed, status = _mutants() if not part.files else _tests(part.files)
    return Outcome(part, status == 0, checks, failed, time.monotonic() - began)


def _tests(files: Sequence[str]) -> tuple[int, int, int]:
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        # Several files: the tests of one build on the state in which its own Haven is, so a file stays with its process.
        share = "loadfile" if len(files) > 1 else "load"
        workers = [] if "test_matrix" in files[0] else ["-n", "2", "--dist", share]
        command = [sys.executable, "-m", "pytest", "-q", *workers, f"--junitxml={results}", *files]
        status = subprocess.run(command, cwd=ROOT, env={**os.environ, "HAVEN_CAMPAIGN": "1"}).returncode
        suite = ElementTree.parse(results).getroot()[0]
    return int(suite.get("tests", 0)), int(suite.get("failures", 0)) + int(suite.get("errors", 0)), status


def _mutants() -> tuple[int, int, int]:
    command = [sys.executable, "-m", "tests.mutation.run", "--write", str(MUTATION_PAGE), "--seed", _seed()]
    run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    counts = re.search(r"(\d+) of (\d+) mutants killed", run.stdout)
    if counts is None:
        return 0, 1, 1
    return int(counts[2]), int(counts[2]) - int(counts[1]), run.returncode


def _seed() -> str:
    return os.environ.get("HAVEN_SEED", "7")


def _commit() -> str:
    run = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return run.stdout.strip() or "unknown"


def rows_of(outcomes: Sequence[Outcome], *, at: datetime, commit: str, seed: str) -> dict[str, str]:
    """The row of each part that was run, by the part's title."""
    return {
        outcome.part.title: f"| {outcome.part.title} | {outcome.part.asks} | {outcome.checks} | {outcome.failed} "
        f"| {outcome.seconds:.0f} | {'yes' if outcome.is_passed else 'no'} | {commit}, {at:%-d %B %Y}, seed {seed} |"
        for outcome in outcomes
    }


def page(rows: Mapping[str, str]) -> Iterator[str]:
    """The lines of the page, one row for each part."""
    yield "# Campaign\n"
    yield "`make campaign` asks what takes too long for each change; `make test` asks a chosen part of it. `make campaign` writes this page."
    yield "Parts can be run by themselves, so each row has the commit, the day and the seed of its own run.\n"
    yield "| Part | What is asked | Checks | Failed or survived | Seconds | Passed | Run |\n| --- | --- | ---: | ---: | ---: | --- | --- |"
    for part in PARTS:
        yield rows.get(part.title, f"| {part.title} | {part.asks} | - | - | - | no | not yet run |")
    yield "\nMutants may survive: at least 85 % must be killed, and each survivor has its answer in [Mutation run](mutation.md)."


def written_rows() -> dict[str, str]:
    """The rows that earlier runs wrote to the page, by the part's title."""
    lines = PAGE.read_text().splitlines() if PAGE.exists() else []
    titles = {part.title for part in PARTS}
    return {title: line for line in lines if (title := line.removeprefix("| ").partition(" |")[0]) in titles}


def main() -> int:
    """Run the parts named in the arguments (by default all) and write their rows of the page. Returns 1 if one failed."""
    wanted = {name.lower() for name in sys.argv[1:]}
    parts = [part for part in PARTS if not wanted or part.title.lower() in wanted]
    outcomes = [run_part(part) for part in parts]
    rows = rows_of(outcomes, at=datetime.now(UTC), commit=_commit(), seed=_seed())
    PAGE.write_text("\n".join(page(written_rows() | rows)) + "\n")
    print("\n".join(rows.values()))
    return 0 if all(outcome.is_passed for outcome in outcomes) else 1


if __name__ == "__main__":
    raise SystemExit(main())
