"""The problems of a file, in words that a school office can act on.

An *error* keeps its row out of the import. A *query* does not, but somebody should check it. Every sentence names the file, the row and
the column as a spreadsheet shows them, the mistake, and what to do.
"""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import IO, BinaryIO, Literal

from haven.platform.errors import ActionRejected
from haven.platform.text import safe_cell
from haven.platform.ui.words import count_of

Severity = Literal["error", "query"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. `row` and `column` are empty if it is about the whole file."""

    file: str
    row: int | None
    column: str | None
    severity: Severity
    code: str
    sentence: str

    @property
    def place(self) -> str:
        return place_of(file=self.file, row=self.row, column=self.column)

    @property
    def message(self) -> str:
        """The sentence without its place, for a table that has columns for file, row and column."""
        return self.sentence.removeprefix(f"{self.place}: ")

    @property
    def is_error(self) -> bool:
        return self.severity == "error"


class FileRejected(ActionRejected):
    """The file as a whole cannot be read; `problem` contains the reason and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


def place_of(*, file: str, row: int | None, column: str | None) -> str:
    """`register.csv, row 12, column “code”`; shorter if there is no row or column."""
    parts = [file]
    if row is not None:
        parts.append(f"row {row:,}")
    if column:
        parts.append(f"column “{column}”")
    return ", ".join(parts)


def error(*, file: str, code: str, message: str, row: int | None = None, column: str | None = None) -> Problem:
    """A problem that keeps its row (or, without a row, the whole file) out of the import."""
    place = place_of(file=file, row=row, column=column)
    return Problem(file, row, column, "error", code, f"{place}: {message}")


def query(*, file: str, code: str, message: str, row: int | None = None, column: str | None = None) -> Problem:
    """A problem that somebody should check; the row is imported."""
    place = place_of(file=file, row=row, column=column)
    return Problem(file, row, column, "query", code, f"{place}: {message}")


def quoted(value: str, *, limit: int = 60) -> str:
    """A value of the file inside a sentence: on one line, and shortened if it is very long."""
    line = " ".join(value.split())
    return f"“{line[: limit - 1]}…”" if len(line) > limit else f"“{line}”"


class ProblemLog:
    """All problems of an import: the counts, the first problems in memory, and all of them in the download.

    Keeps `cap` errors and `cap` queries in memory. The full list is written to a temporary file, so that a file with a million problems
    needs no memory and none is lost. Use it as a context manager or call `close`.
    """

    def __init__(self, *, cap: int = 200) -> None:
        self.cap = cap
        self.counts: Counter[str] = Counter()
        self.by_code: Counter[str] = Counter()
        self._errors: list[Problem] = []
        self._queries: list[Problem] = []
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=1 << 20)  # noqa: SIM115 - closed by `close`
        self._write_row(["file", "row", "column", "severity", "problem", "what to do"])

    def __enter__(self) -> ProblemLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def copy(self) -> ProblemLog:
        """A separate log with the same problems, to which others can be added."""
        copied = ProblemLog(cap=self.cap)
        copied.counts, copied.by_code = self.counts.copy(), self.by_code.copy()
        copied._errors, copied._queries = [*self._errors], [*self._queries]
        self._file.seek(0)
        copied._file.seek(0)
        shutil.copyfileobj(self._file, copied._file)
        return copied

    def add(self, problem: Problem) -> None:
        self.counts[problem.severity] += 1
        self.by_code[problem.code] += 1
        first_ones = self._errors if problem.is_error else self._queries
        if len(first_ones) < self.cap:
            first_ones.append(problem)
        row = "" if problem.row is None else str(problem.row)
        self._write_row([problem.file, row, problem.column or "", problem.severity, problem.code, problem.sentence])

    def extend(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.add(problem)

    @property
    def total(self) -> int:
        return self.counts["error"] + self.counts["query"]

    @property
    def has_errors(self) -> bool:
        return self.counts["error"] > 0

    def shown(self) -> list[Problem]:
        """At most `cap` problems, errors before queries, each in the order of the file."""
        return (self._errors + self._queries)[: self.cap]

    def summary(self) -> str:
        """`3 errors and 1 query.`; `No problems found.` when there are none."""
        if not self.total:
            return "No problems found."
        errors, queries = count_of(self.counts["error"], "error"), count_of(self.counts["query"], "query")
        if not self.counts["query"]:
            return f"{errors}."
        return f"{queries}." if not self.counts["error"] else f"{errors} and {queries}."

    def shown_line(self) -> str:
        """Says whether the list is complete."""
        if self.total <= self.cap:
            return f"Showing all {count_of(self.total, 'problem')}." if self.total else "No problems found."
        return f"Showing {self.cap:,} of {count_of(self.total, 'problem')}; the full list is in the download."

    def copy_to(self, target: BinaryIO) -> None:
        """The full list as CSV (UTF-8 with a byte order mark, as spreadsheets expect it)."""
        self._file.seek(0)
        target.write(b"\xef\xbb\xbf")
        shutil.copyfileobj(self._file, target)
        self._file.seek(0, io.SEEK_END)

    def _write_row(self, cells: list[str]) -> None:
        text = io.StringIO()
        csv.writer(text).writerow([safe_cell(cell) for cell in cells])
        self._file.write(text.getvalue().encode())
