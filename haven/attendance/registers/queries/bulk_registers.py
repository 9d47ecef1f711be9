"""The registers of many schools at once: the small door through which an authority's, a trust's and a national page reads.

PostgreSQL lays the sheets of each calendar side by side and hands them over as one block of bytes a calendar, so that a year of an
authority is some hundred rows and no Python runs for each pupil. The row policy stands in front: the blocks hold only sheets that the viewer
may see. What was read once is kept by this process until something of it changes (`kept_blocks`). What comes out is what `sheets_for` gives for each school, without the enrolments that have no sheet (a year of nothing).

Bytes are cheap and rows are dear, so little is asked: the sheets of the year; of the year before only the last school weeks, which is
all that the windows of ten weeks can reach; and only those enrolments that began or ended within a year, because whoever sees a pupil's
marks sees the roll (a test holds the grants to that).
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from haven.analytics.calendar import Calendar, reaching_back
from haven.analytics.measures import walk_many
from haven.analytics.sheets import OnRoll, checked, laid_on
from haven.attendance.registers.binary import binary_cursor
from haven.attendance.registers.queries.register_cache import KEPT, revisions, sight
from haven.rules.attendance_codes import MISSING
from haven.rules.sessions import EPOCH, year_before

SCHOOLS_AT_ONCE = 100  # bounds the memory: about 30 MB of marks

_CALENDARS = """
select school_id, id, array_send(sessions) from schools_calendar
where year = %(year)s and school_id = any(%(schools)s) order by version
"""
_PARTLY_ON_ROLL = """
select string_agg(int4send(id), ''::bytea), string_agg(int4send(begins_on - date '1970-01-01'), ''::bytea),
  string_agg(int4send(coalesce(ends_on - date '1970-01-01', 2147483647)), ''::bytea)
from people_enrolment where school_id = any(%(schools)s) and (begins_on > %(first)s or ends_on < %(last)s)
"""
_SHEETS = """
select school_id, calendar_id, string_agg(int4send(enrolment_id), ''::bytea), string_agg(int4send(pupil_id), ''::bytea),
  string_agg(substr(marks, %(start)s + 1), ''::bytea)
from registers_sheet where year = %(year)s and school_id = any(%(schools)s) group by school_id, calendar_id
"""


@dataclass(frozen=True)
class RegisterBatch:
    """Sheets of one school's year on its newest calendar, in no order. `matrix[row]` belongs to enrolments[row] and pupils[row]
    (int32), as do the places on roll and `previous`: the last school weeks of the year before (None without them), empty where the
    pupil was not on roll."""

    school_id: int
    calendar: Calendar
    enrolments: Any
    pupils: Any
    matrix: Any
    roll: OnRoll
    previous: Any | None

    def __post_init__(self) -> None:
        for array in self._arrays():  # a block may be kept and given to others
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.enrolments)

    def _arrays(self) -> list[Any]:
        arrays = [self.enrolments, self.pupils, self.matrix, *self.roll, self.previous]
        return [array for array in arrays if array is not None]

    @property
    def bytes(self) -> int:
        """How much memory it takes, the calendar aside, which many share."""
        return sum(array.nbytes for array in self._arrays())

    def measures(self, from_on: date | None = None, to_on: date | None = None, *, threads: int | None = None) -> Any:
        """Every measure of each sheet (`analytics.measures.walk_many`)."""
        return walk_many(
            self.matrix, self.calendar, roll=self.roll, from_on=from_on, to_on=to_on, previous=self.previous, threads=threads
        )  # fmt: skip


def blocks_of(*, school_ids: Sequence[int], year: str) -> Iterator[RegisterBatch]:
    """The registers of these schools of a year, a block a school with sheets, by school; a school without a calendar or sheets that
    the viewer may see has none. Some schools are read at a time; those that were read before and have not changed since are not
    read again (`kept_blocks`).

    Raises BadSheet where a stored sheet does not fit its calendar.
    """
    ids = sorted(set(school_ids))
    seen = sight()
    for start in range(0, len(ids), SCHOOLS_AT_ONCE):
        part = ids[start : start + SCHOOLS_AT_ONCE]
        revised = revisions(part)
        found = KEPT.find(seen, year, revised)
        anew = [school_id for school_id in part if school_id not in found]
        if anew:
            fresh: dict[int, RegisterBatch | None] = dict.fromkeys(anew)
            fresh.update((block.school_id, block) for block in _read(anew, year))
            KEPT.keep(seen, year, revised, fresh)
            found |= fresh
        yield from (block for school_id in part if (block := found[school_id]) is not None)


def measured(
    *, school_ids: Sequence[int], year: str, from_on: date | None = None, to_on: date | None = None
) -> Iterator[tuple[RegisterBatch, Any]]:
    """Each block of `blocks_of` with its measures: some schools are walked while PostgreSQL reads the next.

    Raises BadSheet as `blocks_of` and `RegisterBatch.measures` do.
    """
    return walked(blocks_of(school_ids=school_ids, year=year), from_on, to_on)


def walked(
    blocks: Iterable[RegisterBatch], from_on: date | None = None, to_on: date | None = None
) -> Iterator[tuple[RegisterBatch, Any]]:
    """Each block with its measures, on all cores, while the next ones come. Raises BadSheet; the threads end with the answer."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        begun: deque[tuple[RegisterBatch, Future[Any]]] = deque()
        for block in blocks:
            begun.append((block, pool.submit(block.measures, from_on, to_on, threads=1)))
            if len(begun) > SCHOOLS_AT_ONCE:
                first, rows = begun.popleft()
                yield first, rows.result()
        for block, rows in begun:
            yield block, rows.result()


def _read(school_ids: Sequence[int], year: str) -> Iterator[RegisterBatch]:
    """The blocks of some schools: their calendars, the end of the year before, then the year itself."""
    now, before = _Calendars(school_ids, year), _Calendars(school_ids, year_before(year))
    calendars, tails = {}, {}
    for school_id in now.newest:
        calendars[school_id], tail = reaching_back(now.newest[school_id], before.newest.get(school_id))
        if tail is not None:
            tails[school_id] = tail
    last_year = {part.school_id: _emptied_off_roll(part) for part in _parts(before, tails)}
    for part in sorted(_parts(now, calendars), key=lambda each: each.school_id):
        came = part.roll.first <= part.roll.last
        if not came.all():
            part = part.of(came)
        if len(part.enrolments):
            earlier = last_year.get(part.school_id)
            previous = None
            if part.school_id in tails:
                previous = np.full((len(part.enrolments), tails[part.school_id].sessions), MISSING, np.uint8)
                if earlier is not None:
                    _lay_by_pupil(earlier, part.pupils, previous)
            yield RegisterBatch(
                part.school_id, part.calendar, part.enrolments, part.pupils, part.matrix, part.roll, previous
            )


class _Calendars:
    """The calendars of some schools of a year, by school, as bytes of session keys: `versions` has each with its id, `newest` the last."""

    def __init__(self, school_ids: Sequence[int], year: str) -> None:
        self.year = year
        self.newest: dict[int, bytes] = {}
        self.versions: dict[int, list[tuple[int, bytes]]] = {}
        for school_id, calendar_id, sessions in _asked(_CALENDARS, year=year, schools=list(school_ids)):
            keys = _numbers(sessions)[6::2].tobytes()
            self.versions.setdefault(school_id, []).append((calendar_id, keys))
            self.newest[school_id] = keys
        self.partly = _PartlyOnRoll(school_ids, *_between(self.newest.values()))


class _PartlyOnRoll:
    """The enrolments of some schools that did not go on from one day to another, and their first and last days since 1970."""

    def __init__(self, school_ids: Sequence[int], first: date, last: date) -> None:
        ((ids, begins, ends),) = _asked(_PARTLY_ON_ROLL, schools=list(school_ids), first=first, last=last)
        order = np.argsort(_numbers(ids))
        self.ids, self.begins, self.ends = (_numbers(each)[order] for each in (ids, begins, ends))

    def roll(self, enrolments: Any, calendar: Calendar) -> OnRoll:
        """First and last session on roll of each enrolment: all of the calendar, unless it is one of these."""
        roll = OnRoll(np.zeros(len(enrolments), np.int32), np.full(len(enrolments), calendar.sessions - 1, np.int32))
        if len(self.ids):
            place = np.minimum(np.searchsorted(self.ids, enrolments), len(self.ids) - 1)
            (partly,) = np.nonzero(self.ids[place] == enrolments)
            roll.first[partly] = np.searchsorted(calendar.day, self.begins[place[partly]], side="left")
            roll.last[partly] = np.searchsorted(calendar.day, self.ends[place[partly]], side="right") - 1
        return roll


@dataclass(frozen=True)
class _Part:
    """Sheets of one school, from the first session of a calendar on."""

    school_id: int
    calendar: Calendar
    enrolments: Any
    pupils: Any
    matrix: Any
    roll: OnRoll

    def of(self, rows: Any) -> "_Part":
        """Some of them."""
        return _Part(
            self.school_id, self.calendar, self.enrolments[rows], self.pupils[rows], self.matrix[rows], self.roll.of(rows)
        )  # fmt: skip


def _parts(kept: _Calendars, wanted: Mapping[int, Calendar]) -> list[_Part]:
    """The sheets of each school named in `wanted`, laid on that calendar: its newest one or the end of it."""
    keys = {
        calendar_id: np.frombuffer(sent, np.int32)
        for school_id in wanted
        for calendar_id, sent in kept.versions[school_id]
    }
    firsts = {school_id: calendar.keys[0] for school_id, calendar in wanted.items() if calendar.sessions}
    starts = {
        calendar_id: int(np.searchsorted(keys[calendar_id], firsts[school_id]))
        for school_id in firsts
        for calendar_id, _ in kept.versions[school_id]
    }
    start = min(starts.values(), default=0)
    found: dict[int, list[tuple[Any, Any, Any]]] = {}
    for school_id, calendar_id, enrolments, pupils, marks in _asked(
        _SHEETS, year=kept.year, schools=list(wanted), start=start
    ):
        matrix = checked(marks, len(enrolments) // 4, len(keys[calendar_id]) - start)[:, starts[calendar_id] - start :]
        matrix = laid_on(matrix, keys[calendar_id][starts[calendar_id] :], wanted[school_id])
        found.setdefault(school_id, []).append((_numbers(enrolments), _numbers(pupils), matrix))
    return [_joined(school_id, wanted[school_id], kept.partly, parts) for school_id, parts in found.items()]


def _joined(school_id: int, calendar: Calendar, partly: _PartlyOnRoll, parts: list[tuple[Any, Any, Any]]) -> _Part:
    """The sheets of one school that lay on one version of its calendar or on several."""
    enrolments, pupils, matrix = (
        parts[0] if len(parts) == 1 else (np.concatenate(side) for side in zip(*parts, strict=True))
    )
    return _Part(school_id, calendar, enrolments, pupils, matrix, partly.roll(enrolments, calendar))


def _emptied_off_roll(part: _Part) -> _Part:
    """The same with every mark off roll taken away, so that the marks of a pupil's two enrolments can lie on each other."""
    (partly,) = np.nonzero((part.roll.first > 0) | (part.roll.last < part.calendar.sessions - 1))
    if not len(partly):
        return part
    on_roll = part.roll.of(partly).covers(np.arange(part.calendar.sessions))
    matrix = part.matrix.copy()
    matrix[partly] = np.where(on_roll, matrix[partly], MISSING)
    return _Part(part.school_id, part.calendar, part.enrolments, part.pupils, matrix, part.roll)


def _lay_by_pupil(earlier: _Part, pupils: Any, onto: Any) -> None:
    """Lay the marks of the year before on the rows of `onto`, pupil for pupil; one with two enrolments then has the marks of both."""
    order = np.argsort(earlier.pupils, kind="stable")
    theirs = earlier.pupils[order]
    place = np.searchsorted(theirs, pupils)
    open_rows = np.flatnonzero(place < len(theirs))
    while len(open_rows := open_rows[theirs[place[open_rows]] == pupils[open_rows]]):
        marks = earlier.matrix[order[place[open_rows]]]
        onto[open_rows] = np.where(marks == MISSING, onto[open_rows], marks)
        place[open_rows] += 1
        open_rows = open_rows[place[open_rows] < len(theirs)]


def _between(calendars: Iterable[bytes]) -> tuple[date, date]:
    """The first and the last day of some calendars, given as session keys; far apart without any."""
    days = [day for keys in calendars if keys for day in np.frombuffer(keys, np.int32)[[0, -1]] // 2]
    return (EPOCH + timedelta(int(min(days))), EPOCH + timedelta(int(max(days)))) if days else (date.min, date.max)


def _asked(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement, bytes as bytes (and not as twice as much text)."""
    with binary_cursor() as cursor:
        return list(cursor.execute(sql, values, binary=True))


def _numbers(sent: bytes | None) -> Any:
    """Integers of four bytes as PostgreSQL sends them; none for None."""
    return np.frombuffer(sent or b"", ">i4").astype(np.int32)
