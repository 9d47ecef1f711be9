"""Gives the benchmarks their own database: a data folder inside the data folder, one for each size and seed.

Measuring changes the data (millions of rows, a role without row policies), so it must never use the live database, nor
the one of `DATABASE_URL`. This code runs before anything reads the database settings.
"""

import os
from argparse import ArgumentParser
from collections.abc import Sequence

DEFAULT_SIZE = "authority"
JUST_ASKING = {"--list", "--help", "-h"}
"""Arguments with which the benchmarks need no database."""


def use_own_data_folder(arguments: Sequence[str]) -> None:
    """Point this process, and every process that it starts, to the benchmarks' own data folder for the requested size
    and seed."""
    from haven.operations.database import data_folder

    parser = ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--size", default=DEFAULT_SIZE)
    parser.add_argument("--seed", default="1")
    try:
        asked, _ = parser.parse_known_args(list(arguments))
    except Exception:  # wrong usage, which the command itself reports
        return
    name = "".join(letter for letter in f"{asked.size}-{asked.seed}" if letter.isalnum() or letter == "-")
    os.environ["HAVEN_DATA"] = str(data_folder() / "bench" / name)
    os.environ.pop("DATABASE_URL", None)
