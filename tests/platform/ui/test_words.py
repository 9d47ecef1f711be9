"""Words that depend on a number."""

import pytest

from haven.platform.ui.words import count_of


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (1, ("row",), "1 row"), (4312, ("row",), "4,312 rows"), (2, ("query",), "2 queries"), (0, ("day",), "0 days"),
        (2, ("child", "children"), "2 children"), (1, ("child", "children"), "1 child"),
    ],
)  # fmt: skip
def test_so_many(number: int, words: tuple[str, ...], said: str) -> None:
    assert count_of(number, *words) == said
