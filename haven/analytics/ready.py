"""Prepares the compiled loops before the first request."""

from haven.analytics.calendar import build_calendar
from haven.analytics.compiled import load_or_compile
from haven.analytics.measures import walk_many
from haven.analytics.sheets import pack
from haven.analytics.totals import daily_totals


def compile_ahead() -> None:
    """Compile every loop (some seconds, once a release), or load it from disk (well under a second).

    `haven run` calls it before the web server starts, and each process of the web server before it serves requests.
    """
    load_or_compile(_every_loop)


def _every_loop() -> None:
    calendar = build_calendar([0], build_calendar([-1]))
    sheets = pack([None], calendar)
    walk_many(sheets, calendar, previous=sheets)
    daily_totals(sheets, calendar)
