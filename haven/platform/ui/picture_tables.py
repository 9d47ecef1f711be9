"""The table beside each picture: the same facts in words and numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from haven.platform.dates import HALF_WORDS, HALVES, weekday_in_words
from haven.platform.ui.columns_picture import whole_per_cent
from haven.platform.ui.lines import Lines
from haven.platform.ui.pictures import KINDS, WEEKDAYS, Cell, Share, Week
from haven.platform.ui.svg import per_cent


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> SafeString:
    lines = "".join(
        "<tr>" + "".join(f"<td>{conditional_escape(value)}</td>" for value in row) + "</tr>" for row in rows
    )
    return format_html(
        '<table class="haven-figure-table"><caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>',
        caption,
        format_html_join("", '<th scope="col">{}</th>', ((head,) for head in heads)),
        SafeString(lines),
    )


def year_table(cells: Iterable[Cell], *, caption: str) -> SafeString:
    """Every half-day that the picture shows with a letter, oldest first."""
    loud = sorted((cell for cell in cells if not KINDS[cell.kind].quiet), key=lambda cell: (cell.on, cell.half))
    rows = [
        (
            weekday_in_words(cell.on),
            HALF_WORDS[cell.half].capitalize(),
            cell.letter,
            cell.meaning or KINDS[cell.kind].words,
        )
        for cell in loud
    ]
    return _table(caption, ("Day", "Half", "Code", "Meaning"), rows)


def week_table(weeks: Iterable[Week], *, caption: str) -> SafeString:
    """Each week with its numbers; a week without possible sessions has dashes for shares."""
    rows = [
        (
            weekday_in_words(week.starts_on),
            f"{week.missed:,}",
            f"{week.possible:,}",
            per_cent(week.share),
            per_cent(None if week.share is None else 1 - week.share),
        )
        for week in weeks
    ]
    return _table(caption, ("Week from", "Missed", "Of", "Missed, share", "Attended, share"), rows)


def attended_table(weeks: Iterable[Week], *, caption: str) -> SafeString:
    """Each week with what was attended in whole per cent, and no count."""
    rows = [(weekday_in_words(week.starts_on), f"{whole_per_cent(week)}\N{NO-BREAK SPACE}%") for week in weeks]
    return _table(caption, ("Week from", "Attended"), rows)


def open_sessions_table(cells: Iterable[Cell], *, caption: str) -> SafeString:
    """Each week of a year of cells that are "open" or of another kind: how many sessions, and the reasons of the closed ones."""
    weeks: dict[dt.date, list[Cell]] = {}
    for cell in sorted(cells, key=lambda cell: (cell.on, cell.half)):
        weeks.setdefault(cell.on - dt.timedelta(days=cell.on.weekday()), []).append(cell)
    rows = [
        (
            weekday_in_words(monday),
            sum(cell.kind == "open" for cell in sessions),
            "; ".join(_shut(sessions)) or "\N{EN DASH}",
        )
        for monday, sessions in weeks.items()
    ]
    return _table(caption, ("Week from", "Sessions", "Not open"), rows)


def _shut(week: Sequence[Cell]) -> list[str]:
    """ "Monday and Tuesday: INSET day", in order of day; a half-day by its half."""
    days: dict[str, dict[dt.date, list[str]]] = {}
    for cell in week:
        if cell.kind != "open":
            days.setdefault(cell.meaning or KINDS[cell.kind].words, {}).setdefault(cell.on, []).append(cell.half)
    return [
        ", ".join(
            f"{on:%A}" if len(halves) == 2 else f"{on:%A} {HALF_WORDS[halves[0]]}"
            for on, halves in days_of_week.items()
        )
        + f": {words}"
        for words, days_of_week in days.items()
    ]


def weekday_table(shares: Iterable[Share], *, caption: str) -> SafeString:
    """Each half of each weekday, Monday morning first."""
    by_half_day = {(share.weekday, share.half): share for share in shares}
    rows = []
    for day, word in enumerate(WEEKDAYS):
        for half in HALVES:
            share = by_half_day.get((day, half), Share(day, half, None, 0))
            missed = "\N{EN DASH}" if share.missed is None else f"{share.missed:,}"
            rows.append((f"{word} {HALF_WORDS[half]}", missed, f"{share.possible:,}", per_cent(share.share)))
    return _table(caption, ("When", "Missed", "Of", "Share"), rows)


def lines_table(lines: Lines, *, caption: str) -> SafeString:
    """Each step of the two lines with its row."""
    return _table(caption, lines.heads, (step.row for step in lines.steps))
