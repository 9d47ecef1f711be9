import datetime as dt
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template

from haven.platform.ui.tables import Column, Table
from tests.platform.ui.conftest import request_for


def draw(source: str, address: str = "/", **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context({"request": request_for(address), **context}))


@pytest.mark.parametrize(
    "text, shown",
    [
        ("{{ on|day }}", "Wednesday 14 January 2026"),
        ("{{ on|date }}", "14 January 2026"),
        ("{{ on|short_date }}", "14 Jan"),
        ('{{ on|date:"Y" }}', "2026"),
        ("{{ none|day }}{{ none|date }}{{ none|clock }}{{ none|moment }}", ""),
        ("{{ time|clock }}", "09:05"),
    ],
)
def test_days_and_times_are_shown_as_people_say_them(text: str, shown: str) -> None:
    assert draw(text, on=dt.date(2026, 1, 14), time=dt.time(9, 5), none=None) == shown


def test_a_moment_is_shown_in_the_time_of_england() -> None:
    at = dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC)
    assert draw("{{ at|moment }} | {{ at|day }}", at=at) == "1 July 2026, 00:30 | Wednesday 1 July 2026"


@pytest.mark.parametrize(
    "share, shown", [(0.854, "85.4\xa0%"), (1, "100.0\xa0%"), (0, "0.0\xa0%"), (None, "–"), (float("nan"), "–")]
)
def test_a_rate_with_nothing_to_divide_by_is_a_dash_and_never_nought(share: float | None, shown: str) -> None:
    assert draw("{{ share|rate }}", share=share) == shown


@pytest.mark.parametrize(
    "number, word, shown",
    [(1, "session", "1 session"), (0, "session", "0 sessions"), (1234, "entry,entries", "1,234 entries")],
)
def test_a_count_agrees_with_its_word(number: int, word: str, shown: str) -> None:
    assert draw("{{ number|count_of:word }}", number=number, word=word) == shown


@pytest.mark.parametrize(
    "value, shown",
    [(None, ""), (0, "0"), (999, "999"), (1000, "1,000"), (154695, "154,695"), ("fewer than 6", "fewer than 6")],
)
def test_thousands_stand_apart(value: Any, shown: str) -> None:
    assert draw("{{ value|number }}", value=value) == shown


def test_a_tag_escapes_its_text_and_refuses_an_unknown_colour() -> None:
    assert draw('{% tag text "red" %}', text="<b>") == '<strong class="haven-tag haven-tag--red">&lt;b&gt;</strong>'
    with pytest.raises(ValueError, match="'pink' is not a tag colour"):
        draw('{% tag "x" "pink" %}')


def test_counts_keep_number_and_label_together() -> None:
    html = draw("{% count_strip items %}", items=[{"number": 8, "label": "not accounted for", "colour": "red"}])
    assert "haven-counts__item--red" in html and "<dt>not accounted for</dt><dd>8</dd>" in html


def test_a_panel_escapes_its_title_and_keeps_its_content() -> None:
    html = draw("{% panel title %}<p>{{ name }}</p>{% endpanel %}", title="<i>", name="<script>")
    assert "&lt;i&gt;</h2><p>&lt;script&gt;</p></section>" in html


def test_pages_say_where_we_are_and_keep_the_filters() -> None:
    page = Paginator(range(312), 50).page(2)
    html = draw('{% pagination page "pupils" %}', "/list?form=8K&page=2", page=page)
    assert "51 to 100 of 312 pupils" in html
    assert 'href="?form=8K&amp;page=3" rel="next"' in html


def test_one_page_needs_no_links() -> None:
    assert "<nav" not in draw("{% pagination page %}", page=Paginator(range(3), 50).page(1))


COLUMNS = (Column("name", "Name", sortable=True, link=lambda row: "/p/1"), Column("missed", "Missed", numeric=True))


def test_a_table_has_caption_scopes_order_links_count_and_exports() -> None:
    table = Table("Missing", COLUMNS, [{"name": "<b>", "missed": 3}], sorted_by="name")
    html = draw("{% data_table table %}", "/list?form=8K&page=4", table=table)
    assert "<caption" in html and 'scope="col"' in html and 'aria-sort="ascending"' in html
    assert 'href="?form=8K&amp;sort=-name"' in html
    assert 'href="?form=8K&amp;format=csv"' in html and 'href="?form=8K&amp;format=xlsx"' in html
    assert '<a class="govuk-link" href="/p/1">&lt;b&gt;</a>' in html and "1 row" in html


def test_an_empty_table_says_why_and_offers_no_file() -> None:
    html = draw("{% data_table table %}", table=Table("Missing", COLUMNS, [], nothing="Everybody is here."))
    assert "Everybody is here." in html and "format=csv" not in html
