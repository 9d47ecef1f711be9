"""The walk over a register sheet that yields every measure; each loop is one definition.

`walk` is compiled with the loops it calls; `walk.py_func` is the same code uncompiled. Each byte is looked up once, in
the table of *kinds* of its date (see `calendar`), and everything else follows from the kinds.

Sources: "Working together to improve school attendance" (August 2024) for ten sessions in ten school weeks; the School
Attendance (Pupil Registration) (England) Regulations 2024, SI 2024/208, regulation 13, for ten school days and for
fifteen days of illness; the Department for Education's methodology of absence statistics for the rest.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numba.extending import register_jitable

from haven.analytics.compiled import compiled

if TYPE_CHECKING:
    from haven.analytics.calendar import Calendar

# Kinds of mark. They stand in this file because compiled code on disk is renewed with its own file only.
# Their order is used: PRESENT to APPROVED is attended, AUTHORISED and above is absent, PRESENT and above is possible.
UNKNOWN = 0  # no code on that date
MISSING = 1  # an empty place
NOT_POSSIBLE = 2
PRESENT = 3
LATE = 4  # L: present, late before the register closed
APPROVED = 5  # approved educational activity
AUTHORISED = 6
ILLNESS = 7  # I: authorised
UNAUTHORISED = 8
LATE_AFTER = 9  # U: unauthorised, late after the register closed
KINDS = 10

WINDOW_WEEKS = 10  # school weeks, the last being the week of the date itself
WINDOW_SESSIONS = 10  # unauthorised sessions in them that meet the threshold
RUN_DAYS = 10  # school days of unbroken unauthorised absence
ILLNESS_SESSIONS = 30  # fifteen school days
HALF_DAYS = 10  # Monday morning (0) to Friday afternoon (9)
WEEKEND = HALF_DAYS  # in place of a half-day
NO_DATE = -1


@register_jitable
def read(sheet: Any, epoch: Any, table: Any, kinds: Any) -> int:
    """Look up the kind of each session; -1, or the first session whose byte is no code on its date."""
    if len(sheet) > 0 and epoch[0] == epoch[-1]:  # the codes do not change, as in nearly every year
        today = table[epoch[0]]
        for s in range(len(sheet)):
            kinds[s] = today[sheet[s]]
    else:
        for s in range(len(sheet)):
            kinds[s] = table[epoch[s], sheet[s]]
    if how_many(kinds, UNKNOWN, UNKNOWN) > 0:
        for s in range(len(sheet)):
            if kinds[s] == UNKNOWN:
                return s
    return -1


@register_jitable
def how_many(kinds: Any, lowest: int, highest: int) -> int:
    """Sessions of a kind from `lowest` to `highest`."""
    number = np.int32(0)  # narrow numbers, so that the processor compares many sessions at once
    least, most = np.uint8(lowest), np.uint8(highest)
    for s in range(len(kinds)):
        number += np.int32((kinds[s] >= least) & (kinds[s] <= most))
    return int(number)


@register_jitable
def count_sessions(kinds: Any, half_day: Any, row: Any) -> None:
    """Possible, attended, absent, what they are made of, and where in the week they lie."""
    at = np.zeros((HALF_DAYS + 1, KINDS), np.int32)
    for s in range(len(kinds)):
        at[half_day[s], kinds[s]] += 1
    count = np.zeros(KINDS, np.int32)
    for h in range(HALF_DAYS + 1):
        for kind in range(KINDS):
            count[kind] += at[h, kind]
    attended = count[PRESENT] + count[LATE] + count[APPROVED]
    authorised = count[AUTHORISED] + count[ILLNESS]
    unauthorised = count[UNAUTHORISED] + count[LATE_AFTER]
    absent = authorised + unauthorised
    possible = attended + absent
    row["possible"], row["attended"], row["absent"] = possible, attended, absent
    row["authorised"], row["unauthorised"], row["illness_sessions"] = authorised, unauthorised, count[ILLNESS]
    row["late_before"], row["late_after"], row["missing"] = count[LATE], count[LATE_AFTER], count[MISSING]
    row["persistent"] = possible > 0 and 10 * absent >= possible
    row["severe"] = possible > 0 and 2 * absent >= possible
    possible_at, absent_at = row["possible_at"], row["absent_at"]
    for h in range(HALF_DAYS):
        for kind in range(PRESENT, KINDS):
            possible_at[h] += at[h, kind]
            if kind >= AUTHORISED:
                absent_at[h] += at[h, kind]


@register_jitable
def broken_weeks(kinds: Any, week: Any) -> int:
    """School weeks with at least one absent and at least one attended session."""
    broken, attended, absent = 0, False, False
    for s in range(len(kinds)):
        absent |= kinds[s] >= AUTHORISED
        attended |= PRESENT <= kinds[s] <= APPROVED
        if s + 1 == len(kinds) or week[s + 1] != week[s]:
            broken += attended and absent
            attended = absent = False
    return broken


@register_jitable
def illness_run(kinds: Any) -> int:
    """Longest run of consecutive possible sessions coded I."""
    longest = run = 0
    for s in range(len(kinds)):
        if kinds[s] == ILLNESS:
            run += 1
            longest = max(longest, run)
        elif kinds[s] >= PRESENT:
            run = 0
    return longest


@register_jitable
def illness_met_on(kinds: Any, day: Any, start: int) -> int:
    """Date of the thirtieth session coded I since the start of the year, if it is among those from `start`."""
    if how_many(kinds, ILLNESS, ILLNESS) < ILLNESS_SESSIONS:
        return NO_DATE
    illness = 0
    for s in range(len(kinds)):
        illness += kinds[s] == ILLNESS
        if illness == ILLNESS_SESSIONS:
            return int(day[s]) if s >= start else NO_DATE
    return NO_DATE


@register_jitable
def unauthorised_run(kinds: Any, day: Any) -> tuple[int, int]:
    """Longest run of days on which every possible session is unauthorised, and the day on which one first reaches ten.

    A day without a possible session neither breaks nor lengthens a run.
    """
    longest, run, met_on = 0, 0, NO_DATE
    possible = unauthorised = 0
    for s in range(len(kinds)):
        possible += kinds[s] >= PRESENT
        unauthorised += kinds[s] >= UNAUTHORISED
        if s + 1 == len(kinds) or day[s + 1] != day[s]:
            if possible > 0:
                run = run + 1 if unauthorised == possible else 0
                longest = max(longest, run)
                if run == RUN_DAYS and met_on == NO_DATE:
                    met_on = day[s]
            possible = unauthorised = 0
    return longest, met_on


@register_jitable
def threshold_met_on(kinds: Any, day: Any, school_week: Any, start: int, tail: Any, calendar: "Calendar") -> int:
    """First date from session `start` whose week ends ten school weeks with ten unauthorised sessions up to that date.

    The weeks reach back before `start`, and into `tail`.
    """
    recent = np.zeros(WINDOW_WEEKS, np.int32)  # unauthorised sessions in each of the last ten school weeks
    in_window = 0
    for i in range(len(tail)):
        if calendar.tail_kinds[calendar.tail_epoch[i], tail[i]] >= UNAUTHORISED:
            recent[calendar.tail_week[i] % WINDOW_WEEKS] += 1
            in_window += 1
    if in_window + how_many(kinds, UNAUTHORISED, LATE_AFTER) < WINDOW_SESSIONS:
        return NO_DATE
    week = 0  # its place holds what the year before left of that same week
    for s in range(len(kinds)):
        while week < school_week[s]:
            week += 1
            in_window -= recent[week % WINDOW_WEEKS]
            recent[week % WINDOW_WEEKS] = 0
        if kinds[s] >= UNAUTHORISED:
            recent[week % WINDOW_WEEKS] += 1
            in_window += 1
        if s >= start and in_window >= WINDOW_SESSIONS:
            return int(day[s])
    return NO_DATE


@compiled
def walk(sheet: Any, tail: Any, first: int, last: int, begin: int, end: int, calendar: "Calendar", row: Any) -> int:
    """Walk one sheet and fill `row`, one entry of `measures.MEASURES` in which every number is 0.

    `sheet` has a byte per session of the calendar. Sessions `first` to `last` are on roll, `begin` to `end` are asked
    about (all four included). `tail` has the bytes of the last school weeks of the year before, or none. Dates are
    days since 1970-01-01, -1 where not reached.
    Returns -1, or the first session walked whose byte is no code on its date; `row` is then of no use.
    """
    stop = max(first, min(last, end) + 1)
    start = min(max(first, begin), stop)
    kinds = np.empty(stop - first, np.uint8)  # on roll, up to the end of what is asked about
    refused = read(sheet[first:stop], calendar.epoch[first:stop], calendar.kinds, kinds)
    if refused >= 0:
        return first + refused
    day, week, half_day = calendar.day[first:stop], calendar.week[first:stop], calendar.half_day[start:stop]
    begun = start - first
    asked = kinds[begun:]

    count_sessions(asked, half_day, row)
    row["illness_met_on"] = illness_met_on(kinds, day, begun)
    row["threshold_met_on"] = threshold_met_on(kinds, day, week, begun, tail, calendar)
    row["unauthorised_run_met_on"] = NO_DATE
    # The rest is 0 without an absence of the sort.
    if row["absent"] > 0:
        row["broken_weeks"] = broken_weeks(asked, week[begun:])
    if row["illness_sessions"] > 0:
        row["illness_run_sessions"] = illness_run(asked)
    if row["unauthorised"] > 0:
        run_days, run_met_on = unauthorised_run(asked, day[begun:])
        row["unauthorised_run_days"], row["unauthorised_run_met_on"] = run_days, run_met_on
    return -1


@compiled
def walk_rows(
    matrix: Any, tails: Any, first: Any, last: Any, begin: int, end: int, calendar: "Calendar", rows: Any
) -> tuple[int, int]:
    """`walk` each row of a matrix; (-1, -1), or the row and session of the first byte that is no code."""
    for i in range(len(matrix)):
        refused = walk(matrix[i], tails[i], first[i], last[i], begin, end, calendar, rows[i])
        if refused >= 0:
            return i, refused
    return -1, -1


@compiled
def kinds_by_session(matrix: Any, first: Any, last: Any, calendar: "Calendar", count: Any) -> tuple[int, int]:
    """Add to `count` (sessions x KINDS) how many sheets on roll have each kind of mark in each session."""
    for i in range(len(matrix)):
        for s in range(first[i], last[i] + 1):
            kind = calendar.kinds[calendar.epoch[s], matrix[i, s]]
            if kind == UNKNOWN:
                return i, s
            count[s, kind] += 1
    return -1, -1


@compiled
def first_unknown(matrix: Any, calendar: "Calendar") -> tuple[int, int]:
    """Row and session of the first byte that is no code on its date; (-1, -1) if every byte is one."""
    for i in range(matrix.shape[0]):
        for s in range(matrix.shape[1]):
            if calendar.kinds[calendar.epoch[s], matrix[i, s]] == UNKNOWN:
                return i, s
    return -1, -1
