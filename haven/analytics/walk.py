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

from haven.analytics.compiled import compiled

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
    that bit where the mark is not a plain present, else 0. words: the same memory as uint64, eight places each. places: uint8 [256, WORD], which places of a word have their
    bits set, in order; many: uint8 [256], their number. at: int32 [n + WORD], places of the others. kind: uint8 [n +
    WORD], their kinds. count: int32 [KINDS]. recent: int32 [WINDOW_WEEKS]. absent, unattended: int32 [school weeks].
    """

    bit: Any
    differs: Any
    words: Any
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
    differs = np.zeros((sessions + WORD - 1) // WORD * WORD, np.uint8)
    return Scratch(
        bit=np.left_shift(1, np.arange(sessions) % WORD).astype(np.uint8),
        differs=differs,
        words=differs.view(np.uint64),
        places=_PLACES,
        many=_MANY,
        at=np.zeros(sessions + WORD, np.int32),
        kind=np.zeros(sessions + WORD, np.uint8),
        count=np.zeros(KINDS, np.int32),
        recent=np.zeros(WINDOW_WEEKS, np.int32),
        absent=np.zeros(weeks, np.int32),
        unattended=np.zeros(weeks, np.int32),
    )


@register_jitable
def find_others(
    sheet: Any, first: int, stop: int, epoch: Any, kinds: Any, bit: Any, differs: Any, words: Any, places: Any, many: Any,
    at: Any, kind: Any,
) -> tuple[int, int]:  # fmt: skip
    """Write place and kind of each mark from `first` to before `stop` that is not a plain present into `at` and `kind`.

    Returns their number, and -1 or the first place whose byte is not a code on its date.
    """
    for s in range(len(sheet)):
        differs[s] = bit[s] * ((sheet[s] != PLAIN_MORNING) & (sheet[s] != PLAIN_AFTERNOON))
    differs[:first] = 0
    differs[stop:] = 0
    others = 0
    for w in range(len(words)):
        halves = words[w] | words[w] >> np.uint64(32)
        quarters = halves | halves >> np.uint64(16)
        bits = (quarters | quarters >> np.uint64(8)) & np.uint64(255)
        for p in range(WORD):
            at[others + p] = w * WORD + places[bits, p]
        others += many[bits]
    for o in range(others):
        kind[o] = kinds[epoch[at[o]], sheet[at[o]]]
        if kind[o] == UNKNOWN:
            return others, int(at[o])
    return others, -1


@register_jitable
def count_sessions(
    at: Any, kind: Any, low: int, high: int, start: int, stop: int, half_day: Any, half_days_before: Any, count: Any,
    row: Any,
) -> None:  # fmt: skip
    """Count possible, attended and absent sessions, their parts, and their distribution over the week."""
    possible_at, absent_at = row["possible_at"], row["absent_at"]
    for h in range(HALF_DAYS):
        possible_at[h] = half_days_before[stop, h] - half_days_before[start, h]
    for k in range(KINDS):
        count[k] = 0
    for o in range(low, high):
        count[kind[o]] += 1
        if kind[o] < PRESENT or kind[o] >= AUTHORISED:
            h = half_day[at[o]]
            if h < HALF_DAYS:
                possible_at[h] -= kind[o] < PRESENT
                absent_at[h] += kind[o] >= AUTHORISED
    count[PRESENT] += stop - start - (high - low)
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


@register_jitable
def within(starts: Any, part: int, start: int, stop: int) -> int:
    """Number of sessions of a week or a day (`starts[part]` to before `starts[part + 1]`) within the range."""
    return int(min(starts[part + 1], stop) - max(starts[part], start))


@register_jitable
def broken_weeks(
    at: Any, kind: Any, low: int, high: int, start: int, stop: int, week_of: Any, week_starts: Any, absent: Any,
    unattended: Any,
) -> int:  # fmt: skip
    """School weeks with at least one absent and at least one attended session."""
    for week in range(len(absent)):
        absent[week] = unattended[week] = 0
    for o in range(low, high):
        week = week_of[at[o]]
        absent[week] += kind[o] >= AUTHORISED
        unattended[week] += (kind[o] < PRESENT) | (kind[o] >= AUTHORISED)
    broken = 0
    for week in range(len(absent)):
        broken += (absent[week] > 0) & (unattended[week] < within(week_starts, week, start, stop))
    return broken


@register_jitable
def illness_run(at: Any, kind: Any, low: int, high: int) -> int:
    """Longest run of consecutive possible sessions coded I."""
    longest = run = 0
    for o in range(low, high):
        if o > low and at[o] > at[o - 1] + 1:
            run = 0  # presents lie between
        if kind[o] == ILLNESS:
            run += 1
            longest = max(longest, run)
        elif kind[o] >= PRESENT:
            run = 0
    return longest


@register_jitable
def illness_met_on(at: Any, kind: Any, high: int, start: int, day: Any) -> int:
    """Date of the thirtieth session coded I since the start of the year, if it is among those from `start`."""
    illness = 0
    for o in range(high):
        illness += kind[o] == ILLNESS
        if illness == ILLNESS_SESSIONS:
            return int(day[at[o]]) if at[o] >= start else NO_DATE
    return NO_DATE


@register_jitable
def days_of_unauthorised(at: Any, kind: Any, first: int, stop: int, school_day: Any) -> tuple[int, int]:
    """The first of the others on the first day with an unauthorised mark, and the one after the last such day."""
    low, high = first, stop
    while low < high and kind[low] < UNAUTHORISED:
        low += 1
    while high > low and kind[high - 1] < UNAUTHORISED:
        high -= 1
    if low < high:
        while low > first and school_day[at[low - 1]] == school_day[at[low]]:
            low -= 1
        while high < stop and school_day[at[high]] == school_day[at[high - 1]]:
            high += 1
    return low, high


@register_jitable
def unauthorised_run(
    at: Any, kind: Any, first: int, last: int, start: int, stop: int, day_of: Any, school_day: Any, day_starts: Any
) -> tuple[int, int]:
    """Longest run of days on which every possible session is unauthorised, and the day on which one first reaches ten.

    A day without a possible session neither breaks nor lengthens a run.
    """
    longest, run, met_on = 0, 0, NO_DATE
    before = -1  # the last day with a mark that is not a plain present
    impossible = unauthorised = 0
    low, high = days_of_unauthorised(at, kind, first, last, school_day)
    for o in range(low, high):
        day = school_day[at[o]]
        impossible += kind[o] < PRESENT
        unauthorised += kind[o] >= UNAUTHORISED
        if o + 1 == high or school_day[at[o + 1]] != day:
            if day > before + 1:
                run = 0  # a day of presents lies between
            before = day
            possible = within(day_starts, day, start, stop) - impossible
            if possible > 0:
                run = run + 1 if unauthorised == possible else 0
                longest = max(longest, run)
                if run == RUN_DAYS and met_on == NO_DATE:
                    met_on = int(day_of[at[o]])
            impossible = unauthorised = 0
    return longest, met_on


@register_jitable
def unauthorised_before(
    previous: Any, i: int, first: int, last: int, reach: int, tail_week: Any, tail_epoch: Any, tail_kinds: Any,
    recent: Any,
) -> tuple[int, int]:  # fmt: skip
    """Count the unauthorised sessions of the year before in the weeks that a window can reach; `recent` receives them
    by week.

    `first` to `last` are the places of row `i` that were on roll. Returns the count, and -1 or the first place whose
    byte is not a code on its date.
    """
    for week in range(WINDOW_WEEKS):
        recent[week] = 0
    unauthorised = 0
    for s in range(max(first, reach), min(last + 1, previous.shape[1])):
        if previous[i, s] != PLAIN_MORNING and previous[i, s] != PLAIN_AFTERNOON:
            kind = tail_kinds[tail_epoch[s - reach], previous[i, s]]
            if kind >= UNAUTHORISED:
                recent[tail_week[s - reach] % WINDOW_WEEKS] += 1
                unauthorised += 1
            elif kind == UNKNOWN:
                return unauthorised, s
    return unauthorised, -1


@register_jitable
def forget(recent: Any, week: int, to_week: int) -> int:
    """Move the ten school weeks on, so that they end with `to_week`; returns the number of sessions that left the
    window."""
    fell_out = 0
    for number in range(week + 1, min(to_week, week + WINDOW_WEEKS) + 1):
        fell_out += recent[number % WINDOW_WEEKS]
        recent[number % WINDOW_WEEKS] = 0
    return fell_out


@register_jitable
def threshold_met_on(
    at: Any, kind: Any, others: int, start: int, stop: int, in_window: int, recent: Any, day: Any, week_of: Any
) -> int:
    """First date from session `start` whose week ends ten school weeks with ten unauthorised sessions up to that date.

    The weeks reach back before `start`, and into the year before, whose sessions are in `recent`: `in_window` in all.
    """
    if start >= stop:
        return NO_DATE
    week = 0  # its place holds the count of the same week in the year before
    begun = False
    for o in range(others + 1):
        if not begun and (o == others or at[o] >= start):  # earlier sessions may reach ten already on the first day
            begun = True
            in_window -= forget(recent, week, week_of[start])
            week = week_of[start]
            if in_window >= WINDOW_SESSIONS:
                return int(day[start])
        if o < others and kind[o] >= UNAUTHORISED:
            in_window -= forget(recent, week, week_of[at[o]])
            week = week_of[at[o]]
            recent[week % WINDOW_WEEKS] += 1
            in_window += 1
            if begun and in_window >= WINDOW_SESSIONS:
                return int(day[at[o]])
    return NO_DATE


@compiled
def walk_rows(
    matrix: Any, first: Any, last: Any, previous: Any, previous_first: Any, previous_last: Any, begin: int, end: int,
    calendar: "Calendar", scratch: Scratch, rows: Any,
) -> tuple[int, int]:  # fmt: skip
    """Walk each row of a matrix of sheets and fill its entry of `rows`, in which every number is 0.

    A sheet has a byte per session of the calendar. Sessions `first` to `last` of a row are on roll, and `begin` to `end`
    is the range (all four included). `previous` has the sheets of the year before, row for row, on roll from
    `previous_first` to `previous_last`. `scratch` comes from `scratch_for`. `rows` are entries of `measures.MEASURES`;
    dates are days since 1970-01-01, -1 where not reached.

    Returns (-1, -1), or the first row that cannot be counted and the session whose byte is not a code on its date, -2
    for one in the year before; the content of `rows` is then undefined.

    numba counts the references to an array whenever it is sliced, and to every array of a tuple that is passed on. So
    nothing is sliced, and each function is given the arrays that it reads.
    """
    day, week, school_day, half_day = calendar.day, calendar.week, calendar.school_day, calendar.half_day
    epoch, kinds, half_days_before = calendar.epoch, calendar.kinds, calendar.half_days_before
    week_starts, day_starts, reach = calendar.week_starts, calendar.day_starts, calendar.tail_start
    tail_week, tail_epoch, tail_kinds = calendar.tail_week, calendar.tail_epoch, calendar.tail_kinds
    bit, differs, words, places, many = scratch.bit, scratch.differs, scratch.words, scratch.places, scratch.many
    at, kind, count, recent = scratch.at, scratch.kind, scratch.count, scratch.recent
    absent, unattended = scratch.absent, scratch.unattended
    for i in range(len(matrix)):
        row = rows[i]
        stop = max(first[i], min(last[i], end) + 1)
        start = min(max(first[i], begin), stop)
        others, refused = find_others(
            matrix[i], first[i], stop, epoch, kinds, bit, differs, words, places, many, at, kind
        )
        if refused >= 0:
            return i, refused
        in_window, refused = unauthorised_before(
            previous, i, previous_first[i], previous_last[i], reach, tail_week, tail_epoch, tail_kinds, recent
        )
        if refused >= 0:
            return i, IN_TAIL
        earlier = 0  # how many of the others are before the range
        while earlier < others and at[earlier] < start:
            earlier += 1

        count_sessions(at, kind, earlier, others, start, stop, half_day, half_days_before, count, row)
        row["illness_met_on"] = row["unauthorised_run_met_on"] = row["threshold_met_on"] = NO_DATE
        # The other fields stay 0, or no date, where there are too few absences of that kind.
        if row["absent"] > 0:
            row["broken_weeks"] = broken_weeks(
                at, kind, earlier, others, start, stop, week, week_starts, absent, unattended
            )
        if row["illness_sessions"] > 0:
            row["illness_run_sessions"] = illness_run(at, kind, earlier, others)
            if row["illness_sessions"] + earlier >= ILLNESS_SESSIONS:
                row["illness_met_on"] = illness_met_on(at, kind, others, start, day)
        if row["unauthorised"] > 0:
            run_days, run_met_on = unauthorised_run(at, kind, earlier, others, start, stop, day, school_day, day_starts)
            row["unauthorised_run_days"], row["unauthorised_run_met_on"] = run_days, run_met_on
        if in_window + row["unauthorised"] + earlier >= WINDOW_SESSIONS:
            row["threshold_met_on"] = threshold_met_on(at, kind, others, start, stop, in_window, recent, day, week)
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
