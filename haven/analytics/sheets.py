"""Register sheets, packed: one row of bytes for each enrolment, one column for each session of the calendar."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from haven.analytics import walk
from haven.analytics.calendar import Calendar, day_number, day_of
from haven.rules.attendance_codes import MISSING

EARLIEST, LATEST = -(2**31), 2**31 - 1
"""Day numbers before and after every calendar."""


class BadSheet(ValueError):
    """A sheet does not fit its calendar. `index` is its place among the sheets given, from 0. The message names no
    mark."""

    def __init__(self, index: int, because: str) -> None:
        self.index = index
        super().__init__(f"Sheet {index}: {because}")

    @classmethod
    def not_a_code(cls, index: int, session: int, calendar: Calendar) -> "BadSheet":
        """The byte of one session is not a code on its date."""
        half = "PM" if calendar.half[session] else "AM"
        return cls(index, f"the mark of {day_of(calendar.day[session])} {half} is not a code in force on that day.")


class OnRoll(NamedTuple):
    """First and last session on roll of each sheet, both included, int32 [sheets]. Never on roll: first > last."""

    first: Any
    last: Any

    def covers(self, places: Any) -> Any:
        """Whether each sheet is on roll at each of these sessions (places of the calendar), bool [sheets, places]."""
        return (places >= self.first[:, None]) & (places <= self.last[:, None])

    def between(self, first: int, last: int) -> "OnRoll":
        """The part of each window between two sessions, both included."""
        return OnRoll(np.maximum(self.first, first), np.minimum(self.last, last))

    def of(self, rows: Any) -> "OnRoll":
        """Select some sheets by number or by a range."""
        return OnRoll(self.first[rows], self.last[rows])


def pack(sheets: Sequence[bytes | None], calendar: Calendar) -> Any:
    """Pack the sheets into one read-only uint8 matrix [sheets, sessions]; a sheet that is None becomes a row of empty
    places.

    No sheets give a matrix of no rows. Raises BadSheet for a sheet that does not have one byte per session of the
    calendar, or has a byte that is not a code on the date of its session (on roll or not).
    """
    sessions = calendar.sessions
    empty = bytes([MISSING]) * sessions
    for index, sheet in enumerate(sheets):
        if sheet is not None and len(sheet) != sessions:
            raise BadSheet(index, f"it has {len(sheet)} places, and the calendar has {sessions} sessions.")
    together = b"".join(empty if sheet is None else sheet for sheet in sheets)
    return known(np.frombuffer(together, np.uint8).reshape(len(sheets), sessions), calendar)


def known(matrix: Any, calendar: Calendar) -> Any:
    """Return the matrix if each of its bytes is a code on the date of its session. Raises BadSheet for the first that
    is not."""
    index, session = walk.first_unknown(matrix, calendar)
    if index >= 0:
        raise BadSheet.not_a_code(index, session, calendar)
    return matrix


def checked(marks: bytes, sheets: int, sessions: int) -> Any:
    """Return one block of bytes, with so many sheets side by side, as a read-only matrix without a copy.

    Raises BadSheet unless the length is exact. The walk checks the codes.
    """
    if len(marks) != sheets * sessions:
        raise BadSheet(0, f"{sheets} sheets have {len(marks)} places, and the calendar has {sessions} sessions.")
    return np.frombuffer(marks, np.uint8).reshape(sheets, sessions)


def realign_to_calendar(marks: Any, old: Sequence[int] | Any, new: Sequence[int] | Any) -> Any:
    """Marks over the sessions `old` as they stand over the sessions `new`: a new session is empty, the mark of a removed session is
    left out.

    `marks` is uint8 [..., sessions]: one sheet or a matrix of them; `old` and `new` are session keys in ascending order. Where they are
    the same, the answer is `marks` itself. Raises ValueError where marks and `old` differ in length.
    """
    old, new = np.asarray(old), np.asarray(new)
    if marks.shape[-1] != len(old):
        raise ValueError(f"A sheet of {marks.shape[-1]} places does not match a calendar of {len(old)} sessions.")
    if np.array_equal(old, new):
        return marks
    realigned = np.full((*marks.shape[:-1], len(new)), MISSING, np.uint8)
    _, before, after = np.intersect1d(old, new, assume_unique=True, return_indices=True)
    realigned[..., after] = marks[..., before]
    return realigned


def fitted(matrix: Any, calendar: Calendar) -> Any:
    """The matrix as a read-only, contiguous view of uint8. Raises BadSheet unless it has a column for each session."""
    array = np.ascontiguousarray(matrix, np.uint8)
    if array.ndim != 2 or array.shape[1] != calendar.sessions:
        raise BadSheet(0, f"it has {array.shape[-1]} places, and the calendar has {calendar.sessions} sessions.")
    view = array.view()
    view.setflags(write=False)
    return view


def on_roll(started_on: Sequence[date | None], left_on: Sequence[date | None], calendar: Calendar) -> OnRoll:
    """Sessions on roll from the first and the last day on roll of each enrolment; None leaves that side open.

    An enrolment that ends before it begins, or is outside the calendar, is never on roll.
    """
    if len(started_on) != len(left_on):
        raise ValueError("Each enrolment needs a first and a last day, which may be None.")
    first = [EARLIEST if on is None else day_number(on) for on in started_on]
    return on_roll_between(first, [LATEST if on is None else day_number(on) for on in left_on], calendar)


def on_roll_between(first_day: Sequence[int] | Any, last_day: Sequence[int] | Any, calendar: Calendar) -> OnRoll:
    """As `on_roll`, from day numbers: EARLIEST and LATEST are open on that side."""
    first = np.searchsorted(calendar.day, first_day)
    last = np.searchsorted(calendar.day, last_day, side="right") - 1
    return OnRoll(first.astype(np.int32), last.astype(np.int32))


def within(roll: OnRoll | None, sheets: int, sessions: int) -> OnRoll:
    """Limit the windows to this number of sessions; without windows, all sessions. Raises ValueError when the lengths
    differ.

    The compiled loops index without bounds checks, so every window must be within the calendar.
    """
    if roll is None:
        return OnRoll(np.zeros(sheets, np.int32), np.full(sheets, sessions - 1, np.int32))
    first = np.clip(np.asarray(roll.first), 0, sessions).astype(np.int32)
    last = np.clip(np.asarray(roll.last), -1, sessions - 1).astype(np.int32)
    if first.shape != (sheets,) or last.shape != (sheets,):
        raise ValueError("There must be one first and one last session on roll for each sheet.")
    return OnRoll(first, last)


def of_the_year_before(previous: Any | None, sheets: int, calendar: Calendar) -> Any:
    """The previous year's sheets as a matrix for windows that reach back, or an empty matrix without any.

    Raises BadSheet where it does not fit the calendar's previous year.
    """
    if previous is None:
        previous = np.zeros((sheets, 0), np.uint8)
    elif np.shape(previous) != (sheets, calendar.tail_start + len(calendar.tail_week)):
        raise BadSheet(0, "the sheets of the previous year do not match its calendar.")
    view = np.ascontiguousarray(previous, np.uint8).view()
    view.setflags(write=False)  # the same type with and without a previous year, so that the walk is compiled once
    return view


def kinds_on_roll(matrix: Any, calendar: Calendar, roll: OnRoll | None = None) -> Any:
    """The kind of every mark (numbers in `walk`), uint8 [sheets, sessions]; MISSING where off roll.

    Raises BadSheet where the matrix does not fit, and where a mark on roll is not a code on its date.
    """
    sheets = fitted(matrix, calendar)
    on = within(roll, len(sheets), calendar.sessions).covers(np.arange(calendar.sessions))
    kinds = np.where(on, calendar.kinds[calendar.epoch, sheets], walk.MISSING).astype(np.uint8)
    if len(unknown := np.argwhere(kinds == walk.UNKNOWN)):
        raise BadSheet.not_a_code(int(unknown[0][0]), int(unknown[0][1]), calendar)
    return kinds
