"""Getting the compiled loops ready before the first person asks."""

import numpy as np

from haven.analytics.calendar import build_calendar
from haven.analytics.compiled import load_or_compile
from haven.analytics.lines import Words, ahead, walk
from haven.analytics.measures import walk_many
from haven.analytics.sheets import pack
from haven.analytics.totals import daily_totals


def compile_ahead() -> None:
    """Compile every loop (some seconds, once a release), or load it from disk (well under a second).

    `haven run` does it before the web server starts, and each process of the web server before it serves.
    """
    load_or_compile(_every_loop)


def _every_loop() -> None:
    calendar = build_calendar([0], build_calendar([-1]))
    sheets = pack([None], calendar)
    walk_many(sheets, calendar, previous=sheets)
    daily_totals(sheets, calendar)
    _walk_a_line()


def _walk_a_line() -> None:
    firsts, rests, numbers = Words(), Words(), np.zeros(1, np.int64)
    firsts.add(b"A")
    rests.add(b"/")
    text, ones = np.frombuffer(b"A,/\n", np.uint8), np.ones(1, np.uint8)
    into, rows = np.zeros((1, 1), np.uint8), np.zeros((1, 1), np.uint32)
    ahead(text, 0, len(text), ord(","), ord('"'), firsts, rests, np.zeros((1, 2), np.int64))
    walk(text, 0, 1, ord(","), firsts, rests, numbers, numbers, ones, into, rows, np.zeros(2, np.int64))
