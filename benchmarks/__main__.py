"""`python -m benchmarks ...`: measures on its own database. See docs/how-to/measure.md."""

import os
import sys

from django.core.management.base import BaseCommand

from benchmarks.data_folder import JUST_ASKING, use_own_data_folder
from haven.operations.cli import with_database


def main() -> int:
    """Run the benchmark command; returns its exit status."""
    arguments = sys.argv[1:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haven.project.settings")
    use_own_data_folder(arguments)
    from haven.operations.running import run_fetched

    def run() -> int:
        def fetch() -> BaseCommand:
            from benchmarks.command import Command  # imports models, so Django must be set up first

            return Command()

        return run_fetched(["python -m", "benchmarks", *arguments], fetch)

    return run() if JUST_ASKING & set(arguments) else with_database(run, as_owner=True)


if __name__ == "__main__":
    sys.exit(main())
