"""Pictures with their legend and their table: `{% load pictures %}`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString

from haven.platform.ui import picture_tables as tables
from haven.platform.ui import pictures
from haven.platform.ui.columns_picture import attended_columns
from haven.platform.ui.lines import Lines, two_lines
from haven.platform.ui.pictures import Cell, Share, Week

register = template.Library()


@register.inclusion_tag("ui/picture.html")
def year_picture(cells: Iterable[Cell], title: str, description: str = "", key: str = "year") -> dict[str, Any]:
    """{% year_picture cells "Aisha Rahman's year 2025-26" "26 of 178 sessions missed" %}"""
    known = list(cells)
    letters: dict[str, str] = {}
    for cell in known:
        letters.setdefault(cell.kind, "" if pictures.KINDS[cell.kind].quiet else cell.letter)
    draw = {"title": title, "description": description}
    return {
        "wide": pictures.year_grid(known, name=f"{key}-wide", weeks_across=20, **draw),
        "narrow": pictures.year_grid(_so_far(known), name=f"{key}-narrow", weeks_across=6, **draw),
        "legend": pictures.legend(letters, letters=letters, name=f"{key}-legend"),
        "table": tables.year_table(known, caption=title),
        "title": title,
        "key": key,
    }


@register.inclusion_tag("ui/picture.html")
def open_picture(cells: Iterable[Cell], title: str, description: str = "", key: str = "open") -> dict[str, Any]:
    """{% open_picture cells "Larkfield Academy, 2025-26" "380 sessions on 190 days" %}: when a school is open."""
    known = list(cells)
    letters: dict[str, str] = {}
    for cell in known:
        letters.setdefault(cell.kind, cell.letter)
    draw = {"title": title, "description": description}
    return {
        "wide": pictures.year_grid(known, name=f"{key}-wide", weeks_across=20, **draw),
        "narrow": pictures.year_grid(known, name=f"{key}-narrow", weeks_across=6, **draw),
        "legend": pictures.legend(letters, letters=letters, name=f"{key}-legend"),
        "table": tables.open_sessions_table(known, caption=title),
        "title": title,
        "key": key,
    }


def _so_far(cells: list[Cell]) -> list[Cell]:
    """The year up to the end of the present week, so that a telephone does not show months of empty cells."""
    past = [cell.on for cell in cells if cell.kind != "future"]
    if not past:
        return cells
    sunday = max(past) + dt.timedelta(days=6 - max(past).weekday())
    return [cell for cell in cells if cell.on <= sunday]


def _scrolling(picture: SafeString, table: SafeString, title: str, key: str) -> dict[str, Any]:
    """A wide picture without a legend, which scrolls on a telephone."""
    return {"wide": picture, "scrolls": True, "title": title, "key": key, "legend": "", "table": table}


@register.inclusion_tag("ui/picture.html")
def weeks_picture(
    weeks: Sequence[Week],
    title: str,
    description: str = "",
    reference: float | None = None,
    reference_words: str = "",
    key: str = "weeks",
) -> dict[str, Any]:
    """{% weeks_picture weeks "Sessions missed, by week" reference=0.086 reference_words="England, secondary" %}"""
    picture = pictures.week_bars(
        weeks, title=title, description=description, reference=reference, reference_words=reference_words, name=key
    )
    return _scrolling(picture, tables.week_table(weeks, caption=title), title, key)


@register.inclusion_tag("ui/picture.html")
def weekdays_picture(shares: Iterable[Share], title: str, description: str = "", key: str = "days") -> dict[str, Any]:
    """{% weekdays_picture shares "Sessions missed, by weekday and half-day" %}"""
    known = list(shares)
    return {
        "wide": pictures.weekday_pattern(known, title=title, description=description, name=key),
        "title": title,
        "key": key,
        "legend": "",
        "table": tables.weekday_table(known, caption=title),
    }


@register.inclusion_tag("ui/picture.html")
def lines_picture(lines: Lines, title: str, description: str = "", key: str = "lines") -> dict[str, Any]:
    """{% lines_picture lines "Sessions missed, week by week" %}"""
    return _scrolling(
        two_lines(lines, title=title, description=description, name=key),
        tables.lines_table(lines, caption=title),
        title,
        key,
    )


@register.inclusion_tag("ui/picture.html")
def attended_picture(weeks: Sequence[Week], title: str, description: str = "", key: str = "attended") -> dict[str, Any]:
    """{% attended_picture weeks "8 Kestrel" %}: columns that fill up, for a row policy; its table has whole per cents alone."""
    known = [week for week in weeks if week.possible]
    return _scrolling(
        attended_columns(known, title=title, description=description, name=key),
        tables.attended_table(known, caption=title),
        title,
        key,
    )
