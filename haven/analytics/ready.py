"""Getting the compiled loops ready before the first person asks."""

from haven.analytics.calendar import build_calendar
from haven.analytics.measures import walk_many
from haven.analytics.sheets import pack
from haven.analytics.totals import daily_totals


def compile_ahead() -> None:
    """Compile every loop (some seconds, once a release), or load it from disk (well under a second)."""
    calendar = build_calendar([0], build_calendar([-1]))
    sheets = pack([None], calendar)
    walk_many(sheets, calendar, previous=sheets)
    daily_totals(sheets, calendar)
