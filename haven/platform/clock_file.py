"""The demonstration's clock: it starts on a school morning, whatever the real day is.

`<data folder>/clock.json` holds the seconds between the demonstration's time and the real time while `haven run` serves it, and the moment
at which its clock is stopped otherwise. Without the file only the real clock is used.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

NAME = "clock.json"


def read_offset(data: Path) -> float:
    """Seconds to add to the real clock; 0 without a demonstration."""
    facts = _facts(data)
    if "stands_at" in facts:
        return (datetime.fromisoformat(facts["stands_at"]) - datetime.now(UTC)).total_seconds()
    return float(facts.get("offset_seconds", 0.0))


def stands_at(data: Path) -> datetime | None:
    """The moment at which the demonstration's clock was stopped; None if it is running, was interrupted, or does not exist."""
    facts = _facts(data)
    return datetime.fromisoformat(facts["stands_at"]) if "stands_at" in facts else None


def write_offset(data: Path, *, shown: datetime, real: datetime) -> float:
    """Start the demonstration's clock so that it shows `shown` at the real moment `real`. Returns the seconds between them."""
    offset = (shown - real).total_seconds()
    (data / NAME).write_text(json.dumps({"offset_seconds": offset}))
    return offset


def stop_at(data: Path, shown: datetime) -> None:
    """Stop the demonstration's clock at `shown` until it is served again."""
    (data / NAME).write_text(json.dumps({"stands_at": shown.isoformat()}))


def _facts(data: Path) -> dict[str, str]:
    path = data / NAME
    facts: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return facts
