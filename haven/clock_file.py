"""The demonstration's own clock: it stands on a school morning, whatever the day is outside.

`<data folder>/clock.json` holds the seconds between the demonstration's time and ours. Without the file there is one clock, the real one.
"""

import json
from datetime import datetime
from pathlib import Path

NAME = "clock.json"


def read_offset(data: Path) -> float:
    """Seconds to add to the real clock; 0 where there is no demonstration."""
    path = data / NAME
    if not path.exists():
        return 0.0
    return float(json.loads(path.read_text())["offset_seconds"])


def write_offset(data: Path, *, shown: datetime, real: datetime) -> None:
    """Let the demonstration's clock show `shown` at the real moment `real`."""
    (data / NAME).write_text(json.dumps({"offset_seconds": (shown - real).total_seconds()}))
