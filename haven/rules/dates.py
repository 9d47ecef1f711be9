"""Dates as people read them, in the sentences of rules (haven.platform.dates has those of pages, which do not import rules)."""

from datetime import date


def in_words(on: date) -> str:
    """21 November 2026"""
    return f"{on.day} {on:%B %Y}"
