"""The first step of every import: reads a file, compares it, and writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from haven.exchange.imports.mapping import columns as mappings
from haven.exchange.imports.mapping.headings import heading_name
from haven.exchange.imports.models import ImportRun
from haven.exchange.imports.problems import Problem
from haven.exchange.imports.reading.table import Options, open_or_problem
from haven.exchange.imports.reading.tabular import Source
from haven.exchange.imports.runs.plan import FileContents, FileType, ImportContext, ImportPlan, ImportRequest
from haven.exchange.imports.runs.planning_lists import CalendarFiles, PupilFiles, SchoolFiles
from haven.exchange.imports.runs.planning_marks import MarkFiles
from haven.exchange.imports.runs.progress_reporter import Progress, ProgressReporter, no_progress
from haven.exchange.imports.runs.stored import stored_file, with_progress

FILE_TYPES: Mapping[str, FileType[Any, Any]] = {
    "schools": SchoolFiles(), "calendar": CalendarFiles(), "pupils": PupilFiles(), "marks": MarkFiles(),
}  # fmt: skip
READER = {"schools": "schools", "calendar": "calendar", "pupils": "pupils", "marks": "marks_long"}
"""The name of each file type's fields in a column mapping."""


def largest_file() -> int:
    """The largest accepted size of a file in bytes (the setting HAVEN_LARGEST_IMPORT_MIB)."""
    return int(settings.LARGEST_IMPORT_MIB) * 2**20


def plan_file(request: ImportRequest, on_progress: Progress = no_progress) -> ImportPlan:
    """The plan of a file, for its page or its command; changes nothing and locks nothing.

    Never raises for the contents of the file: problems are in the plan's `log`. Raises KeyError for an unknown file type.
    """
    steps = ProgressReporter(on_progress, request.size)
    contents = _read(request, steps)
    fingerprint = contents.type.fingerprint(request.context, contents)
    plan = compare(request.context, contents, request.confirm, steps.compared)
    return replace(plan, fingerprint=fingerprint)


def read_file(request: ImportRequest, on_progress: Progress = no_progress) -> FileContents[Any]:
    """The contents of a file, independent of the database."""
    return _read(request, ProgressReporter(on_progress, request.size))


def compare(
    context: ImportContext, contents: FileContents[Any], confirm: bool, on_progress: Progress = no_progress
) -> ImportPlan:
    """The plan of contents that were read: what they would change now, with the problems of both."""
    log = contents.problems.copy()
    return ImportPlan(contents, contents.type.compare(context, contents, log, confirm, on_progress), log)


def stored_request(context: ImportContext, run: ImportRun, *, confirm: bool = False) -> ImportRequest:
    """The request of a file that is stored with a run."""
    return ImportRequest(
        context, run.format, stored_file(run), run.file_name, run.file_bytes, run.mapping, largest_file(), confirm
    )


def _read(request: ImportRequest, steps: ProgressReporter) -> FileContents[Any]:
    options = Options(name=request.name, max_bytes=request.largest)
    fitting = _fitting(request.file_type, request.mapping, request.source, options)
    options = Options(mapping=fitting or None, name=request.name, max_bytes=request.largest, steps=steps)
    source = request.source
    if not isinstance(source, str | Path):
        source = with_progress(source, steps)
    return FILE_TYPES[request.file_type].read(request.context, source, options)


def _fitting(file_type: str, mapping: Mapping[str, str], source: Source, options: Options) -> dict[str, str]:
    """The part of a saved column mapping whose headings this file has; an empty heading ("do not read") stays."""
    if not mapping:
        return {}
    known = mappings.knows(READER[file_type], mapping)
    table = open_or_problem(source, known=known, options=options)
    if isinstance(table, Problem):
        return dict(mapping)
    names = set(table.names)
    table.close()
    return {field: heading for field, heading in mapping.items() if not heading or heading_name(heading) in names}
