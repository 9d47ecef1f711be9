"""Two gates: `make test` runs a selection of the longest checks, `make campaign` (HAVEN_CAMPAIGN=1) runs all of them.

HAVEN_SEED determines the selection. The default seed is 7, so that two runs select the same.
"""

import os
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

CAMPAIGN = os.environ.get("HAVEN_CAMPAIGN") == "1"
"""Whether this run checks everything."""
SEED = int(os.environ.get("HAVEN_SEED", "7"))
SHARE = 10
"""`make test` selects one item in this many."""


def chosen(items: Sequence[T], what: str, *, one_in: int = SHARE) -> list[T]:
    """The items that this run checks, in their order: all in a campaign, else one in `one_in`, selected by the seed and the text `what`.

    At least one item is selected if there are any.
    """
    if CAMPAIGN or not items:
        return list(items)
    drawn = random.Random(f"{SEED} {what}").sample(range(len(items)), max(1, round(len(items) / one_in)))
    return [items[number] for number in sorted(drawn)]
