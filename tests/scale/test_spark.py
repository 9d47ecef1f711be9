"""Spark with two workers gives what one process gives. Runs where the extra `spark` and a Java are installed."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from haven.analytics.nation import Question, Sheets, measure_nation, write_calendars, write_sheets
from haven.analytics.sheets import OnRoll
from tests.analytics.sheets_of_a_week import MONDAY, calendar_of, open_days
from tests.analytics.test_nation import CODES

pyspark = pytest.importorskip("pyspark", reason="the extra spark is not installed")
pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs a Java"),
    pytest.mark.filterwarnings("ignore"),
]

LONG, SHORT = calendar_of(open_days(range(30))), calendar_of(open_days(range(20)))


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the workers' Python: one that has Haven
    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .appName("haven")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "500")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("year")
    write_calendars(place, {1: LONG.keys.tolist(), 2: SHORT.keys.tolist()})
    rng = np.random.default_rng(7)
    for number in range(4):
        groups = []
        for calendar, width in ((1, LONG.sessions), (2, SHORT.sessions)):
            urns = np.repeat(np.arange(5), 300) + 100 * number + 10 * calendar
            first, last = rng.integers(0, 9, 1500), rng.integers(width - 20, width, 1500)
            groups.append(
                Sheets(calendar, urns, np.arange(1500), rng.choice(CODES, (1500, width)), OnRoll(first, last))
            )
        write_sheets(place / f"part-{number}.parquet", groups)
    return place


@pytest.mark.parametrize("question", [Question(), Question(MONDAY, open_days([12])[-1])])
def test_two_workers_give_what_one_process_gives(spark: Any, folder: Path, question: Question) -> None:
    from haven.analytics.spark import measure_on_spark

    alone = measure_nation(folder, question).to_pylist()
    together = [row.asDict() for row in measure_on_spark(spark, folder, question).orderBy("school_urn").collect()]
    assert len(alone) == 40 and together == alone
