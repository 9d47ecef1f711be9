"""Texts of Django templates, HTML or plain: read with Django's own lexer, never rendered.

Each `{% if %}` is read with its first branch, and once more for each further branch, so that every sentence is seen whole.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.template.base import Lexer, Token, TokenType

from haven.site.words.markup import html_texts, plain_texts
from haven.site.words.texts import Text, plural

# Tags whose quoted arguments people read. Of every other tag they are names of templates, addresses or keys.
SPEAKING_TAGS = {"empty", "tag", "panel", "pagination"}
COLOURS = {"red", "amber", "green", "blue", "teal", "grey"}
LITERAL = re.compile(r"\"([^\"]*)\"|'([^']*)'")
COUNTED = re.compile(r"^(.*?)\|count_of:\"([^\"]*)\"$")
DEFAULT = re.compile(r"^(.*?)\|default:[\"']([^\"']*)[\"']")
CHOSEN = re.compile(r"\|(?:yesno|pluralize):\"([^\"]*)\"$")


@dataclass
class Piece:
    """A string of the template with the line on which it begins."""

    text: str
    line: int


@dataclass
class Choice:
    """An `{% if %}`, or a `{% for %}` with its `{% empty %}`: the branches of which one is shown."""

    branches: list[list["Piece | Choice"]] = field(default_factory=lambda: [[]])


Node = Piece | Choice


def texts(path: str, source: str) -> Iterator[Text]:
    """The texts of one template; `path` is below `haven`. A file that ends in .txt is read as plain text."""
    tree = _parse(Lexer(source).tokenize())
    read = html_texts if path.endswith(".html") else plain_texts
    for pieces in _variants(tree):
        for line, kind, words in read([(piece.text, piece.line) for piece in pieces]):
            yield Text(path, line, kind, words)


def _parse(tokens: list[Token]) -> list[Node]:
    root: list[Node] = []
    open_choices: list[Choice] = []
    is_silent = False
    for token in tokens:
        here = open_choices[-1].branches[-1] if open_choices else root
        line = token.lineno or 1
        if token.token_type is TokenType.BLOCK:
            name, _, rest = token.contents.partition(" ")
            is_silent = name == "comment" or (is_silent and name != "endcomment")
            if name in ("if", "for"):
                choice = Choice()
                here.append(choice)
                open_choices.append(choice)
            elif name in ("elif", "else") or (name == "empty" and not rest):
                open_choices[-1].branches.append([])
            elif name in ("endif", "endfor"):
                open_choices.pop()
            else:
                here.append(Piece(_tag(name, rest), line))
        elif token.token_type is TokenType.VAR:
            here.append(Piece(_variable(token.contents), line))
        elif token.token_type is TokenType.TEXT and not is_silent:
            here.append(Piece(token.contents, line))
    return root


def _tag(name: str, rest: str) -> str:
    """What a tag shows: its speaking arguments as paragraphs of their own, a break for a block, else nothing."""
    if name in SPEAKING_TAGS:
        literals = (first or second for first, second in LITERAL.findall(rest))
        shown = [words for words in literals if words and words not in COLOURS]
        kind = "div" if name == "empty" else "label"
        return "".join(f"<{kind}>{words}</{kind}>" for words in shown)
    if name in ("block", "endblock", "include", "with", "endwith", "slot", "endslot", "endpanel"):
        return "<div></div>"
    return ""


def _variable(contents: str) -> str:
    """`{name}` for a value, with the noun that is counted; a literal that stands for a missing value follows it."""
    if counted := COUNTED.match(contents):
        singular, _, plural_form = counted[2].partition(",")
        return f"{{{_name(counted[1])}}} {plural(singular, plural_form)}"
    if default := DEFAULT.match(contents):
        return f"{{{_name(default[1])}}}" + (f"<label>{default[2]}</label>" if " " in default[2] else "")
    if chosen := CHOSEN.search(contents):
        return chosen[1].split(",")[-1]
    literal = LITERAL.fullmatch(contents)
    return (literal[1] or literal[2]) if literal else f"{{{_name(contents)}}}"


def _name(contents: str) -> str:
    return re.sub(r"[{}<>\"'&]", "", contents.split("|")[0]).strip()


def _variants(tree: list[Node]) -> Iterator[list[Piece]]:
    """The template with the first branch of each choice; then, for each other branch, the template that shows it."""
    yield list(_flat(tree, {}))
    for shown in _other_branches(tree, {}):
        yield list(_flat(tree, shown))


def _flat(nodes: list[Node], shown: dict[int, int]) -> Iterator[Piece]:
    for node in nodes:
        if isinstance(node, Piece):
            yield node
        else:
            yield from _flat(node.branches[shown.get(id(node), 0)], shown)


def _other_branches(nodes: list[Node], above: dict[int, int]) -> Iterator[dict[int, int]]:
    for node in nodes:
        if isinstance(node, Piece):
            continue
        for number, branch in enumerate(node.branches):
            shown = {**above, id(node): number}
            if number:
                yield shown
            yield from _other_branches(branch, shown)
