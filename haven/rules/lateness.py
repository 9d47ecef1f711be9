"""Decides which mark a late pupil gets, and how many minutes late they are.

SI 2024/208 regulation 10: L for a pupil who was absent when the register began to be taken and attends before the
taking of it has ended. U for a pupil who arrives after the register closed and before the session ends, an unauthorised
absence. A pupil who arrives after the session has ended has missed it, and is on time or late for the next one.
"""

from dataclasses import dataclass
from datetime import time

from haven.rules.sessions import Half


@dataclass(frozen=True, slots=True)
class SessionHours:
    """When a session begins, when its register closes, when it ends. Local times."""

    half: Half
    starts: time
    closes: time
    ends: time


@dataclass(frozen=True, slots=True)
class Arrival:
    """The session a pupil arrives in, the code (None: on time, no late mark is due) and the minutes after its beginning."""

    half: Half
    code: str | None
    minutes: int


def arrival(hours: tuple[SessionHours, ...], at: time) -> Arrival | None:
    """What an arrival at a time of day means; `hours` are the day's sessions in order. None when the last one is over.

    The minute in which a session begins is on time; the minute in which the register closes is after it.
    """
    minute = at.replace(second=0, microsecond=0)
    for session in hours:
        if minute >= session.ends:
            continue
        late = _minutes(minute) - _minutes(session.starts)
        if late <= 0:
            return Arrival(session.half, None, 0)
        return Arrival(session.half, "L" if minute < session.closes else "U", late)
    return None


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
