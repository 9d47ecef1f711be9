"""Text of cells in files that people open in a spreadsheet program."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Characters with which a spreadsheet program may begin a formula; the last four are the full-width forms of the first four.

Source: OWASP, "CSV Injection" (https://owasp.org/www-community/attacks/CSV_Injection).
"""

_BLANKS = " \N{NO-BREAK SPACE}"
_MAY_RUN = re.compile(f"[{_BLANKS}]*[{re.escape(''.join(FORMULA_STARTS))}]")
_GUARDED = re.compile(rf"'+{_MAY_RUN.pattern}")
"""An apostrophe before such a text. A text that begins like this gets another one, so that the guard can always be taken off."""


def safe_cell(value: Any) -> str:
    """The text of one cell of a CSV or XLSX file. No spreadsheet program runs it as a formula.

    None gives an empty text, a boolean Yes or No, a date its ISO form, a number its digits. A text that begins with one of
    FORMULA_STARTS, with or without spaces before it, gets an apostrophe in front. A negative number is a number by its type and
    stays as it is; the text "-3" is a text and gets the apostrophe.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, dt.date | int | float | Decimal):
        return str(value)
    text = str(value)
    return f"'{text}" if _MAY_RUN.match(text) or _GUARDED.match(text) else text


def read_cell(text: str) -> str:
    """The text that `safe_cell` wrote, so that what Haven exports comes back as it was; any other text is unchanged."""
    return text[1:] if _GUARDED.match(text) else text


def is_phone(text: str) -> bool:
    """Whether a text may be a telephone number: at least seven digits, and otherwise only what is usual beside them."""
    digits = sum(character.isdigit() for character in text)
    return 7 <= digits <= 15 and re.fullmatch(r"[0-9+()\s./-]+(\s*(ext|x)\.?\s*\d+)?", text, re.I) is not None
