"""Converts year group, sex, special educational needs and enrolment from the spellings of schools to one form."""

from __future__ import annotations

import re

_YEAR = re.compile(r"(?:nc)?\s*(?:year|yr|y)?\s*0?(1[0-4]|[1-9])", re.I)
_EARLY = {
    "r": "R",
    "reception": "R",
    "yr": "R",
    "year r": "R",
    "0": "R",
    "year 0": "R",
    "n1": "N1",
    "nursery 1": "N1",
    "n2": "N2",
    "nursery 2": "N2",
    "nursery": "N2",
}
_SEXES = {"m": "M", "male": "M", "boy": "M", "f": "F", "female": "F", "girl": "F"}
_SEN = {
    "n": "N",
    "no": "N",
    "none": "N",
    "no special educational need": "N",
    "k": "K",
    "sen support": "K",
    "support": "K",
    "e": "E",
    "ehcp": "E",
    "ehc plan": "E",
    "education, health and care plan": "E",
}
_ENROLMENTS = {
    "c": "C",
    "current": "C",
    "single": "C",
    "m": "M",
    "main": "M",
    "main dual registration": "M",
    "s": "S",
    "subsidiary": "S",
    "subsidiary dual registration": "S",
    "g": "G",
    "guest": "G",
}
"""Codes of the school census: current, main and subsidiary of a dual registration, guest."""


def year_group_of(text: str) -> str | None:
    """R, 1 to 14, N1 or N2; None if the text is not a year group."""
    cell = " ".join(text.casefold().split())
    if cell in _EARLY:
        return _EARLY[cell]
    match = _YEAR.fullmatch(cell)
    return match[1] if match else None


def sex_of(text: str) -> str | None:
    return _SEXES.get(text.strip().casefold())


def sen_of(text: str) -> str | None:
    return _SEN.get(" ".join(text.casefold().split()))


def enrolment_of(text: str) -> str | None:
    return _ENROLMENTS.get(" ".join(text.casefold().split()))
