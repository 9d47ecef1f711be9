"""The demonstration's own clock: it runs while it is served, stands while it is not, and goes on from there."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

from haven.clock_file import read_offset, stands_at, stop_at, write_offset

MORNING = datetime(2026, 11, 20, 9, 12, tzinfo=UTC)
REAL = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


def shown(data: Path) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=read_offset(data))


def test_without_the_file_there_is_one_clock(tmp_path: Path) -> None:
    assert read_offset(tmp_path) == 0 and stands_at(tmp_path) is None


def test_it_stands_until_it_is_served_then_runs_then_stands_again(tmp_path: Path) -> None:
    with time_machine.travel(REAL, tick=False) as outside:
        stop_at(tmp_path, MORNING)
        outside.shift(timedelta(days=3))
        assert shown(tmp_path) == MORNING == stands_at(tmp_path)
        write_offset(tmp_path, shown=MORNING, real=datetime.now(UTC))
        outside.shift(timedelta(minutes=20))
        assert shown(tmp_path) == MORNING + timedelta(minutes=20) and stands_at(tmp_path) is None
        stop_at(tmp_path, shown(tmp_path))
        outside.shift(timedelta(hours=5))
        assert shown(tmp_path) == MORNING + timedelta(minutes=20)
