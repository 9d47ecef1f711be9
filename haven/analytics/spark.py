"""Runs the same compiled loop on Spark, for registers that several owners share: see docs/how-to/measure-a-nation.md.

Spark passes each executor batches of sheets in Arrow (`mapInArrow`), the loop reads them without a copy, and only the
sums of schools are sent back. Needs the extra `spark` (pyspark, and a Java that it supports). No other module of Haven
imports this one.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from haven.analytics.calendar import build_calendar
from haven.analytics.nation import CALENDAR_FILE, COLUMNS, Question, add_up, read_calendars, sums_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SCHEMA = ", ".join(f"{name} bigint" for name in COLUMNS)


def measure_on_spark(spark: "SparkSession", folder: Path, question: Question | None = None) -> "DataFrame":
    """The sums of every school of a year's folder, as from `nation.measure_nation`: a DataFrame of COLUMNS by school,
    unsorted.

    The DataFrame is lazy: nothing is read before its rows are needed, and an invalid sheet raises Spark's error then.
    """
    sessions = {number: calendar.keys.tolist() for number, calendar in read_calendars(folder).items()}
    asked = question or Question()
    files = [str(path.resolve()) for path in sorted(folder.glob("*.parquet")) if path.name != CALENDAR_FILE]

    def walk_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        calendars = {number: build_calendar(keys) for number, keys in sessions.items()}
        yield add_up([sums_of(batch, calendars, asked) for batch in batches])

    sheets = spark.read.parquet(*files).select("school_urn", "calendar", "first", "last", "marks")
    sums = sheets.mapInArrow(walk_batches, SCHEMA).groupBy("school_urn").sum(*COLUMNS[1:])
    names: list[Any] = [sums[f"sum({name})"].alias(name) for name in COLUMNS[1:]]
    return sums.select(sums["school_urn"], *names)
