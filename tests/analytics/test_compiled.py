import os
import sys
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import FunctionType
from typing import Any, cast

import numba
import numpy as np
import pytest

from haven.analytics import compiled as compiling
from haven.analytics.calendar import build_calendar
from haven.analytics.compiled import cache_directory, compiled, digest_of, load_or_compile
from haven.analytics.measures import walk_many
from haven.analytics.ready import compile_ahead
from haven.analytics.sheets import OnRoll, pack
from haven.analytics.walk import walk_rows
from haven.rules.attendance_codes import to_byte
from haven.rules.sessions import Half, session_key


def test_a_folder_that_cannot_be_written_to_is_no_hindrance(monkeypatch: pytest.MonkeyPatch) -> None:
    assert compiled(lambda number: number + 1)(1) == 2  # numba loads parts of itself when it first compiles
    njit = numba.njit

    def refusing(**options: Any) -> Any:
        if options.pop("cache", False):
            raise RuntimeError("cannot cache function: no locator available")
        return njit(**options)

    monkeypatch.setattr(numba, "njit", refusing)
    doubled = compiled(lambda number: number * 2)
    assert doubled(21) == doubled.py_func(21) == 42


@pytest.fixture
def tripled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FunctionType:
    """A loop in a file of its own, whose compiled code lies in a cache directory of its own."""
    monkeypatch.setattr(compiling, "DIRECTORY", tmp_path / "loops-own")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "loops-own"))
    path = tmp_path / "loop.py"
    path.write_text("def tripled(number):\n    return number * 3\n")
    spec = spec_from_file_location("loop", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "loop", module)  # the cache names the module
    spec.loader.exec_module(module)
    return cast(FunctionType, module.tripled)


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_a_damaged_cache_does_not_stop_a_start(tripled: FunctionType, tmp_path: Path, suffix: str) -> None:
    load_or_compile(lambda: compiled(tripled)(2))
    (damaged,) = (tmp_path / "loops-own").rglob(f"*.{suffix}")
    damaged.write_bytes(damaged.read_bytes()[:40])  # as a power failure leaves it
    load_or_compile(lambda: compiled(tripled)(2))
    again = compiled(tripled)
    assert again(2) == 6 and sum(again.stats.cache_hits.values()) == 1


def test_the_cache_of_an_earlier_release_is_deleted_and_that_of_one_just_started_is_left(
    tripled: FunctionType, tmp_path: Path
) -> None:
    stale, running = tmp_path / "loops-0123456789abcdef", tmp_path / "loops-fedcba9876543210"
    for other in (stale, running):
        other.mkdir()
        (other / "walk.nbi").write_bytes(b"of another release")
    os.utime(stale, (0, 0))
    load_or_compile(lambda: compiled(tripled)(2))
    assert {each.name for each in tmp_path.glob("loops-*")} == {"loops-own", running.name}


def test_an_error_of_a_loop_is_raised(tripled: FunctionType) -> None:
    with pytest.raises(ZeroDivisionError):
        load_or_compile(lambda: 1 / 0)


def test_the_cache_has_another_name_as_soon_as_a_source_is_another(tmp_path: Path) -> None:
    source = tmp_path / "walk.py"
    names = set()
    for text in ("A = 1", "A = 2"):
        source.write_text(text)
        names |= {digest_of([source]), digest_of([source])}
    assert len(names) == 2


def test_without_a_place_to_write_to_there_is_no_cache_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file" / "below"))
    assert cache_directory() is None
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "new"))
    assert cache_directory() == next((tmp_path / "new").iterdir())


def test_compiling_ahead_leaves_nothing_to_compile_on_the_first_page() -> None:
    compile_ahead()
    ready = list(walk_rows.signatures)
    monday = session_key(date(2025, 9, 8), Half.AM)
    calendar = build_calendar([monday, monday + 1], build_calendar([monday - 14, monday - 13]))
    sheets = pack([None, b"/\\"], calendar)
    earlier = np.full((2, 2), to_byte("/"), np.uint8)
    for roll in (None, OnRoll(np.array([0, 1]), np.array([1, 1]))):
        walk_many(sheets, calendar, roll=roll)
        walk_many(sheets.copy(), calendar, roll=roll, previous=earlier, previous_roll=roll)
    assert ready and walk_rows.signatures == ready
