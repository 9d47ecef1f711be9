"""Folds names for search: lower case, without accents, apostrophes, hyphens and blanks.

So "O'Brien-Ñandú" is found by "obr", "O'Br", "o brien" and "nan". Names themselves are always stored and shown as written.
"""

import re
import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_BETWEEN = re.compile(r"[\s\-‐‑–—/,]+")


@lru_cache(maxsize=20_000)
def fold(name: str) -> str:
    """The key of a name: letters and digits alone, lower case, no accents. An empty name, or one of marks only, gives ""."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold().translate(_LETTERS))
    return "".join(letter for letter in plain if letter.isalnum())


def fold_words(text: str) -> list[str]:
    """The keys of the words of a text, split at blanks, hyphens and commas; a word of marks alone has no key."""
    return [key for key in map(fold, _BETWEEN.split(text)) if key]


def names_key(*names: str) -> str:
    """Every name folded whole and word by word, each once, with a blank before it: " obriennandu obrien nandu siobhan"."""
    keys = dict.fromkeys(key for name in names for key in (fold(name), *fold_words(name)) if key)
    return "".join(f" {key}" for key in keys)
