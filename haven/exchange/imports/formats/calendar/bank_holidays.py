"""Bank holidays from the file that GOV.UK publishes (`bank-holidays.json`)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from haven.exchange.imports.problems import FileRejected, error

ENGLAND = "england-and-wales"


def read(path: str | Path, *, division: str = ENGLAND) -> dict[date, str]:
    """Titles by date, in the order of the file. Raises FileRejected if the file is not the one that GOV.UK publishes."""
    name = Path(path).name
    try:
        events = json.loads(Path(path).read_text("utf-8"))[division]["events"]
        return {date.fromisoformat(event["date"]): str(event["title"]) for event in events}
    except (OSError, ValueError, KeyError, TypeError):
        message = "This is not the bank holiday file of GOV.UK. Download https://www.gov.uk/bank-holidays.json again."
        raise FileRejected(error(file=name, code="bank_holidays", message=message)) from None
