"""The frame of the bench: equal answers first, versions in turn, and what is kept of a run. No test here hangs on a time."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks import machine, report
from benchmarks.measure import Case, Goal, Measure, Spread, UnequalAnswers, Version, Watched, at, take
from benchmarks.measures import ALL, ASKED_FOR, NAMED

MEASURE = Measure("sums", "Sums", "Two ways to one sum.", lambda dataset: iter(()))


def run_of(*seen: Any, size: str = "small", measure: Measure = MEASURE) -> dict[str, Any]:
    return report.run_record(
        at=datetime(2026, 1, 14, 9, 12, tzinfo=UTC), size=size, seed=1, haven="0.1",
        data={"schools": 3, "pupils": 600, "sheets": 600, "places_for_marks": 200_000, "entries": 0},
        machine=machine.machine(), versions=machine.versions(180006), measures=[report.record(measure=measure, seen=seen)],
    )  # fmt: skip


def test_unequal_answers_are_refused_before_anything_is_timed() -> None:
    called: list[str] = []

    def right() -> int:
        called.append("right")
        return 4

    def wrong() -> int:
        called.append("wrong")
        return 5

    with pytest.raises(UnequalAnswers, match="“right” and “wrong” give different answers"):
        take(Case("2 + 2", {"right": Version(right), "wrong": Version(wrong)}), runs=10)
    assert called == ["right", "wrong"], "each was asked once, for its answer"


def test_what_is_alike_may_be_said_by_the_case() -> None:
    versions = {"one": Version(lambda: [1, 2]), "other": Version(lambda: [2, 1])}
    with pytest.raises(UnequalAnswers):
        take(Case("order", versions), runs=1)
    seen = take(Case("order", versions, alike=lambda one, other: sorted(one) == sorted(other)), runs=1)
    assert set(seen.spreads) == {"one", "other"}


def test_versions_take_turns_and_another_begins_each_round() -> None:
    called: list[str] = []
    versions = {name: Version(lambda name=name: called.append(name)) for name in "abc"}  # type: ignore[misc]
    take(Case("turns", versions), runs=3)
    assert "".join(called) == "abc" + "abc" + "bca" + "cab"


def test_preparing_goes_before_every_run() -> None:
    called: list[str] = []
    version = Version(lambda: called.append("run"), lambda: called.append("ready"))
    take(Case("ready", {"one": version}), runs=2)
    assert called == ["ready", "run"] * 3


def test_samples_that_were_watched_are_kept_as_they_are() -> None:
    goal = Goal("at most 2 ms", lambda seen: seen["many"].median <= 2)
    seen = take(Case("load", {"many": Watched(lambda: ("page", [0.001, 0.002, 0.003]))}, goal), runs=9)
    spread = seen.spreads["many"]
    assert (spread.runs, spread.median, spread.low, spread.high) == (3, 2.0, 1.5, 2.5)
    assert spread.p95 == pytest.approx(2.9)
    assert seen.is_met is True


def test_shares_of_an_ordered_list() -> None:
    assert [at([1.0, 2.0, 3.0, 4.0], share) for share in (0, 0.5, 1)] == [1.0, 2.5, 4.0]
    assert at([7.0], 0.95) == 7.0


def test_nothing_seen_is_not_a_figure() -> None:
    with pytest.raises(ValueError, match="no sample"):
        Spread.of([])


def test_a_run_says_on_which_machine_with_which_versions_and_what_came_of_each_case(tmp_path: Path) -> None:
    goal = Goal("at most as long", lambda seen: False)
    seen = take(Case("1 + 1", {"plain": Version(lambda: 2), "other": Version(lambda: 2)}, goal, {"rows": 1}), runs=4)
    kept = json.loads(report.keep(run_of(seen), tmp_path).read_text())
    assert {"cores", "memory_gib", "processor", "load_at_start"} <= set(kept["machine"])
    assert {"python", "postgresql", "django", "numba"} <= set(kept["versions"])
    assert kept["versions"]["postgresql"] == "18.6"
    (case,) = kept["measures"][0]["cases"]
    assert set(case["versions"]["plain"]) == {"runs", "median", "low", "high", "p95"}
    assert case["versions"]["plain"]["runs"] == 4
    assert list(case["ratios"]) == ["other"], "ratios compare with the first version"
    assert (case["goal"], case["is_met"], case["facts"]) == ("at most as long", False, {"rows": 1})


def test_a_run_of_some_measures_keeps_the_others_and_says_when_they_were_taken(tmp_path: Path) -> None:
    seen = take(Case("1 + 1", {"plain": Version(lambda: 2)}), runs=1)
    report.keep(run_of(seen), tmp_path)
    other = Measure("products", "Products", "One way.", lambda dataset: iter(()))
    report.keep(run_of(seen, measure=other), tmp_path)
    (kept,) = report.runs_in(tmp_path)
    assert [each["name"] for each in kept["measures"]] == ["products", "sums"]
    assert kept["measures"][1]["taken"]["at"] == "2026-01-14T09:12:00+00:00"


def test_the_page_tells_every_case_and_what_was_missed(tmp_path: Path) -> None:
    goal = Goal("never", lambda seen: False)
    seen = take(
        Case("1 + 1", {"plain": Version(lambda: 2), "other": Version(lambda: 2)}, goal, {"rows": 1_000}), runs=3
    )
    text, pictures = report.page([run_of(seen)])
    assert "| 1 + 1 (1,000 rows) | " in text
    assert "**no**" in text and "To reach: never." in text
    assert list(pictures) == ["small-sums.svg"]
    assert pictures["small-sums.svg"].count("<rect") == 1 + 2 + 2, "ground, two keys, two bars"


def test_every_measure_has_a_name_of_its_own_and_says_what_it_shows() -> None:
    assert len(NAMED) == len(ALL) + len(ASKED_FOR)
    assert [measure.name for measure in NAMED.values() if not measure.what.endswith(".")] == []


def test_the_page_of_the_docs_is_printed_from_the_results_that_are_kept() -> None:
    root = Path(__file__).resolve().parents[2]
    text, pictures = report.page(report.runs_in(root / "benchmarks" / "results"))
    reference = root / "docs" / "reference"
    assert (reference / "benchmarks.md").read_text(encoding="utf-8") == text
    found = {path.name: path.read_text(encoding="utf-8") for path in (reference / report.PICTURES).glob("*.svg")}
    assert found == pictures
