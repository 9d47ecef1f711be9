"""Runs a measure: its set-up, then case after case."""

from collections.abc import Iterator
from contextlib import closing, nullcontext

from benchmarks.dataset import Dataset
from benchmarks.measure import Measure, Seen, take


def taken(measure: Measure, dataset: Dataset, runs: int) -> Iterator[Seen]:
    """Yield the result of each case of a measure. Raises UnequalAnswers at the first case whose versions disagree."""
    around = measure.around(dataset) if measure.around else nullcontext()
    with around, closing(measure.cases(dataset)) as cases:  # type: ignore[type-var]  # a generator closes
        for case in cases:
            yield take(case, runs)
