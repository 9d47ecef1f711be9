"""Splits HTML into the texts that a reader sees, each with its line, and says which of them are labels."""

import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from haven.site.words.texts import Kind, says_something, tidy

TAG = re.compile(r"<!--.*?-->|<!doctype[^>]*>|<(/?)([a-zA-Z][\w-]*)((?:\"[^\"]*\"|'[^']*'|[^'\">])*)>", re.S | re.I)
# Attributes that a reader sees, or a screen reader reads out.
READ_ALOUD = re.compile(
    r"\b(aria-label|aria-description|title|placeholder|alt|data-[\w-]*(?:text|label|words|said|says))=\"([^\"]*)\""
)
SUBMIT_VALUE = re.compile(r"\bvalue=\"([^\"]*)\"")
# Within these, a text goes on through the tag.
INLINE = {"a", "strong", "em", "b", "i", "abbr", "code", "kbd", "time", "small", "sup", "sub"}
LABEL_ELEMENTS = {
    "label", "button", "th", "dt", "legend", "option", "summary", "caption", "title", "h1", "h2", "h3", "h4"
}  # fmt: skip
SILENT = {"script", "style", "svg"}


class _Source:
    """The joined pieces of a template, and the line of each position in them."""

    def __init__(self, pieces: Iterable[tuple[str, int]]) -> None:
        self.text = ""
        self._starts: list[int] = []
        self._lines: list[int] = []
        for piece, line in pieces:
            self._starts.append(len(self.text))
            self._lines.append(line)
            self.text += piece

    def line(self, at: int) -> int:
        number = bisect_right(self._starts, at) - 1
        return self._lines[number] + self.text.count("\n", self._starts[number], at)


def plain_texts(pieces: Iterable[tuple[str, int]]) -> Iterator[tuple[int, Kind, str]]:
    """Line, kind and words of each line of a plain-text template."""
    source = _Source(pieces)
    at = 0
    for line in source.text.split("\n"):
        if says_something(line):
            yield source.line(at), "sentence", tidy(line)
        at += len(line) + 1


def html_texts(pieces: Iterable[tuple[str, int]]) -> Iterator[tuple[int, Kind, str]]:
    """Line, kind and words of each text and of each attribute that is read aloud, in the order of the page."""
    source = _Source(pieces)
    run: list[tuple[str, int]] = []
    open_labels: list[str] = []
    silent = ""
    at = 0
    for match in [*TAG.finditer(source.text), None]:
        until = match.start() if match else len(source.text)
        if not silent:
            run.append((source.text[at:until], at))
        at = match.end() if match else until
        if match is None or not match[2]:
            continue
        closes, name, attributes = match[1] == "/", match[2].lower(), match[3]
        for words, position in _attributes(name, attributes, match.start(3)):
            yield source.line(position), "label", words
        begins_next_link = name == "a" and not closes and len(run) > 1 and run[-1][0].isspace()
        if begins_next_link or not _is_inline(name, attributes, closes, run):
            yield from _written(source, run, "label" if open_labels else "sentence")
            run = []
        if name in LABEL_ELEMENTS:
            open_labels = open_labels[:-1] if closes else [*open_labels, name]
        if name in SILENT:
            silent = "" if closes else name
    yield from _written(source, run, "label" if open_labels else "sentence")


def _is_inline(name: str, attributes: str, closes: bool, run: list[tuple[str, int]]) -> bool:
    if name == "span":
        return closes or "visually-hidden" in attributes or bool(run and re.search(r"[\w,;:“(] $", run[-1][0]))
    return name in INLINE


def _attributes(name: str, attributes: str, start: int) -> Iterator[tuple[str, int]]:
    spoken = [(match[2], match.start(2)) for match in READ_ALOUD.finditer(attributes)]
    if name == "input" and 'type="submit"' in attributes:
        spoken += [(match[1], match.start(1)) for match in SUBMIT_VALUE.finditer(attributes)]
    for words, at in spoken:
        if says_something(words):
            yield tidy(html.unescape(words)), start + at


def _written(source: _Source, run: list[tuple[str, int]], kind: Kind) -> Iterator[tuple[int, Kind, str]]:
    words = tidy(html.unescape("".join(text for text, _ in run)).replace("\n", " "))
    if not says_something(words):
        return
    text, at = next((text, at) for text, at in run if text.strip())
    yield source.line(at + len(text) - len(text.lstrip())), kind, words
