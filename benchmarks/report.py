"""Stores the results of a run as one JSON file, and prints a page of tables and pictures from such files."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.measure import Measure, Seen
from benchmarks.picture import bars

FORMAT = 1
PAGE_HEAD = """# Benchmarks

<!-- Printed by `python -m benchmarks` from benchmarks/results. Change the measures in benchmarks. -->

What was measured, side by side, in one run each, by [`make bench`](../how-to/measure.md). Times are medians in milliseconds with the
quartiles beside them; a ratio compares with the first version of the same case in the same run. Ratios carry over to other machines,
times do not.
"""


def record(*, measure: Measure, seen: Iterable[Seen], faults: Iterable[str] = ()) -> dict[str, Any]:
    """The stored form of one measure."""
    return {
        "name": measure.name, "title": measure.title, "what": measure.what, "faults": list(faults),
        "cases": [
            {
                "name": one.name, "facts": dict(one.facts), "goal": one.goal, "is_met": one.is_met,
                "versions": {name: {key: round(value, 3) for key, value in asdict(spread).items()} for name, spread in one.spreads.items()},
                "ratios": {name: round(value, 2) for name, value in one.ratios.items()},
            }
            for one in seen
        ],
    }  # fmt: skip


def run_record(
    *, at: datetime, size: str, seed: int, data: Mapping[str, Any], machine: Mapping[str, Any], versions: Mapping[str, str],
    haven: str, measures: list[dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    """The stored form of a whole run."""
    return {
        "format": FORMAT, "at": at.isoformat(timespec="seconds"), "haven": haven, "size": size, "seed": seed, "data": dict(data),
        "machine": dict(machine), "versions": dict(versions), "measures": measures,
    }  # fmt: skip


def keep(run: Mapping[str, Any], folder: Path) -> Path:
    """Write a run into the folder under its size and names, replacing the previous one; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run['size']}.json"
    older = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    kept = _joined(run, older) if older and older.get("format") == FORMAT else dict(run)
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    partial.replace(path)
    return path


def _joined(run: Mapping[str, Any], older: Mapping[str, Any]) -> dict[str, Any]:
    """Combine the run with the measures of an older run that it does not include, with their date and machine."""
    head = {key: run[key] for key in ("at", "machine", "versions", "data", "haven", "seed")}
    before = {key: older[key] for key in head}
    fresh = {each["name"]: each for each in run["measures"]}
    stale = [
        each if "taken" in each else {**each, "taken": before}
        for each in older["measures"]
        if each["name"] not in fresh
    ]
    return {**run, "measures": [*run["measures"], *stale]}


def runs_in(folder: Path) -> list[dict[str, Any]]:
    """The runs kept in a folder, smallest data first."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return sorted((run for run in found if run.get("format") == FORMAT), key=lambda run: int(run["data"]["pupils"]))


def page(runs: Iterable[Mapping[str, Any]]) -> tuple[str, dict[str, str]]:
    """The page of the docs and its pictures (file name -> SVG) for these runs."""
    lines, pictures = [PAGE_HEAD], {}
    for run in runs:
        lines += _about(run)
        for measure in run["measures"]:
            lines += _section(measure)
            name = f"{run['size']}-{measure['name']}.svg"
            pictures[name] = bars(f"{measure['title']}, {run['size']}", measure["cases"])
            lines += [f"![{measure['title']}: medians]({PICTURES}/{name})", ""]
    return "\n".join(lines).rstrip() + "\n", pictures


PICTURES = "benchmarks"


def write_page(results: Path, reference: Path) -> None:
    """Print the page and its pictures from the runs of a folder."""
    text, pictures = page(runs_in(results))
    (reference / "benchmarks.md").write_text(text, encoding="utf-8")
    folder = reference / PICTURES
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    for name, svg in pictures.items():
        (folder / name).write_text(svg, encoding="utf-8")


def line(seen: Seen) -> str:
    """One case as the terminal shows it."""
    times = "; ".join(
        f"{name} {spread.median:.2f} ms (95 % within {spread.p95:.2f})" for name, spread in seen.spreads.items()
    )
    ratios = "".join(f", ratio {ratio:.2f}" for ratio in seen.ratios.values())
    missed = "  MISSED" if seen.is_met is False else ""
    return f"{seen.name}: {times}{ratios}{missed}"


def _about(run: Mapping[str, Any]) -> list[str]:
    data, machine = run["data"], run["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    return [
        f"## Size “{run['size']}”",
        "",
        f"{data['pupils']:,} pupils (former ones included) at {data['schools']:,} schools, {data['sheets']:,} sheets with "
        f"{data['places_for_marks']:,} places for marks, {data['entries']:,} entries of the file; seed {run['seed']}. "
        f"{_machine(machine)} Haven {run['haven']}, {packages}. Taken on {run['at'][:10]}.",
        "",
    ]


def _machine(machine: Mapping[str, Any]) -> str:
    busy = machine["load_at_start"]
    beside = f" Other work was going on (load {busy})." if busy > 0.5 else ""
    return f"{machine['cores']} cores of {machine['processor']}, {machine['memory_gib']} GiB.{beside}"


def _section(measure: Mapping[str, Any]) -> list[str]:
    lines = [f"### {measure['title']}", "", measure["what"], ""]
    if taken := measure.get("taken"):
        lines += [f"Taken on {taken['at'][:10]}. {_machine(taken['machine'])}", ""]
    lines += [f"**Not measured:** {fault}" for fault in measure["faults"]]
    goals = list(dict.fromkeys(case["goal"] for case in measure["cases"] if case["goal"]))
    lines += [f"To reach: {goal}." for goal in goals] + ([""] if goals or measure["faults"] else [])
    names = list(dict.fromkeys(name for case in measure["cases"] for name in case["versions"]))
    lines += _row(
        ["Case", *(f"{name}, ms" for name in names), "95 % within", *(["Ratio"] if len(names) > 1 else []), "Reached"]
    )
    lines += _row(["---"] * (4 + (len(names) > 1) + len(names) - 1))
    for case in measure["cases"]:
        cells = [_spread(case["versions"].get(name)) for name in names]
        ratio = [_ratio(case["ratios"])] if len(names) > 1 else []
        lines += _row(
            [_case(case), *cells, f"{list(case['versions'].values())[-1]['p95']:.1f}", *ratio, _reached(case["is_met"])]
        )
    return [*lines, ""]


def _row(cells: Iterable[str]) -> list[str]:
    return ["| " + " | ".join(cells) + " |"]


def _case(case: Mapping[str, Any]) -> str:
    facts = [f"{value:,} {key.replace('_', ' ')}" for key, value in case["facts"].items() if isinstance(value, int)]
    by_hand = ["narrowed by hand"] if case["facts"].get("narrowed_by") == "hand" else []
    told = ", ".join([*facts, *by_hand])
    return f"{case['name']} ({told})" if told else str(case["name"])


def _spread(spread: Mapping[str, Any] | None) -> str:
    return f"{spread['median']:.2f} ({spread['low']:.2f} to {spread['high']:.2f})" if spread else ""


def _ratio(ratios: Mapping[str, float]) -> str:
    return ", ".join(f"{ratio:.2f}" for ratio in ratios.values())


def _reached(is_met: bool | None) -> str:
    return {True: "yes", False: "**no**", None: ""}[is_met]
