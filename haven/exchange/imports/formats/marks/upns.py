"""Which of many texts are UPNs? All of them worked out at once: the file of a day has some thousand new ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from haven.rules.identifiers import CHECK_LETTERS, is_valid_upn

_LENGTH, _NONE = 13, 255
_LETTERS = np.frombuffer(CHECK_LETTERS.encode(), np.uint8)
_VALUES = np.full(256, _NONE, np.uint8)
_VALUES[ord("0") : ord("9") + 1] = np.arange(10)
_VALUES[_LETTERS] = np.arange(len(_LETTERS))
_PLACES = np.arange(2, _LENGTH + 1)


def good_upns(texts: Sequence[bytes], codec: str) -> list[bool]:
    """Of each text whether it is exactly a UPN (`rules.identifiers.is_valid_upn`). `codec` is one in which a digit and a capital letter are
    the bytes that they are in ASCII. Raises UnicodeDecodeError for a text of another length that is not of that codec."""
    joined = b"".join(texts)
    if len(joined) != _LENGTH * len(texts) or any(len(text) != _LENGTH for text in texts):
        return [is_valid_upn(text.decode(codec)) for text in texts]
    letters = np.frombuffer(joined, np.uint8).reshape(-1, _LENGTH)
    is_digit = (letters >= ord("0")) & (letters <= ord("9"))
    good: Any = is_digit[:, 1:-1].all(axis=1) & (_VALUES[letters[:, -1]] != _NONE)
    weighed = _VALUES[letters[:, 1:]].astype(np.int64) @ _PLACES
    good &= letters[:, 0] == _LETTERS[weighed % len(_LETTERS)]
    return good.tolist()  # type: ignore[no-any-return]
