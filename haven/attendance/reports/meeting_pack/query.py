"""An inspection of a school's registers from the data, for the targeting support meeting with the authority.

Registers are taken at the start of the morning session and once in the afternoon, a code N is replaced within five school days, and a
changed mark keeps the original entry, who changed it and when (SI 2024/208 regulation 10; Working together to improve school attendance,
which also asks authorities to meet each school regularly to look at its data). Only of pupils whose register the user may see.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection

from haven.analytics.groups import share
from haven.attendance.registers.queries.worklists import inconsistent_codes, unexplained_older_than
from haven.attendance.reports.groupings import groupings
from haven.attendance.reports.measures import SchoolMeasures, measures_of
from haven.core.schools.models import School
from haven.rules.attendance_codes import MISSING, code_for, from_byte

_CHANGED = """
select count(*) filter (where changed <= "on"), count(*) filter (where changed > "on" and changed <= "on" + 7),
  count(*) filter (where changed > "on" + 7), count(*) filter (where import_ref is not null)
from (select "on", import_ref, (amended_at at time zone %(access_scope)s)::date as changed from registers_markamendment
  where school_id = %(school)s and "on" between %(first)s and %(last)s) as amendment
"""


@dataclass(frozen=True, slots=True)
class ClassRegisters:
    """One class: its registers in the range of days, and those of them without any mark."""

    name: str
    registers: int
    not_taken: int


@dataclass(frozen=True, slots=True)
class CodeUsed:
    """One code, how many sessions have it, and its share of all sessions with a mark."""

    symbol: str
    name: str
    sessions: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Changes:
    """Changed marks: on the day itself, within seven days, later; and how many of all of them by an imported file."""

    same_day: int
    within_a_week: int
    later: int
    by_file: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """The registers of a school from one day to another. `places` are sessions of pupils on roll, `not_marked` those without a mark;
    `old_n` codes N that should have been replaced, the oldest of `oldest_n`; `two_codes` days on which a pupil has two inconsistent codes
    of absence."""

    classes: tuple[ClassRegisters, ...]
    places: int
    not_marked: int
    codes: tuple[CodeUsed, ...]
    changes: Changes
    old_n: int
    oldest_n: date | None
    two_codes: int

    @property
    def registers(self) -> int:
        """Registers of all classes."""
        return sum(class_registers.registers for class_registers in self.classes)

    @property
    def not_taken(self) -> int:
        """Registers without any mark."""
        return sum(class_registers.not_taken for class_registers in self.classes)


def inspection(*, school: School, from_on: date, to_on: date, until: int) -> Inspection:
    """The inspection of a school's registers between two days of one academic year; `until` is the last session (its key) that has begun.

    Raises NoMeasures, with a sentence, if there is no calendar or the days are the wrong way round.
    """
    measures = measures_of(school=school, from_on=from_on, to_on=to_on, until=until)
    calendar, matrix = measures.sheets.calendar, measures.sheets.matrix
    asked = measures.roll.between(calendar.first_from(from_on), calendar.last_to(to_on))
    on_roll = asked.covers(np.arange(calendar.sessions))
    marked = on_roll & (matrix != MISSING)
    old_n = unexplained_older_than(school_id=school.id, on=to_on)
    return Inspection(
        classes=tuple(_classes(measures, on_roll, marked)),
        places=int(on_roll.sum()),
        not_marked=int((on_roll & ~marked).sum()),
        codes=tuple(_codes(matrix[marked])),
        changes=_changes(school.id, from_on, to_on),
        old_n=len(old_n),
        oldest_n=old_n[0].on if old_n else None,
        two_codes=len(inconsistent_codes(school_id=school.id, first_on=from_on, last_on=to_on)),
    )


def _classes(measures: SchoolMeasures, on_roll: Any, marked: Any) -> list[ClassRegisters]:
    grouping = groupings()["group"]
    rows: dict[Any, list[int]] = {}
    for row, (label,) in enumerate(grouping.labels(measures.enrolled())):
        rows.setdefault(label, []).append(row)
    lines = []
    for label in sorted(rows, key=grouping.order):
        held, taken = on_roll[rows[label]].any(axis=0), marked[rows[label]].any(axis=0)
        lines.append(ClassRegisters(grouping.words(label), int(held.sum()), int((held & ~taken).sum())))
    return [line for line in lines if line.registers]


def _codes(marks: Any) -> list[CodeUsed]:
    count = np.bincount(marks, minlength=256)
    used = [(from_byte(int(byte)) or "", int(count[byte])) for byte in np.flatnonzero(count)]
    return [
        CodeUsed(symbol, code_for(symbol).name, sessions, share(sessions, len(marks)))
        for symbol, sessions in sorted(used, key=lambda pair: (-pair[1], pair[0]))
    ]


def _changes(school_id: int, from_on: date, to_on: date) -> Changes:
    with connection.cursor() as cursor:
        cursor.execute(
            _CHANGED, {"access_scope": settings.TIME_ZONE, "school": school_id, "first": from_on, "last": to_on}
        )
        return Changes(*cursor.fetchone())
