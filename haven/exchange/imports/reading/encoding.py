"""Detects the encoding of a text file.

Order: byte order mark; zero bytes in every second place (UTF-16 without a mark); UTF-8 if the whole file is valid; Windows-1252, which
office programs in England write; Latin-1 last, which accepts everything. The whole file is examined in pieces, because the first accented
name may be in the last row.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from haven.exchange.imports.problems import Problem, error, query

_PIECE = 1 << 20
_SPOKEN = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a byte order mark",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 without a byte order mark",
    "utf-16-be": "UTF-16 without a byte order mark",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "latin-1": "Latin-1 (ISO 8859-1)",
}


@dataclass(frozen=True, slots=True)
class Encoding:
    """The codec, and whether the text contains zero characters, which no table may contain."""

    codec: str
    has_nul: bool

    @property
    def spoken(self) -> str:
        return _SPOKEN[self.codec]

    @property
    def is_guess(self) -> bool:
        return self.codec in ("cp1252", "latin-1")


def encoding_of(stream: BinaryIO, *, name: str) -> Encoding | Problem:
    """The encoding that fits the whole stream, or the problem that refuses it; the stream is rewound."""
    stream.seek(0)
    head = stream.read(_PIECE)
    for codec in _candidates(head):
        has_nul = _decodes(stream, codec)
        if has_nul is not None:
            stream.seek(0)
            return Encoding(codec, has_nul)
    stream.seek(0)
    return error(
        file=name,
        code="file_damaged",
        message="The text in this file is damaged and cannot be read. Save it again as CSV (UTF-8) and upload it.",
    )


def remark_about(encoding: Encoding, *, name: str) -> Problem | None:
    """A query if the encoding was not certain."""
    if not encoding.is_guess:
        return None
    return query(
        file=name,
        code="encoding_guessed",
        message=(
            f"The file is not UTF-8 and was read as {encoding.spoken}. Check a name with an accent or an apostrophe. "
            "If it is wrong, save the file again as CSV (UTF-8)."
        ),
    )


def _candidates(head: bytes) -> Iterator[str]:
    if head.startswith(codecs.BOM_UTF8):
        yield "utf-8-sig"
    elif head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        yield "utf-32"
    elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield "utf-16"
        return
    elif (codec := _utf16_by_zeros(head)) is not None:
        yield codec
    yield from ("utf-8", "cp1252", "latin-1")


def _utf16_by_zeros(head: bytes) -> str | None:
    """UTF-16 text in the Latin alphabet has a zero in most of either the odd or the even places, and few in the others."""
    sample = head[:4096]
    half = len(sample) // 2
    if half < 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _decodes(stream: BinaryIO, codec: str) -> bool | None:
    """Whether the decoded text contains a zero character; None if the stream is not valid in this codec."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(codec)()
    has_nul = False
    try:
        while piece := stream.read(_PIECE):
            has_nul = "\0" in decoder.decode(piece) or has_nul
        has_nul = "\0" in decoder.decode(b"", final=True) or has_nul
    except UnicodeDecodeError:
        return None
    return has_nul
