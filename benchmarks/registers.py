"""Measures the calculation of a school's measures, and compares the engine with a plain read of the bytes."""

from collections.abc import Iterator

import numpy as np

from benchmarks.dataset import MORNING, Dataset
from benchmarks.measure import Case, Goal, Measure, Version
from haven.analytics.measures import walk_many
from haven.attendance.registers.queries.register_reader import YearSheets, sheets_for
from haven.attendance.reports.measures import measures_of
from haven.core.people.models import Enrolment
from haven.core.schools.models import School
from haven.platform.accounts.models import User
from haven.rules.sessions import academic_year_of, year_bounds

READ, WALK = "a plain read of the same bytes", "every measure of every sheet"
COLD = "as it is asked"


def _service() -> User:
    return User.objects.get(is_service=True)


def _school_cases(dataset: Dataset) -> Iterator[Case]:
    """The measures of the demonstration's largest school, then of every school one after another."""
    first = year_bounds(academic_year_of(MORNING))[0]
    with dataset.entered(_service()):
        one, schools = dataset.school, list(School.objects.order_by("id"))
        many = Enrolment.objects.filter(school=one, ends_on=None).count()
        goal = Goal("at most 60 ms for 1,000 pupils", lambda seen: seen[COLD].median <= 60 * max(many, 1000) / 1000)
        ask = Version(lambda: len(measures_of(school=one, from_on=first, to_on=MORNING).measures))
        yield Case("One school, from the database", {COLD: ask}, goal, {"pupils": many})
        every = Version(
            lambda: sum(len(measures_of(school=each, from_on=first, to_on=MORNING).measures) for each in schools)
        )
        yield Case("Every school, one after another", {COLD: every}, facts={"schools": len(schools)}, runs=3)


def _engine_cases(dataset: Dataset) -> Iterator[Case]:
    """The engine in memory beside a plain read of the same bytes."""
    year = academic_year_of(MORNING)
    with dataset.entered(_service()):
        ids = School.objects.order_by("id").values_list("id", flat=True)
        sheets = [found for school_id in ids if (found := sheets_for(school_id=school_id, year=year))]
    size = sum(each.matrix.size for each in sheets)
    goal = Goal("at most 10 times a plain read", lambda seen: seen[WALK].median <= 10 * seen[READ].median)
    yield Case(
        "Every school's year, in memory", {READ: Version(lambda: _read(sheets)), WALK: Version(lambda: _walked(sheets))}, goal,
        {"sheets": sum(map(len, sheets)), "bytes": int(size)},
    )  # fmt: skip


def _read(sheets: list[YearSheets]) -> int:
    """Read every byte; returns the number of sheets, as the other version does."""
    return sum(len(each.matrix) for each in sheets if int(each.matrix.sum(dtype=np.uint64)) >= 0)


def _walked(sheets: list[YearSheets]) -> int:
    first = year_bounds(academic_year_of(MORNING))[0]
    walked = (
        walk_many(each.matrix, each.calendar, roll=each.roll, from_on=first, to_on=MORNING, previous=each.previous)
        for each in sheets
    )
    return sum(map(len, walked))


SCHOOL = Measure(
    "measures",
    "Measures of a school",
    "Every measure of `haven measures` for every enrolment from the first day of the academic year, read from the database with row "
    "security on and walked; nothing is kept from one asking to the next.",
    _school_cases,
)
ENGINE = Measure(
    "engine",
    "The engine in memory",
    "The compiled walk over every sheet of the year beside a plain read (a sum) of the same bytes, on one core.",
    _engine_cases,
)
