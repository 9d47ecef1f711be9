"""Calculates when code N runs out, and proposes the code that replaces it.

SI 2024/208 regulation 10(7) to (9): the reason for an absence is entered within five school days of the session; where
it cannot be established by then, code N becomes code O. Working together to improve school attendance says the same for
its code N. (Its section on first-day calling says working days; the Regulations prevail.) School days are those of the
pupil's own school, from its calendar.

The result is a proposal: a person decides, and each changed mark keeps the reason.
"""

from collections.abc import Collection
from datetime import date

from haven.rules.clocks import add_school_days, school_days_between
from haven.rules.measures import N_STANDS_FOR_DAYS

PROPOSED_CODE = "O"
REASON = "Reason not established within five school days"
"""The suggested reason for the change; the user may write another."""


def n_runs_out_on(session_on: date, open_days: Collection[date]) -> date:
    """The last day on which code N is allowed: the fifth school day after the session's day. `open_days` may be in any
    order.

    Raises CalendarTooShort when the school's calendar ends before that day.
    """
    return add_school_days(session_on, N_STANDS_FOR_DAYS, open_days)


def proposed_for(code: str | None, session_on: date, as_of: date, open_days: Collection[date]) -> str | None:
    """The code proposed for a mark on a day: O for an N from its last day on, else None (no proposal).

    A mark on a day when the school was closed gets no proposal: the error there is the closed day.
    """
    if code != "N" or session_on not in frozenset(open_days):
        return None
    return PROPOSED_CODE if school_days_between(session_on, as_of, open_days) >= N_STANDS_FOR_DAYS else None
