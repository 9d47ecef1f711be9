"""Calculates every measure in one walk over a register sheet; each loop implements one definition.

`walk` is compiled with the loops it calls; `walk.py_func` is the same code uncompiled. Nine marks of ten are a plain
`/` or `\\`, which count as present on every date. One pass finds the *others*, eight places at a time, and looks each
of them up once in the table of *kinds* of its date (see `calendar`). Every definition is then a loop over the others
alone, in order of time: the marks between two of them are known to be present.

Sources: "Working together to improve school attendance" for ten sessions in ten school weeks; the School Attendance
(Pupil Registration) (England) Regulations 2024, SI 2024/208, regulation 13, for ten school days and for fifteen days of
illness; the Department for Education's methodology of absence statistics for the rest.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba.extending import register_jitable

from haven.analytics.compiled import NO_COUNTING, compiled

if TYPE_CHECKING:
    from haven.analytics.calendar import Calendar

PLAIN_MORNING = 0x2F  # /
PLAIN_AFTERNOON = 0x5C  # \

# Kinds of mark. They are defined in this file because numba renews cached code only when this file changes.
# The order matters: PRESENT to APPROVED is attended, AUTHORISED and above is absent, PRESENT and above is possible.
UNKNOWN = 0  # not a code on that date
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
WEEKEND = HALF_DAYS  # used where there is no half-day
NO_DATE = -1
IN_TAIL = -2  # a byte of the year before is not a code
WORD = 8  # places that are examined together


class Scratch(NamedTuple):
    """Scratch arrays for one walk over a sheet of n places, reused for the next one, because a walk allocates no
    memory.

    bit: uint8 [n], the bit of each place among the eight of its word. differs: uint8 [n, rounded up to whole words],
    that bit where the mark is not a plain present, else 0. places: uint8 [256, WORD], which places of a word have their
    bits set, in order; many: uint8 [256], their number. at: int32 [n + WORD], places of the others. kind: uint8 [n +
    WORD], their kinds. count: int32 [KINDS]. recent: int32 [WINDOW_WEEKS]. absent, unattended: int32 [school weeks].
    """

    bit: Any
    differs: Any
    places: Any
    many: Any
    at: Any
    kind: Any
    count: Any
    recent: Any
    absent: Any
    unattended: Any


_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")
_PLACES, _MANY = np.argsort(1 - _BITS, axis=1, kind="stable").astype(np.uint8), _BITS.sum(axis=1, dtype=np.uint8)


def scratch_for(calendar: "Calendar") -> Scratch:
    """Scratch arrays for successive walks over sheets of this calendar."""
    sessions, weeks = len(calendar.day), len(calendar.monday)
    return Scratch(
        bit=np.left_shift(1, np.arange(sessions) % WORD).astype(np.uint8),
        differs=np.zeros((sessions + WORD - 1) // WORD * WORD, np.uint8),
        places=_PLACES,
        many=_MANY,
        at=np.zeros(sessions + WORD, np.int32),
        kind=np.zeros(sessions + WORD, np.uint8),
        count=np.zeros(KINDS, np.int32),
        recent=np.zeros(WINDOW_WEEKS, np.int32),
        absent=np.zeros(weeks, np.int32),
        unattended=np.zeros(weeks, np.int32),
    )


@register_jitable(**NO_COUNTING)
def find_others(sheet: Any, first: int, stop: int, calendar: "Calendar", scratch: Scratch) -> tuple[int, int]:
    """Write place and kind of each mark from `first` to before `stop` that is not a plain present into `at` and `kind`.

    Returns their number, and -1 or the first place whose byte is not a code on its date.
    """
    differs, at, kind = scratch.differs, scratch.at, scratch.kind
    for s in range(len(sheet)):
        differs[s] = scratch.bit[s] * ((sheet[s] != PLAIN_MORNING) & (sheet[s] != PLAIN_AFTERNOON))
    differs[:first] = 0
    differs[stop:] = 0
    words = differs.view(np.uint64)
    others = 0
    for w in range(len(words)):
        halves = words[w] | words[w] >> np.uint64(32)
        quarters = halves | halves >> np.uint64(16)
        bits = (quarters | quarters >> np.uint64(8)) & np.uint64(255)
        for p in range(WORD):
            at[others + p] = w * WORD + scratch.places[bits, p]
        others += scratch.many[bits]
    for o in range(others):
        kind[o] = calendar.kinds[calendar.epoch[at[o]], sheet[at[o]]]
        if kind[o] == UNKNOWN:
            return others, int(at[o])
    return others, -1


@register_jitable(**NO_COUNTING)
def count_sessions(at: Any, kind: Any, start: int, stop: int, calendar: "Calendar", count: Any, row: Any) -> None:
    """Count possible, attended and absent sessions, their parts, and their distribution over the week."""
    possible_at, absent_at = row["possible_at"], row["absent_at"]
    for h in range(HALF_DAYS):
        possible_at[h] = calendar.half_days_before[stop, h] - calendar.half_days_before[start, h]
    count[:] = 0
    for o in range(len(at)):
        count[kind[o]] += 1
        if kind[o] < PRESENT or kind[o] >= AUTHORISED:
            h = calendar.half_day[at[o]]
            if h < HALF_DAYS:
                possible_at[h] -= kind[o] < PRESENT
                absent_at[h] += kind[o] >= AUTHORISED
    count[PRESENT] += stop - start - len(at)
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


@register_jitable(**NO_COUNTING)
def within(starts: Any, part: int, start: int, stop: int) -> int:
    """Number of sessions of a week or a day (`starts[part]` to before `starts[part + 1]`) within the range."""
    return int(min(starts[part + 1], stop) - max(starts[part], start))


@register_jitable(**NO_COUNTING)
def broken_weeks(at: Any, kind: Any, start: int, stop: int, calendar: "Calendar", scratch: Scratch) -> int:
    """School weeks with at least one absent and at least one attended session."""
    absent, unattended = scratch.absent, scratch.unattended
    absent[:] = 0
    unattended[:] = 0
    for o in range(len(at)):
        week = calendar.week[at[o]]
        absent[week] += kind[o] >= AUTHORISED
        unattended[week] += (kind[o] < PRESENT) | (kind[o] >= AUTHORISED)
    broken = 0
    for week in range(len(absent)):
        broken += (absent[week] > 0) & (unattended[week] < within(calendar.week_starts, week, start, stop))
    return broken


@register_jitable(**NO_COUNTING)
def illness_run(at: Any, kind: Any) -> int:
    """Longest run of consecutive possible sessions coded I."""
    longest = run = 0
    for o in range(len(at)):
        if o > 0 and at[o] > at[o - 1] + 1:
            run = 0  # presents lie between
        if kind[o] == ILLNESS:
            run += 1
            longest = max(longest, run)
        elif kind[o] >= PRESENT:
            run = 0
    return longest


@register_jitable(**NO_COUNTING)
def illness_met_on(at: Any, kind: Any, start: int, calendar: "Calendar") -> int:
    """Date of the thirtieth session coded I since the start of the year, if it is among those from `start`."""
    illness = 0
    for o in range(len(at)):
        illness += kind[o] == ILLNESS
        if illness == ILLNESS_SESSIONS:
            return int(calendar.day[at[o]]) if at[o] >= start else NO_DATE
    return NO_DATE


@register_jitable(**NO_COUNTING)
def days_of_unauthorised(at: Any, kind: Any, calendar: "Calendar") -> tuple[int, int]:
    """The first of the others on the first day with an unauthorised mark, and the one after the last such day."""
    low, high = 0, len(at)
    while low < high and kind[low] < UNAUTHORISED:
        low += 1
    while high > low and kind[high - 1] < UNAUTHORISED:
        high -= 1
    if low < high:
        while low > 0 and calendar.school_day[at[low - 1]] == calendar.school_day[at[low]]:
            low -= 1
        while high < len(at) and calendar.school_day[at[high]] == calendar.school_day[at[high - 1]]:
            high += 1
    return low, high


@register_jitable(**NO_COUNTING)
def unauthorised_run(at: Any, kind: Any, start: int, stop: int, calendar: "Calendar") -> tuple[int, int]:
    """Longest run of days on which every possible session is unauthorised, and the day on which one first reaches ten.

    A day without a possible session neither breaks nor lengthens a run.
    """
    longest, run, met_on = 0, 0, NO_DATE
    before = -1  # the last day with a mark that is not a plain present
    impossible = unauthorised = 0
    low, high = days_of_unauthorised(at, kind, calendar)
    for o in range(low, high):
        day = calendar.school_day[at[o]]
        impossible += kind[o] < PRESENT
        unauthorised += kind[o] >= UNAUTHORISED
        if o + 1 == high or calendar.school_day[at[o + 1]] != day:
            if day > before + 1:
                run = 0  # a day of presents lies between
            before = day
            possible = within(calendar.day_starts, day, start, stop) - impossible
            if possible > 0:
                run = run + 1 if unauthorised == possible else 0
                longest = max(longest, run)
                if run == RUN_DAYS and met_on == NO_DATE:
                    met_on = int(calendar.day[at[o]])
            impossible = unauthorised = 0
    return longest, met_on


@register_jitable(**NO_COUNTING)
def unauthorised_before(tail: Any, first: int, last: int, recent: Any, calendar: "Calendar") -> tuple[int, int]:
    """Count the unauthorised sessions of the year before in the weeks that a window can reach; `recent` receives them
    by week.

    `first` to `last` are the places of the tail that were on roll. Returns the count, and -1 or the first place whose
    byte is not a code on its date.
    """
    recent[:] = 0
    found = 0
    for i in range(max(first, 0), min(last + 1, len(tail))):
        if tail[i] != PLAIN_MORNING and tail[i] != PLAIN_AFTERNOON:
            kind = calendar.tail_kinds[calendar.tail_epoch[i], tail[i]]
            if kind >= UNAUTHORISED:
                recent[calendar.tail_week[i] % WINDOW_WEEKS] += 1
                found += 1
            elif kind == UNKNOWN:
                return found, i
    return found, -1


@register_jitable(**NO_COUNTING)
def forget(recent: Any, week: int, to_week: int) -> int:
    """Move the ten school weeks on, so that they end with `to_week`; returns the number of sessions that left the
    window."""
    fell_out = 0
    for number in range(week + 1, min(to_week, week + WINDOW_WEEKS) + 1):
        fell_out += recent[number % WINDOW_WEEKS]
        recent[number % WINDOW_WEEKS] = 0
    return fell_out


@register_jitable(**NO_COUNTING)
def threshold_met_on(
    at: Any, kind: Any, start: int, stop: int, in_window: int, recent: Any, calendar: "Calendar"
) -> int:
    """First date from session `start` whose week ends ten school weeks with ten unauthorised sessions up to that date.

    The weeks reach back before `start`, and into the year before, whose sessions are in `recent`: `in_window` in all.
    """
    if start >= stop:
        return NO_DATE
    week = 0  # its place holds the count of the same week in the year before
    begun = False
    for o in range(len(at) + 1):
        if not begun and (o == len(at) or at[o] >= start):  # earlier sessions may reach ten already on the first day
            begun = True
            in_window -= forget(recent, week, calendar.week[start])
            week = calendar.week[start]
            if in_window >= WINDOW_SESSIONS:
                return int(calendar.day[start])
        if o < len(at) and kind[o] >= UNAUTHORISED:
            in_window -= forget(recent, week, calendar.week[at[o]])
            week = calendar.week[at[o]]
            recent[week % WINDOW_WEEKS] += 1
            in_window += 1
            if begun and in_window >= WINDOW_SESSIONS:
                return int(calendar.day[at[o]])
    return NO_DATE


@compiled
def walk(
    sheet: Any, first: int, last: int, tail: Any, tail_first: int, tail_last: int, begin: int, end: int,
    calendar: "Calendar", scratch: Scratch, row: Any,
) -> int:  # fmt: skip
    """Walk one sheet and fill `row`, one entry of `measures.MEASURES` in which every number is 0.

    `sheet` has a byte per session of the calendar. Sessions `first` to `last` are on roll, and `begin` to `end` is the
    range (all four included). `tail` has the bytes of the last school weeks of the year before, or none; places
    `tail_first` to `tail_last` of it are on roll. `scratch` comes from `scratch_for`. Dates are days since 1970-01-01,
    -1 where not reached.

    Returns -1, or the first session walked whose byte is not a code on its date, or -2 for one in the tail; the content
    of `row` is then undefined.
    """
    stop = max(first, min(last, end) + 1)
    start = min(max(first, begin), stop)
    others, refused = find_others(sheet, first, stop, calendar, scratch)  # on roll, up to the end of the range
    if refused >= 0:
        return refused
    in_window, refused = unauthorised_before(tail, tail_first, tail_last, scratch.recent, calendar)
    if refused >= 0:
        return IN_TAIL
    at, kind = scratch.at[:others], scratch.kind[:others]
    earlier = 0  # how many of them are before the range
    while earlier < others and at[earlier] < start:
        earlier += 1
    asked_at, asked_kind = at[earlier:], kind[earlier:]

    count_sessions(asked_at, asked_kind, start, stop, calendar, scratch.count, row)
    row["illness_met_on"] = row["unauthorised_run_met_on"] = row["threshold_met_on"] = NO_DATE
    # The other fields stay 0, or no date, where there are too few absences of that kind.
    if row["absent"] > 0:
        row["broken_weeks"] = broken_weeks(asked_at, asked_kind, start, stop, calendar, scratch)
    if row["illness_sessions"] > 0:
        row["illness_run_sessions"] = illness_run(asked_at, asked_kind)
        if row["illness_sessions"] + earlier >= ILLNESS_SESSIONS:
            row["illness_met_on"] = illness_met_on(at, kind, start, calendar)
    if row["unauthorised"] > 0:
        run_days, run_met_on = unauthorised_run(asked_at, asked_kind, start, stop, calendar)
        row["unauthorised_run_days"], row["unauthorised_run_met_on"] = run_days, run_met_on
    if in_window + row["unauthorised"] + earlier >= WINDOW_SESSIONS:
        row["threshold_met_on"] = threshold_met_on(at, kind, start, stop, in_window, scratch.recent, calendar)
    return -1


@compiled
def walk_rows(
    matrix: Any, first: Any, last: Any, previous: Any, previous_first: Any, previous_last: Any, begin: int, end: int,
    calendar: "Calendar", scratch: Scratch, rows: Any,
) -> tuple[int, int]:  # fmt: skip
    """Call `walk` on each row of a matrix, with its row of the year before. Returns (-1, -1), or the row and what
    `walk` returned."""
    reach = calendar.tail_start
    for i in range(len(matrix)):
        refused = walk(
            matrix[i], first[i], last[i], previous[i][reach:], previous_first[i] - reach, previous_last[i] - reach,
            begin, end, calendar, scratch, rows[i],
        )  # fmt: skip
        if refused != -1:
            return i, refused
    return -1, -1


@compiled
def kinds_by_session(matrix: Any, first: Any, last: Any, calendar: "Calendar", count: Any) -> tuple[int, int]:
    """Add to `count` (sessions x KINDS) the number of sheets on roll with each kind of mark in each session."""
    for i in range(len(matrix)):
        for s in range(first[i], last[i] + 1):
            kind = calendar.kinds[calendar.epoch[s], matrix[i, s]]
            if kind == UNKNOWN:
                return i, s
            count[s, kind] += 1
    return -1, -1


@compiled
def first_unknown(matrix: Any, calendar: "Calendar") -> tuple[int, int]:
    """Row and session of the first byte that is not a code on its date; (-1, -1) if every byte is one."""
    for i in range(matrix.shape[0]):
        for s in range(matrix.shape[1]):
            if calendar.kinds[calendar.epoch[s], matrix[i, s]] == UNKNOWN:
                return i, s
    return -1, -1
