"""Reads, classifies and packs the marks of a register.

Follows the table in `attendance_code_table` (SI 2024/208 regulation 10; Working together to improve school attendance;
the Department's published counts by code). The class of a code depends on the day: `J` counted as attendance until 18
August 2024, its successor `J1` is an absence.

**X in the pandemic.** From September 2020 to March 2022 `X` also meant "not attending because of coronavirus". The
Department's figures of those years count such sessions as possible but not as absence. Haven classes `X` as not
possible on every day, because a register does not distinguish a pandemic X from an X for age. Possible is still
attended plus absent, so the attendance and absence rates add up to one, and no pupil gains or loses an absence. The
cost is that Haven reports fewer possible sessions for those terms than the published figures: the difference is the
number of X. `x_counted_as_possible` tells a page for which days to say so.

**Withdrawn codes.** `classify` refuses a code that is not in force on its day. A stray `H` in 2025 is an error for the
school to correct.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from haven.rules.attendance_code import REGULATIONS_2024, Class, Code
from haven.rules.attendance_code_table import CODES
from haven.rules.dates import in_words

__all__ = [
    "CLASS_NUMBERS", "CODES", "MISSING", "REGULATIONS_2024", "UNKNOWN", "Class", "Code", "UnknownCode", "class_spans",
    "class_table", "classify", "code_for", "codes_in_force", "from_byte", "last_class", "parse_symbol", "split_marks",
    "to_byte", "x_counted_as_possible",
]  # fmt: skip

MISSING = ord(".")
"""The byte of an empty place in a packed sheet: no mark. It counts as neither possible, absent nor present."""

CLASS_NUMBERS: dict[Class | None, int] = {
    None: 0,
    Class.PRESENT: 1,
    Class.APPROVED_ACTIVITY: 2,
    Class.AUTHORISED: 3,
    Class.UNAUTHORISED: 4,
    Class.NOT_POSSIBLE: 5,
}
"""Numbers in `class_table`: 0 missing, 1 present, 2 approved activity, 3 authorised, 4 unauthorised, 5 not possible.
So attended is 1 or 2, absent is 3 or 4, possible is 1 to 4."""
UNKNOWN = 255
"""Number in `class_table` of a byte that is not a code in force that day."""

COVID_X_FROM, COVID_X_TO = date(2020, 9, 1), date(2022, 3, 31)

_BY_SYMBOL: dict[str, Code] = {code.symbol: code for code in CODES}
_BY_BYTE: dict[int, str] = {ord(code.byte): code.symbol for code in CODES}


class UnknownCode(ValueError):
    """The text is not an attendance code, or the code is not in force on that day. The message is for the user."""


def code_for(symbol: str) -> Code:
    """Return the table's row for a code of any year, such as "C2". Raises UnknownCode."""
    try:
        return _BY_SYMBOL[symbol]
    except KeyError:
        raise UnknownCode(f"“{symbol}” is not an attendance code.") from None


def classify(symbol: str, on: date) -> Class:
    """Return what a mark counts as on the day of its session.

    `symbol` is the code exactly as in the table ("/", "C2"); `on` is the date of the session. Raises UnknownCode for
    anything else, and for a code that is not in force on that day. Source: SI 2024/208 regulation 10 and the
    Department's published columns.
    """
    code = code_for(symbol)
    if code.is_in_force(on):
        return code.classed
    if code.valid_to is not None and on > code.valid_to:
        raise UnknownCode(f"Code {symbol} ({code.name}) was withdrawn after {in_words(code.valid_to)}.")
    assert code.valid_from is not None
    raise UnknownCode(f"Code {symbol} ({code.name}) did not exist before {in_words(code.valid_from)}.")


def last_class(symbol: str, on: date) -> Class:
    """As `classify`, but a withdrawn code keeps its last class.

    This is for sums over published figures: the Department's counts of 2025-26 still contain a few hundred H and J, and
    count them so. Raises UnknownCode for any other text.
    """
    code = code_for(symbol)
    if code.valid_to is not None and on > code.valid_to:
        return code.classed
    return classify(symbol, on)


def codes_in_force(on: date, half: str | None = None) -> tuple[Code, ...]:
    """The codes that a register may contain on a day, in picker order; `half` limits them to "AM" or "PM"."""
    return tuple(code for code in CODES if code.is_in_force(on) and half in (None, code.half or half))


def x_counted_as_possible(on: date) -> bool:
    """Whether published figures of that day counted X as possible (September 2020 to March 2022)."""
    return COVID_X_FROM <= on <= COVID_X_TO


def parse_symbol(text: str | None, mapping: Mapping[str, str] | None = None) -> str | None:
    """Return the code in one cell of a file or a register; None where there is no mark (blank or "-").

    Surrounding blanks are ignored. Codes are one or two characters, capitals only. `mapping` translates a supplier's
    own sub-codes ({"I01": "I"}) and is looked up first; without a mapping such a sub-code is refused. Raises
    UnknownCode with a sentence that says what to do. `classify` checks whether the code is in force on its day.
    """
    cell = (text or "").strip()
    if mapping and cell in mapping:
        cell = mapping[cell].strip()
    if cell in ("", "-"):
        return None
    if cell in _BY_SYMBOL:
        return cell
    if cell.upper() in _BY_SYMBOL:
        raise UnknownCode(
            f"“{cell}” is not an attendance code. Codes are capital letters: did you mean {cell.upper()}?"
        )
    if len(cell) > 2 and cell[0] in _BY_SYMBOL and cell[1:].isdigit():
        raise UnknownCode(f"“{cell}” is a code of the school's own system. Enter the national code instead.")
    raise UnknownCode(f"“{cell[:20]}” is not an attendance code.")


def split_marks(text: str) -> list[str | None]:
    """The marks in one unbroken string, by longest match: "/C2I-" is /, C2, I and no mark. Raises UnknownCode."""
    marks: list[str | None] = []
    rest = text
    while rest:
        size = 2 if rest[:2] in _BY_SYMBOL else 1
        marks.append(parse_symbol(rest[:size]))
        rest = rest[size:]
    return marks


def to_byte(symbol: str | None) -> int:
    """The byte of a code in a packed sheet; MISSING for None. Raises UnknownCode."""
    return MISSING if symbol is None else ord(code_for(symbol).byte)


def from_byte(byte: int) -> str | None:
    """The code of a byte in a packed sheet; None for MISSING. Raises UnknownCode."""
    if byte == MISSING:
        return None
    try:
        return _BY_BYTE[byte]
    except KeyError:
        raise UnknownCode(f"Byte {byte} is not an attendance code.") from None


def class_table(on: date) -> bytes:
    """256 class numbers, one for each byte of a packed sheet, as of a day (see CLASS_NUMBERS, UNKNOWN).

    One table serves all dates between two changes of the codes; `class_spans` gives those spans. The only recorded
    changes, after 31 August 2013 and on 19 August 2024, are in summer holidays. So one table serves a school year: use
    the date of the year's first session.
    """
    table = bytearray([UNKNOWN]) * 256
    table[MISSING] = CLASS_NUMBERS[None]
    for code in codes_in_force(on):
        table[ord(code.byte)] = CLASS_NUMBERS[code.classed]
    return bytes(table)


def class_spans(start: date, end: date) -> tuple[tuple[date, date], ...]:
    """The spans of start..end (inclusive) over which `class_table` stays the same; none if end < start."""
    changes = {code.valid_from for code in CODES if code.valid_from}
    changes |= {code.valid_to + timedelta(days=1) for code in CODES if code.valid_to}
    firsts = [start, *sorted(day for day in changes if start < day <= end)]
    lasts = [day - timedelta(days=1) for day in firsts[1:]] + [end]
    return tuple(zip(firsts, lasts, strict=True)) if start <= end else ()
