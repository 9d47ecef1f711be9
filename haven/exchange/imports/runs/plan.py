"""The plan of an import: counts, examples and problems of a file before it is applied.

Every import has three steps, for every file type and source: `planning.plan_file` reads and compares the file, `actions.store_plan` stores
the file and its plan, and `actions.apply_run` compares it again, under locks, and writes the differences. A file type implements its part
of these steps as a `FileType`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.utils import timezone

from haven.core.schools.models import School
from haven.exchange.imports.problems import Problem, ProblemLog
from haven.exchange.imports.reading.table import Options, Reading
from haven.exchange.imports.reading.tabular import Source
from haven.exchange.imports.runs.progress_reporter import Progress
from haven.platform.accounts.context import AccessContext
from haven.platform.errors import ActionRejected
from haven.platform.ui.words import count_of

MOST_EXAMPLES = 20
APPLIED_AT_ONCE = 5_000
"""The largest number of items that is applied within a request."""
LARGEST = 1000 * 2**20

Rows = TypeVar("Rows")
Changes = TypeVar("Changes")


class ImportRejected(ActionRejected):
    """The file is refused, and nothing was changed. The text is a sentence for the user; `plan` has the problems."""

    def __init__(self, sentence: str, plan: ImportPlan | None = None) -> None:
        super().__init__(sentence)
        self.plan = plan


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the `read` items in the file: new, changed, unchanged. The others have problems. `notes` are new minutes late and comments."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    notes: int = 0

    @property
    def good(self) -> int:
        return self.new + self.changed + self.unchanged

    @property
    def differing(self) -> int:
        return self.new + self.changed + self.notes

    def as_dict(self) -> dict[str, int]:
        return {key: getattr(self, key) for key in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class ImportContext:
    """Who imports, when, and for which school. `school` is None for a file of schools."""

    by: AccessContext
    at: datetime
    school: School | None

    @property
    def on(self) -> date:
        return timezone.localtime(self.at).date()

    @property
    def school_id(self) -> int:
        """The school's number. Raises ValueError for a file of schools."""
        if self.school is None:
            raise ValueError("A file of schools is for no school.")
        return self.school.id


@dataclass(frozen=True, slots=True)
class Choices:
    """The user's choices: to import only the good rows; to agree to the question of the plan (`confirm`)."""

    good_rows_only: bool = False
    confirm: bool = False


WHOLE_FILE = Choices()


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """A file to import. `size` is in bytes; `mapping` maps headings to fields (see imports/mapping)."""

    context: ImportContext
    file_type: str
    source: Source
    name: str
    size: int = 0
    mapping: Mapping[str, str] = field(default_factory=dict)
    largest: int = LARGEST
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class FileContents(Generic[Rows]):
    """A file as read, independent of the database: its rows and its problems."""

    type: FileType[Rows, Any]
    reading: Reading[Any]
    rows: Rows
    problems: ProblemLog

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(self.reading.table.headings) if self.reading.table else ()

    def heading(self, name: str) -> str | None:
        """The heading of a field; None if the file has no such column."""
        table, resolved = self.reading.table, self.reading.resolved
        if table is None or resolved is None or name not in resolved.positions:
            return None
        return table.column(resolved.positions[name])


@dataclass(frozen=True, slots=True)
class Comparison(Generic[Changes]):
    """What the rows of a file would change. `examples` are changes in words, `confirm` is the question that the user has to agree to."""

    changes: Changes
    figures: Figures
    examples: Sequence[str] = ()
    confirm: str = ""


class FileType(ABC, Generic[Rows, Changes]):
    """A file type, and its part of the three steps.

    `unit` is the counted item ("mark"); `is_whole` means that only the complete file can be imported (a calendar).
    """

    unit: str
    is_whole = False

    @abstractmethod
    def read(self, context: ImportContext, source: Source, options: Options) -> FileContents[Rows]:
        """The rows and problems of a file. Never raises for its contents."""

    @abstractmethod
    def lock(self, context: ImportContext, contents: FileContents[Rows]) -> None:
        """Lock what the file may change until the end of the transaction."""

    @abstractmethod
    def compare(
        self,
        context: ImportContext,
        contents: FileContents[Rows],
        problems: ProblemLog,
        confirm: bool,
        on_progress: Progress,
    ) -> Comparison[Changes]:
        """What the good rows would change now. Adds conflicts with the database to `problems`. Writes nothing."""

    def fingerprint(self, context: ImportContext, contents: FileContents[Rows]) -> object:
        """A value that differs as soon as any row that `compare` reads has changed. None: unknown."""
        return None

    @abstractmethod
    def write(
        self, context: ImportContext, file: str, changes: Changes, import_ref: UUID | None, on_progress: Progress
    ) -> Figures:
        """Write the changes in the open transaction. Returns the figures, in which `read` is 0. `file` is its name."""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The plan of a file: its contents, the comparison, and all problems of both (`log`). `fingerprint` is that of the rows with which the
    contents were compared, None if it was not taken."""

    contents: FileContents[Any]
    comparison: Comparison[Any]
    log: ProblemLog
    fingerprint: object = None

    @property
    def type(self) -> FileType[Any, Any]:
        return self.contents.type

    @property
    def file(self) -> str:
        return self.contents.reading.file

    @property
    def figures(self) -> Figures:
        return self.comparison.figures

    @property
    def is_lacking_columns(self) -> bool:
        return self.log.by_code["column_missing"] > 0 or self.log.by_code["column_twice"] > 0

    @property
    def is_unreadable(self) -> bool:
        """Whether one row shows that others were misread: dates with the month first."""
        return self.log.by_code["month_first"] > 0

    @property
    def is_nothing(self) -> bool:
        return not self.log.has_errors and not self.figures.differing

    @property
    def may_take_good_rows(self) -> bool:
        return self.log.has_errors and not self.is_unreadable and not self.type.is_whole and self.figures.good > 0

    def why_refused(self, choices: Choices) -> str:
        """The reason why the file is refused; "" if it is not."""
        if not self.log.has_errors:
            return self.comparison.confirm
        errors = f"{self.file} has {count_of(self.log.counts['error'], 'error')}"
        if not choices.good_rows_only:
            return f"{errors}. Nothing was changed."
        if self.is_unreadable:
            return f"{errors}. A date has the month first, so no row was taken. Nothing was changed."
        if self.type.is_whole:
            return f"{errors}. It can only be imported as a whole. Nothing was changed."
        if not self.figures.good:
            return f"{self.file} has no valid rows. Nothing was changed."
        return self.comparison.confirm

    def counted(self) -> str:
        """`1,000 of 1,002 marks: 4 new, 1 changed, 995 unchanged.`"""
        figures, unit = self.figures, count_of(self.figures.read, self.type.unit).split(" ", 1)[1]
        notes = f", {count_of(figures.notes, 'note')} beside them" if figures.notes else ""
        return (
            f"{figures.good:,} of {figures.read:,} {unit}: {figures.new:,} new, {figures.changed:,} changed, "
            f"{figures.unchanged:,} unchanged{notes}."
        )

    def nothing(self) -> str:
        """The sentence for a file that changes nothing."""
        return f"Nothing to change: {self.file} matches what Haven already has ({count_of(self.figures.read, self.type.unit)})."

    def close(self) -> None:
        self.log.close()
        self.contents.problems.close()


def as_dict(problem: Problem) -> dict[str, Any]:
    """A problem for a page or a script."""
    return {
        "file": problem.file, "row": problem.row, "column": problem.column, "severity": problem.severity,
        "code": problem.code, "sentence": problem.sentence, "message": problem.message,
    }  # fmt: skip
