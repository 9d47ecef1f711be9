"""Columns of attended sessions: a poster for a classroom. Pure functions, as in `haven.platform.ui.pictures`."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from haven.platform.dates import weekday_in_words
from haven.platform.ui.pictures import Week
from haven.platform.ui.svg import frame

_WIDE, _GAP, _HIGH, _TOP = 44, 10, 180, 26


def attended_columns(weeks: Sequence[Week], *, title: str, description: str = "", name: str = "columns") -> SafeString:
    """One column a week, from nought to a hundred per cent, with the whole per cent above it and the Monday below.

    Weeks without possible sessions are left out. No weeks: an empty picture with its title.
    """
    shown = [week for week in weeks if week.possible]
    body = [_column(week, place * (_WIDE + _GAP)) for place, week in enumerate(shown)]
    width = max(1, len(shown)) * (_WIDE + _GAP) - _GAP
    return frame(width, _TOP + _HIGH + 24, title, description, name, body)


def whole_per_cent(week: Week) -> int:
    """The share attended in whole per cent, rounded half up."""
    attended = week.possible - week.missed
    return (200 * attended + week.possible) // (2 * week.possible)


def _column(week: Week, x: int) -> SafeString:
    per_cent = whole_per_cent(week)
    full = _HIGH * per_cent / 100
    return format_html(
        '<g><title>Week from {}: {} % attended</title>'
        '<rect class="pic-cell pic-closed" x="{}" y="{}" width="{}" height="{}" rx="4"/>'
        '<rect class="pic-bar" x="{}" y="{}" width="{}" height="{}" rx="4"/>'
        '<text class="pic-figure" x="{}" y="{}">{}</text><text class="pic-small pic-middle" x="{}" y="{}">{}</text></g>',
        weekday_in_words(week.starts_on), per_cent, x, _TOP, _WIDE, _HIGH, x, f"{_TOP + _HIGH - full:g}", _WIDE, f"{full:g}",
        x + _WIDE / 2, _TOP - 8, per_cent, x + _WIDE / 2, _TOP + _HIGH + 18, f"{week.starts_on.day} {week.starts_on:%b}",
    )  # fmt: skip
