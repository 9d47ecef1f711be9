"""What a file would do, said before it is done: counts, examples, problems, and the writing itself, ready to be called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from haven.exchange.imports.problems import Problem, ProblemLog
from haven.platform.accounts.context import AccessContext
from haven.platform.ui.words import count_of

MOST_EXAMPLES = 20
APPLIED_AT_ONCE = 5_000
"""How many things a file may hold to be applied where it is read: within a request, or within one transaction."""
Progress = Callable[[int, int], None]
"""Told how much is done, of how much."""


def no_progress(done: int, total: int) -> None:
    """For whoever does not want to know."""


class ImportRefused(ValueError):
    """The file is not taken, and nothing was changed. The text is a sentence for people; `plan` has the problems."""

    def __init__(self, sentence: str, plan: Plan | None = None) -> None:
        super().__init__(sentence)
        self.plan = plan


@dataclass(frozen=True, slots=True)
class Figures:
    """Of `read` things in the file: new, changed, as they stand already. The rest has problems. `notes` are minutes late
    and comments that are new."""

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


Writing = Callable[[UUID | None, Progress], Figures]


def _writes_nothing(import_ref: UUID | None, progress: Progress) -> Figures:
    return Figures()


@dataclass(slots=True)
class Plan:
    """What a file would do. `unit` is what is counted ("mark"); `writing` does it, for the good rows.

    `is_whole` says that only the whole file makes sense (a calendar), `confirm` what somebody has to agree to first, `headings` the
    columns of the file, `lacking` that a needed column was not found among them.
    """

    word: str
    file: str
    unit: str
    log: ProblemLog
    figures: Figures = field(default_factory=Figures)
    changes: Sequence[str] = ()
    how_read: str = ""
    layout: str = ""
    headings: tuple[str, ...] = ()
    is_whole: bool = False
    confirm: str = ""
    writing: Writing = _writes_nothing
    anew: Callable[[AccessContext, datetime], Plan] | None = None
    """The same file compared once more, under the locks of its registers, without being read again; None where it must be read."""
    is_held: bool = False
    """Whether it was compared under the locks of its registers: `writing` may then be called at once, in the same transaction."""

    @property
    def is_lacking_columns(self) -> bool:
        return self.log.by_code["column_missing"] > 0 or self.log.by_code["column_twice"] > 0

    @property
    def is_nothing(self) -> bool:
        return not self.log.has_errors and not self.figures.differing

    @property
    def may_take_good_rows(self) -> bool:
        return self.log.has_errors and not self.is_whole and self.figures.good > 0

    def why_refused(self, *, good_rows_only: bool) -> str:
        """Why the file is not taken as it is; "" when it is."""
        if not self.log.has_errors:
            return ""
        if not good_rows_only:
            return f"{self.file} has {count_of(self.log.counts['error'], 'error')}. Nothing was changed."
        if self.is_whole:
            return f"{self.file} has {count_of(self.log.counts['error'], 'error')}. It can only be imported as a whole. Nothing was changed."
        if not self.figures.good:
            return f"{self.file} has no valid rows. Nothing was changed."
        return ""

    def counted(self) -> str:
        """`1,000 of 1,002 marks: 4 new, 1 changed, 995 unchanged.`"""
        figures, unit = self.figures, count_of(self.figures.read, self.unit).split(" ", 1)[1]
        notes = f", {count_of(figures.notes, 'note')} beside them" if figures.notes else ""
        return (
            f"{figures.good:,} of {figures.read:,} {unit}: {figures.new:,} new, {figures.changed:,} changed, "
            f"{figures.unchanged:,} unchanged{notes}."
        )

    def nothing(self) -> str:
        """The sentence for a file that changes nothing."""
        return (
            f"Nothing to change: {self.file} matches what Haven already has ({count_of(self.figures.read, self.unit)})."
        )

    def close(self) -> None:
        self.log.close()


def as_dict(problem: Problem) -> dict[str, Any]:
    """A problem for a page or a script."""
    return {
        "file": problem.file, "row": problem.row, "column": problem.column, "severity": problem.severity,
        "code": problem.code, "sentence": problem.sentence, "message": problem.message,
    }  # fmt: skip
