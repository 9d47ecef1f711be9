"""The measures of a whole authority: Haven's bulk read, compared with one row a mark in PostgreSQL and in DuckDB.

The bulk read is measured with and without row security.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import connection

from benchmarks.dataset import MORNING, Dataset
from benchmarks.measure import Case, Goal, Measure, Version
from haven.analytics.nation import Sheets, measure_nation, write_calendars, write_sheets
from haven.analytics.sheets import OnRoll
from haven.attendance.registers.queries.register_cache import REGISTER_CACHE
from haven.attendance.registers.queries.register_reader import (
    RegisterBatch,
    bulk_measures,
    bulk_registers,
    measure_batches,
)
from haven.core.schools.models import School
from haven.platform.accounts.models import User
from haven.rules.attendance_codes import CLASS_NUMBERS, MISSING, class_table
from haven.rules.sessions import academic_year_of, year_before, year_bounds

try:
    import duckdb
except ImportError:  # a development dependency; without it the benchmark leaves DuckDB out
    duckdb = None  # type: ignore[assignment]

DOOR, ANEW = "every measure, in bulk", "every measure, read anew"
FREE = "every measure, read anew without row security"
ROWS, DUCK = "three rates of five, PostgreSQL, one row a mark", "three rates of five, DuckDB, one row a mark"
MEMORY, PARQUET = "every measure, in memory", "every measure, from Parquet"
SIZES = (1_000, 10_000, 50_000)
"""Numbers of pupils measured before all of them: 380,000, 3.8 million and 19 million marks."""
SCHOOLS = 20
"""Number of schools on one calendar that form a row group."""
LONG = 10_000_000
"""With more marks, each version is timed only a few times."""
Rates = dict[int, tuple[int, int, int]]

# One row a mark, as another system might store them: a session on roll with the class of its code.
_MAKE_ROWS = """
create unlogged table bench_mark as
select s.school_id, s.enrolment_id, (c.sessions[place.n] / 2)::int as day, (c.sessions[place.n] %% 2)::smallint as half,
  get_byte(s.marks, place.n - 1)::smallint as code
from registers_sheet s join schools_calendar c on c.id = s.calendar_id join people_enrolment e on e.id = s.enrolment_id,
  generate_series(1, length(s.marks)) as place(n)
where s.year = %(year)s and c.sessions[place.n] / 2 >= e.begins_on - date '1970-01-01'
  and c.sessions[place.n] / 2 <= coalesce(e.ends_on - date '1970-01-01', 2147483647) and get_byte(s.marks, place.n - 1) <> %(missing)s
"""
RATES = """
with enrolment as (
  select m.school_id, m.enrolment_id, count(*) filter (where c.is_possible) as possible, count(*) filter (where c.is_absent) as absent
  from bench_mark m join bench_code c on c.code = m.code where m.school_id between %(first)s and %(last)s group by m.school_id, m.enrolment_id
)
select school_id, sum(possible)::bigint, sum(absent)::bigint, count(*) filter (where possible > 0 and 10 * absent >= possible)
from enrolment group by school_id
"""


def year_that_is_over(dataset: Dataset) -> str:
    """A completed year with all its marks; the present one where the data have no other."""
    year = academic_year_of(MORNING)
    return year_before(year) if dataset.size.earlier_years else year


def _codes(year: str) -> list[tuple[int, bool, bool]]:
    """Create a table of every byte that is a code in the year: whether it is possible, and whether it is absent."""
    names = {number: cls.value if cls else "" for cls, number in CLASS_NUMBERS.items()}
    table = class_table(year_bounds(year)[0])
    return [
        (byte, names[number] not in ("", "not_possible"), names[number] in ("authorised", "unauthorised"))
        for byte, number in enumerate(table)
        if names.get(number)
    ]


@contextmanager
def _marks_as_rows(dataset: Dataset) -> Iterator[None]:
    """Create a table with one row a mark beside the sheets, for the duration of the measure."""
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists bench_mark, bench_code")
        cursor.execute(_MAKE_ROWS, {"year": year_that_is_over(dataset), "missing": MISSING})
        cursor.execute(
            "create unlogged table bench_code (code smallint primary key, is_possible boolean, is_absent boolean)"
        )
        cursor.executemany("insert into bench_code values (%s, %s, %s)", _codes(year_that_is_over(dataset)))
        # the rows are stored in the order of schools
        cursor.execute("create index on bench_mark using brin (school_id)")
        cursor.execute("analyze bench_mark, bench_code")
        cursor.execute("grant select on bench_mark, bench_code to public")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop table bench_mark, bench_code")


def _cases(dataset: Dataset) -> Iterator[Case]:
    service = User.objects.get(is_service=True)
    ids = list(School.objects.order_by("id").values_list("id", flat=True))
    year = year_that_is_over(dataset)
    with dataset.entered(service):
        batches = list(bulk_registers(school_ids=ids, year=year))
        ducks = _rows_in_duckdb(batches, year) if duckdb else None
        for some in _more_and_more(batches):
            yield _case(dataset, some, year, ducks)
        yield from _from_files(batches)


def _more_and_more(batches: list[RegisterBatch]) -> Iterator[list[RegisterBatch]]:
    """The first schools with so many pupils together, for each of SIZES that there are more of; then all of them."""
    together = np.cumsum([len(batch) for batch in batches])
    for pupils in SIZES:
        if pupils < together[-1]:
            yield batches[: int(np.searchsorted(together, pupils)) + 1]
    yield batches


def _facts(batches: list[RegisterBatch]) -> dict[str, Any]:
    marks = sum(int(np.count_nonzero(_shown(batch))) for batch in batches)
    return {"schools": len(batches), "sheets": sum(map(len, batches)), "marks": marks}


def _shown(batch: RegisterBatch) -> Any:
    """Where a sheet has a mark on roll."""
    return batch.roll.covers(np.arange(batch.calendar.sessions)) & (batch.matrix != MISSING)


def _case(dataset: Dataset, batches: list[RegisterBatch], year: str, ducks: Any) -> Case:
    facts, ids = _facts(batches), [batch.school_id for batch in batches]
    span = {"first": ids[0], "last": ids[-1]}
    versions = {
        DOOR: Version(lambda: _through_the_door(ids, year), _asked_before(dataset, ids, year)),
        ANEW: Version(lambda: _through_the_door(ids, year), _forgetting(dataset.as_app)),
        FREE: Version(lambda: _through_the_door(ids, year), _forgetting(dataset.as_free)),
        MEMORY: Version(lambda: _summed(measure_batches(batches))),
        ROWS: Version(lambda: _in_postgresql(span), dataset.as_app),
    }
    if ducks is not None:
        versions[DUCK] = Version(lambda: _in_duckdb(ducks, span))
    share = facts["sheets"] / 180_000
    goal = Goal("at most 0.3 s for 180,000 pupils", lambda seen: seen[DOOR].median <= 300 * max(share, 0.05))
    return Case(
        f"A year of {facts['sheets']:,} sheets", versions, goal, facts, runs=3 if facts["marks"] > LONG else None
    )


def _forgetting(role: Callable[[], None]) -> Callable[[], None]:
    """Prepare a version that works as a role with an empty register cache."""

    def ready() -> None:
        REGISTER_CACHE.clear()
        role()

    return ready


def _asked_before(dataset: Dataset, ids: list[int], year: str) -> Callable[[], None]:
    """Prepare a version that works as the application with a full cache, because the previous version has emptied
    it."""

    def ready() -> None:
        dataset.as_app()
        for _ in bulk_registers(school_ids=ids, year=year):
            pass

    return ready


def _from_files(batches: list[RegisterBatch]) -> Iterator[Case]:
    """The same year as Parquet, as a nation keeps it, beside the sheets in memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_year(folder, batches)
        in_memory = Version(lambda: _summed(measure_batches(batches)))
        facts = {**_facts(batches), "bytes_of_parquet": (folder / "sheets-000.parquet").stat().st_size}
        yield Case(
            "Every school's year, in memory and from Parquet",
            {MEMORY: in_memory, PARQUET: Version(lambda: _from_parquet(folder))},
            facts=facts, runs=5 if facts["marks"] > LONG else None,
        )  # fmt: skip


def write_year(folder: Path, batches: Sequence[RegisterBatch], times: int = 1) -> int:
    """The year as files of a nation, so many times over, each time as other schools in a file of their own, schools with the same
    calendar together; returns how many sheets there are."""
    same: dict[bytes, list[RegisterBatch]] = {}
    for batch in batches:
        same.setdefault(batch.calendar.keys.tobytes(), []).append(batch)
    alike = list(same.values())
    write_calendars(folder, {number: of[0].calendar.keys.tolist() for number, of in enumerate(alike)})
    most = max(batch.school_id for batch in batches) + 1
    return sum(
        write_sheets(
            folder / f"sheets-{again:03d}.parquet",
            (_together(number, of[start : start + SCHOOLS], again * most) for number, of in enumerate(alike) for start in range(0, len(of), SCHOOLS)),
        )
        for again in range(times)
    )  # fmt: skip


def _together(calendar: int, batches: Sequence[RegisterBatch], first_urn: int) -> Sheets:
    """Schools with the same calendar as one row group."""
    return Sheets(
        calendar,
        np.concatenate([np.full(len(batch), first_urn + batch.school_id) for batch in batches]),
        np.concatenate([batch.enrolments for batch in batches]),
        np.concatenate([batch.matrix for batch in batches]),
        OnRoll(*(np.concatenate(side) for side in zip(*(batch.roll for batch in batches), strict=True))),
    )


def _summed(measures: Iterable[tuple[RegisterBatch, Any]]) -> Rates:
    return {
        batch.school_id: (int(rows["possible"].sum()), int(rows["absent"].sum()), int(rows["persistent"].sum()))
        for batch, rows in measures
    }


def _through_the_door(ids: list[int], year: str) -> Rates:
    return _summed(bulk_measures(school_ids=ids, year=year))


def _in_postgresql(span: Mapping[str, int]) -> Rates:
    with connection.cursor() as cursor:
        cursor.execute(RATES, span)
        return {school: tuple(figures) for school, *figures in cursor.fetchall()}


def _rows_in_duckdb(batches: list[RegisterBatch], year: str) -> Any:
    """The same rows in a DuckDB that holds them in memory."""
    base = duckdb.connect()
    base.execute("create table bench_mark (school_id int, enrolment_id bigint, day int, half tinyint, code smallint)")
    for batch in batches:
        row, place = np.nonzero(_shown(batch))
        part = pa.table(
            {
                "school_id": np.full(len(row), batch.school_id, np.int32), "enrolment_id": batch.enrolments[row].astype(np.int64),
                "day": batch.calendar.day[place], "half": batch.calendar.half[place].astype(np.int8),
                "code": batch.matrix[row, place].astype(np.int16),
            }
        )  # fmt: skip
        base.register("part", part)
        base.execute("insert into bench_mark select * from part")
        base.unregister("part")
    base.execute("create table bench_code (code smallint, is_possible boolean, is_absent boolean)")
    base.executemany("insert into bench_code values (?, ?, ?)", _codes(year))
    return base


def _in_duckdb(base: Any, span: Mapping[str, int]) -> Rates:
    rows = base.execute(RATES.replace("%(first)s", "$first").replace("%(last)s", "$last"), dict(span)).fetchall()
    return {int(school): (int(possible), int(absent), int(flagged)) for school, possible, absent, flagged in rows}


def _from_parquet(folder: Path) -> Rates:
    table = measure_nation(folder).to_pydict()
    columns = zip(table["school_urn"], table["possible"], table["absent"], table["persistent"], strict=True)
    return {school: (possible, absent, persistent) for school, possible, absent, persistent in columns}


AUTHORITY = Measure(
    "authority",
    "An authority's year",
    "Every measure of every enrolment of a year that is over, for more and more schools: read in bulk with row security on, "
    "as it is asked again and again (what has not changed is kept) and read anew, beside the same without row security, the sheets in memory, and three of the five rates asked of one row a mark, in well-written SQL, in "
    "PostgreSQL and in DuckDB (in memory).",
    _cases,
    _marks_as_rows,
)
