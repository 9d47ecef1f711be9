"""Arrays that are laid out here in PostgreSQL's binary form: PostgreSQL reads what was meant."""

import numpy as np
import pytest

from haven.attendance.registers.binary import Ints, Pieces, binary_cursor


@pytest.mark.parametrize("numbers", [[], [0], [7, -1, 2**31 - 1, -(2**31)], list(range(3000))])
def test_whole_numbers_arrive_as_they_are(db: None, numbers: list[int]) -> None:
    with binary_cursor() as cursor:
        for sent in (numbers, np.array(numbers, np.int64)):
            assert cursor.execute("select %b", [Ints(sent)]).fetchone() == (numbers,)


@pytest.mark.parametrize("pieces", [[], [b""], [b"/\\", b"\0\xff"], [b"/", b"", b"\0\xff" * 200]])
def test_bytes_arrive_as_they_are(db: None, pieces: list[bytes]) -> None:
    with binary_cursor() as cursor:
        assert cursor.execute("select %b", [Pieces(pieces)], binary=True).fetchone() == (pieces,)


def test_a_number_that_does_not_fit_is_refused_and_not_cut(db: None) -> None:
    for sent in ([2**31], np.array([2**31])):
        with binary_cursor() as cursor, pytest.raises(OverflowError):
            cursor.execute("select %b", [Ints(sent)])
