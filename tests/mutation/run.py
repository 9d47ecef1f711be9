"""Runs the tests of the rules against every mutant of the rules and reports the survivors: `python -m tests.mutation.run`.

The tests are collected once. Each mutant then runs in a fork of its own: a change inside a function replaces that function's code and runs
the tests that pass through the changed line; a change that acts at import runs every test file on a fresh import. No database is used.

`--again FILE` runs only the mutants that an earlier run (`--results FILE`) did not kill: a test that was added kills no fewer.
"""

import argparse
import contextlib
import functools
import importlib.abc
import importlib.machinery
import inspect
import io
import json
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import time
import tomllib
import types
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.mutation.mutants import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "haven" / "rules"
PACKAGE = "haven.rules"
TESTS = ("tests/rules",)
SETTINGS = Path(__file__).with_name("pytest.ini")
ANSWERS = Path(__file__).with_name("answers.toml")
SECONDS = 20
"""A mutant whose tests need more seconds of a processor is killed: it loops."""
SECONDS_OF_IMPORT = 60
"""The same where every test file runs on a fresh import."""
ENOUGH = 0.85
"""The share of mutants that the tests must kill."""
MOST_CALLS = 500
"""A function is traced for so many of its calls in one test. A line that only later calls reach counts as not reached."""


def in_a_fork(work: Callable[[], Any], seconds: int) -> Any:
    """The result of `work`, run in a fork with nothing printed; None where it fails, ends itself or needs more
    than these seconds of a processor."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        with contextlib.suppress(BaseException), os.fdopen(write, "w") as answer:
            answer.write(json.dumps(work()))
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else None


class Runner:
    """A pytest plugin that runs the mutants in place of the tests, once the tests are collected."""

    def __init__(self, mutants: Sequence[Mutant], on_progress: Callable[[str], None]) -> None:
        self.mutants, self.on_progress = mutants, on_progress
        self.killed: dict[int, bool] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        lines = in_a_fork(lambda: trace(session.items), 300)
        if lines is None or in_a_fork(lambda: all(passes(item) for item in session.items), 300) is not True:
            raise pytest.UsageError("The tests do not pass on the rules as they are.")
        if in_a_fork(lambda: passes_on_fresh_import(None), SECONDS_OF_IMPORT // 2) is not True:
            raise pytest.UsageError("The tests do not pass on rules that are imported a second time.")
        at_import = in_a_fork(functions_at_import, SECONDS)
        for number, mutant in enumerate(self.mutants):
            chosen = [item for item in session.items if [mutant.path.name, mutant.line] in lines[item.nodeid]]
            self.killed[number] = self._is_killed(
                mutant, chosen, is_import=[mutant.path.name, mutant.function] in at_import
            )
            self.on_progress(
                f"{'killed  ' if self.killed[number] else 'SURVIVED'} {mutant.path.name}:{mutant.line} {mutant.key}"
            )
        return True

    def _is_killed(self, mutant: Mutant, chosen: list[pytest.Item], *, is_import: bool) -> bool:
        """Whether a test fails. `is_import`: the function runs at import, so replacing it later changes too little."""
        if mutant.function and chosen:
            chosen.sort(key=lambda item: mutant.path.stem not in item.path.stem)
            if in_a_fork(lambda: replace(mutant), SECONDS) is not True:
                raise pytest.UsageError(f"The function {mutant.function} of {mutant.path} cannot be replaced.")
            if in_a_fork(lambda: replace(mutant) and all(passes(item) for item in chosen), SECONDS) is not True:
                return True
        if mutant.function and not is_import:
            return False
        return in_a_fork(lambda: passes_on_fresh_import(mutant), SECONDS_OF_IMPORT) is not True


def trace(items: Sequence[pytest.Item]) -> dict[str, list[tuple[str, int]]]:
    """The lines of the rules through which each test passes, by the name of the test. Raises where a test fails."""
    lines: dict[str, list[tuple[str, int]]] = {}
    for item in items:
        seen: set[tuple[str, int]] = set()
        calls: Counter[types.CodeType] = Counter()

        def local(frame: types.FrameType, event: str, _: Any, seen: set[tuple[str, int]] = seen) -> Any:
            seen.add((Path(frame.f_code.co_filename).name, frame.f_lineno))
            return local

        def globally(
            frame: types.FrameType, event: str, _: Any, local: Any = local, calls: Counter[types.CodeType] = calls
        ) -> Any:
            code = frame.f_code
            if not code.co_filename.startswith(str(RULES)) or calls[code] > MOST_CALLS:
                return None
            calls[code] += 1
            return local(frame, event, None)

        clear_caches()
        sys.settrace(globally)
        try:
            assert passes(item), item.nodeid
        finally:
            sys.settrace(None)
        lines[item.nodeid] = sorted(seen)
    return lines


def functions_at_import() -> list[tuple[str, str]]:
    """The functions of the rules that run when the rules are imported, each with its file."""
    seen: set[tuple[str, str]] = set()

    def globally(frame: types.FrameType, event: str, _: Any) -> None:
        if frame.f_code.co_filename.startswith(str(RULES)):
            seen.add((Path(frame.f_code.co_filename).name, frame.f_code.co_qualname))

    forget_modules()
    sys.settrace(globally)
    try:
        for path in sorted(RULES.glob("[!_]*.py")):
            importlib.import_module(f"{PACKAGE}.{path.stem}")
    finally:
        sys.settrace(None)
    return sorted(seen)


def forget_modules() -> None:
    """Remove the rules, and what is built on them, from the imported modules."""
    for name in list(sys.modules):
        if name.startswith((PACKAGE, "haven.analytics", "tests.")) and name != __name__:
            del sys.modules[name]


def clear_caches() -> None:
    """Empty the caches of the rules' functions, so that each test runs the code itself."""
    for name, module in list(sys.modules.items()):
        if name.startswith(PACKAGE):
            for thing in vars(module).values():
                if hasattr(thing, "cache_clear"):
                    thing.cache_clear()


def passes(item: pytest.Item) -> bool:
    reports = _run_protocol(item)
    return all(not report.failed for report in reports)


def _run_protocol(item: pytest.Item) -> list[Any]:
    from _pytest.runner import runtestprotocol

    return runtestprotocol(item, log=False, nextitem=None)


def replace(mutant: Mutant) -> bool:
    """Give the function of the mutant its changed code, in place. True once it is done."""
    module = importlib.import_module(f"{PACKAGE}.{mutant.path.stem}")
    code: types.CodeType = compile(mutant.tree, str(mutant.path), "exec")
    owner: Any = module
    *around, last = mutant.function.split(".")
    for name in around:
        owner, code = inspect.getattr_static(owner, name), _code_named(code, name)
    function = _plain(inspect.getattr_static(owner, last))
    function.__code__ = _code_named(code, last)
    clear_caches()
    return True


def _code_named(code: types.CodeType, name: str) -> types.CodeType:
    return next(each for each in code.co_consts if isinstance(each, types.CodeType) and each.co_name == name)


def _plain(thing: Any) -> Any:
    while not isinstance(thing, types.FunctionType):
        if isinstance(thing, property):
            thing = thing.fget
        elif isinstance(thing, functools.cached_property):
            thing = thing.func
        elif isinstance(thing, classmethod | staticmethod):
            thing = thing.__func__
        else:
            thing = thing.__wrapped__
    return inspect.unwrap(thing)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads the mutated module in place of its file."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name != f"{PACKAGE}.{self.mutant.path.stem}":
            return None
        return importlib.machinery.ModuleSpec(name, self, origin=str(self.mutant.path))

    def exec_module(self, module: types.ModuleType) -> None:
        exec(compile(self.mutant.tree, str(self.mutant.path), "exec"), module.__dict__)


def passes_on_fresh_import(mutant: Mutant | None) -> bool:
    """Whether the tests pass when the rules are imported again with this mutant, or as they are where it is None."""
    forget_modules()
    if mutant is not None:
        sys.meta_path.insert(0, _Finder(mutant))
    return run_pytest(["-x"], [], mutant.path.stem if mutant else "") == pytest.ExitCode.OK


def run_pytest(more: Sequence[str], plugins: Sequence[Any], first: str = "") -> int:
    files = [
        path for name in TESTS for path in ([ROOT / name] if name.endswith(".py") else (ROOT / name).glob("test_*.py"))
    ]
    files.sort(key=lambda path: (first not in path.stem, str(path)))
    return pytest.main(["-q", "-c", str(SETTINGS), "--rootdir", str(ROOT), *more, *map(str, files)], list(plugins))


def worker(mutants: Sequence[Mutant], on_progress: Callable[[str], None]) -> list[bool]:
    """Whether each of the mutants was killed, in their order."""
    hypothesis.settings.register_profile("mutation", deadline=None, derandomize=True, database=None, max_examples=40)
    hypothesis.settings.load_profile("mutation")
    runner = Runner(mutants, on_progress)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        status = run_pytest([], [runner])
    if len(runner.killed) != len(mutants):
        raise RuntimeError(f"pytest ended with {status}:\n{out.getvalue()[-3000:]}")
    return [runner.killed[number] for number in range(len(mutants))]


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def chosen(seed: int, share: float, only: str) -> list[Mutant]:
    """The mutants to run, shuffled by `seed`: all of them, or a share, or those of the modules whose name holds `only`."""
    every = [mutant for path in sorted(RULES.glob("*.py")) if only in path.name for mutant in mutants_of(path)]
    random.Random(seed).shuffle(every)
    return every[: max(1, round(len(every) * share))]


def run(mutants: list[Mutant], workers: int) -> list[bool]:
    """Whether each mutant was killed, with the work shared among `workers` processes."""
    parts = [mutants[number::workers] for number in range(workers)]
    with multiprocessing.get_context("fork").Pool(workers, maxtasksperchild=1) as pool:
        results = pool.starmap(worker, [(part, _tell) for part in parts])
    killed = [False] * len(mutants)
    for number, result in enumerate(results):
        killed[number::workers] = result
    return killed


def answers() -> dict[str, str]:
    """Why each surviving mutant may live, by its key."""
    return dict(tomllib.loads(ANSWERS.read_text())) if ANSWERS.exists() else {}


@dataclass(frozen=True)
class Run:
    """A run over the mutants: which of them, by name, were killed, on which day and on which commit."""

    killed: Mapping[str, bool]
    on: str
    commit: str
    seed: int
    seconds: float

    @staticmethod
    def read(path: Path) -> "Run":
        """The run that `write` wrote."""
        return Run(**json.loads(path.read_text()))

    def write(self, path: Path) -> None:
        """Write the run to a file, for `--again`."""
        path.write_text(json.dumps({**vars(self), "killed": dict(self.killed)}, indent=1) + "\n")


def report(mutants: Sequence[Mutant], now: Run, earlier: Run | None) -> Iterator[str]:
    """The lines of docs/reference/mutation.md. `earlier` is the run whose killed mutants were not run again."""
    reasons = answers()
    dead = sum(now.killed[mutant.name] for mutant in mutants)
    yield "# Mutation run over the rules\n"
    yield "Each mutant is a copy of a rule with one small change. A mutant that no test notices shows a gap in the tests, or a change"
    yield "that makes no difference. `make mutation` writes this page; `tests/mutation/answers.toml` holds the answers.\n"
    yield f"Commit {now.commit}, {now.on}, seed {now.seed}."
    if earlier is not None:
        taken_over = sum(earlier.killed.get(mutant.name, False) for mutant in mutants)
        yield f"{taken_over} of the mutants were killed on {earlier.on} at commit {earlier.commit}, and only the others were run again."
    yield f"\n{dead} of {len(mutants)} mutants killed ({100 * dead / len(mutants):.1f} %; at least {100 * ENOUGH:.0f} % is required), in {now.seconds:.0f} seconds.\n"
    yield "| Module | Mutants | Killed | Survivors |\n| --- | ---: | ---: | ---: |"
    for name in sorted({mutant.path.name for mutant in mutants}):
        fates = [now.killed[mutant.name] for mutant in mutants if mutant.path.name == name]
        yield f"| `{name}` | {len(fates)} | {sum(fates)} | {len(fates) - sum(fates)} |"
    yield "\n## Survivors\n\n| Mutant | Answer |\n| --- | --- |"
    for mutant in sorted(mutants, key=lambda mutant: mutant.name):
        if not now.killed[mutant.name]:
            yield f"| `{mutant.name.replace('|', chr(92) + '|')}` | {reasons.get(mutant.key, '**not answered**')} |"


def main() -> int:
    """Run the mutants that the arguments choose; exit 1 where fewer than ENOUGH are killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--share", type=float, default=1.0, help="the share of mutants to run, for a quick look")
    parser.add_argument("--only", default="", help="only modules whose name holds this")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", type=Path, help="write the page to this file")
    parser.add_argument("--results", type=Path, help="write which mutants were killed to this file")
    parser.add_argument("--again", type=Path, help="run only mutants that were not killed in these results")
    options = parser.parse_args()
    mutants, began = chosen(options.seed, options.share, options.only), time.monotonic()
    earlier = Run.read(options.again) if options.again else None
    fates = {mutant.name: earlier is not None and earlier.killed.get(mutant.name, False) for mutant in mutants}
    to_run = [mutant for mutant in mutants if not fates[mutant.name]]
    results = run(to_run, options.workers)
    fates |= {mutant.name: is_killed for mutant, is_killed in zip(to_run, results, strict=True)}
    seconds = time.monotonic() - began + (earlier.seconds if earlier else 0)
    now = Run(fates, f"{datetime.now(UTC):%-d %B %Y}", commit(), options.seed, seconds)
    text = "\n".join(report(mutants, now, earlier)) + "\n"
    if options.results:
        now.write(options.results)
    if options.write:
        options.write.write_text(text)
    print(text)
    return 0 if sum(fates.values()) >= ENOUGH * len(mutants) else 1


def commit() -> str:
    """The commit that is checked out, or "unknown" outside a repository."""
    shown = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return shown.stdout.strip() or "unknown"


if __name__ == "__main__":
    raise SystemExit(main())
