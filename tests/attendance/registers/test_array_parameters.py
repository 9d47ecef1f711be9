"""Arrays of whole numbers and of bytes as parameters: PostgreSQL receives what was sent."""

import numpy as np
import pytest
from django.db import DataError

from haven.attendance.registers.binary import binary_cursor


@pytest.mark.parametrize("numbers", [[], [0], [7, -1, 2**31 - 1, -(2**31)], list(range(3000))])
def test_whole_numbers_arrive(db: None, numbers: list[int]) -> None:
    with binary_cursor() as cursor:
        assert cursor.execute("select %b::int[]", [numbers]).fetchone() == (numbers,)
        assert cursor.execute("select %s::int[]", [np.array(numbers, np.int64)]).fetchone() == (numbers,)


@pytest.mark.parametrize("pieces", [[], [b""], [b"/\\", b"\0\xff"], [b"/", b"", b"\0\xff" * 200]])
def test_bytes_arrive(db: None, pieces: list[bytes]) -> None:
    with binary_cursor() as cursor:
        assert cursor.execute("select %b::bytea[]", [pieces], binary=True).fetchone() == (pieces,)


def test_a_number_that_does_not_fit_is_refused(transactional_db: None) -> None:
    for placeholder, sent in (("%b", [2**31]), ("%s", np.array([2**31]))):
        with pytest.raises(DataError), binary_cursor() as cursor:
            cursor.execute(f"select {placeholder}::int[]", [sent])
