import datetime as dt
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.template import Context, Template

from haven.platform.ui import picture_tables as tables
from haven.platform.ui import pictures
from haven.platform.ui.columns_picture import attended_columns, whole_per_cent
from haven.platform.ui.gallery import shares, weeks, year
from haven.platform.ui.lines import Lines, Step, two_lines
from haven.platform.ui.pictures import KINDS, Cell, Share, Week

SVG = "{http://www.w3.org/2000/svg}"
MONDAY = dt.date(2025, 9, 1)


LINES = Lines(
    [Step("1", 0.1, 0.2, ("One", 5)), Step("2", None, 0.15, ("Two", 6)), Step("3", 0.12, None, ("Three", 7))],
    "mine & yours", "theirs", ("Step", "Number"), 1, "help began",
)  # fmt: skip


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def cell(day: int = 0, half: str = "AM", letter: str = "O", kind: str = "unauthorised") -> Cell:
    return Cell(MONDAY + dt.timedelta(days=day), half, letter, kind, "without permission")


def boxes(svg: str) -> int:
    """The number of half-days drawn: loud ones as a rect with its tooltip, quiet ones as a sub-path each."""
    root = drawn(svg)
    quiet = sum(
        path.get("d", "").count("M") for path in root.findall(f"{SVG}path") if "pic-cell" in path.get("class", "")
    )
    return quiet + len(root.findall(f"{SVG}g"))


ALL = {
    "year": pictures.year_grid(year(), title="A year <1>", description="What it shows"),
    "weeks": pictures.week_bars(weeks(), title="Weeks", reference=0.069, reference_words="England"),
    "days": pictures.weekday_pattern(shares(), title="Days"),
    "lines": two_lines(LINES, title="Two lines"),
}


@pytest.mark.parametrize("name", ALL)
def test_a_picture_is_well_formed_named_and_without_script_or_style(name: str) -> None:
    root = drawn(ALL[name])
    assert root.get("role") == "img"
    titles = {element.get("id"): element.text for element in root.iter() if element.get("id")}
    for reference in root.get("aria-labelledby", "").split():
        assert titles[reference]
    for element in root.iter():
        assert "style" not in element.attrib and not any(key.startswith("on") for key in element.attrib)
        assert not element.tag.endswith(("script", "style"))


def test_every_half_day_of_every_week_is_drawn_once() -> None:
    cells = [cell(0), cell(1, "PM", "L", "late"), cell(11, "AM", "/", "present")]
    assert boxes(pictures.year_grid(cells, title="x")) == 2 * 5 * 2


def test_the_order_of_the_cells_does_not_matter() -> None:
    cells = year()
    assert pictures.year_grid(cells, title="x") == pictures.year_grid(reversed(cells), title="x")


def test_an_absence_has_its_letter_its_words_and_its_pattern() -> None:
    svg = pictures.year_grid([cell()], title="x", name="p")
    assert "<title>Monday 1 September 2025, morning: O without permission</title>" in svg
    assert ">O</text>" in svg and 'fill="url(#p-lines)"' in svg and 'id="p-lines"' in svg


def test_colour_is_never_alone() -> None:
    """Two kinds that look alike without colour could not be distinguished in print."""
    patterns = [KINDS[kind].pattern for kind in ("authorised", "unauthorised", "unexplained")]
    assert all(patterns) and len(set(patterns)) == 3


def test_a_weekend_is_left_out_and_an_unmarked_weekday_is_closed() -> None:
    assert boxes(pictures.year_grid([cell(5), cell(6)], title="x")) == 0
    assert "pic-closed" in pictures.year_grid([cell()], title="x")


def test_the_year_breaks_into_rows_that_fit_a_telephone() -> None:
    root = drawn(pictures.year_grid(year(), title="x", weeks_across=6))
    assert int(root.get("width", "999")) <= 290


def test_a_name_on_a_cell_is_escaped() -> None:
    svg = pictures.year_grid([Cell(MONDAY, "AM", "<", "late", "<script>")], title="O'Brien-Ñandú <script>")
    assert "<script" not in svg and drawn(svg) is not None


def test_a_bar_twice_as_high_is_twice_as_much() -> None:
    svg = pictures.week_bars([Week(MONDAY, 5, 100), Week(MONDAY + dt.timedelta(7), 10, 100)], title="x")
    low, high = (float(bar.get("height", "0")) for bar in drawn(svg).iter(f"{SVG}rect"))
    assert high == pytest.approx(2 * low, rel=0.01)


def test_a_week_without_sessions_is_a_gap_and_no_bar_at_nought() -> None:
    assert not list(drawn(pictures.week_bars([Week(MONDAY, 0, 0)], title="x")).iter(f"{SVG}rect"))


def test_no_weeks_no_cells_no_shares_still_give_a_picture() -> None:
    for svg in (
        pictures.week_bars([], title="x"),
        pictures.year_grid([], title="x"),
        pictures.weekday_pattern([], title="x"),
    ):
        assert drawn(svg).findtext(f"{SVG}title") == "x"


@pytest.mark.parametrize("share, step", [(0.0, 0), (0.049, 0), (0.05, 1), (0.10, 2), (0.20, 3), (0.50, 4), (1.0, 4)])
def test_the_tint_has_fixed_steps(share: float, step: int) -> None:
    svg = pictures.weekday_pattern([Share(0, "AM", round(share * 1000), 1000)], title="x")
    assert re.findall(r'class="pic-heat pic-heat-(\d)"', svg)[0] == str(step)


def test_a_number_too_small_to_show_is_a_dash_in_picture_and_table() -> None:
    hidden = [Share(0, "AM", None, 312)]
    assert "Monday morning: no number" in pictures.weekday_pattern(hidden, title="x")
    assert "<td>Monday morning</td><td>–</td><td>312</td><td>–</td>" in tables.weekday_table(hidden, caption="x")


def test_the_table_of_a_year_tells_every_letter_in_order() -> None:
    html = tables.year_table([cell(1, "PM"), cell(1, "AM"), cell(0, "AM", "/", "present")], caption="x")
    assert html.count("<tr>") == 3
    assert html.index("Morning") < html.index("Afternoon")


def test_the_table_of_weeks_has_missed_and_attended() -> None:
    html = tables.week_table([Week(MONDAY, 12, 64)], caption="x")
    assert "<td>12</td><td>64</td><td>18.8\xa0%</td><td>81.2\xa0%</td>" in html


def test_a_figure_has_two_sizes_a_legend_of_what_occurs_and_a_table() -> None:
    html = Template('{% load pictures %}{% year_picture cells "A year" %}').render(Context({"cells": [cell()]}))
    assert html.count("<svg") == 3 and "unauthorised absence" in html and ">authorised absence<" not in html
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_a_telephone_is_spared_the_months_to_come() -> None:
    cells = [cell(), *(Cell(MONDAY + dt.timedelta(weeks=week), "AM", "", "future") for week in range(1, 30))]
    html = Template('{% load pictures %}{% year_picture cells "A year" %}').render(Context({"cells": cells}))
    wide, narrow = re.findall(r'<svg[^>]*height="(\d+)" viewBox', html)[:2]
    assert int(narrow) < int(wide)


def test_two_lines_have_a_mark_for_each_number_and_a_gap_for_none() -> None:
    root = drawn(two_lines(LINES, title="x"))
    titles = [group.findtext(f"{SVG}title") for group in root.findall(f"{SVG}g")]
    assert titles == [
        "1: theirs 20.0\xa0%",
        "2: theirs 15.0\xa0%",
        "1: mine & yours 10.0\xa0%",
        "3: mine & yours 12.0\xa0%",
    ]
    whole = [path.get("d", "") for path in root.findall(f"{SVG}path") if path.get("class") == "pic-line"][-1]
    assert whole.count("M") == 2 and "L" not in whole
    assert "help began" in [text.text for text in root.findall(f"{SVG}text")]
    assert drawn(two_lines(Lines([], "mine", "theirs", ()), title="x")).findall(f"{SVG}g") == []
    assert tables.lines_table(LINES, caption="x").count("<td>") == 6


@pytest.mark.parametrize(
    ("missed", "possible", "per_cent"), [(0, 10, 100), (10, 10, 0), (1, 200, 100), (3, 200, 99), (1, 8, 88)]
)
def test_whole_per_cents_are_rounded_half_up(missed: int, possible: int, per_cent: int) -> None:
    assert whole_per_cent(Week(dt.date(2026, 1, 5), missed, possible)) == per_cent


def test_columns_of_what_was_attended_say_no_count() -> None:
    weeks_of_two = [Week(dt.date(2026, 1, 5), 7, 93), Week(dt.date(2026, 1, 12), 0, 0)]
    picture = str(attended_columns(weeks_of_two, title="8 Kestrel"))
    assert picture.count("<title>Week from") == 1 and "92 % attended" in picture and "93" not in picture
    assert "<svg" in attended_columns([], title="8 Kestrel")


def test_every_kind_of_cell_has_its_colour_in_the_stylesheet() -> None:
    css = (Path(__file__).resolve().parents[3] / "haven/platform/ui/static/ui/haven.css").read_text(encoding="utf-8")
    assert sorted(kind for kind in KINDS if f".pic-{kind}" not in css) == []
