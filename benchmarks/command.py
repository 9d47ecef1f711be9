"""`python -m benchmarks [NAME ...] [--size SIZE] [--list] [--runs N]`: compares versions in one run, on its own
database."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from benchmarks import machine, report
from benchmarks.data_folder import DEFAULT_SIZE
from benchmarks.dataset import SIZES, Dataset, InUse, alone, facts_of_data, postgresql_number
from benchmarks.measure import Measure, UnequalAnswers
from benchmarks.measures import ALL, NAMED
from benchmarks.nation import NATION
from benchmarks.running import taken
from benchmarks.server import PageRefused
from haven import __version__


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Measure what Haven takes, side by side in one run, on a database of the bench's own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="measures to take (all)")
        parser.add_argument(
            "--size", choices=sorted(SIZES), default=DEFAULT_SIZE, help=f"how much data ({DEFAULT_SIZE})"
        )
        parser.add_argument("--nation", action="store_true", help="measure a nation's year from files (some minutes)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same data (1)")
        parser.add_argument("--runs", type=int, default=15, help="how often each version is timed (15)")
        parser.add_argument("--list", action="store_true", help="say what can be measured, and measure nothing")
        parser.add_argument("--fresh", action="store_true", help="make the data anew")
        parser.add_argument("--into", type=Path, help="folder for the results (benchmarks/results in a clone)")

    def handle(self, *args: Any, names: list[str], runs: int, **options: Any) -> None:
        if options["list"]:
            self._tell_what_there_is()
            return
        if unknown := [name for name in names if name not in NAMED]:
            raise CommandError(f"There is no measure “{unknown[0]}”. The measures are: {', '.join(NAMED)}.")
        if runs < 1:
            raise CommandError("Ask for at least one run.")
        asked = [NAMED[name] for name in names] or ([] if options["nation"] else list(ALL))
        if options["nation"] and NATION not in asked:
            asked.append(NATION)
        try:
            with alone():
                self._take(asked, runs, options)
        except InUse as why:
            raise CommandError(str(why)) from None

    def _take(self, asked: list[Measure], runs: int, options: dict[str, Any]) -> None:
        dataset = Dataset(SIZES[options["size"]], options["seed"], self._say)
        on_this = machine.machine()
        dataset.prepare(fresh=options["fresh"])
        results = [self._measured(measure, dataset, runs) for measure in asked]
        run = report.run_record(
            at=timezone.now(), size=dataset.size.name, seed=dataset.seed, data=facts_of_data(), machine=on_this,
            versions=machine.versions(postgresql_number()), haven=__version__, measures=results,
        )  # fmt: skip
        self._keep(run, options["into"])
        if faults := [fault for each in results for fault in each["faults"]]:
            raise CommandError(" ".join(faults))

    def _tell_what_there_is(self) -> None:
        for measure in NAMED.values():
            self.stdout.write(f"{measure.name:<14} {measure.title}")
        self.stdout.write("")
        for size in SIZES.values():
            self.stdout.write(
                f"--size {size.name:<10} {size.pupils:,} pupils, {size.schools} schools, {size.entries:,} entries"
            )

    def _measured(self, measure: Measure, dataset: Dataset, runs: int) -> dict[str, Any]:
        self._say(f"{measure.title}:")
        seen, faults = [], []
        try:
            for one in taken(measure, dataset, runs):
                seen.append(one)
                self._say("  " + report.line(one))
        except (UnequalAnswers, PageRefused, CommandError) as fault:
            faults.append(f"{measure.title}: {fault}")
            self._say(f"  Not measured: {fault}")
        return report.record(measure=measure, seen=seen, faults=faults)

    def _keep(self, run: dict[str, Any], into: Path | None) -> None:
        root = settings.HAVEN.parent
        in_clone = into is None and (root / "docs" / "reference").is_dir()
        folder = into or (root if in_clone else Path.cwd()) / "benchmarks" / "results"
        self._say(f"Written to {report.keep(run, folder)}.")
        if in_clone:
            report.write_page(folder, root / "docs" / "reference")
            self._say("Printed to docs/reference/benchmarks.md.")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
        sys.stdout.flush()
