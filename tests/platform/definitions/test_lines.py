"""The line of each key of a TOML file, compared with a document whose layout is known."""

import tomllib
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.platform.definitions.errors import KeyPath
from haven.platform.definitions.lines import key_lines, line_of

TEXT = '''# a comment with [brackets] and "quotes" = 1
title = "A # that is no comment"
"quoted key" = 'it is "so"'
a.b . "c d" = 5
long = """
[not.a.table]
key = "and no key"
ends with two quotes"""""
raw = \'\'\'
a = [1,
\'\'\'
days = [ # a comment, with ] inside
  2026-09-01, "x]",

  [1, { deep = 2026-09-01 07:00:00, other = [ 3 ] }],
]

[table]
x = { y = 1, z.w = "}" }
  [table.sub."a.b"]
  last = true

[[rows]]
n = 1
[rows.more]
n = 2
[[rows.parts]]
[[rows.parts]]
n = 3

[[rows]]
n = 4
[rows.more]
n = 5
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2), (("quoted key",), 3), (("a",), 4), (("a", "b", "c d"), 4), (("long",), 5), (("raw",), 9), (("days",), 12),
        (("days", 0), 13), (("days", 1), 13), (("days", 2), 15), (("days", 2, 0), 15), (("days", 2, 1, "deep"), 15),
        (("days", 2, 1, "other", 0), 15), (("table",), 18), (("table", "x", "y"), 19), (("table", "x", "z", "w"), 19),
        (("table", "sub"), 20), (("table", "sub", "a.b", "last"), 21), (("rows",), 23), (("rows", 0), 23), (("rows", 0, "n"), 24),
        (("rows", 0, "more", "n"), 26), (("rows", 0, "parts", 1), 28), (("rows", 0, "parts", 1, "n"), 29), (("rows", 1), 31),
        (("rows", 1, "more"), 33), (("rows", 1, "more", "n"), 34),
    ],
)  # fmt: skip
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_each_kind_of_key_has_its_line(path: KeyPath, line: int, line_end: str) -> None:
    text = TEXT.replace("\n", line_end)
    tomllib.loads(text)
    assert key_lines(text)[path] == line


def test_a_key_that_is_missing_has_the_line_of_the_table_around_it() -> None:
    lines = key_lines(TEXT)
    assert line_of(lines, ("rows", 1, "more", "missing", "deep")) == 33
    assert line_of(lines, ("missing",)) == 1
    assert key_lines("") == {} and line_of({}, ("a",)) == 1


def test_a_table_written_after_its_sub_table_has_its_own_line() -> None:
    assert key_lines("[a.b]\nx = 1\n[a]\ny = 2\n")[("a",)] == 3


# ---- any document ----------------------------------------------------------------------------------------------------

KEYS = st.one_of(
    st.text("abcdefghijklmnopqrstuvwxyzABC0123456789_-", min_size=1, max_size=6),
    st.text(st.sampled_from("a.b ][\"=#{},'é\\\t"), min_size=1, max_size=4),
)
NOISE = st.sampled_from(['""', '"a # b"', '"\\"]"', "'[x]'", "'\\'", '"""\nkey = [\n"""', "'''\n[a]\n\"'''", '"""""\\""""""', "true", "2026-09-01 07:00:00", "-1.5e3", "[]", "{}"])  # fmt: skip
COMMENTS = st.sampled_from(["", "", " # x", ' # "', " # ]"])


@dataclass
class Document:
    """A TOML text that grows, with markers: numbers that occur once, so that the line of each is known."""

    text: str = ""
    numbers: Any = field(default_factory=lambda: count(1_000_000))

    def marker(self) -> str:
        return str(next(self.numbers))


def quoted(key: str) -> str:
    plain = key.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return key if key and all(each.isascii() and (each.isalnum() or each in "_-") for each in key) else f'"{plain}"'


@st.composite
def documents(draw: st.DrawFn) -> str:
    document = Document()

    def value(depth: int) -> str:
        kind = draw(
            st.sampled_from(["marker", "marker", "noise", "list", "table"] if depth < 3 else ["marker", "noise"])
        )
        if kind == "marker":
            return document.marker()
        if kind == "noise":
            return draw(NOISE)
        if kind == "list":
            ends = draw(st.sampled_from([", ", ",\n  ", ", # ]\n", ",\n\n"]))
            return "[" + "".join(f"{value(depth + 1)}{ends}" for _ in range(draw(st.integers(0, 3)))) + "]"
        keys = draw(st.lists(KEYS, max_size=3, unique=True))
        return "{ " + ", ".join(f"{quoted(key)} = {value(depth + 1)}" for key in keys) + " }"

    def body(keys: list[str]) -> None:
        for key in keys:
            dotted = draw(st.booleans())
            name = f"{quoted(key)} . x" if dotted else quoted(key)
            document.text += f"{name} = {value(0)}{draw(COMMENTS)}\n" + draw(st.sampled_from(["", "\n", "# k = 1\n"]))

    names = draw(st.lists(KEYS, min_size=1, max_size=8, unique=True))
    cut = draw(st.integers(0, len(names)))
    body(names[:cut])
    for name in names[cut:]:
        if draw(st.booleans()):
            for _ in range(draw(st.integers(1, 3))):
                document.text += f"[[ {quoted(name)} ]]{draw(COMMENTS)}\n"
                body(draw(st.lists(KEYS.filter(lambda key: key != "sub"), max_size=2, unique=True)))
                if draw(st.booleans()):
                    document.text += f"[{quoted(name)}.sub]\n"
                    body(draw(st.lists(KEYS, max_size=2, unique=True)))
        else:
            document.text += f"[{quoted(name)}.{quoted(draw(KEYS))}]\n"
            body(draw(st.lists(KEYS, max_size=2, unique=True)))
    return document.text


def every_path(value: Any, path: KeyPath = ()) -> list[tuple[KeyPath, Any]]:
    inner: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    found = [((*path, key), each) for key, each in inner]
    return found + [deeper for key, each in inner for deeper in every_path(each, (*path, key))]


@given(documents())
def test_every_key_of_any_document_is_found_where_it_is_written(text: str) -> None:
    lines, rows = key_lines(text), text.split("\n")
    paths = every_path(tomllib.loads(text))
    assert set(lines) == {path for path, _ in paths}
    for path, value in paths:
        if isinstance(value, int) and value >= 1_000_000:
            assert str(value) in rows[lines[path] - 1], (path, value)
