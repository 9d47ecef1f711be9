"""Parts of addresses: a day, half a day, an academic year. Registered once, here."""

from datetime import date

from django.urls import register_converter

from haven.rules.sessions import year_bounds


class Day:
    """A day in an address: 2026-01-14."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


class Year:
    """An academic year in an address: 2025-26."""

    regex = r"\d{4}-\d{2}"

    def to_python(self, value: str) -> str:
        year_bounds(value)  # ValueError: no such year, so no such page
        return value

    def to_url(self, value: str) -> str:
        return value


class HalfDay:
    """AM or PM."""

    regex = "AM|PM"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)


register_converter(Day, "iso_day")
register_converter(HalfDay, "half")
register_converter(Year, "school_year")
