import pickle
import sys
from collections.abc import Callable
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import FunctionType
from typing import Any, cast

import numba
import numpy as np
import pytest

from haven.analytics.calendar import build_calendar
from haven.analytics.compiled import compiled
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
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FunctionType:
    """A loop in a file of its own, so that what is kept of it lies beside it."""
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    path = tmp_path / "loop.py"
    path.write_text("def tripled(number):\n    return number * 3\n")
    spec = spec_from_file_location("loop", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "loop", module)  # what is kept names its module
    spec.loader.exec_module(module)
    return cast(FunctionType, module.tripled)


def of_another_release(kept: Path) -> None:
    """What names a class that has moved since."""
    index = next(kept.glob("*.nbi"))
    index.write_bytes(pickle.dumps(numba.__version__) + b"cno_such_module\nCalendar\n.")


def cut_short_index(kept: Path) -> None:
    next(kept.glob("*.nbi")).write_bytes(b"")


def cut_short_code(kept: Path) -> None:
    code = next(kept.glob("*.nbc"))
    code.write_bytes(code.read_bytes()[:40])


@pytest.mark.parametrize("spoil", [of_another_release, cut_short_index, cut_short_code])
def test_code_on_disk_that_cannot_be_read_is_compiled_anew(
    written: FunctionType, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    assert compiled(written)(2) == 6
    spoil(tmp_path / "__pycache__")
    assert compiled(written)(2) == 6
    again = compiled(written)
    assert again(2) == 6 and sum(again.stats.cache_hits.values()) == 1


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
