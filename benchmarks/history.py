"""Compares the pages of one school with one year of registers and with seven years."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np
from django.db import connection, transaction

from benchmarks.authority import year_that_is_over
from benchmarks.dataset import Dataset
from benchmarks.measure import Case, Goal, Measure, Watched
from benchmarks.pages import PAGES, PEOPLE, asker_at, pause
from benchmarks.server import Asker, Server, all_together, one_by_one, serving
from haven.attendance.registers.models import InitialEntry, Sheet
from haven.core.people.models import Enrolment
from haven.core.schools.models import Calendar
from haven.demonstration.load import referenced_at_once, reserve, settle, write
from haven.demonstration.rows import PUPIL_ROW
from haven.rules.attendance_codes import CLASS_NUMBERS, class_table, to_byte
from haven.rules.sessions import academic_year_of, session_of

MORE_YEARS = 6
ONE, SEVEN, ONE_OF_MANY, SEVEN_OF_MANY = (
    "one year, one person", "seven years, one person", "one year, fifty at work", "seven years, fifty at work",
)  # fmt: skip
OPENED = ("today", "pupil", "school")
AT_MOST = 1.25
SOURCE = "bench"


def _cases(dataset: Dataset) -> Iterator[Case]:
    quick = dataset.size.name == "small"
    user = next(user for user, school in dataset.holders("attendance_officer") if school == dataset.school)
    asker = asker_at(user, dataset.school, OPENED, dataset.random)
    with serving() as server:
        short = _seen(server, asker, dataset, quick)
        with longer(dataset) as sheets:
            long = _seen(server, asker, dataset, quick)
    for page in OPENED:
        samples = {ONE: short[0], SEVEN: long[0], ONE_OF_MANY: short[1], SEVEN_OF_MANY: long[1]}
        versions = {name: _kept(page, found[page]) for name, found in samples.items() if found.get(page)}
        goal = Goal(
            f"at most {AT_MOST} times with seven years", lambda seen: seen[SEVEN].median <= AT_MOST * seen[ONE].median
        )
        yield Case(PAGES[page], versions, goal, {"sheets of the years before": sheets})


def _kept(page: str, seconds: list[float]) -> Watched:
    return Watched(lambda: (page, seconds))


def _seen(
    server: Server, asker: Asker, dataset: Dataset, quick: bool
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """The seconds of each page: opened by one person in succession, and by fifty people at once."""
    alone = {page: one_by_one(server.port, [asker], page, 6 if quick else 30)[0] for page in OPENED}
    return alone, all_together(server.port, [asker] * PEOPLE, 8.0 if quick else 45.0, pause, dataset.seed)


@contextmanager
def longer(dataset: Dataset) -> Iterator[int]:
    """Add six years of the school's registers, copied from the completed year, for the duration of the block; yields
    the number of sheets."""
    begun = dict(Enrolment.objects.filter(school=dataset.school).values_list("id", "begins_on"))
    with transaction.atomic():
        calendars, sheets = _copied(dataset)
    try:
        yield sheets
    finally:
        with transaction.atomic(), connection.cursor() as cursor:
            for table in ("registers_initialentry", "registers_sheet"):
                cursor.execute(f"delete from {table} where calendar_id = any(%s)", [calendars])
            cursor.execute("delete from schools_calendar where id = any(%s)", [calendars])
            _begin(begun)


def _copied(dataset: Dataset) -> tuple[list[int], int]:
    base = year_that_is_over(dataset)
    calendar = Calendar.objects.filter(school=dataset.school, year=base).latest("version")
    rows = list(Sheet.objects.filter(calendar=calendar).order_by("id").values_list(*PUPIL_ROW, "enrolment_id", "marks"))
    made, many = [], 0
    with referenced_at_once(Sheet, InitialEntry):
        for ago in range(1, MORE_YEARS + 1):
            keys = [key - ago * 364 * 2 for key in calendar.sessions]
            first = session_of(keys[0]).on
            new = Calendar.objects.create(
                school=dataset.school,
                year=academic_year_of(first),
                sessions=keys,
                made_at=calendar.made_at,
                reason=SOURCE,
            )
            made.append(new.id)
            table = _codes_in_force(first)
            ids = reserve(Sheet, len(rows))
            marks = [table[np.frombuffer(row[-1], np.uint8)].tobytes() for row in rows]
            write(
                Sheet, ("id", *PUPIL_ROW, "enrolment_id", "year", "calendar_id", "marks"),
                ((ids + n, *row[:-1], new.year, new.id, marks[n]) for n, row in enumerate(rows)),
            )  # fmt: skip
            write(
                InitialEntry, (*PUPIL_ROW, "sheet_id", "calendar_id", "first", "codes", "source", "author_name", "taken_at"),
                ((*row[:3], ids + n, new.id, 0, marks[n], SOURCE, "School office", new.made_at) for n, row in enumerate(rows)),
            )  # fmt: skip
            many += len(rows)
    _begin({enrolment_id: first for *_, enrolment_id, _ in rows})
    settle([Sheet, InitialEntry])
    return made, many


def _codes_in_force(on: date) -> Any:
    """For each byte the byte itself, or a present where it was not a code on that day."""
    known = [number in CLASS_NUMBERS.values() for number in class_table(on)]
    return np.where(known, np.arange(256), to_byte("/")).astype(np.uint8)


def _begin(days: dict[int, date]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update people_enrolment e set begins_on = d.begins_on from unnest(%s::int[], %s::date[]) as d(id, begins_on) where e.id = d.id",
            [list(days), list(days.values())],
        )


HISTORY = Measure(
    "history",
    "Years behind a page",
    "The pages of one school with this year's registers and the last's, and again with six years more of the same size, opened by one "
    "person and by fifty at once.",
    _cases,
)
