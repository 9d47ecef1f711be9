"""The demonstration's own clock: it stands on a school morning, whatever the day is outside.

`<data folder>/clock.json` holds the seconds between the demonstration's time and ours while `haven run` serves it, and the moment at which
it stands while nobody does. Without the file there is one clock, the real one.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

NAME = "clock.json"


def read_offset(data: Path) -> float:
    """Seconds to add to the real clock; 0 where there is no demonstration."""
    facts = _facts(data)
    if "stands_at" in facts:
        return (datetime.fromisoformat(facts["stands_at"]) - datetime.now(UTC)).total_seconds()
    return float(facts.get("offset_seconds", 0.0))


def stands_at(data: Path) -> datetime | None:
    """The moment at which the demonstration's clock was stopped; None where it runs, was cut off, or is not there."""
    facts = _facts(data)
    return datetime.fromisoformat(facts["stands_at"]) if "stands_at" in facts else None


def write_offset(data: Path, *, shown: datetime, real: datetime) -> float:
    """Let the demonstration's clock show `shown` at the real moment `real`, and run on. Returns the seconds between them."""
    offset = (shown - real).total_seconds()
    (data / NAME).write_text(json.dumps({"offset_seconds": offset}))
    return offset


def stop_at(data: Path, shown: datetime) -> None:
    """Let the demonstration's clock stand at `shown` until it is served again."""
    (data / NAME).write_text(json.dumps({"stands_at": shown.isoformat()}))


def _facts(data: Path) -> dict[str, str]:
    path = data / NAME
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found
