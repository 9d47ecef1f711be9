"""How long do the measures of a school take, how near is the engine to a plain read, and how long does a day's file?"""

import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management import call_command
from django.db import transaction

from haven.access.models import User
from haven.analytics.measures import walk_many
from haven.attendance.measures import measures_of
from haven.attendance.queries.sheets import YearSheets, sheets_for
from haven.bench.measure import Case, Goal, Measure, Version
from haven.bench.stage import MORNING, Stage
from haven.people.models import Enrolment, Identifier
from haven.rules.sessions import Half, academic_year_of, session_of, year_bounds
from haven.schools.models import School
from haven.schools.queries import calendar_for

READ, WALK = "a plain read of the same bytes", "every measure of every sheet"
COLD = "as it is asked"


def _service() -> User:
    return User.objects.get(is_service=True)


def _school_cases(stage: Stage) -> Iterator[Case]:
    """The measures of the demonstration's largest school, then of every school one after another."""
    first = year_bounds(academic_year_of(MORNING))[0]
    with stage.entered(_service()):
        one, schools = stage.school, list(School.objects.order_by("id"))
        many = Enrolment.objects.filter(school=one, ends_on=None).count()
        goal = Goal("at most 60 ms for 1,000 pupils", lambda seen: seen[COLD].median <= 60 * max(many, 1000) / 1000)
        ask = Version(lambda: len(measures_of(school=one, from_on=first, to_on=MORNING).measures))
        yield Case("One school, from the database", {COLD: ask}, goal, {"pupils": many})
        every = Version(
            lambda: sum(len(measures_of(school=each, from_on=first, to_on=MORNING).measures) for each in schools)
        )
        yield Case("Every school, one after another", {COLD: every}, facts={"schools": len(schools)}, runs=3)


def _engine_cases(stage: Stage) -> Iterator[Case]:
    """The engine in memory beside a plain read of the same bytes."""
    year = academic_year_of(MORNING)
    with stage.entered(_service()):
        ids = School.objects.order_by("id").values_list("id", flat=True)
        sheets = [found for school_id in ids if (found := sheets_for(school_id=school_id, year=year))]
    size = sum(each.matrix.size for each in sheets)
    goal = Goal("at most 10 times a plain read", lambda seen: seen[WALK].median <= 10 * seen[READ].median)
    yield Case(
        "Every school's year, in memory", {READ: Version(lambda: _read(sheets)), WALK: Version(lambda: _walked(sheets))}, goal,
        {"sheets": sum(map(len, sheets)), "bytes": int(size)},
    )  # fmt: skip


def _read(sheets: list[YearSheets]) -> int:
    """Touch every byte; the number of sheets, as the other version gives it."""
    return sum(len(each.matrix) for each in sheets if int(each.matrix.sum(dtype=np.uint64)) >= 0)


def _walked(sheets: list[YearSheets]) -> int:
    first = year_bounds(academic_year_of(MORNING))[0]
    walked = (
        walk_many(each.matrix, each.calendar, roll=each.roll, from_on=first, to_on=MORNING, previous=each.previous)
        for each in sheets
    )
    return sum(map(len, walked))


# ---- files ------------------------------------------------------------------------------------------------------------


def _import_cases(stage: Stage) -> Iterator[Case]:
    """`haven import marks` with a file of a school's next days; everything is taken back after each run."""
    days = _days_after(stage.school, MORNING)
    with tempfile.TemporaryDirectory() as folder:
        for name, asked in (("A day of one school", days[:1]), ("A half-term of one school", days[:30])):
            path = Path(folder) / f"{len(asked)}.csv"
            lines = _write_marks(path, stage.school, asked)
            run = Version(_importing(path, stage))
            yield Case(name, {"haven import marks": run}, facts={"marks": lines}, runs=3)


def _days_after(school: School, on: date) -> list[date]:
    calendar = calendar_for(school.id, academic_year_of(on))
    found = {session_of(key).on for key in calendar.sessions} if calendar else set()
    return sorted(day for day in found if day > on)


def _write_marks(path: Path, school: School, days: list[date]) -> int:
    """The long form: one line for each pupil and session, nine in ten present."""
    enrolled = Enrolment.objects.filter(school=school, ends_on=None, begins_on__lte=MORNING - timedelta(days=7))
    upns = Identifier.objects.filter(school=school, kind="upn", ends_on=None, pupil_id__in=enrolled.values("pupil_id"))
    many = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("upn,date,session,code\n")
        for number, upn in enumerate(upns.order_by("value").values_list("value", flat=True)):
            for day in days:
                for half in Half:
                    present = "/" if half is Half.AM else "\\"
                    code = "I" if (number + day.toordinal()) % 10 == 0 else present
                    file.write(f"{upn},{day.isoformat()},{half.value},{code}\n")
                    many += 1
    return many


def _importing(path: Path, stage: Stage) -> Callable[[], Any]:
    def run() -> str:
        with stage.as_application(), transaction.atomic(), open("/dev/null", "w") as nowhere:
            call_command("import", "marks", str(path), school=stage.school.urn, stdout=nowhere)
            transaction.set_rollback(True)
        return path.name

    return run


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
IMPORTS = Measure(
    "imports",
    "Files in",
    "The command as people run it: read, checked, kept, applied with takes and audit events; then taken back.",
    _import_cases,
)
