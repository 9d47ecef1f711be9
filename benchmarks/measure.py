"""Defines a measure and takes it.

A case compares several versions of one task. First each version gives its answer; different answers stop the measure.
Then the versions run in turn, in a different order in each round, so that other load on the machine affects all of them
equally. The result has medians and spread, and the ratio of each version to the first within the same run.
"""

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # `Dataset` needs the database; this module does not
    from benchmarks.dataset import Dataset


class UnequalAnswers(Exception):
    """Two versions of one case gave different answers, so nothing was timed."""


def _nothing() -> None:
    """No preparation."""


@dataclass(frozen=True)
class Version:
    """One version of a task. `run` returns the answer and is timed; `ready` runs before it and is not timed."""

    run: Callable[[], Any]
    ready: Callable[[], None] = _nothing


@dataclass(frozen=True)
class Watched:
    """A version that times itself (many people at once): it returns the answer and the seconds of each sample."""

    watch: Callable[[], tuple[Any, Sequence[float]]]


@dataclass(frozen=True)
class Spread:
    """The timings of one version, in milliseconds."""

    runs: int
    median: float
    low: float
    high: float
    p95: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Spread":
        """Median, quartiles and the 95th percentile of the samples. Raises ValueError for no samples."""
        if not seconds:
            raise ValueError("There is nothing to measure: no sample was taken.")
        order = sorted(each * 1000 for each in seconds)
        return cls(len(order), at(order, 0.5), at(order, 0.25), at(order, 0.75), at(order, 0.95))


def at(order: Sequence[float], share: float) -> float:
    """The value at that quantile of an ordered list, interpolated where necessary."""
    place = (len(order) - 1) * share
    below = int(place)
    above = min(below + 1, len(order) - 1)
    return order[below] + (order[above] - order[below]) * (place - below)


@dataclass(frozen=True)
class Goal:
    """A target: a sentence, and a test of the timings (version name -> spread)."""

    sentence: str
    is_met: Callable[[Mapping[str, Spread]], bool]


@dataclass(frozen=True)
class Case:
    """Versions that are compared with each other, and mainly with the first. `facts` describe the amount of data.

    `alike` tests whether two answers are the same; without it they are compared with ==.
    """

    name: str
    versions: Mapping[str, Version | Watched]
    goal: Goal | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    alike: Callable[[Any, Any], bool] = lambda one, other: bool(one == other)
    runs: int | None = None


@dataclass(frozen=True)
class Measure:
    """One entry of the benchmarks: its name, its explanation, and its cases, which are created when the measure starts.

    `around` sets up what all cases need (a server, temporary rows).
    """

    name: str
    title: str
    what: str
    cases: Callable[["Dataset"], Iterator[Case]]
    around: Callable[["Dataset"], AbstractContextManager[None]] | None = None


@dataclass(frozen=True)
class Seen:
    """The result of one case. `ratios` compares medians with the first version's; `is_met` is None without a target."""

    name: str
    facts: Mapping[str, Any]
    spreads: Mapping[str, Spread]
    goal: str
    is_met: bool | None

    @property
    def ratios(self) -> dict[str, float]:
        first, *others = self.spreads
        return {name: self.spreads[name].median / self.spreads[first].median for name in others}


def take(case: Case, runs: int) -> Seen:
    """Run one case: compare the answers, then time the versions in turn. Raises UnequalAnswers."""
    answers: dict[str, Any] = {}
    samples: dict[str, list[float]] = {}
    for name, version in case.versions.items():
        if isinstance(version, Watched):
            answers[name], seconds = version.watch()
            samples[name] = list(seconds)
        else:
            version.ready()
            answers[name] = version.run()
    _must_be_alike(case, answers)
    del answers
    timed = {name: version for name, version in case.versions.items() if isinstance(version, Version)}
    for name, seconds in _in_turn(timed, case.runs or runs).items():
        samples[name] = seconds
    spreads = {name: Spread.of(samples[name]) for name in case.versions}
    goal = case.goal
    return Seen(
        case.name, dict(case.facts), spreads, goal.sentence if goal else "", goal.is_met(spreads) if goal else None
    )


def _must_be_alike(case: Case, answers: Mapping[str, Any]) -> None:
    first, *others = answers
    for name in others:
        if not case.alike(answers[first], answers[name]):
            raise UnequalAnswers(
                f"{case.name}: “{first}” and “{name}” give different answers. Nothing of it was timed."
            )


def _in_turn(versions: Mapping[str, Version], runs: int) -> dict[str, list[float]]:
    """The seconds of each version over `runs` rounds; every round begins with another version. Garbage collection is
    off meanwhile."""
    names = list(versions)
    samples: dict[str, list[float]] = {name: [] for name in names}
    with _undisturbed():
        for turn in range(runs if names else 0):
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                versions[name].ready()
                begun = time.perf_counter()
                versions[name].run()
                samples[name].append(time.perf_counter() - begun)
    return samples


@contextmanager
def _undisturbed() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
