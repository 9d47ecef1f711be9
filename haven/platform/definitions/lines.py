"""Finds the line of each key of a TOML file. `tomllib` gives line numbers for syntax errors only."""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator

from haven.platform.definitions.errors import KeyPath

_SPACE = re.compile(r"[ \t]*")
_BETWEEN = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
"""White space, line ends, comments and commas between the items of a list or the lines of a file."""
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_PLAIN_VALUE = re.compile(r"[^,\]}#\r\n]+")


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line, counted from 1, of each table, key and list item of a TOML text.

    A key that is mentioned several times, as the table of its sub-tables, has the line where it is written out; otherwise the line of
    its first mention. Empty for a text without keys. The text must be valid TOML: parse it with `tomllib` first.
    """
    return _Scanner(text).scan()


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """The line of a key, or of the nearest table around it if the file does not have the key; 1 if it has neither."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Scanner:
    """Reads valid TOML once from the beginning to the end, and records where each key begins."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line_ends = [match.start() for match in re.finditer("\n", text)]
        self.lines: dict[KeyPath, int] = {}
        self.tables_in: dict[KeyPath, int] = {}
        """The number of tables so far in each list of tables."""

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self._skip(_BETWEEN) < len(self.text):
            if self._next_is("[["):
                table = self._table_of_list()
            elif self._next_is("["):
                table = self._table()
            else:
                self._key_and_value(table)
        return self.lines

    # ---- tables ------------------------------------------------------------------------------------------------------

    def _table(self) -> KeyPath:
        line = self._line()
        self.at += 1
        path = self._in_lists(list(self._key()))
        self._take("]")
        self._note_parents(path, line)
        self.lines[path] = line
        return path

    def _table_of_list(self) -> KeyPath:
        line = self._line()
        self.at += 2
        *parents, last = self._key()
        path = (*self._in_lists(parents), last)
        self._take("]]")
        place = self.tables_in.get(path, 0)
        self.tables_in[path] = place + 1
        self._note_parents((*path, place), line)
        self.lines[*path, place] = line
        return (*path, place)

    def _in_lists(self, keys: list[str]) -> KeyPath:
        """The path of a table's key: `[a.b]` after `[[a]]` belongs to the last table of the list `a`."""
        path: KeyPath = ()
        for key in keys:
            path = (*path, key)
            if path in self.tables_in:
                path = (*path, self.tables_in[path] - 1)
        return path

    # ---- keys and values ---------------------------------------------------------------------------------------------

    def _key_and_value(self, table: KeyPath) -> None:
        line = self._line()
        path = (*table, *self._key())
        self._note_parents(path, line)
        self.lines[path] = line
        self._take("=")
        self._value(path)

    def _key(self) -> Iterator[str]:
        """The parts of a key such as `a."b c".d`."""
        while True:
            self._skip(_SPACE)
            if match := _STRING.match(self.text, self.at):
                yield str(tomllib.loads(f"key = {match[0]}")["key"])
            else:
                match = _BARE_KEY.match(self.text, self.at)
                if match is None:
                    raise ValueError(f"There is no key at line {self._line()}: the text is not valid TOML.")
                yield match[0]
            self.at = match.end()
            self._skip(_SPACE)
            if not self._next_is("."):
                return
            self.at += 1

    def _value(self, path: KeyPath) -> None:
        self._skip(_SPACE)
        if self._next_is("["):
            self._list(path)
        elif self._next_is("{"):
            self._inline_table(path)
        else:
            match = _STRING.match(self.text, self.at) or _PLAIN_VALUE.match(self.text, self.at)
            self.at = match.end() if match else self.at + 1

    def _list(self, path: KeyPath) -> None:
        self.at += 1
        place = 0
        while self._skip(_BETWEEN) < len(self.text) and not self._next_is("]"):
            self.lines[*path, place] = self._line()
            self._value((*path, place))
            place += 1
        self.at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while self._skip(_BETWEEN) < len(self.text) and not self._next_is("}"):
            self._key_and_value(path)
        self.at += 1

    # ---- the text ----------------------------------------------------------------------------------------------------

    def _note_parents(self, path: KeyPath, line: int) -> None:
        for length in range(1, len(path)):
            self.lines.setdefault(path[:length], line)

    def _line(self) -> int:
        return bisect_left(self.line_ends, self.at) + 1

    def _next_is(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at

    def _take(self, text: str) -> None:
        self._skip(_SPACE)
        self.at += len(text)
