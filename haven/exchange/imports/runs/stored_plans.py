"""What would the file of a received import do now?"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from haven.exchange.imports.models import ImportRun
from haven.exchange.imports.reading.table import Options
from haven.exchange.imports.runs.plan import Plan, Progress, no_progress
from haven.exchange.imports.runs.planning import fitting, make_plan
from haven.exchange.imports.runs.progress_reporter import ProgressReporter
from haven.exchange.imports.runs.stored import stored_file, watched
from haven.platform.accounts.context import AccessContext

LARGEST = 1000 * 2**20


def largest_file() -> int:
    """How many bytes a file may have at this site (the setting HAVEN_LARGEST_IMPORT_MIB)."""
    return int(settings.LARGEST_IMPORT_MIB) * 2**20


def plan_run(
    *, by: AccessContext, at: datetime, run: ImportRun, confirm: bool = False, is_applying: bool = False,
    progress: Progress = no_progress, largest: int = LARGEST,
) -> Plan:  # fmt: skip
    """What the file of a run would do now (see plan.Plan); writes nothing."""
    options = Options(name=run.file_name, max_bytes=largest)
    mapping = fitting(run.format, run.mapping, stored_file(run), options)
    steps = ProgressReporter(progress, run.file_bytes)
    source = watched(stored_file(run), steps.read_to)
    return make_plan(
        by=by, at=at, word=run.format, school=run.school, source=source, confirm=confirm, is_applying=is_applying,
        options=Options(mapping=mapping or None, name=run.file_name, max_bytes=largest, opened=steps.opened),
        compared=steps.compared,
    )  # fmt: skip
