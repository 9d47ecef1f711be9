"""Published figures and layouts that several tests read. `tests/data/README.md` names the source, licence and date of each file."""

import csv
import json
from datetime import date
from pathlib import Path

from haven.exchange.imports.formats.calendar import bank_holidays as bank_holidays_file

DATA = Path(__file__).parents[1] / "data"


def attendance_rows(name: str) -> list[dict[str, str]]:
    """The rows of a file of `tests/data/attendance`, by column heading."""
    with (DATA / "attendance" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def national_rows() -> dict[str, dict[str, str]]:
    """England's row of the academic year 2025-26 to date for each phase, by the phase's published name."""
    rows = attendance_rows("year_to_date_2025-26.csv")
    return {row["education_phase"]: row for row in rows if row["geographic_level"] == "National"}


def bank_holidays() -> set[date]:
    """The published bank holidays of England and Wales, 2012 to 2028."""
    published = json.loads(bank_holidays_file.PUBLISHED.read_text(encoding="utf-8"))
    return {date.fromisoformat(event["date"]) for event in published["england-and-wales"]["events"]}
