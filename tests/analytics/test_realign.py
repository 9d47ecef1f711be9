"""Moving marks from one version of a calendar to another, beside the obvious form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.analytics.sheets import realign_to_calendar
from haven.rules.attendance_codes import MISSING

KEYS = st.sets(st.integers(40_000, 40_030)).map(sorted)


@given(KEYS, KEYS, st.randoms(use_true_random=False))
def test_each_mark_stays_with_its_session(old: list[int], new: list[int], dice: object) -> None:
    rows = [[dice.choice(b"/\\NIO.") for _ in old] for _ in range(3)]  # type: ignore[attr-defined]
    obvious = [[dict(zip(old, row, strict=True)).get(key, MISSING) for key in new] for row in rows]
    matrix = np.array(rows, np.uint8).reshape(3, len(old))
    assert realign_to_calendar(matrix, old, new).tolist() == obvious
    assert realign_to_calendar(matrix[0], old, new).tolist() == obvious[0]
    assert realign_to_calendar(matrix, np.array(old), np.array(new, np.int32)).tolist() == obvious


def test_the_same_sessions_need_no_copy() -> None:
    matrix = np.zeros((2, 3), np.uint8)
    assert realign_to_calendar(matrix, [1, 2, 3], [1, 2, 3]) is matrix


def test_marks_that_do_not_fit_their_sessions_are_refused() -> None:
    with pytest.raises(ValueError, match="3 places does not match a calendar of 2 sessions"):
        realign_to_calendar(np.zeros(3, np.uint8), [1, 2], [1, 2, 3])
