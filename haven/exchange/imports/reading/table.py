"""The common result of every reader: a `Reading` yields typed rows and problems in the order of the file.

A reader never raises for the contents of a file: a file that cannot be read at all is a reading with one problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Generic, TypeVar

from haven.exchange.imports.mapping import columns as mappings
from haven.exchange.imports.mapping.columns import Resolved
from haven.exchange.imports.problems import FileRejected, Problem, ProblemLog, error, query
from haven.exchange.imports.reading.tabular import DEFAULT_MAX_BYTES, Source, Table, open_rows
from haven.exchange.imports.runs.progress_reporter import ProgressReporter

T = TypeVar("T")


@dataclass(slots=True)
class Reading(Generic[T]):
    """A file being read. It can be iterated once; it closes the file at the end, or earlier by `close` or `with`.

    `how_read` describes how the file was read, for the preview; `layout` is its known layout; both are empty if the file was refused.
    """

    file: str
    table: Table | None
    resolved: Resolved | None
    problems_first: list[Problem]
    _items: Callable[[Table, Resolved], Iterator[T | Problem]] = field(repr=False)

    def __iter__(self) -> Iterator[T | Problem]:
        try:
            yield from self.problems_first
            if self.table is None or self.resolved is None or any(problem.is_error for problem in self.problems_first):
                return
            yield from self._items(self.table, self.resolved)
            if not self.table.checks.has_rows:
                message = (
                    "There are no rows under the headings. Check that you chose the right file, and save it again."
                )
                yield error(file=self.file, code="no_rows", message=message)
        finally:
            self.close()

    def __enter__(self) -> Reading[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self.table is not None:
            self.table.close()

    def rows_into(self, log: ProblemLog) -> Iterator[T]:
        """The typed rows; every problem found on the way is added to the log."""
        for item in self:
            if isinstance(item, Problem):
                log.add(item)
            else:
                yield item

    @property
    def how_read(self) -> str:
        return self.table.how_read if self.table else ""

    @property
    def layout(self) -> str:
        return self.resolved.definition.title if self.resolved else ""

    @property
    def progress(self) -> tuple[int, int]:
        """Bytes read and total bytes; a spreadsheet is read in one step, so it reports 0 until it is finished."""
        return (self.table.bytes_read, self.table.bytes_total) if self.table else (0, 0)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of every reader: the user's own mapping (field to heading), the displayed name, the size limit, and the progress of an
    import, which is told when the encoding is known and the rows begin."""

    mapping: Mapping[str, str] | None = None
    name: str | None = None
    max_bytes: int = DEFAULT_MAX_BYTES
    steps: ProgressReporter | None = None


DEFAULT = Options()


def read_table(
    source: Source | Table,
    *,
    format: str,
    items: Callable[[Table, Resolved], Iterator[T | Problem]],
    options: Options,
    also_known: Callable[[str], bool] = lambda name: False,
) -> Reading[T]:
    """Open a file, find the columns of a format, and prepare to yield `items`.

    `also_known` accepts headings beyond the layouts, such as the sessions of the wide form; they count as used.
    """
    known = mappings.knows(format, options.mapping)
    table = open_or_problem(source, known=lambda name: known(name) or also_known(name), options=options)
    if isinstance(table, Problem):
        return refused_reading(table)
    resolved = mappings.resolve(format, table.names, options.mapping)
    return Reading(table.file, table, resolved, list(_column_problems(table, resolved, also_known)), items)


def open_or_problem(source: Source | Table, *, known: Callable[[str], bool], options: Options) -> Table | Problem:
    """The file as a table (an open one is returned unchanged), or the problem that refuses it."""
    if isinstance(source, Table):
        return source
    try:
        table = open_rows(source, known=known, name=options.name, max_bytes=options.max_bytes)
    except FileRejected as refused:
        return refused.problem
    if options.steps:
        options.steps.opened()
    return table


def refused_reading(problem: Problem) -> Reading[T]:
    """The reading of a file that cannot be read: only the problem."""
    return Reading(problem.file, None, None, [problem], lambda table, resolved: iter(()))


def _column_problems(table: Table, columns: Resolved, also_known: Callable[[str], bool]) -> Iterator[Problem]:
    row = table.header_row
    for column in columns.missing:
        message = (
            f"There is no column “{column.shown}”, and {columns.definition.title} needs it. The headings here are "
            f"{_list_of(table.headings)}. Add the column, or choose the heading to use for it."
        )
        yield error(file=table.file, row=row, column=column.shown, code="column_missing", message=message)
    for target, first, second in columns.twice:
        message = (
            f"The columns “{table.column(first)}” and “{table.column(second)}” both mean {target}. "
            "Remove one of them, or choose which one to use."
        )
        yield error(file=table.file, row=row, column=table.column(second), code="column_twice", message=message)
    for target in columns.unknown_fields:
        message = f"The column mapping names a field “{target}”, which this import does not have. Remove it."
        yield error(file=table.file, row=row, code="mapping_field", message=message)
    for heading in columns.absent_headings:
        message = (
            f"The column mapping names the heading “{heading}”, which is not in this file. Choose another heading."
        )
        yield error(file=table.file, row=row, column=heading, code="mapping_heading", message=message)
    unused = [table.column(index) for index in columns.unused if not also_known(table.names[index])]
    if unused and not columns.definition.ignores_others:
        message = f"Columns that were not read: {_list_of(unused)}. No action is needed unless you need one of them."
        yield query(file=table.file, row=row, code="columns_unused", message=message)


def _list_of(headings: list[str], *, limit: int = 12) -> str:
    shown = [f"“{heading.strip()}”" for heading in headings if heading.strip()]
    rest = len(shown) - limit
    return ", ".join(shown[:limit]) + (f" and {rest:,} more" if rest > 0 else "")
