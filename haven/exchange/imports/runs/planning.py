"""What would this file do? One door to the plans of every word of `haven import`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from haven.core.schools.models import School
from haven.exchange.imports.mapping import columns as mappings
from haven.exchange.imports.mapping.headings import heading_name
from haven.exchange.imports.problems import Problem
from haven.exchange.imports.reading.table import Options, open_or_problem
from haven.exchange.imports.reading.tabular import Source
from haven.exchange.imports.runs.plan import Plan, Progress, no_progress
from haven.exchange.imports.runs.planning_lists import plan_calendar, plan_pupils, plan_schools
from haven.exchange.imports.runs.planning_marks import plan_marks
from haven.platform.accounts.context import AccessContext

READER = {"schools": "schools", "calendar": "calendar", "pupils": "pupils", "marks": "marks_long"}
"""The name of each word's fields in a column mapping."""


def make_plan(
    *,
    by: AccessContext,
    at: datetime,
    word: str,
    school: School | None,
    source: Source,
    options: Options,
    confirm: bool = False,
    is_applying: bool = False,
    at_once: int = 0,
    compared: Progress = no_progress,
) -> Plan:
    """The plan of a file, which writes nothing until its `writing` is called, in the same transaction.

    `school` None is for files of schools. `is_applying` locks what will be written before it is compared, and so do up to `at_once` marks
    (`Plan.is_held`); `compared` is told how much of a file of marks is. Raises KeyError for a word that there is not.
    """
    if word == "schools":
        return plan_schools(by=by, at=at, source=source, options=options)
    assert school is not None
    if word == "calendar":
        return plan_calendar(by=by, at=at, school=school, source=source, options=options, confirm=confirm)
    if word == "pupils":
        return plan_pupils(by=by, at=at, school=school, source=source, options=options, is_applying=is_applying)
    if word == "marks":
        return plan_marks(
            by=by, at=at, school=school, source=source, options=options, is_applying=is_applying, at_once=at_once,
            compared=compared,
        )  # fmt: skip
    raise KeyError(word)


def fitting(word: str, mapping: Mapping[str, str], source: Source, options: Options) -> dict[str, str]:
    """The part of a saved column mapping whose headings this file has; an empty heading ("do not read") stays."""
    if not mapping:
        return {}
    known = mappings.knows(READER[word], mapping)
    table = open_or_problem(source, known=known, options=options)
    if isinstance(table, Problem):
        return dict(mapping)
    names = set(table.names)
    table.close()
    return {field: heading for field, heading in mapping.items() if not heading or heading_name(heading) in names}
