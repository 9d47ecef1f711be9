"""A nation's year from Parquet, measured in a separate process so that its memory use is known."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from benchmarks.authority import write_year, year_that_is_over
from benchmarks.dataset import Dataset
from benchmarks.measure import Case, Goal, Measure, Spread, UnequalAnswers, Watched
from haven.attendance.registers.queries.register_reader import bulk_registers
from haven.core.schools.models import School
from haven.platform.accounts.models import User

PUPILS = 8_500_000
TIMES = 3
PROCESS = "one process, every core"
_ALONE = """
import json, resource, sys, time
from pathlib import Path
from haven.analytics.nation import measure_nation
begun = time.perf_counter()
rows = measure_nation(Path(sys.argv[1])).to_pydict()
took = time.perf_counter() - begun
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": took, "megabytes": memory, "enrolments": sum(rows["enrolments"]), "absent": sum(rows["absent"])}))
"""


def _cases(dataset: Dataset) -> Iterator[Case]:
    """Repeat the schools of the data under other numbers until there are enough pupils; small data give a small
    nation."""
    folder = settings.DATA / "nation"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        with dataset.entered(User.objects.get(is_service=True)):
            ids = list(School.objects.values_list("id", flat=True))
            batches = list(bulk_registers(school_ids=ids, year=year_that_is_over(dataset)))
        wanted = PUPILS if dataset.size.name == "authority" else 4 * sum(map(len, batches))
        times = -(-wanted // sum(map(len, batches)))
        sheets = write_year(folder, batches, times)
        marks = times * sum(batch.matrix.size for batch in batches)
        size = sum(path.stat().st_size for path in folder.iterdir())
        facts: dict[str, Any] = {"sheets": sheets, "places_for_marks": marks, "bytes_of_parquet": size}
        del batches
        goal = Goal("at most 7 s and 700 MB for 8.5 million pupils", lambda seen: _is_met(seen[PROCESS], facts))
        yield Case(
            "A nation's year, from Parquet",
            {PROCESS: Watched(_alone(folder, facts))},
            goal if sheets >= PUPILS else None,
            facts,
        )
    finally:
        shutil.rmtree(folder)


def _is_met(seen: Spread, facts: dict[str, Any]) -> bool:
    return seen.median <= 7_000 and facts["megabytes at most"] <= 700


def _alone(folder: Path, facts: dict[str, Any]) -> Callable[[], tuple[str, list[float]]]:
    def watch() -> tuple[str, list[float]]:
        found = []
        for _ in range(TIMES):
            told = subprocess.run(
                [sys.executable, "-c", _ALONE, str(folder)], check=True, capture_output=True, text=True
            )
            found.append(json.loads(told.stdout))
        facts["megabytes at most"] = round(max(each["megabytes"] for each in found))
        if {each["enrolments"] for each in found} != {facts["sheets"]}:
            raise UnequalAnswers("A nation's year: not every sheet was walked once.")
        return "sums by school", [each["seconds"] for each in found]

    return watch


NATION = Measure(
    "nation",
    "A nation's year",
    "Every measure of 8.5 million sheets from Parquet by one process on every core, in a process of its own: the registers of the "
    "authority, over and over, as those of other schools. Beside the time stands the most memory that the process had.",
    _cases,
)
