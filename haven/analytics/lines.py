"""Which lines of a long table were seen before, but for who they are about? One compiled pass over the bytes of a file.

A year of marks holds the same few thousand line ends (date, session, code) again and again behind some thousand line beginnings (whose
they are). Each beginning and each end is looked at once by the reader; this walk recognises it from then on, byte for byte, and puts
the number of its value into a matrix. It stops at the first line that it does not know, and decides nothing itself.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba.extending import register_jitable

from haven.analytics.compiled import compiled

NEW, AGAIN, END = 0, 1, 2
"""Why a walk stopped: at a line with something new in it; after a line whose place is taken; at the end of the piece."""

_SEED, _PRIME = np.uint64(14695981039346656037), np.uint64(1099511628211)  # FNV-1a, 64 bits
_NEWLINE, _RETURN = 10, 13
_EMPTY = -1


class Words:
    """Texts as bytes, numbered from 0 in the order in which they were added, to be found by the compiled walk."""

    def __init__(self) -> None:
        self.many, self._used = 0, 0
        self.letters = np.empty(1 << 12, np.uint8)
        self.starts = np.zeros(1 << 8, np.int64)
        self.table = np.full(1 << 9, _EMPTY, np.int64)

    def add(self, word: bytes) -> int:
        """The number of a word, which is not in here yet."""
        return self.add_all([word])

    def add_all(self, words: Sequence[bytes]) -> int:
        """The number of the first of some words, each another one, which are not in here yet; the others follow it."""
        first, many = self.many, self.many + len(words)
        while 2 * many > len(self.table):
            self.table = np.full(4 * len(self.table), _EMPTY, np.int64)
            _place_all(self.letters, self.starts, 0, self.many, self.table)
        while many + 1 > len(self.starts):
            self.starts = np.concatenate([self.starts, np.zeros(len(self.starts), np.int64)])
        end = self._used + sum(map(len, words))
        while end > len(self.letters):
            self.letters = np.concatenate([self.letters, np.empty(len(self.letters), np.uint8)])
        self.letters[self._used : end] = np.frombuffer(b"".join(words), np.uint8)
        self.starts[first + 1 : many + 1] = self._used + np.cumsum([len(word) for word in words])
        self._used, self.many = end, many
        _place_all(self.letters, self.starts, first, many, self.table)
        return first


def walk(
    text: Any, at: int, number: int, separator: int, firsts: Words, rests: Words, owners: Any, places: Any,
    values: Any, into: Any, rows: Any, blanks: Any,
) -> tuple[int, int, int, int, int]:  # fmt: skip
    """Walk whole lines from byte `at` of `text` (uint8), the first of them with this row number.

    A line is one of `firsts`, the separator, one of `rests`, a line end (LF or CR LF). `owners` says by the number of the first to
    which row of `into` (uint8 [owners, places]) it belongs; `places` and `values` by the number of the rest in which column its value
    goes and what it is; `rows` (uint32, same shape) gets the row number. A value of 0 is none: such lines are counted in `blanks[0]`, and
    `blanks[1]` is the row number of the first of them. Returns (why it stopped, byte, row number, first, rest): the line that is NEW is at that byte, and first and
    rest are those of its parts that are known; AGAIN is the line before it, which had the row number before, and its first and rest
    are named; otherwise both are -1. Nothing to walk: END.
    """
    return _walk(  # type: ignore[no-any-return]
        text, at, number, separator, firsts.letters, firsts.starts, firsts.table, rests.letters, rests.starts, rests.table,
        owners, places, values, into, rows, blanks,
    )  # fmt: skip


def ahead(
    text: Any, at: int, limit: int, separator: int, quotation: int, firsts: Words, rests: Words, spans: Any
) -> tuple[int, int]:
    """Look at the whole lines from byte `at` of `text` up to byte `limit`, as `walk` takes them, and enter nothing.

    Stops at the first line whose end is not one of `rests`, or that has a `quotation` mark in its beginning. Returns how many lines it
    passed, and how many of those have a beginning that is not one of `firsts`: where each of these begins and ends stands in `spans`
    (int64 [as many as it may be, 2]), so often as it comes. It stops when `spans` is full, too.
    """
    return _ahead(  # type: ignore[no-any-return]
        text, at, limit, separator, quotation, firsts.letters, firsts.starts, firsts.table, rests.letters, rests.starts,
        rests.table, spans,
    )  # fmt: skip


@register_jitable
def _hash(letters: Any, start: int, end: int) -> Any:
    found = _SEED
    for place in range(start, end):
        found = (found ^ np.uint64(letters[place])) * _PRIME
    return found


@register_jitable
def _slot(hashed: Any, size: int) -> Any:
    """The first slot to look in; the high bits are mixed into the low ones, by which the size of the table chooses."""
    return np.int64((hashed ^ (hashed >> np.uint64(32))) & np.uint64(size - 1))


@register_jitable
def _put(letters: Any, starts: Any, word: int, table: Any) -> None:
    slot = _slot(_hash(letters, starts[word], starts[word + 1]), len(table))
    while table[slot] != _EMPTY:
        slot = (slot + 1) & (len(table) - 1)
    table[slot] = word


@compiled
def _place_all(letters: Any, starts: Any, first: int, after: int, table: Any) -> None:
    for word in range(first, after):
        _put(letters, starts, word, table)


@register_jitable
def _find(text: Any, start: int, end: int, hashed: Any, letters: Any, starts: Any, table: Any) -> int:
    """The number of the word that stands in the text from `start` to `end`, or -1."""
    slot = _slot(hashed, len(table))
    while table[slot] != _EMPTY:
        word = table[slot]
        begin = starts[word]
        if starts[word + 1] - begin == end - start:
            same = True
            for offset in range(end - start):
                if text[start + offset] != letters[begin + offset]:
                    same = False
                    break
            if same:
                return int(word)
        slot = (slot + 1) & (len(table) - 1)
    return -1


@register_jitable
def _beginning(text: Any, at: int, size: int, separator: int) -> Any:
    """The hash of a line's beginning, and where it stops: at the separator, at the end of the line without one, or at `size`."""
    hashed, cut = _SEED, at
    while cut < size and text[cut] != separator and text[cut] != _NEWLINE and text[cut] != _RETURN:
        hashed = (hashed ^ np.uint64(text[cut])) * _PRIME
        cut += 1
    return hashed, cut


@register_jitable
def _ending(text: Any, at: int, size: int) -> Any:
    """The hash of the rest of a line, where it ends, and where the next line begins if this one is whole."""
    hashed, end = _SEED, at
    while end < size and text[end] != _NEWLINE and text[end] != _RETURN:
        hashed = (hashed ^ np.uint64(text[end])) * _PRIME
        end += 1
    return hashed, end, end + (2 if end < size and text[end] == _RETURN else 1)


@compiled
def _ahead(
    text: Any, at: int, limit: int, separator: int, quotation: int, first_letters: Any, first_starts: Any, first_table: Any,
    rest_letters: Any, rest_starts: Any, rest_table: Any, spans: Any,
) -> Any:  # fmt: skip
    size, lines, found = min(limit, len(text)), 0, 0
    while at < size and found < len(spans):
        hashed, cut = _beginning(text, at, size, separator)
        for i in range(at, cut):
            if text[i] == quotation:
                return lines, found
        if cut == size or text[cut] != separator:
            break
        first = _find(text, at, cut, hashed, first_letters, first_starts, first_table)
        hashed, end, after = _ending(text, cut + 1, size)
        if after > size or text[after - 1] != _NEWLINE:
            break
        if _find(text, cut + 1, end, hashed, rest_letters, rest_starts, rest_table) < 0:
            break
        lines += 1
        if first < 0:
            spans[found, 0], spans[found, 1] = at, cut
            found += 1
        at = after
    return lines, found


@compiled
def _walk(
    text: Any, at: int, number: int, separator: int, first_letters: Any, first_starts: Any, first_table: Any,
    rest_letters: Any, rest_starts: Any, rest_table: Any, owners: Any, places: Any, values: Any, into: Any, rows: Any, blanks: Any,
) -> Any:  # fmt: skip
    size = len(text)
    while at < size:
        hashed, cut = _beginning(text, at, size, separator)
        if cut == size or text[cut] != separator:
            return NEW, at, number, -1, -1
        first = _find(text, at, cut, hashed, first_letters, first_starts, first_table)
        hashed, end, after = _ending(text, cut + 1, size)
        if after > size or text[after - 1] != _NEWLINE:
            return NEW, at, number, -1, -1
        rest = _find(text, cut + 1, end, hashed, rest_letters, rest_starts, rest_table)
        if first < 0 or rest < 0:
            return NEW, at, number, first, rest
        at = after
        number += 1
        owner, place = owners[first], places[rest]
        if values[rest] == 0:
            if blanks[0] == 0:
                blanks[1] = number - 1
            blanks[0] += 1
            continue
        if into[owner, place] != 0:
            return AGAIN, at, number, first, rest
        into[owner, place] = values[rest]
        rows[owner, place] = number - 1
    return END, at, number, -1, -1
