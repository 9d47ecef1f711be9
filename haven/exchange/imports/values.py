"""Reads single values as offices write them: dates, with a sentence for invalid ones, yes and no, telephone numbers."""

from __future__ import annotations

import re
from datetime import date

from haven.exchange.imports import sentences
from haven.exchange.imports.problems import Problem
from haven.exchange.imports.sentences import Place
from haven.rules.sessions import BadDate, parse_date

_TWO_DIGITS = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}")
_DASHED = re.compile(r"(\d{1,2})[.-](\d{1,2})[.-](\d{4})")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
MONTHS, LONGEST_MONTH = 12, 31
FIRST_YEAR = 1900
"""An earlier year is one of two digits that a program filled up."""
_WITH_TIME = re.compile(r"(\S+)[ T]0?0:00(:00(\.0+)?)?")
_YES = frozenset(["y", "yes", "true", "t", "1"])
_NO = frozenset(["n", "no", "false", "f", "0"])
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?) ?([0-9][A-Z]{2})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
FORMULA = ("=", "+", "@", "\t")


def read_date(text: str, *, at: Place) -> date | Problem:
    """A date written 2026-11-21, 21/11/2026, 21-11-2026 or 21.11.2026; a time of midnight after it is ignored."""
    cell = text.strip()
    if match := _WITH_TIME.fullmatch(cell):
        cell = match[1]
    if _TWO_DIGITS.fullmatch(cell):
        return sentences.two_digit_year(at, text=cell)
    if match := _DASHED.fullmatch(cell):
        cell = "/".join(match.groups())
    if (match := _SLASHED.fullmatch(cell)) and int(match[1]) <= MONTHS < int(match[2]) <= LONGEST_MONTH:
        return sentences.month_first(at, text=cell)
    try:
        day = parse_date(cell)
    except BadDate as fault:
        return sentences.bad_date(at, why=str(fault))
    return day if day.year >= FIRST_YEAR else sentences.two_digit_year(at, text=cell)


def read_whole_number(text: str, *, what: str, at: Place) -> int | Problem | None:
    """A whole number of 0 or more; None for an empty cell."""
    cell = text.strip()
    if not cell:
        return None
    return (
        int(cell)
        if cell.isascii() and cell.isdigit() and len(cell) < 10
        else sentences.bad_number(at, text=cell, what=what)
    )


def read_yes_no(text: str, *, what: str, at: Place) -> bool | Problem | None:
    """Yes or no in the usual ways of writing it; None for an empty cell."""
    cell = text.strip().casefold()
    if not cell:
        return None
    if cell in _YES:
        return True
    if cell in _NO:
        return False
    return sentences.value_unknown(at, text=text, what=what, choices="Y or N")


def postcode_of(text: str) -> str | None:
    """The postcode in capitals with its space; None if the text is not a postcode."""
    match = _POSTCODE.fullmatch(" ".join(text.upper().split()))
    return f"{match[1]} {match[2]}" if match else None


def is_email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def with_leading_zero(phone: str) -> str | None:
    """The telephone number with the leading 0 that a spreadsheet removed; None if nothing was removed."""
    digits = phone.replace(" ", "")
    return f"0{digits}" if digits.isdigit() and len(digits) in (9, 10) and digits[0] != "0" else None


def is_formula(text: str) -> bool:
    return text.startswith(FORMULA)
