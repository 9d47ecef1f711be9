"""Finds the edition of guidance and the enacted law in force on a day, and cites the right edition in a text.

The data is in `edition_table`; each entry there names its source and how well it was checked. Texts cite guidance by
its title alone; `cited` adds the edition in force on a given day.
"""

import re
from collections.abc import Iterable
from datetime import date
from types import MappingProxyType
from typing import TypeVar

from haven.rules.dates import in_words
from haven.rules.edition_table import (
    EDITIONS,
    GUIDANCE,
    PROVISIONS,
    READINGS,
    Check,
    Edition,
    Guidance,
    Provision,
    Reading,
)

__all__ = [
    "EDITIONS", "GUIDANCE", "PROVISIONS", "READINGS", "Check", "Edition", "Guidance", "NoEdition", "NoReading",
    "Provision", "Reading", "UnknownGuidance", "UnknownProvision", "cited", "citation", "edition_in_force",
    "guidance_in", "guidance_named", "is_in_force", "reading_on",
]  # fmt: skip

Dated = TypeVar("Dated", Edition, Reading)


class UnknownGuidance(LookupError):
    """No guidance of that id is in the table."""


class NoEdition(LookupError):
    """The table has no edition of the guidance for that day."""


class UnknownProvision(LookupError):
    """No provision of that id is in the table."""


class NoReading(LookupError):
    """The table has no answer for that day."""


_GUIDANCE = MappingProxyType({entry.id: entry for entry in GUIDANCE})
_PROVISIONS = MappingProxyType({entry.id: entry for entry in PROVISIONS})
_TITLES = MappingProxyType({title.casefold(): entry for entry in GUIDANCE for title in (entry.title, *entry.also)})
_TITLE = re.compile("|".join(sorted(map(re.escape, _TITLES), key=len, reverse=True)), re.IGNORECASE)


def guidance_named(guidance: str) -> Guidance:
    """The guidance of an id. Raises UnknownGuidance."""
    if guidance not in _GUIDANCE:
        raise UnknownGuidance(f"“{guidance}” is not in the table. It has: {', '.join(_GUIDANCE)}.")
    return _GUIDANCE[guidance]


def edition_in_force(guidance: str, on: date) -> Edition:
    """The edition of a guidance document (its id) that is in force on a day, both ends of its dates included.

    Raises UnknownGuidance for an id that is not in the table, NoEdition for a day that no edition covers.
    """
    title = guidance_named(guidance).title
    edition = _covering((entry for entry in EDITIONS if entry.guidance == guidance), on)
    if edition is None:
        raise NoEdition(f"No edition of “{title}” is known for {in_words(on)}.")
    return edition


def is_in_force(provision: str, on: date) -> bool:
    """Whether a provision (its id) is in force on a day; false without a known day of commencement. Raises
    UnknownProvision."""
    if provision not in _PROVISIONS:
        raise UnknownProvision(f"“{provision}” is not in the table. It has: {', '.join(_PROVISIONS)}.")
    begins_on = _PROVISIONS[provision].begins_on
    return begins_on is not None and begins_on <= on


def reading_on(reading: str, on: date) -> Reading:
    """The answer that a rule needs from guidance, on a day; its `value` is None where no answer was found.

    Raises NoReading for an id that is not in the table and for a day that no entry covers.
    """
    answer = _covering((entry for entry in READINGS if entry.id == reading), on)
    if answer is None:
        raise NoReading(f"No answer to “{reading}” is known for {in_words(on)}.")
    return answer


def citation(guidance: str, on: date) -> str:
    """The title of guidance (its id) with the edition in force on a day, marked where its contents were not verified:
    "Keeping children safe in education (2026 edition, contents not verified)". Raises as `edition_in_force` does."""
    edition = edition_in_force(guidance, on)
    marked = "" if edition.check is edition.contents is Check.VERIFIED else ", contents not verified"
    return f"{guidance_named(guidance).title} ({edition.edition} edition{marked})"


def cited(text: str, on: date) -> str:
    """Return a text with the edition in force on the day added after each title of guidance. A title without a known
    edition stays as it is, and so does a text without a title."""

    def with_edition(match: re.Match[str]) -> str:
        try:
            return citation(_TITLES[match[0].casefold()].id, on)
        except NoEdition:
            return match[0]

    return _TITLE.sub(with_edition, text)


def guidance_in(text: str) -> tuple[str, ...]:
    """The ids of the guidance that a text names, each once, in the order of the table. Line breaks count as spaces."""
    named = {_TITLES[match[0].casefold()].id for match in _TITLE.finditer(" ".join(text.split()))}
    return tuple(guidance for guidance in _GUIDANCE if guidance in named)


def _covering(entries: Iterable[Dated], on: date) -> Dated | None:
    return next(
        (
            entry
            for entry in entries
            if (entry.begins_on is None or entry.begins_on <= on) and (entry.ends_on is None or on <= entry.ends_on)
        ),
        None,
    )
