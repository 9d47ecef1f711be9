"""Measures the import of files: a day of one school and of every school, and a year of a trust.

The last two are long and are measured as users run them: the command, on a folder with a file for each school, each
file in its own transaction, on every core. Their rows are deleted afterwards.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from benchmarks.dataset import AT, MORNING, Dataset
from benchmarks.measure import Case, Goal, Measure, Version, Watched
from haven.core.people.models import Enrolment, Identifier
from haven.core.schools.models import Calendar, School
from haven.core.schools.queries import calendar_for
from haven.rules.sessions import Half, academic_year_of, session_key, session_of, year_bounds

COMMAND = "haven import marks"
A_TRUST = 50_000
A_YEAR_LATER = timedelta(days=364)
"""The same weekdays a year later."""
GROWING = ("registers_marknote", "registers_markamendment", "registers_initialentry", "registers_sheet", "imports_importfile",
           "imports_importrun", "audit_auditevent")  # fmt: skip


def _cases(dataset: Dataset) -> Iterator[Case]:
    yield from _one_school(dataset)
    yield _a_day_of_every_school(dataset)
    yield _a_year_of_a_trust(dataset)


def _one_school(dataset: Dataset) -> Iterator[Case]:
    """A file of a school's next days; each run is rolled back."""
    days = _days_after(dataset.school, MORNING)
    with tempfile.TemporaryDirectory() as folder:
        for name, asked in (("A day of one school", days[:1]), ("A half-term of one school", days[:30])):
            path = Path(folder) / f"{len(asked)}.csv"
            lines = _write_marks(path, dataset.school, asked)
            yield Case(name, {COMMAND: Version(_importing(path, dataset))}, facts={"marks": lines}, runs=3)


def _importing(path: Path, dataset: Dataset) -> Callable[[], Any]:
    def run() -> str:
        with dataset.as_application(), transaction.atomic(), open("/dev/null", "w") as nowhere:
            call_command("import", "marks", str(path), school=dataset.school.urn, stdout=nowhere)
            transaction.set_rollback(True)
        return path.name

    return run


def _a_day_of_every_school(dataset: Dataset) -> Case:
    """Three days one after another, a file for each school."""
    schools = list(School.objects.order_by("id"))
    facts: dict[str, Any] = {"schools": len(schools), "pupils": _pupils(schools)}

    def watch() -> tuple[Any, Sequence[float]]:
        days = _days_after(schools[0], MORNING)[:3]
        with taken_away():
            return "in", [_folder_in(partial(_open_on, day), schools, facts) for day in days]

    goal = Goal("at most 10 s for 180,000 pupils", lambda seen: seen[COMMAND].median <= 10_000)
    return Case(
        "A day of every school", {COMMAND: Watched(watch)}, goal if facts["pupils"] >= 0.9 * 180_000 else None, facts
    )


def _a_year_of_a_trust(dataset: Dataset) -> Case:
    """The first schools that together have as many pupils as a trust, and the next year, which has no marks yet."""
    schools: list[School] = []
    for school in School.objects.order_by("id"):
        if _pupils(schools) >= A_TRUST:
            break
        schools.append(school)
    facts: dict[str, Any] = {"schools": len(schools), "pupils": _pupils(schools)}

    def watch() -> tuple[Any, Sequence[float]]:
        with taken_away():
            return "in", [_folder_in(_days_of_next_year, schools, facts)]

    goal = Goal("at most 60 s for 50,000 pupils, 19 million marks", lambda seen: seen[COMMAND].median <= 60_000)
    return Case(
        "A year of a trust", {COMMAND: Watched(watch)}, goal if facts["pupils"] >= 0.9 * A_TRUST else None, facts
    )


def _folder_in(days_of: Callable[[School], list[date]], schools: Sequence[School], facts: dict[str, Any]) -> float:
    """Write a file of those days for each school and import the folder, on the evening of the last day; returns the
    seconds of the command. `facts` receives the number of marks and the memory of a process. Raises RuntimeError with
    the output where a file is refused."""
    with tempfile.TemporaryDirectory() as folder:
        facts["marks"], last = 0, MORNING
        for school in schools:
            days = days_of(school)
            facts["marks"] += _write_marks(Path(folder) / f"marks-{school.urn}.csv", school, days)
            last = max([last, *days])
        environment = {**os.environ, "HAVEN_DB_ROLE": "app", "HAVEN_NOW": f"{last}T18:00"}
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "haven", "import", "marks", folder], env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"The files were not all taken in. {said[-500:]}")
    facts["megabytes_of_a_process"] = used.ru_maxrss // 1024
    return seconds


def _pupils(schools: Sequence[School]) -> int:
    return _enrolled(schools).count()


def _enrolled(schools: Sequence[School]) -> QuerySet[Enrolment]:
    """Pupils on roll throughout, from before the morning."""
    return Enrolment.objects.filter(school__in=schools, ends_on=None, begins_on__lte=MORNING - timedelta(days=7))


def _days_after(school: School, on: date) -> list[date]:
    return sorted(day for day in _days(school, academic_year_of(on)) if day > on)


def _open_on(day: date, school: School) -> list[date]:
    return [day] if day in _days(school, academic_year_of(day)) else []


def _days(school: School, year: str) -> set[date]:
    calendar = calendar_for(school.id, year)
    return {session_of(key).on for key in calendar.sessions} if calendar else set()


def _days_of_next_year(school: School) -> list[date]:
    """The days of the following year. It gets this year's calendar, a year later, if it has none."""
    this, following = academic_year_of(MORNING), academic_year_of(MORNING + A_YEAR_LATER)
    standing = calendar_for(school.id, this)
    if standing is not None and calendar_for(school.id, following) is None:
        moved = [session_key(session_of(key).on + A_YEAR_LATER, session_of(key).half) for key in standing.sessions]
        first, last = year_bounds(following)
        sessions = [key for key in moved if first <= session_of(key).on <= last]
        Calendar.objects.create(
            school=school,
            year=following,
            sessions=sessions,
            made_at=timezone.make_aware(datetime.combine(MORNING, AT)),
            reason="The bench's next year",
        )
    return sorted(_days(school, following))


def _write_marks(path: Path, school: School, days: Sequence[date]) -> int:
    """Write the long form: one line for each pupil and session, nine in ten present. Returns the number of lines."""
    upns = Identifier.objects.filter(
        school=school, kind="upn", ends_on=None, pupil_id__in=_enrolled([school]).values("pupil_id")
    )
    ends = [
        [f",{day.isoformat()},{half.value},{'I' if away else '/' if half is Half.AM else chr(92)}\n" for away in (False, True)]
        for day in days for half in Half
    ]  # fmt: skip
    many = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("upn,date,session,code\n")
        for number, upn in enumerate(upns.order_by("value").values_list("value", flat=True)):
            file.write("".join([upn + end[(number + place // 2) % 10 == 0] for place, end in enumerate(ends)]))
            many += len(ends)
    return many


@contextmanager
def taken_away() -> Iterator[None]:
    """Restore the registers at the end: delete the rows written meanwhile, and the audit events, which have dates in
    the future."""
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists bench_sheet")
        cursor.execute("create unlogged table bench_sheet as select id, version, marks from registers_sheet")
        cursor.execute("alter table bench_sheet add primary key (id)")
        cursor.execute("select " + ", ".join(f"(select coalesce(max(id), 0) from {table})" for table in GROWING))
        newest = cursor.fetchone()
    try:
        yield
    finally:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("alter table audit_auditevent disable trigger only_grows")
            for table, number in zip(GROWING, newest, strict=True):
                cursor.execute(f"delete from {table} where id > %s", [number])
            cursor.execute(
                "update registers_sheet s set marks = was.marks, version = was.version from bench_sheet was"
                " where was.id = s.id and was.version <> s.version"
            )
            cursor.execute("drop table bench_sheet")
            cursor.execute("set constraints all immediate")
            cursor.execute("alter table audit_auditevent enable trigger only_grows")


IMPORTS = Measure(
    "imports",
    "Files in",
    "The command as people run it: read, checked, kept, applied with takes and audit events. Files of one school are then taken back "
    "within their transaction; a day of every school and a year of a trust are a folder with a file for each school, committed, on every "
    "core.",
    _cases,
)
