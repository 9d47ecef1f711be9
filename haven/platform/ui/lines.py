"""A chart of two lines over the same steps: a value and the value it is compared with. The axis starts at nought, as in `week_bars`.

The first line is solid with round marks, the second broken with squares, so that neither needs its colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from haven.platform.ui.pictures import BARS_HIGH, BARS_LEFT, guide_line, round_up
from haven.platform.ui.svg import frame, per_cent

STEP, TOP, MARK, LETTER = 34, 34, 3, 7


@dataclass(frozen=True)
class Step:
    """One step of both lines: its short name below, shares from 0 to 1 (None: a gap), and the table's row."""

    name: str
    first: float | None
    second: float | None
    row: Sequence[object] = ()


@dataclass(frozen=True)
class Lines:
    """The two lines: their names, the table's headings, and after which step (from 1; 0: nowhere) a marker is drawn, with its label."""

    steps: Sequence[Step]
    first: str
    second: str
    heads: Sequence[str]
    parted_after: int = 0
    parted_words: str = ""
    apart: int = STEP
    """The distance between steps: more if their names are longer than a number."""


def two_lines(lines: Lines, *, title: str, description: str = "", name: str = "lines") -> SafeString:
    """The picture of both lines. No steps: an empty picture with its title and the names of the lines."""
    shares = [share for step in lines.steps for share in (step.first, step.second) if share is not None]
    top = round_up(max([*shares, 0.01]))
    key_ends = _second_word(lines) + LETTER * len(lines.second)
    width = max(BARS_LEFT + max(1, len(lines.steps)) * lines.apart + 8, key_ends)

    def height(share: float) -> float:
        return round(TOP + BARS_HIGH * (1 - share / top), 1)

    def across(place: float) -> str:
        return f"{BARS_LEFT + (place + 0.5) * lines.apart:g}"

    body = [guide_line(top * part / 4, height, width) for part in range(5)]
    if lines.parted_after:
        x = across(lines.parted_after - 0.5)
        body.append(format_html('<path class="pic-axis" d="M{} {}V{}"/>', x, TOP, TOP + BARS_HIGH))
        body.append(
            format_html(
                '<text class="pic-small" x="{}" y="{}">{}</text>', f"{float(x) + 4:g}", TOP + 10, lines.parted_words
            )
        )
    body.append(_key(lines))
    for which, points in (
        ("second", [(across(place), step.second, step) for place, step in enumerate(lines.steps)]),
        ("first", [(across(place), step.first, step) for place, step in enumerate(lines.steps)]),
    ):
        body += _line(which, [(x, None if share is None else height(share)) for x, share, _ in points])
        words = lines.first if which == "first" else lines.second
        body += [
            _mark(which, x, height(share), f"{step.name}: {words} {per_cent(share)}")
            for x, share, step in points
            if share is not None
        ]
    body += [
        format_html(
            '<text class="pic-small pic-middle" x="{}" y="{}">{}</text>',
            across(place),
            TOP + BARS_HIGH + 18,
            step.name,
        )
        for place, step in enumerate(lines.steps)
    ]
    return frame(width, TOP + BARS_HIGH + 26, title, description, name, body)


def _key(lines: Lines) -> SafeString:
    """The key above the picture: the name of each line, with a sample of it."""
    second = _second_word(lines) - 22
    return format_html(
        '<path class="pic-line" d="M{0} 9H{1}"/><text class="pic-small pic-strong" x="{2}" y="13">{3}</text>'
        '<path class="pic-reference" d="M{4} 9H{5}"/><text class="pic-small pic-strong" x="{6}" y="13">{7}</text>',
        BARS_LEFT, BARS_LEFT + 18, BARS_LEFT + 22, lines.first, second, second + 18, second + 22, lines.second,
    )  # fmt: skip


def _second_word(lines: Lines) -> int:
    """The position of the second line's name."""
    return BARS_LEFT + 60 + LETTER * len(lines.first)


def _line(which: str, points: Sequence[tuple[str, float | None]]) -> list[SafeString]:
    """The line through the known values; a gap for each unknown one."""
    path, pen_down = "", False
    for x, y in points:
        if y is None:
            pen_down = False
            continue
        path += f"{'L' if pen_down else 'M'}{x} {y}"
        pen_down = True
    return (
        [format_html('<path class="{}" d="{}"/>', "pic-line" if which == "first" else "pic-reference", path)]
        if path
        else []
    )


def _mark(which: str, x: str, y: float, words: str) -> SafeString:
    if which == "first":
        return format_html(
            '<g><title>{}</title><circle class="pic-bar" cx="{}" cy="{}" r="{}"/></g>', words, x, y, MARK + 1
        )
    return format_html(
        '<g><title>{}</title><rect class="pic-square" x="{}" y="{}" width="{}" height="{}"/></g>',
        words, f"{float(x) - MARK:g}", f"{y - MARK:g}", 2 * MARK, 2 * MARK,
    )  # fmt: skip
