"""Two gates: `make test` asks a chosen part of the longest checks, `make campaign` (HAVEN_CAMPAIGN=1) asks all of them.

HAVEN_SEED chooses the part. Without it the seed is 7, so that two runs ask the same.
"""

import os
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

CAMPAIGN = os.environ.get("HAVEN_CAMPAIGN") == "1"
"""Whether this run asks everything of everyone."""
SEED = int(os.environ.get("HAVEN_SEED", "7"))
SHARE = 10
"""`make test` asks one in so many."""


def chosen(items: Sequence[T], what: str, *, one_in: int = SHARE) -> list[T]:
    """The items that this run asks, in their order: all in a campaign, else one in `one_in`, drawn by the seed and the words `what`.

    At least one item is chosen where there is one.
    """
    if CAMPAIGN or not items:
        return list(items)
    drawn = random.Random(f"{SEED} {what}").sample(range(len(items)), max(1, round(len(items) / one_in)))
    return [items[number] for number in sorted(drawn)]
