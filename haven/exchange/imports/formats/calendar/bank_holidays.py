"""The published bank holidays of England and Wales, and what a calendar says against them.

Source: GOV.UK, `bank-holidays.json`, Open Government Licence v3.0, 2012 to 2028, as published in 2026. A calendar of other years is not
compared.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path

ENGLAND = "england-and-wales"
PUBLISHED = Path(__file__).with_name("bank-holidays.json")


@cache
def published() -> Mapping[date, str]:
    """Titles by date, in the order of the file."""
    events = json.loads(PUBLISHED.read_text("utf-8"))[ENGLAND]["events"]
    return {date.fromisoformat(event["date"]): str(event["title"]) for event in events}


def open_on(days: Collection[date]) -> Iterator[tuple[date, str]]:
    """The bank holidays among the days on which a school is open, with their titles."""
    return ((on, title) for on, title in published().items() if on in days)


def is_none(on: date) -> bool:
    """Whether a day is known to be no bank holiday: its year was published, and the day is not among them."""
    return on not in published() and on.year in {day.year for day in published()}
