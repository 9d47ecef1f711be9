from datetime import date
from typing import Any

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
