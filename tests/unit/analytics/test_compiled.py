from typing import Any

import numba
import pytest

from haven.analytics.compiled import compiled
from haven.analytics.ready import compile_ahead
from haven.analytics.walk import walk_rows


def test_a_folder_that_cannot_be_written_to_is_no_hindrance(monkeypatch: pytest.MonkeyPatch) -> None:
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
    compile_ahead()
    assert ready and walk_rows.signatures == ready
