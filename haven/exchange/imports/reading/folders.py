"""Imports a folder with one file for each school, on every core of the machine. Each file is a separate import.

The name of a file contains the six digits of the school's URN.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from django.db import connections

from haven.exchange.imports.runs.plan import ImportRejected

T = TypeVar("T")
R = TypeVar("R")
_URN = re.compile(r"(?<!\d)\d{6}(?!\d)")


def files_of_schools(folder: Path) -> list[tuple[int, Path]]:
    """(URN, file) of every file in a folder except hidden ones, in order of their names. Raises ImportRejected, before anything is read,
    for an empty folder, a name without exactly one URN, and two files for one school."""
    files: dict[int, Path] = {}
    for path in sorted(entry for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith(".")):
        numbers = {int(number) for number in _URN.findall(path.name)}
        if len(numbers) != 1:
            raise ImportRejected(
                f"{path.name}: the file name does not say which school it is for. Add the 6-digit URN of one school to"
                f" every file name in the folder, like marks-{next(iter(numbers), 123456)}.csv. Nothing was changed."
            )
        urn = numbers.pop()
        if urn in files:
            raise ImportRejected(
                f"{files[urn].name} and {path.name} are both for school {urn}. Remove one of them, or import them one after"
                " the other. Nothing was changed."
            )
        files[urn] = path
    if not files:
        raise ImportRejected(f"The folder {folder.name} has no files. Nothing was changed.")
    return list(files.items())


def on_every_core(work: Callable[[T], R], items: Iterable[T], *, jobs: int | None = None) -> Iterator[R]:
    """The results of `work` for each item, in order of the items, with several items at a time (`jobs`; by default one for each core).

    One job runs in this process; several run in processes of their own, each with its own connection. Raises ImportRejected if a process
    was stopped.
    """
    count = jobs or len(os.sched_getaffinity(0))
    if count == 1:
        yield from map(work, items)
        return
    connections.close_all()  # two processes cannot share a connection
    try:
        with ProcessPoolExecutor(count, mp_context=get_context("fork")) as workers:
            yield from workers.map(work, items)
    except BrokenProcessPool:
        raise ImportRejected(
            "A process was stopped. The files named above were imported. Each other file was imported fully or not at all."
            " Import the folder again: files that are already imported change nothing."
        ) from None
