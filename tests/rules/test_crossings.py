"""The boundary of each line, worked by hand."""

import pytest

from haven.rules.crossings import LINES, Standing

BY_NAME = {line.name: line for line in LINES}


@pytest.mark.parametrize(
    ("absent", "possible", "within"),
    [
        (2, 20, {"persistent", "target"}),  # 10 % is within
        (1, 20, set()),
        (2, 21, set()),
        (19, 19, set()),  # too few sessions to say a share
        (5, 20, {"persistent", "target"}),  # 75 % attended is within
        (6, 20, {"persistent"}),
        (10, 20, {"persistent", "severe"}),
        (9, 20, {"persistent"}),
        (20, 20, {"persistent", "severe"}),
        (0, 190, set()),
        (19, 190, {"persistent", "target"}),
        (18, 190, set()),
    ],
)
def test_lines_of_a_share_of_sessions(absent: int, possible: int, within: set[str]) -> None:
    standing = Standing(absent, possible, 0, 0, 0)
    assert {line.name for line in LINES if line.holds(standing)} == within


@pytest.mark.parametrize(
    ("standing", "within"),
    [
        (Standing(10, 100, 9, 9, 29), {"persistent", "target"}),
        (Standing(9, 100, 10, 0, 0), {"threshold"}),
        (Standing(9, 100, 11, 10, 0), {"threshold", "run"}),
        (Standing(9, 100, 0, 0, 30), {"illness"}),
        (Standing(0, 0, 0, 0, 0), set()),
    ],
)
def test_lines_of_counts(standing: Standing, within: set[str]) -> None:
    assert {line.name for line in LINES if line.holds(standing)} == within


def test_what_is_counted_is_said_in_words() -> None:
    standing = Standing(12, 64, 11, 10, 31)
    said = [line.stands_at(standing) for line in LINES]
    assert said == [
        *["12 of 64 sessions missed"] * 3, "11 unauthorised sessions in ten school weeks", "10 school days in a row",
        "31 sessions of illness",
    ]  # fmt: skip


def test_three_lines_concern_the_share_of_sessions_missed() -> None:
    assert {line.name for line in LINES if line.is_share} == {"persistent", "severe", "target"}
