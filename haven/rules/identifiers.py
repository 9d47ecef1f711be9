"""Checks unique pupil numbers (UPNs), recognises temporary ones and explains errors.

Unique pupil numbers (UPNs): a guide for schools and local authorities, version 1.2 (June 2019), annex A: check letter,
local authority (3 digits), establishment (4), year in which the academic year of allocation began (2), serial number
(3). A temporary UPN (section 6.1) ends in a letter. The check letter is the sum of position x value over characters 2
to 13, modulo 23, in a table without I, O and S; a letter in the last place has its value in the same table.
"""

import re
from functools import cache
from itertools import count
from operator import mul

CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_DIGITS = "0123456789"
_BODY = re.compile(f"[0-9]{{11}}[0-9{CHECK_LETTERS}]")
_VALUES = {character: value for letters in (_DIGITS, CHECK_LETTERS) for value, character in enumerate(letters)}
_CONFUSED = {"I": "1", "O": "0", "S": "5"}


def is_valid_upn(text: str) -> bool:
    """Whether the text is exactly a UPN, permanent or temporary: 13 characters, capitals, right check letter."""
    return why_upn_is_wrong(text) is None


def is_temporary_upn(text: str) -> bool:
    """Whether the text is a valid temporary UPN, that is, one that ends in a letter."""
    return is_valid_upn(text) and text[-1] not in _DIGITS


def why_upn_is_wrong(text: str) -> str | None:
    """One sentence for the user about the error in a UPN, or None when the UPN is valid.

    The sentence never names the correct check letter: a UPN is corrected from its source, not by guessing.
    """
    if _BODY.fullmatch(text, 1) and text[0] == _letter_before(text[1:]):
        return None
    if not text:
        return "The UPN is missing."
    if len(text) != 13:
        return f"A UPN has 13 characters; this has {len(text)}."
    if text != text.upper():
        return "A UPN is written in capital letters."
    if text[0] not in CHECK_LETTERS:
        return f"A UPN begins with a letter other than I, O and S; this begins with “{text[0]}”."
    for place, character in enumerate(text[1:12], start=2):
        if character not in _DIGITS:
            return f"Character {place} of a UPN is a digit; this has “{character}”.{_perhaps(character)}"
    if text[12] not in _DIGITS + CHECK_LETTERS:
        return f"The last character of a UPN is a digit, or a letter other than I, O and S; this has “{text[12]}”."
    return "The first letter does not match the rest of this UPN. A character is wrong, or two are swapped."


def check_letter(body: str) -> str:
    """The check letter for characters 2 to 13 of a UPN (11 digits, then a digit or letter). Raises ValueError."""
    if _BODY.fullmatch(body) is None:
        raise ValueError("A UPN continues with eleven digits and a digit or letter.")
    return _letter_before(body)


def _letter_before(body: str) -> str:
    """The check letter for twelve characters of valid form."""
    return CHECK_LETTERS[
        (_weighed(2, body[:3]) + _weighed(5, body[3:6]) + _weighed(8, body[6:9]) + _weighed(11, body[9:])) % 23
    ]


@cache
def _weighed(place: int, characters: str) -> int:
    """Three characters, the first of them at a position of the UPN, each times its position. A county has about a
    thousand of these."""
    return sum(map(mul, count(place), map(_VALUES.__getitem__, characters)))


def make_upn(la: int, estab: int, year: int, serial: int) -> str:
    """A permanent UPN for a made-up pupil of the demonstration or a test.

    `la` 3 digits, `estab` 4, `year` in which the academic year begins (2025), `serial` 0 to 999. Raises ValueError.
    """
    if not (0 <= la <= 999 and 0 <= estab <= 9999 and year >= 0 and 0 <= serial <= 999):
        raise ValueError("A UPN has a three-digit authority, a four-digit school and a three-digit serial number.")
    body = f"{la:03d}{estab:04d}{year % 100:02d}{serial:03d}"
    return check_letter(body) + body


def _perhaps(character: str) -> str:
    return f" Perhaps {_CONFUSED[character]}." if character in _CONFUSED else ""
