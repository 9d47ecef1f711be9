"""Parquet in, sums by school out: the same as summing on a page, whatever the files and row groups are cut into."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from haven.analytics.groups import SUMMED, sum_within
from haven.analytics.measures import walk_many
from haven.analytics.nation import (
    COLUMNS,
    Question,
    Sheets,
    add_up,
    measure_nation,
    sums_of,
    to_arrow,
    write_calendars,
    write_sheets,
)
from haven.analytics.sheets import BadSheet, OnRoll
from haven.rules.attendance_codes import to_byte
from tests.analytics.sheets_of_a_week import MONDAY, calendar_of, open_days

LONG, SHORT = calendar_of(open_days(range(12))), calendar_of(open_days([0, 1, 3]))
CODES = np.array([to_byte(code) for code in ("/", "/", "/", "/", "\\", "L", "I", "O", "N", "B", "#", "X")], np.uint8)


def sheets(calendar: int, urns: list[int], seed: int) -> Sheets:
    rng = np.random.default_rng(seed)
    width = (LONG if calendar == 1 else SHORT).sessions
    first = rng.integers(0, 5, len(urns)).astype(np.int16)
    last = rng.integers(width - 8, width, len(urns)).astype(np.int16)
    matrix = rng.choice(CODES, (len(urns), width))
    return Sheets(calendar, np.array(urns, np.int32), np.arange(len(urns)), matrix, OnRoll(first, last))


GROUPS = [sheets(1, [101] * 30 + [102] * 25, 1), sheets(2, [103] * 40, 2), sheets(1, [102] * 5 + [101] * 3, 3)]


def expected(question: Question) -> dict[int, dict[str, int]]:
    sums: dict[int, dict[str, int]] = {}
    for group in GROUPS:
        calendar = LONG if group.calendar == 1 else SHORT
        found = walk_many(group.matrix, calendar, roll=group.roll, from_on=question.from_on, to_on=question.to_on)
        for urn, part in sum_within(found, [(each,) for each in group.urns.tolist()]).items():
            row = sums.setdefault(urn, dict.fromkeys(COLUMNS[1:], 0))
            for name in row:
                row[name] += getattr(part, name)
    return sums


def lay(folder: Path) -> None:
    write_calendars(folder, {1: LONG.keys.tolist(), 2: SHORT.keys.tolist()})
    assert write_sheets(folder / "a.parquet", GROUPS[:2]) == 95
    assert write_sheets(folder / "b.parquet", GROUPS[2:]) == 8


def as_dict(table: Any) -> dict[int, dict[str, int]]:
    return {row.pop("school_urn"): row for row in table.to_pylist()}


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("question", [Question(), Question(MONDAY, open_days([1])[-1])])
def test_the_nation_is_the_sum_of_its_schools(tmp_path: Path, threads: int, question: Question) -> None:
    lay(tmp_path)
    found = measure_nation(tmp_path, question, threads=threads)
    assert as_dict(found) == expected(question)
    assert set(SUMMED) < set(COLUMNS)


def test_a_batch_may_be_cut_anywhere() -> None:
    calendars = {1: LONG, 2: SHORT}
    whole = add_up([sums_of(to_arrow(group), calendars, Question()) for group in GROUPS])
    batch = to_arrow(GROUPS[0])
    parts = [sums_of(batch.slice(start, 7), calendars, Question()) for start in range(0, 55, 7)]
    rest = [sums_of(to_arrow(group), calendars, Question()) for group in GROUPS[1:]]
    assert add_up([*parts, *rest]).equals(whole)


def test_nothing_gives_no_rows(tmp_path: Path) -> None:
    write_calendars(tmp_path, {})
    assert measure_nation(tmp_path).num_rows == 0
    assert add_up([]).schema.names == list(COLUMNS)


def test_what_cannot_be_read_is_refused_with_the_files_name(tmp_path: Path) -> None:
    write_calendars(tmp_path, {1: LONG.keys.tolist()})
    bad = GROUPS[0].matrix.copy()
    bad[7, 9] = ord("?")
    write_sheets(tmp_path / "bad.parquet", [GROUPS[0]._replace(matrix=bad)])
    with pytest.raises(BadSheet, match=r"bad\.parquet, row group 0: Sheet 7"):
        measure_nation(tmp_path)
    write_sheets(tmp_path / "bad.parquet", [GROUPS[1]])
    with pytest.raises(BadSheet, match="calendar, number 2, was not found"):
        measure_nation(tmp_path)
    write_sheets(tmp_path / "bad.parquet", [GROUPS[0]._replace(matrix=bad[:, :-1])])
    with pytest.raises(BadSheet, match="119 places"):
        measure_nation(tmp_path)
