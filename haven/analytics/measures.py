"""Every measure of every sheet of a calendar, on all cores."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, TypeVar

import numpy as np

from haven.analytics import walk
from haven.analytics.calendar import Calendar
from haven.analytics.sheets import BadSheet, OnRoll, fitted, of_the_year_before, within

COUNTS = (
    "possible", "attended", "absent", "authorised", "unauthorised", "late_before", "late_after", "missing",
    "unauthorised_run_days", "illness_sessions", "illness_run_sessions", "broken_weeks",
)  # fmt: skip
FLAGS = ("persistent", "severe")
DATES = ("threshold_met_on", "unauthorised_run_met_on", "illness_met_on")
MEASURES = np.dtype(
    [(name, np.int32) for name in COUNTS]
    + [(name, np.bool_) for name in FLAGS]
    + [(name, np.int32) for name in DATES]
    + [("possible_at", np.int32, walk.HALF_DAYS), ("absent_at", np.int32, walk.HALF_DAYS)],
    align=True,
)
"""One sheet's measures. Counts are in sessions (runs in days, broken weeks in weeks). Dates are days since 1970-01-01,
-1 where not reached. `possible_at` and `absent_at` are by half-day from Monday AM (0) to Friday PM (9)."""

Answer = TypeVar("Answer")

SHEETS_PER_THREAD = 1000  # with fewer sheets a thread costs more than it saves


def walk_many(
    matrix: Any,
    calendar: Calendar,
    *,
    roll: OnRoll | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
    previous: Any | None = None,
    previous_roll: OnRoll | None = None,
    threads: int | None = None,
) -> Any:
    """Walk every sheet of a matrix [sheets, sessions] of `sheets.pack`; returns an array of MEASURES, one for each
    sheet.

    Counts the sessions on roll with from_on <= date <= to_on; either may be None. `previous` is the matrix of the year
    before, row for row, for the window of ten school weeks: the calendar must have been built with that year's. No
    sheets give an empty array. Raises BadSheet where a sheet does not fit the calendar, or a counted mark is not a code
    on its date. Source: see `walk`.
    """
    sheets = fitted(matrix, calendar)
    first, last = within(roll, len(sheets), calendar.sessions)
    before = of_the_year_before(previous, len(sheets), calendar)
    before_first, before_last = within(previous_roll, len(sheets), before.shape[1])
    begin = 0 if from_on is None else calendar.first_from(from_on)
    end = calendar.sessions - 1 if to_on is None else calendar.last_to(to_on)
    rows = np.zeros(len(sheets), MEASURES)

    def share(part: slice) -> tuple[int, int]:
        failure: tuple[int, int] = walk.walk_rows(
            sheets[part], first[part], last[part], before[part], before_first[part], before_last[part], begin, end,
            calendar, walk.scratch_for(calendar), rows[part],
        )  # fmt: skip
        return failure

    for part, (index, session) in in_shares(share, len(sheets), threads):
        if session == walk.IN_TAIL:
            raise BadSheet(part.start + index, "a mark of the previous year is not a code in force on its day.")
        if index >= 0:
            raise BadSheet.not_a_code(part.start + index, session, calendar)
    return rows


def in_shares(work: Callable[[slice], Answer], rows: int, threads: int | None) -> list[tuple[slice, Answer]]:
    """Call `work` on the rows, divided between threads; returns the rows and the answer of each share, in order.

    `threads` None means all cores, or one where there are few rows. The threads end with the call, so that a server may
    fork at any time.
    """
    if threads is None:
        threads = max(1, min(os.cpu_count() or 1, rows // SHEETS_PER_THREAD))
    size = -(-rows // threads)
    parts = [slice(start, min(start + size, rows)) for start in range(0, rows, size)] if rows else []
    if len(parts) < 2:
        return [(part, work(part)) for part in parts]
    with ThreadPoolExecutor(len(parts)) as pool:
        return list(zip(parts, pool.map(work, parts), strict=True))
