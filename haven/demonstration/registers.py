"""The registers of one school and one year: the pupils, the marks, and later changes."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np

from haven.demonstration.calendar import SchoolYear
from haven.demonstration.marks import Ways, another_year, byte, year_of_marks
from haven.demonstration.places import Place
from haven.demonstration.rolls import Stay, Worker
from haven.rules.attendance_codes import MISSING

Array = Any


@dataclass(slots=True)
class Amended:
    """A mark that was changed: row and column of the register, the original mark, why, by whom and when."""

    row: int
    column: int
    original: int
    reason: str
    by: Worker
    by_role: str
    at: datetime


@dataclass(slots=True)
class Note:
    """Minutes late, or words, beside a mark."""

    row: int
    column: int
    minutes: int | None = None
    comment: str = ""


@dataclass
class Register:
    """Marks of a school in a year, one row for each stay, one column for each session."""

    place: Place
    year: SchoolYear
    stays: list[Stay]
    marks: Array
    today: int | None = None
    """Column of this morning's session, if the morning is in the year."""
    amended: list[Amended] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def first_entered(self) -> Array:
        """The original marks, before any change."""
        before = self.marks.copy()
        for change in reversed(self.amended):
            before[change.row, change.column] = change.original
        return before

    def column(self, on: date, half: int) -> int:
        return 2 * self.year.days.index(on) + half


def make_register(
    rng: np.random.Generator, ways: Ways, place: Place, year: SchoolYear, stays: list[Stay], *, until: date | None
) -> Register:
    """Generate a year's marks for these stays, empty off roll; with `until`, empty after the morning of that day."""
    share = np.array([stay.enrolment.child.share for stay in stays], np.float32)
    if until is None:
        share = another_year(rng, share)
    groups = np.array([0 if stay.group.year_group == "R" else int(stay.group.year_group) for stay in stays], np.int64)
    weekdays = np.array([day.weekday() for day in year.days])
    months = np.array([day.month for day in year.days])
    marks = year_of_marks(rng, ways, share, groups, weekdays, months)
    _as_written_then(marks, year.days)
    register = Register(place, year, stays, marks)
    _dual(register, weekdays)
    _off_roll(register)
    if until is not None:
        register.today = register.column(until, 0)
        marks[:, register.today + 1 :] = MISSING
    return register


CODES_OF_2024 = {"C1": "C", "C2": "C", "J1": "J", "K": "B"}
"""Codes that came with SI 2024/208, and the older codes for the same."""
SINCE = date(2024, 8, 19)


def _as_written_then(marks: Array, days: tuple[date, ...]) -> None:
    """Replace codes in registers of earlier years by the codes of their time."""
    before = 2 * sum(day < SINCE for day in days)
    for new, old in CODES_OF_2024.items():
        marks[:, :before][marks[:, :before] == byte(new)] = byte(old)


def _dual(register: Register, weekdays: Array) -> None:
    """Write D at one school on the days that the pupil attends the other."""
    days = np.array(register.year.days, "datetime64[D]")
    for row, stay in enumerate(register.stays):
        child = stay.enrolment.child
        if child.bridge is None or stay.enrolment.kind not in ("main", "subsidiary"):
            continue
        there = (weekdays < child.bridge_days) & (days >= np.datetime64(child.bridge_from))
        elsewhere = there if stay.enrolment.kind == "main" else ~there
        register.marks[row, np.repeat(elsewhere, 2)] = byte("D")


def _off_roll(register: Register) -> None:
    days = np.array(register.year.days, "datetime64[D]")
    for row, stay in enumerate(register.stays):
        enrolment = stay.enrolment
        first = int(np.searchsorted(days, np.datetime64(enrolment.begins_on), side="left")) * 2
        after = len(days) * 2
        if enrolment.ends_on is not None:
            after = int(np.searchsorted(days, np.datetime64(enrolment.ends_on), side="right")) * 2
        if first:
            register.marks[row, :first] = MISSING
        if after < len(days) * 2:
            register.marks[row, after:] = MISSING
