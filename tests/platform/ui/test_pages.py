import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string

from haven.platform.ui import views
from haven.platform.ui.gallery import pieces
from tests.platform.ui.conftest import request_for

PAGE: dict[str, Any] = {
    "school_of_viewer": SimpleNamespace(id=1, name="Larkfield Academy"),
    "schools_of_viewer": [SimpleNamespace(id=1, name="Larkfield Academy"), SimpleNamespace(id=2, name="<Oakhurst>")],
    "school_switch_url": "/school",
    "search_url": "/search",
    "search_label": "Find a pupil",
    "viewer_name": "O'Brien-Ñandú <script>",
    "sign_out_url": "/out",
    "idle_seconds": 900,
    "navigation": [
        {"title": "Today", "url": "/today", "current": True, "key": "t", "count": 8},
        {"title": "Raise a concern", "url": "/raise", "key": "c", "pinned": True},
    ],
    "banner_alerts": [{"text": "1 pupil is not accounted for", "url": "/today"}],
}


def gallery(**context: object) -> str:
    request = request_for("/ui/gallery/?wrong=1")
    return render_to_string("ui/gallery.html", {**PAGE, **pieces(request), **context}, request)


def test_nothing_on_a_page_needs_an_inline_script_or_style() -> None:
    html = gallery()
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert "<style" not in html and not re.search(r"<[^>]+\sstyle=", html)
    assert not re.search(r"<[^>]+\son[a-z]+=", html) and "javascript:" not in html


def test_a_page_is_built_so_that_a_keyboard_and_a_screen_reader_find_their_way() -> None:
    html = gallery()
    assert html.count("<h1") == 1 and '<html lang="en-GB"' in html and 'href="#main-content"' in html
    assert 'aria-current="page"' in html and "<title>Gallery – Larkfield Academy</title>" in html
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for name in re.findall(r' (?:for|aria-labelledby|aria-describedby)="([^"]+)"', html):
        for part in name.split():
            assert part in ids, f"{part} is referred to and is nowhere"


def test_names_are_escaped_in_the_frame() -> None:
    html = gallery()
    assert "O&#x27;Brien-Ñandú &lt;script&gt;" in html and "&lt;Oakhurst&gt;" in html and "<Oakhurst>" not in html


def test_paper_says_who_printed() -> None:
    assert re.search(r"Printed by O&#x27;Brien-Ñandú &lt;script&gt; on \d{1,2} \w+ \d{4}, \d\d:\d\d", gallery())


def test_htmx_keeps_no_page_in_the_browser_and_runs_no_text() -> None:
    (config,) = re.findall(r"name=\"htmx-config\" content='([^']+)'", gallery())
    for part in (
        '"historyCacheSize":0',
        '"allowEval":false',
        '"includeIndicatorStyles":false',
        '"allowScriptTags":false',
    ):
        assert part in config


def test_one_school_needs_no_switcher() -> None:
    html = gallery(schools_of_viewer=PAGE["schools_of_viewer"][:1])
    assert "data-switch" not in html and "Larkfield Academy" in html


def test_keys_are_listed_from_the_navigation() -> None:
    html = gallery()
    assert 'data-go="c" data-pinned' in html
    assert "<dt>Raise a concern</dt><dd><kbd>c</kbd></dd>" in html
    assert "<dt>Today</dt><dd><kbd>g</kbd> then <kbd>t</kbd></dd>" in html


@pytest.mark.parametrize("number", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_stand_without_a_database_a_viewer_or_a_context(number: int) -> None:
    html = render_to_string(f"{number}.html")
    assert html.count("<h1") == 1 and "<nav" not in html


def test_not_there_and_not_for_you_are_the_same_bytes() -> None:
    one = render_to_string(
        "404.html", {"exception": "No Pupil matches", "request_path": "/pupils/1"}, request_for("/pupils/1")
    )
    other = render_to_string("404.html", {"exception": "not yours"}, request_for("/concerns/secret"))
    assert one == other


def test_a_signed_out_person_learns_only_that_they_are_signed_out() -> None:
    request = request_for()
    request.user = AnonymousUser()
    answer = views.session(request)
    assert answer.status_code == 401 and answer.content == b'{"signed_in": false}'
    assert "no-store" in answer["Cache-Control"]


def test_a_signed_in_person_gets_a_fresh_token_for_the_form_that_is_still_open() -> None:
    import json

    told = json.loads(views.session(request_for()).content)
    assert told["person"] == "7" and len(told["csrf"]) >= 32


def test_a_session_is_ended_by_a_post_only() -> None:
    assert views.end_session(request_for()).status_code == 405
