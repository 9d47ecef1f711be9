"""The sessions on which the school is open in a year, and the reason for each closed one, as cells of the year's picture.

The list of sessions decides; the named periods give the reasons (haven.core.schools.calendars).
"""

from datetime import date, datetime, timedelta

from haven.core.schools.calendars import KINDS, Span
from haven.core.schools.models import SessionTimes
from haven.core.schools.queries import calendar_for, stretches_of
from haven.platform.ui.pictures import Cell
from haven.rules.sessions import Half, session_key, session_of

LOOKS = {"inset": ("training", "T"), "closure": ("shut", "C"), "bank_holiday": ("bank_holiday", "B"), "holiday": ("holiday", "")}  # fmt: skip
"""Kind of period to the kind of cell and its letter."""
ORDER = ("closure", "inset", "bank_holiday", "holiday")
"""The priority of the reasons for a closed session if two periods overlap."""
LONGEST_OPEN = 30
"""The maximum minutes that a register may stay open (Working together to improve school attendance)."""


def cells_of_year(*, school_id: int, year: str, on: date) -> list[Cell]:
    """Every weekday session from the first to the last week of the year's calendar: open, or the reason why not. None without a
    calendar."""
    standing = calendar_for(school_id, year)
    if standing is None:
        return []
    is_open = set(standing.sessions)
    first, last = session_of(standing.sessions[0]).on, session_of(standing.sessions[-1]).on
    why = _why(stretches_of(school_id, year))
    monday = first - timedelta(days=first.weekday())
    days = (monday + timedelta(days=step) for step in range((last - monday).days + 5 - last.weekday()))
    return [
        _cell(day, half, session_key(day, half) in is_open, why.get(session_key(day, half)))
        for day in days if day.weekday() < 5 for half in Half
    ]  # fmt: skip


def _why(spans: list[Span]) -> dict[int, Span]:
    by_key: dict[int, Span] = {}
    for kind in reversed(ORDER):
        for span in spans:
            if span.kind == kind:
                by_key.update(dict.fromkeys(span.session_keys(), span))
    return by_key


def _cell(day: date, half: Half, is_open: bool, span: Span | None) -> Cell:
    if is_open:
        return Cell(day, half.value, "", "open")
    if span is None:
        return Cell(day, half.value, "", "closed", "outside term time")
    kind, letter = LOOKS[span.kind]
    title = KINDS[span.kind]
    words = span.name if title.lower() in span.name.lower() else f"{title}: {span.name}"
    return Cell(day, half.value, letter, kind, words)


def register_minutes(times: SessionTimes) -> dict[str, int | bool]:
    """How many minutes the morning and the afternoon register stay open, and whether either is open longer than the guidance allows."""
    am, pm = (
        (datetime.combine(date.min, closes) - datetime.combine(date.min, starts)).seconds // 60
        for starts, closes in (
            (times.am_starts, times.am_register_closes),
            (times.pm_starts, times.pm_register_closes),
        )
    )
    return {"am": am, "pm": pm, "is_long": max(am, pm) > LONGEST_OPEN, "differ": am != pm}
