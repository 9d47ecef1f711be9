"""The registers of a nation: sheets as Parquet by year and school, read by one process on every core.

A file holds whole schools. Each row group has sheets of one calendar, so that their marks form one matrix, and names
that calendar in `calendars.parquet` beside it. The same compiled loop serves every page. Only the sums of the schools
of a row group stay in memory, so memory does not grow with the number of schools.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from os import cpu_count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from haven.analytics import walk
from haven.analytics.calendar import Calendar, build_calendar
from haven.analytics.groups import SUMMED
from haven.analytics.measures import walk_many
from haven.analytics.sheets import BadSheet, OnRoll, pack

SHEETS = pa.schema(
    [
        ("school_urn", pa.int32()),
        ("calendar", pa.int32()),  # the same in a whole row group
        ("enrolment", pa.int64()),
        ("first", pa.int16()),  # sessions on roll, both included
        ("last", pa.int16()),
        ("marks", pa.binary()),
    ]
)
CALENDARS = pa.schema([("calendar", pa.int32()), ("sessions", pa.list_(pa.int64()))])
CALENDAR_FILE = "calendars.parquet"
FLAGGED = ("persistent", "severe", "threshold_met")
COLUMNS = ("school_urn", "enrolments", "enrolments_with_possible", *SUMMED, *FLAGGED)
"""The result columns: int64, one row for each school. Counts of sessions are sums over enrolments; flags count
enrolments."""


AT_ONCE = 10_000
"""Number of sheets read in one call."""


class Sheets(NamedTuple):
    """Sheets of one calendar for writing: urn and enrolment [sheets], matrix [sheets, sessions], window on roll."""

    calendar: int
    urns: Any
    enrolments: Any
    matrix: Any
    roll: OnRoll


@dataclass(frozen=True)
class Question:
    """The range of dates: from one day to another (None: open)."""

    from_on: date | None = None
    to_on: date | None = None


def write_calendars(folder: Path, sessions: dict[int, Sequence[int]]) -> None:
    """Write the calendars of a year: number to session keys in order of time. Raises BadCalendar for keys out of
    order."""
    for keys in sessions.values():
        build_calendar(keys)
    table = pa.table({"calendar": list(sessions), "sessions": [list(keys) for keys in sessions.values()]}, CALENDARS)
    pq.write_table(table, folder / CALENDAR_FILE)


def write_sheets(path: Path, groups: Iterable[Sheets]) -> int:
    """Write one file, a row group for each group; returns the number of sheets. The caller keeps a school's sheets of
    one calendar together, and gives the file its final name only when it is complete."""
    school_count = 0
    with pq.ParquetWriter(path, SHEETS, compression="zstd", use_dictionary=["school_urn", "calendar"]) as writer:
        for group in groups:
            writer.write_batch(to_arrow(group), row_group_size=len(group.urns) or 1)
            school_count += len(group.urns)
    return school_count


def to_arrow(group: Sheets) -> pa.RecordBatch:
    """Sheets as one Arrow batch of SHEETS, marks without a copy."""
    rows, width = group.matrix.shape
    offsets = pa.array(np.arange(rows + 1, dtype=np.int32) * width)
    matrix = np.ascontiguousarray(group.matrix, np.uint8)
    marks = pa.Array.from_buffers(pa.binary(), rows, [None, offsets.buffers()[1], pa.py_buffer(matrix)])
    columns = [
        pa.array(group.urns, pa.int32()),
        pa.array(np.full(rows, group.calendar), pa.int32()),
        pa.array(group.enrolments, pa.int64()),
        pa.array(group.roll.first, pa.int16()),
        pa.array(group.roll.last, pa.int16()),
        marks,
    ]
    return pa.record_batch(columns, schema=SHEETS)


def read_calendars(folder: Path) -> dict[int, Calendar]:
    """The calendars of a year's folder, by number."""
    rows = pq.read_table(folder / CALENDAR_FILE).to_pylist()
    return {row["calendar"]: build_calendar(row["sessions"]) for row in rows}


def sums_of(batch: pa.RecordBatch, calendars: dict[int, Calendar], question: Question) -> pa.RecordBatch:
    """Take one batch of SHEETS and return the sums of its schools (COLUMNS); Spark's executors call this repeatedly.

    A batch may have sheets of several calendars; a school may occur in several batches (add the rows up). An empty
    batch gives no rows. Raises BadSheet for a sheet of the wrong length, a byte that is not a code, and a missing
    calendar.
    """
    return _as_batch(_by_school([_sums(part, calendars, question) for part in _by_calendar(batch)]))


def add_up(parts: Iterable[pa.RecordBatch]) -> pa.RecordBatch:
    """Rows of COLUMNS added up by school, by URN; no parts give no rows."""
    return _as_batch(_by_school([np.stack([part.column(name).to_numpy() for name in COLUMNS]) for part in parts]))


def _by_school(parts: Sequence[Any]) -> Any:
    """Sums, int64 [COLUMNS, rows] each, added up by school and put in the order of URNs."""
    if not parts:
        return np.zeros((len(COLUMNS), 0), np.int64)
    together = np.concatenate(parts, axis=1)
    urns, where = np.unique(together[0], return_inverse=True)
    totals = np.zeros((len(COLUMNS), len(urns)), np.int64)
    totals[0] = urns
    for row in range(1, len(COLUMNS)):
        np.add.at(totals[row], where, together[row])
    return totals


def _as_batch(sums: Any) -> pa.RecordBatch:
    return pa.record_batch([pa.array(column) for column in sums], names=list(COLUMNS))


def measure_nation(folder: Path, question: Question | None = None, *, threads: int | None = None) -> pa.RecordBatch:
    """Measure every school of a year's folder (`*.parquet` beside CALENDAR_FILE); returns COLUMNS ordered by URN.

    About ten thousand sheets for each core are in memory at a time. A folder without sheets gives no rows. Raises
    BadSheet naming the file.
    """
    calendars, asked = read_calendars(folder), question or Question()
    jobs = list(_jobs(folder))
    thread_count = min(threads or cpu_count() or 1, len(jobs))
    if not thread_count:
        return _as_batch(_by_school([]))

    def share(place: int) -> Any:
        return _by_school(list(_measured(jobs[place::thread_count], calendars, asked)))

    with ThreadPoolExecutor(thread_count) as pool:
        return _as_batch(_by_school(list(pool.map(share, range(thread_count)))))


def _measured(
    jobs: Sequence[tuple[Path, list[int]]], calendars: dict[int, Calendar], question: Question
) -> Iterator[Any]:
    for path, of_file in groupby(jobs, key=lambda job: job[0]):
        # Opened once: reading the list of row groups may take longer than reading the groups.
        with pq.ParquetFile(path, memory_map=True) as file:
            for _, groups in of_file:
                table = file.read_row_groups(
                    groups, columns=["school_urn", "calendar", "first", "last", "marks"], use_threads=False
                )
                try:
                    for batch in table.to_batches():
                        for part in _by_calendar(batch):
                            yield _sums(part, calendars, question)
                except BadSheet as bad:
                    where = f"row groups {groups[0]} to {groups[-1]}" if len(groups) > 1 else f"row group {groups[0]}"
                    raise BadSheet(bad.index, f"{path.name}, {where}: {bad}") from None


def _jobs(folder: Path) -> Iterator[tuple[Path, list[int]]]:
    """Row groups that are read together, file by file: the cost of a call does not depend on its size."""
    for path in sorted(folder.glob("*.parquet")):
        if path.name != CALENDAR_FILE:
            metadata = pq.read_metadata(path)
            groups, rows = [], 0
            for group in range(metadata.num_row_groups):
                groups.append(group)
                rows += metadata.row_group(group).num_rows
                if rows >= AT_ONCE:
                    yield path, groups
                    groups, rows = [], 0
            if groups:
                yield path, groups


def _by_calendar(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch, divided where the calendar changes."""
    numbers = batch.column("calendar").to_numpy()
    cuts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
    for start, stop in zip(cuts, cuts[1:], strict=False):
        if stop > start:
            yield batch.slice(start, stop - start)


def _sums(batch: pa.RecordBatch, calendars: dict[int, Calendar], question: Question) -> Any:
    """The sums of the schools of a batch on one calendar, int64 [COLUMNS, schools]."""
    number = batch.column("calendar")[0].as_py()
    calendar = calendars.get(number)
    if calendar is None:
        raise BadSheet(0, f"its calendar, number {number}, was not found.")
    roll = OnRoll(batch.column("first").to_numpy(), batch.column("last").to_numpy())
    measures = walk_many(
        _matrix(batch.column("marks"), calendar), calendar, roll=roll, from_on=question.from_on, to_on=question.to_on,
        threads=1,
    )  # fmt: skip
    urns = batch.column("school_urn").to_numpy()
    order = np.argsort(urns, kind="stable") if np.any(np.diff(urns) < 0) else slice(None)
    urns, measures = urns[order], measures[order]
    starts = np.concatenate([[0], np.flatnonzero(np.diff(urns)) + 1])
    flags = {"threshold_met": measures["threshold_met_on"] != walk.NO_DATE}
    columns = {
        "school_urn": urns[starts],
        "enrolments": np.diff(np.append(starts, len(urns))),
        "enrolments_with_possible": np.add.reduceat(measures["possible"] > 0, starts, dtype=np.int64),
    }
    for name in (*SUMMED, *FLAGGED):
        values = flags[name] if name in flags else measures[name]
        columns[name] = np.add.reduceat(values, starts, dtype=np.int64)
    return np.array([columns[name] for name in COLUMNS], np.int64)


def _matrix(marks: pa.Array, calendar: Calendar) -> Any:
    """The marks as one matrix, without a copy when every sheet has the calendar's length. Raises BadSheet."""
    rows, width = len(marks), calendar.sessions
    _, offsets_buffer, data = marks.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int32)[marks.offset : marks.offset + rows + 1]
    wrong = np.flatnonzero(np.diff(offsets) != width)
    if len(wrong) or marks.null_count:
        return pack(marks.to_pylist(), calendar)
    return np.frombuffer(data, np.uint8)[offsets[0] : offsets[0] + rows * width].reshape(rows, width)
