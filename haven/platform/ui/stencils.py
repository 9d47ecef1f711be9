"""A part of a page that stands on it many times over, the same but for its words: drawn once, then filled in.

Drawing a template takes longer than all that its words took to find. The context says which of its values are `Word`s: texts that the
template puts into the page and, besides, asks of at most whether they are there and whether two of them are the same. Everything else
in the context (numbers, flags, which button comes first) decides how the part looks; for each look the template is drawn once, with
marks where the words go. What is kept is the template's own text: no word ever is.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

MOST_KEPT = 1000
"""Looks that are kept; then all are forgotten."""
_BEGIN, _END = "\ue000", "\ue001"
_MARK = re.compile(f"{_BEGIN}([0-9]+){_END}")


class Word:
    """A text of one filling, escaped as in a template. The same `Word` in two places is one text to the template, equal to itself."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Stencils:
    """Templates drawn before, by name and look. Several threads may fill at once."""

    def __init__(self) -> None:
        self._drawn: dict[Any, tuple[list[str], list[int]]] = {}

    def filled(self, template: str, context: Mapping[str, Any], always: Mapping[str, Any] | None = None) -> SafeString:
        """The template as it would be rendered with that context, its `Word`s being texts. Other values, in dictionaries, lists and
        tuples, can be hashed; those of `always` need not, and are the same for each filling of this template."""
        words: dict[int, tuple[int, Word]] = {}
        look = (template, _look(context, words))
        drawn = self._drawn.get(look)
        if drawn is None:
            drawn = _split(get_template(template).render({**(always or {}), **_marked(context, words)}))
            if len(self._drawn) >= MOST_KEPT or settings.DEBUG:
                self._drawn.clear()
            self._drawn[look] = drawn
        between, places = drawn
        texts = [conditional_escape(word.text) for _, word in words.values()]
        parts = [""] * (2 * len(places) + 1)
        parts[::2] = between
        parts[1::2] = [texts[place] for place in places]
        return SafeString("".join(parts))


def _look(value: Any, words: dict[int, tuple[int, Word]]) -> Any:
    """What of a value decides how the template looks; `words` gathers its words by identity, in order, numbered."""
    if isinstance(value, Word):
        if not value.text:
            return None
        return words.setdefault(id(value), (len(words), value))[0]
    if isinstance(value, Mapping):
        return tuple((key, _look(each, words)) for key, each in value.items())
    if isinstance(value, list | tuple):
        return tuple(_look(each, words) for each in value)
    return (value,)


def _marked(value: Any, words: dict[int, tuple[int, Word]]) -> Any:
    """The value with marks in place of its words; an empty word stays empty."""
    if isinstance(value, Word):
        return f"{_BEGIN}{words[id(value)][0]}{_END}" if value.text else ""
    if isinstance(value, Mapping):
        return {key: _marked(each, words) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(each, words) for each in value]
    return value


def _split(drawn: str) -> tuple[list[str], list[int]]:
    """The text between the marks, and the numbers of the marks."""
    parts: Sequence[str] = _MARK.split(drawn)
    return list(parts[::2]), [int(number) for number in parts[1::2]]


STENCILS = Stencils()
