"""A stencil's filling is what the template would have given, whatever the words, and the template is drawn once for each look."""

from typing import Any

import pytest
from django.template import engines
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from haven.platform.ui import stencils
from haven.platform.ui.stencils import Stencils, Word

CARD = (
    '<li{% if who.is_urgent %} class="red"{% endif %} id="{{ who.key }}">{{ who.name }}{% if who.said %}: “{{ who.said }}”{% endif %}'
    "{% for each in options %}<option{% if each.key == chosen %} selected{% endif %}>{{ each.key }}</option>{% endfor %}{{ always }}</li>"
)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the templates that were fetched to be drawn."""
    found: list[str] = []

    def fetch(name: str) -> Any:
        found.append(name)
        return engines["django"].from_string(CARD)

    monkeypatch.setattr(stencils, "get_template", fetch)
    return found


def as_drawn(key: str, name: str, said: str, options: list[str], chosen: int | None, is_urgent: bool) -> str:
    context = {
        "who": {"key": key, "name": name, "said": said, "is_urgent": is_urgent},
        "options": [{"key": each} for each in options],
        "chosen": "" if chosen is None else options[chosen],
        "always": "?",
    }
    return str(engines["django"].from_string(CARD).render(context))


def as_filled(
    held: Stencils, key: str, name: str, said: str, options: list[str], chosen: int | None, is_urgent: bool
) -> str:
    words = [Word(each) for each in options]
    context = {
        "who": {"key": Word(key), "name": Word(name), "said": Word(said), "is_urgent": is_urgent},
        "options": [{"key": each} for each in words],
        "chosen": "" if chosen is None else words[chosen],
    }
    return held.filled("card.html", context, {"always": "?"})


TEXTS = st.one_of(
    st.text(max_size=8), st.sampled_from(["", "<b>", 'O\'Brien & "sons"', "\ue0000\ue001", "\ue0001\ue001", "{{ x }}"])
)
OPTIONS = st.lists(TEXTS.filter(bool), max_size=3, unique=True)


@given(st.data())
def test_a_filling_is_what_the_template_gives(data: st.DataObject) -> None:
    held = Stencils()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stencils, "get_template", lambda name: engines["django"].from_string(CARD))
        for _ in range(3):  # a later filling of the same look uses what the first one drew
            options = data.draw(OPTIONS)
            chosen = data.draw(st.none() | st.integers(0, len(options) - 1)) if options else None
            asked = (data.draw(TEXTS), data.draw(TEXTS), data.draw(TEXTS), options, chosen, data.draw(st.booleans()))
            assert as_filled(held, *asked) == as_drawn(*asked)


def test_each_look_is_drawn_once_and_keeps_no_word(drawn: list[str]) -> None:
    held = Stencils()
    first = as_filled(held, "a", "Ann", "", ["x", "y"], 0, True)
    assert isinstance(first, SafeString) and "Ann" in first
    second = as_filled(held, "b", "Bob", "", ["z", "w"], 0, True)
    assert drawn == ["card.html"] and "Ann" not in second and "Ann" not in str(vars(held))
    as_filled(held, "b", "Bob", "Hello", ["z", "w"], 0, True)
    as_filled(held, "b", "Bob", "", ["z", "w"], 1, True)
    as_filled(held, "b", "Bob", "", ["z", "w"], 1, False)
    assert len(drawn) == 4  # something said, another chosen, not urgent


def test_a_text_that_is_markup_already_stays_markup(drawn: list[str]) -> None:
    assert "<i>Ann</i>" in Stencils().filled(
        "card.html", {"who": {"name": Word(SafeString("<i>Ann</i>"))}, "options": []}
    )


def test_no_more_looks_are_kept_than_there_is_room_for(drawn: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stencils, "MOST_KEPT", 2)
    held = Stencils()
    for many in (0, 1, 2, 3, 0):
        as_filled(held, "a", "Ann", "", ["x", "y", "z"][:many], None, False)
    assert len(drawn) == 5
