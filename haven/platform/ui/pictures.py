"""Small pictures drawn on the server as SVG: a year of half-days, a year of weeks, a week's pattern.

Pure functions from dataclasses to markup: no script, no style attribute, no clock. Colours come from the stylesheet by class. Each colour
is repeated by a letter or a pattern (hatching, dots, crosses), so that black and white prints and colour-blind readers lose nothing. A
table is shown beside each picture (`picture_tables`).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from haven.platform.dates import HALF_WORDS, HALVES, weekday_in_words
from haven.platform.ui.svg import frame, hatchings, per_cent

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


@dataclass(frozen=True)
class Kind:
    """The appearance of one kind of half-day. `quiet` kinds are drawn together, without a letter and a tooltip of their own."""

    words: str
    pattern: str = ""
    light_letter: bool = False
    quiet: bool = False


KINDS: Mapping[str, Kind] = {
    "present": Kind("here", quiet=True),
    "elsewhere": Kind("educated off site"),
    "late": Kind("late"),
    "authorised": Kind("authorised absence", pattern="dots"),
    "unauthorised": Kind("unauthorised absence", pattern="lines", light_letter=True),
    "unexplained": Kind("unexplained absence", pattern="cross"),
    "unknown": Kind("not marked"),
    "open": Kind("open", quiet=True),
    "training": Kind("INSET day, staff only", pattern="dots"),
    "shut": Kind("closure", pattern="lines", light_letter=True),
    "bank_holiday": Kind("bank holiday"),
    "holiday": Kind("holiday", quiet=True),
    "closed": Kind("closed", quiet=True),
    "future": Kind("in the future", quiet=True),
}


@dataclass(frozen=True)
class Cell:
    """One half-day: its day, "AM" or "PM", the letter to show, its kind (a key of KINDS) and the meaning of the letter."""

    on: dt.date
    half: str
    letter: str
    kind: str
    meaning: str = ""

    @property
    def words(self) -> str:
        return f"{weekday_in_words(self.on)}, {HALF_WORDS[self.half]}: {self.letter} {self.meaning or KINDS[self.kind].words}"


@dataclass(frozen=True)
class Week:
    """One week: its Monday, and the missed and possible half-days."""

    starts_on: dt.date
    missed: int
    possible: int

    @property
    def share(self) -> float | None:
        return self.missed / self.possible if self.possible else None


@dataclass(frozen=True)
class Share:
    """One half of one weekday (0 is Monday). `missed` is None where the number is too small to show."""

    weekday: int
    half: str
    missed: int | None
    possible: int

    @property
    def share(self) -> float | None:
        return self.missed / self.possible if self.possible and self.missed is not None else None


# --- a year of half-days ---------------------------------------------------------------------------------------------

_WIDE, _HIGH, _GAP = 15, 18, 2
_WEEK = 2 * (_WIDE + _GAP) + 4
_LEFT, _TOP, _ROW_GAP = 42, 22, 14
_ROW = _TOP + 5 * (_HIGH + 3) + _ROW_GAP


def year_grid(
    cells: Iterable[Cell], *, title: str, description: str = "", weeks_across: int = 20, name: str = "year"
) -> SafeString:
    """A year as in a paper register: weeks across, Monday to Friday down, morning and afternoon side by side.

    Cells may come in any order; a weekday between the first and the last without a cell is drawn as closed. Weekends
    are left out. `weeks_across` breaks the year into rows (6 fit a telephone, 20 a page); `name` keeps the ids of
    several pictures on one page apart. No cells: a picture with its title and nothing in it.
    """
    by_session = {(cell.on, cell.half): cell for cell in cells if cell.on.weekday() < 5}
    mondays = _mondays([on for on, _ in by_session])
    rows = [mondays[start : start + weeks_across] for start in range(0, len(mondays), weeks_across)]
    quiet: dict[str, list[str]] = defaultdict(list)
    loud: list[SafeString] = []
    labels: list[SafeString] = []
    for number, weeks in enumerate(rows):
        top = number * _ROW
        labels += _row_labels(weeks, top)
        for place, monday in enumerate(weeks):
            for weekday in range(5):
                on = monday + dt.timedelta(days=weekday)
                y = top + _TOP + weekday * (_HIGH + 3)
                for side, half in enumerate(HALVES):
                    x = _LEFT + place * _WEEK + side * (_WIDE + _GAP)
                    cell = by_session.get((on, half))
                    kind = cell.kind if cell else "closed"
                    if cell is None or KINDS[kind].quiet:
                        quiet[kind].append(f"M{x} {y}h{_WIDE}v{_HIGH}h-{_WIDE}z")
                    else:
                        loud.append(_loud_cell(cell, x, y, name))
    paths = format_html_join("", '<path class="pic-cell pic-{}" d="{}"/>', ((k, "".join(d)) for k, d in quiet.items()))
    width = _LEFT + min(weeks_across, max(1, len(mondays))) * _WEEK
    body = [paths, *labels, *loud]
    return frame(width, max(1, len(rows)) * _ROW - _ROW_GAP + 2, title, description, name, body, patterns=True)


def _mondays(days: Sequence[dt.date]) -> list[dt.date]:
    if not days:
        return []
    monday = min(days) - dt.timedelta(days=min(days).weekday())
    count = (max(days) - monday).days // 7 + 1
    return [monday + dt.timedelta(weeks=week) for week in range(count)]


def _row_labels(weeks: Sequence[dt.date], top: int) -> list[SafeString]:
    labels = [
        format_html('<text class="pic-text" x="0" y="{}">{}</text>', top + _TOP + place * (_HIGH + 3) + 14, word[:3])
        for place, word in enumerate(WEEKDAYS)
    ]
    places = [(place, monday + dt.timedelta(days=4)) for place, monday in enumerate(weeks)]
    for _, month in groupby(places, key=lambda pair: (pair[1].year, pair[1].month)):
        run = list(month)
        x = _LEFT + run[0][0] * _WEEK
        word = f"{run[0][1]:%B}" if len(run) > 2 else f"{run[0][1]:%b}"
        labels.append(format_html('<text class="pic-text" x="{}" y="{}">{}</text>', x, top + 14, word))
    return labels


def _loud_cell(cell: Cell, x: int, y: int, name: str) -> SafeString:
    kind = KINDS[cell.kind]
    size = f'x="{x}" y="{y}" width="{_WIDE}" height="{_HIGH}" rx="2"'
    overlay = f'<rect {size} fill="url(#{conditional_escape(name)}-{kind.pattern})"/>' if kind.pattern else ""
    light = " pic-letter--light" if kind.light_letter else ""
    # In one piece: a year has many cells, and format_html escapes each of its numbers.
    return SafeString(
        f'<g><title>{conditional_escape(cell.words)}</title><rect class="pic-cell pic-{cell.kind}" {size}/>{overlay}'
        f'<text class="pic-letter pic-on-{cell.kind}{light}" x="{x + _WIDE / 2:g}" y="{y + 13}">{conditional_escape(cell.letter)}</text></g>'
    )


# --- a year of weeks -------------------------------------------------------------------------------------------------

_BAR, BARS_LEFT, BARS_HIGH = 20, 52, 160


def week_bars(
    weeks: Sequence[Week],
    *,
    title: str,
    description: str = "",
    reference: float | None = None,
    reference_words: str = "",
    name: str = "weeks",
) -> SafeString:
    """Bars of the share missed in each week, from nought, so that a bar twice as high is twice as much.

    The attended share would need a cut axis to show any difference, and a cut axis misleads. `reference` (0 to 1) draws a broken line with
    its label above, and hatches the bars that are higher. A week without possible sessions leaves a gap. No weeks: an empty picture with
    its title.
    """
    shares = [week.share for week in weeks if week.share is not None]
    top = round_up(max([*shares, reference or 0, 0.01]))
    width = BARS_LEFT + max(1, len(weeks)) * _BAR + 8
    if reference is not None:
        width = max(width, BARS_LEFT + 7 * (len(reference_words) + len(" 99.9 % (broken line)")))

    def height(share: float) -> float:
        return round(16 + BARS_HIGH * (1 - share / top), 1)

    body = [guide_line(top * part / 4, height, width) for part in range(5)]
    for place, week in enumerate(weeks):
        if week.share is not None:
            body.append(_bar(week, BARS_LEFT + place * _BAR, height(week.share), reference, name))
    body += _bar_months(weeks)
    if reference is not None:
        y = height(reference)
        body.append(format_html('<path class="pic-reference" d="M{} {}H{}"/>', BARS_LEFT, y, width))
        body.append(
            format_html(
                '<text class="pic-small pic-strong" x="{}" y="11">{} {} (broken line)</text>',
                BARS_LEFT + 4,
                reference_words,
                per_cent(reference),
            )
        )
    return frame(width, 16 + BARS_HIGH + 26, title, description, name, body, patterns=True)


def round_up(share: float) -> float:
    steps = (0.02, 0.04, 0.08, 0.12, 0.16, 0.2, 0.3, 0.4, 0.6, 0.8)
    return next((step for step in steps if share <= step), 1.0)


def guide_line(share: float, height: Callable[[float], float], width: int) -> SafeString:
    y = height(share)
    kind = "axis" if share == 0 else "guide"
    return format_html(
        '<path class="pic-{}" d="M{} {}H{}"/><text class="pic-small pic-end" x="{}" y="{}">{} %</text>',
        kind,
        BARS_LEFT,
        y,
        width,
        BARS_LEFT - 6,
        f"{y + 4:g}",
        f"{share * 100:g}",
    )


def _bar(week: Week, x: int, y: float, reference: float | None, name: str) -> SafeString:
    share = week.share or 0
    above = reference is not None and share > reference
    size = format_html('x="{}" y="{}" width="{}" height="{}"', x + 3, y, _BAR - 6, f"{16 + BARS_HIGH - y:g}")
    words = (
        f"Week from {weekday_in_words(week.starts_on)}: {week.missed:,} of {week.possible:,} missed, {per_cent(share)}"
    )
    pattern = format_html('<rect {} fill="url(#{}-lines)"/>', size, name) if above else ""
    return format_html(
        '<g><title>{}</title><rect class="pic-bar{}" {}/>{}</g>',
        words,
        " pic-bar--above" if above else "",
        size,
        pattern,
    )


def _bar_months(weeks: Sequence[Week]) -> list[SafeString]:
    labels = []
    places = list(enumerate(week.starts_on + dt.timedelta(days=4) for week in weeks))
    for _, month in groupby(places, key=lambda pair: (pair[1].year, pair[1].month)):
        place, on = next(iter(month))
        labels.append(
            format_html(
                '<text class="pic-small" x="{}" y="{}">{}</text>',
                BARS_LEFT + place * _BAR + 3,
                16 + BARS_HIGH + 18,
                f"{on:%b}",
            )
        )
    return labels


# --- a week's pattern ------------------------------------------------------------------------------------------------

_HEAT = (0.05, 0.10, 0.20, 0.50)


def weekday_pattern(
    shares: Iterable[Share], *, title: str, description: str = "", name: str = "weekdays"
) -> SafeString:
    """Five weekdays by two halves: the share missed in each, as a number on a tint (darker is more).

    The steps of the tint are fixed (5, 10, 20, 50 per cent), so that two pictures can be compared. A half without a number, or with one too
    small to show, has a dash.
    """
    by_half_day = {(share.weekday, share.half): share for share in shares}
    left, wide, high, top = 34, 51, 36, 22
    body = [
        format_html(
            '<text class="pic-text pic-middle" x="{}" y="15">{}</text>', f"{left + day * wide + wide / 2:g}", word[:3]
        )
        for day, word in enumerate(WEEKDAYS)
    ]
    for row, half in enumerate(HALVES):
        y = top + row * high
        body.append(format_html('<text class="pic-text" x="0" y="{}">{}</text>', y + 23, half))
        for day, word in enumerate(WEEKDAYS):
            share = by_half_day.get((day, half), Share(day, half, None, 0))
            body.append(_heat_cell(share, f"{word} {HALF_WORDS[half]}", left + day * wide, y, wide, high))
    return frame(left + 5 * wide, top + 2 * high, title, description, name, body)


def _heat_cell(share: Share, where: str, x: int, y: int, wide: int, high: int) -> SafeString:
    value = share.share
    step = sum(value >= edge for edge in _HEAT) if value is not None else 0
    words = f"{where}: " + ("no number" if value is None else f"{share.missed:,} of {share.possible:,} missed")
    return format_html(
        '<g><title>{}</title><rect class="pic-heat pic-heat-{}" x="{}" y="{}" width="{}" height="{}" rx="4"/>'
        '<text class="pic-figure{}" x="{}" y="{}">{}</text></g>',
        words,
        step,
        x,
        y,
        wide,
        high,
        " pic-letter--light" if step == 4 else "",
        f"{x + wide / 2:g}",
        y + 23,
        per_cent(value),
    )


# --- what the letters and colours mean -------------------------------------------------------------------------------


def legend(kinds: Iterable[str], *, letters: Mapping[str, str] | None = None, name: str = "legend") -> SafeString:
    """The appearance and meaning of each kind, in the order of KINDS; `letters` gives the letter of each sample."""
    wanted = set(kinds)
    items = [
        format_html(
            "<li>{}<span>{}</span></li>", _sample(key, (letters or {}).get(key, ""), f"{name}-{key}"), kind.words
        )
        for key, kind in KINDS.items()
        if key in wanted
    ]
    return format_html('<ul class="haven-legend">{}</ul>', mark_safe("".join(items)))  # parts by format_html


def _sample(key: str, letter: str, name: str) -> SafeString:
    kind = KINDS[key]
    size = mark_safe('x="1" y="1" width="15" height="18" rx="2"')  # a constant
    overlay = format_html('<rect {} fill="url(#{}-{})"/>', size, name, kind.pattern) if kind.pattern else ""
    words = (
        format_html(
            '<text class="pic-letter pic-on-{}{}" x="8.5" y="14">{}</text>',
            key,
            " pic-letter--light" if kind.light_letter else "",
            letter,
        )
        if letter
        else ""
    )
    return format_html(
        '<svg width="17" height="20" viewBox="0 0 17 20" aria-hidden="true" focusable="false">{}'
        '<rect class="pic-cell pic-{}" {}/>{}{}</svg>',
        hatchings(name) if kind.pattern else "",
        key,
        size,
        overlay,
        words,
    )
