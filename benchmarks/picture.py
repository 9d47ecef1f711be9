"""Draws medians as bars, one group for each case, for the documentation. The SVG is a separate file, so it contains its
colours."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import mark_safe

ROW, GAP, LEFT, WIDE, RIGHT, TOP = 14, 12, 290, 420, 90, 52
COLOURS = ("#7a8794", "#1d5f8a", "#a3512b", "#4d7c3a")


def bars(title: str, cases: Sequence[Mapping[str, Any]]) -> str:
    """A picture of every case's medians on one scale from nothing to the largest, with the number at each bar."""
    names = list(dict.fromkeys(name for case in cases for name in case["versions"]))
    colour = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(names)}
    largest = max((spread["median"] for case in cases for spread in case["versions"].values()), default=1.0) or 1.0
    parts, y = [_key(name, colour[name], place) for place, name in enumerate(names)], TOP
    for case in cases:
        parts.append(_words(LEFT - 8, y + ROW - 3, case["name"], "end"))
        for name, spread in case["versions"].items():
            length = max(1.0, spread["median"] / largest * WIDE)
            parts.append(_bar(y, length, colour[name]))
            parts.append(_words(LEFT + length + 5, y + ROW - 3, f"{spread['median']:.1f} ms", "start"))
            y += ROW
        y += GAP
    return str(
        format_html(
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{0}" height="{1}" viewBox="0 0 {0} {1}" '
            'font-family="sans-serif" font-size="11"><title>{2}: medians in milliseconds</title>'
            '<rect width="100%" height="100%" fill="#ffffff"/>{3}</svg>\n',
            LEFT + WIDE + RIGHT, y, title, mark_safe("".join(parts)),  # every part was made by format_html
        )
    )  # fmt: skip


def _bar(y: float, length: float, colour: str) -> str:
    return format_html(
        '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>', LEFT, y + 1, round(length, 1), ROW - 3, colour
    )


def _words(x: float, y: float, words: str, anchor: str) -> str:
    return format_html('<text x="{}" y="{}" text-anchor="{}" fill="#1b1f23">{}</text>', round(x, 1), y, anchor, words)


def _key(name: str, colour: str, place: int) -> str:
    y = 8 + place * 16
    square = format_html('<rect x="{}" y="{}" width="10" height="10" fill="{}"/>', LEFT, y, colour)
    return format_html("{}{}", square, _words(LEFT + 16, y + 9, name, "start"))
