"""Makes the dump of this version: `python -m tests.upgrade.make_dump`.

It fills a new data folder with a small demonstration, imports a file of marks, sends the forms of `fill`, runs the night's checks, makes a
backup, and writes it with the answers of two commands to tests/upgrade/VERSION. The test of upgrades restores each such folder.
"""

import csv
import io
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from haven import __version__
from haven.operations.backup_folder import checked, seal_copy
from haven.operations.cluster import Cluster
from tests.support.command import haven

HERE = Path(__file__).parent
BACKUP, ANSWERS = "backup", "answers"
MORNING = "2026-01-14T09:40:00"


def answer_of(data: Path, *arguments: str, now: str = MORNING) -> str:
    """What a command of Haven prints, run on this data folder. Raises AssertionError if it fails."""
    run = haven(*arguments, data=data, HAVEN_NOW=now)
    assert run.returncode == 0, f"haven {arguments[0]}: {run.stdout[-1000:]}{run.stderr[-1000:]}"
    return run.stdout


def schools_of(data: Path) -> list[str]:
    """The URNs of the demonstration's schools."""
    return [str(school["urn"]) for school in json.loads((data / "demonstration.json").read_text())["schools"]]


def answers(data: Path) -> dict[str, str]:
    """What people would notice if a row was lost or altered: every measure, and who is missing this morning, by school."""
    found = {}
    for urn in schools_of(data):
        found[f"measures-{urn}.csv"] = answer_of(data, "measures", "--school", urn, "--format", "csv")
        found[f"today-{urn}.json"] = answer_of(data, "today", "--school", urn, "--json")
        found[f"pupils-{urn}.csv"] = answer_of(data, "export", "pupils", "--school", urn)
    return found


def main() -> int:
    """Write the folder of this version. Returns 1 if it exists already: a released version's dump never changes."""
    folder = HERE / __version__
    if folder.exists():
        print(f"{folder} exists. Delete it first if {__version__} is not released yet.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as temporary:
        top = Path(temporary)
        top.chmod(0o711)
        data = top / "data"
        answer_of(data, "demo", "--seed", "7", "--on", "2026-01-14", "--pupils", "120")
        try:
            _fill(data, top)
            (folder / ANSWERS).mkdir(parents=True)
            answer_of(data, "backup", str(folder / BACKUP))
            _leave_out_the_key(folder / BACKUP)
            for name, text in answers(data).items():
                (folder / ANSWERS / name).write_text(text)
        finally:
            Cluster(data).remove()
    return 0


def _leave_out_the_key(backup: Path) -> None:
    """Make the backup one without a secret key, since this folder is public."""
    manifest = checked(backup)
    (backup / "data" / "secrets.json").unlink()
    seal_copy(backup, replace(manifest, has_key=False))


def _fill(data: Path, top: Path) -> None:
    urn = schools_of(data)[0]
    marks = list(csv.DictReader(io.StringIO(answer_of(data, "export", "marks", "--school", urn))))
    changed = top / "marks.csv"
    with changed.open("w", newline="") as file:
        writer = csv.DictWriter(file, marks[0].keys())
        writer.writeheader()
        writer.writerows({**row, "code": "M"} for row in [row for row in marks if row["code"] == "/"][:5])
    answer_of(data, "import", "marks", str(changed), "--school", urn)
    answer_of(data, "shell", "--command", "from tests.upgrade.fill import fill; fill()")
    answer_of(data, "night", now="2026-01-15T02:00:00")


if __name__ == "__main__":
    raise SystemExit(main())
