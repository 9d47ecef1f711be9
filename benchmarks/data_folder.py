"""The bench works on a database of its own: a data folder inside the data folder, one for each size and seed.

What is measured is changed by measuring (rows by the million, a role that no row policy holds), so it must never be the database in use, the
one of `DATABASE_URL` included. This runs before anything reads where the database is.
"""

import os
from argparse import ArgumentParser
from collections.abc import Sequence

DEFAULT_SIZE = "authority"
JUST_ASKING = {"--list", "--help", "-h"}
"""Arguments with which the bench needs no database."""


def use_own_data_folder(arguments: Sequence[str]) -> None:
    """Point this process, and every one that it starts, to the bench's own data folder for the size and seed asked for."""
    from haven.operations.database import data_folder

    parser = ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--size", default=DEFAULT_SIZE)
    parser.add_argument("--seed", default="1")
    try:
        asked, _ = parser.parse_known_args(list(arguments))
    except Exception:  # wrong usage, which the command itself refuses in its own words
        return
    name = "".join(letter for letter in f"{asked.size}-{asked.seed}" if letter.isalnum() or letter == "-")
    os.environ["HAVEN_DATA"] = str(data_folder() / "bench" / name)
    os.environ.pop("DATABASE_URL", None)
