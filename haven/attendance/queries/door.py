"""The registers of many schools at once: the small door through which an authority's, a trust's and a national page reads.

PostgreSQL lays the sheets of each calendar side by side and hands them over as one block of bytes a calendar, so that a year of an
authority is some hundred rows and no Python runs for each pupil. The wall stands in front: the blocks hold only sheets that the viewer
may see. What comes out is what `sheets_for` gives for each school, without the enrolments that have no sheet (a year of nothing).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection

from haven.analytics import calendar as engine
from haven.analytics.measures import walk_many
from haven.analytics.sheets import OnRoll, checked, laid_on
from haven.rules.attendance_codes import MISSING
from haven.rules.sessions import year_before
from haven.schools.models import Calendar

ALWAYS = 2**31 - 1
SCHOOLS_AT_ONCE = 40  # bounds the memory: about 20 MB of marks

_SHEETS = """
select s.calendar_id, array_to_string(array_agg(s.enrolment_id), ','), array_to_string(array_agg(s.pupil_id), ','),
  array_to_string(array_agg(e.begins_on - date '1970-01-01'), ','),
  array_to_string(array_agg(coalesce(e.ends_on - date '1970-01-01', %(always)s)), ','),
  string_agg(s.marks, ''::bytea)
from attendance_sheet s join people_enrolment e on e.id = s.enrolment_id
where s.year = %(year)s and s.school_id = any(%(schools)s)
group by s.calendar_id
"""


@dataclass(frozen=True)
class Block:
    """Sheets of one school's year on its newest calendar. `matrix[row]` belongs to enrolments[row] and pupils[row] (int64), as do the
    places on roll and `previous` (the year before, None without one) with its `previous_roll`."""

    school_id: int
    calendar: engine.Calendar
    enrolments: Any
    pupils: Any
    matrix: Any
    roll: OnRoll
    previous: Any | None
    previous_roll: OnRoll | None

    def __len__(self) -> int:
        return len(self.enrolments)

    def measures(self, from_on: date | None = None, to_on: date | None = None, *, threads: int | None = None) -> Any:
        """Every measure of each sheet (`analytics.measures.walk_many`)."""
        return walk_many(
            self.matrix, self.calendar, roll=self.roll, from_on=from_on, to_on=to_on, previous=self.previous,
            previous_roll=self.previous_roll, threads=threads,
        )  # fmt: skip


def blocks_of(*, school_ids: Sequence[int], year: str) -> Iterator[Block]:
    """The registers of these schools of a year, a block a school with sheets, by school; a school without a calendar or sheets that
    the viewer may see has none. Some schools are read at a time, so memory does not grow with their number.

    Raises BadSheet where a stored sheet does not fit its calendar.
    """
    ids = sorted(set(school_ids))
    for start in range(0, len(ids), SCHOOLS_AT_ONCE):
        part = ids[start : start + SCHOOLS_AT_ONCE]
        before = _read(part, year_before(year), None)
        for school_id, found in sorted(_read(part, year, before).items()):
            last = before.get(school_id)
            yield _with_last_year(found, last) if last else found


def _read(school_ids: Sequence[int], year: str, before: dict[int, Block] | None) -> dict[int, Block]:
    """The blocks of a year by school; `before` are those of the year before, whose calendars the windows reach into."""
    versions = list(Calendar.objects.filter(school_id__in=school_ids, year=year).order_by("version"))
    newest = {each.school_id: each for each in versions}
    by_id = {each.id: each for each in versions}
    built = {
        school_id: engine.build_calendar(
            each.sessions, before[school_id].calendar if before and school_id in before else None
        )
        for school_id, each in newest.items()
    }
    values: dict[str, Any] = {"year": year, "schools": list(school_ids), "always": ALWAYS}
    parts: dict[int, list[Block]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('work_mem', '128MB', true)"
        )  # so that the blocks of a part are laid in memory
        cursor.execute(_SHEETS, values)
        for calendar_id, enrolments, pupils, begins, ends, marks in cursor:
            lies_on = by_id[calendar_id]
            roll_days = _numbers(begins), _numbers(ends)
            calendar = built[lies_on.school_id]
            matrix = laid_on(checked(marks, len(roll_days[0]), len(lies_on.sessions)), lies_on.sessions, calendar)
            parts.setdefault(lies_on.school_id, []).append(
                Block(
                    lies_on.school_id, calendar, _numbers(enrolments), _numbers(pupils), matrix,
                    _window(calendar, *roll_days), None, None,
                )
            )  # fmt: skip
    return {school_id: _joined(found) for school_id, found in parts.items()}


def _numbers(text: str) -> Any:
    return np.fromstring(text, np.int64, sep=",")


def _window(calendar: engine.Calendar, begins: Any, ends: Any) -> OnRoll:
    first = np.searchsorted(calendar.day, begins, side="left")
    last = np.searchsorted(calendar.day, ends, side="right") - 1
    return OnRoll(first.astype(np.int32), last.astype(np.int32))


def _joined(parts: list[Block]) -> Block:
    """The parts of one school (sheets that lay on different versions of its calendar) as one, by enrolment; without the sheets of
    enrolments that were on roll on none of its sessions."""
    one = parts[0]
    enrolments, pupils = (np.concatenate([getattr(part, name) for part in parts]) for name in ("enrolments", "pupils"))
    roll = OnRoll(*(np.concatenate(side) for side in zip(*(part.roll for part in parts), strict=True)))
    matrix = one.matrix if len(parts) == 1 else np.concatenate([part.matrix for part in parts])
    order = np.argsort(enrolments, kind="stable")
    order = order[(roll.first <= roll.last)[order]]
    if len(order) == len(enrolments) and bool(np.all(np.diff(order) == 1)):
        return Block(one.school_id, one.calendar, enrolments, pupils, matrix, roll, None, None)
    return Block(
        one.school_id, one.calendar, enrolments[order], pupils[order], matrix[order],
        OnRoll(roll.first[order], roll.last[order]), None, None,
    )  # fmt: skip


def _with_last_year(this: Block, last: Block) -> Block:
    """The sheets with those of the year before, pupil for pupil; a pupil with two enrolments then has the marks of both."""
    places = np.arange(last.calendar.sessions)
    shown = (places >= last.roll.first[:, None]) & (places <= last.roll.last[:, None])
    on_roll = np.where(shown, last.matrix, MISSING).astype(np.uint8)
    pupils, start, many = np.unique(last.pupils, return_index=True, return_counts=True)
    merged = on_roll[start]
    for row in np.flatnonzero(many > 1):
        for other in np.flatnonzero(last.pupils == pupils[row]):
            merged[row] = np.where(on_roll[other] != MISSING, on_roll[other], merged[row])
    where = np.searchsorted(pupils, this.pupils)
    known = (where < len(pupils)) & (pupils[np.minimum(where, len(pupils) - 1)] == this.pupils)
    previous = np.full((len(this), last.calendar.sessions), MISSING, np.uint8)
    previous[known] = merged[where[known]]
    return Block(
        this.school_id, this.calendar, this.enrolments, this.pupils, this.matrix, this.roll, previous,
        OnRoll(np.zeros(len(this), np.int32), np.full(len(this), last.calendar.sessions - 1, np.int32)),
    )  # fmt: skip
