"""Texts of definition files (TOML): labels, hints, titles, choices and instructions."""

import tomllib
from collections.abc import Iterator
from typing import Any

from haven.site.words.texts import Kind, Text, says_something, tidy

LABELS = {"title", "label"}
# What only machines read: keys, types, names of columns in other people's files, patterns.
SENTENCES = {"hint", "detail", "instruction", "words", "sentence", "body", "subject", "text", "help_text", "description", "meaning", "when", "when_hint", "needed_words"}  # fmt: skip


def texts(path: str, source: str) -> Iterator[Text]:
    """The texts of one definition file; `path` is below `haven`. Raises tomllib.TOMLDecodeError for a broken file."""
    for kind, text in _walk(tomllib.loads(source)):
        if says_something(text):
            yield Text(path, _line_of(source, text), kind, tidy(text))


def _walk(value: Any) -> Iterator[tuple[Kind, str]]:
    if isinstance(value, list):
        for item in value:
            yield from _walk(item)
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if isinstance(item, str) and key in LABELS:
            yield "label", item
        elif isinstance(item, str) and key in SENTENCES:
            yield "sentence", item
        elif key == "choices":
            yield from (("label", words) for _, words in item)
        else:
            yield from _walk(item)


def _line_of(source: str, text: str) -> int:
    """The first line that holds the text, or its first line where it has several; 1 where escapes hide it."""
    first = text.split("\n")[0]
    at = source.find(first)
    return source.count("\n", 0, at) + 1 if at >= 0 else 1
