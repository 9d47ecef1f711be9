"""Dates, days and halves of a day as people read them."""

import datetime as dt

HALVES = ("AM", "PM")
HALF_WORDS = {"AM": "morning", "PM": "afternoon"}


def in_words(on: dt.date) -> str:
    """21 November 2026"""
    return f"{on.day} {on:%B %Y}"


def weekday_in_words(on: dt.date) -> str:
    """Wednesday 14 January 2026"""
    return f"{on:%A} {in_words(on)}"


def weekday_without_year(on: dt.date) -> str:
    """Wednesday 14 January"""
    return f"{on:%A} {on.day} {on:%B}"


def moment_in_words(at: dt.date) -> str:
    """13 January 2026, 09:40: in the time zone of the value; a date alone is at 00:00"""
    return f"{in_words(at)}, {at:%H:%M}"
