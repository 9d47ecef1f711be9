"""The one reader of registers: the sheets of one school (`sheets_for`) or of many schools at once (`bulk_registers`).

Both take the same steps, so that a school's page and an authority's page show the same figures:

1. PostgreSQL returns the sheets of a year side by side, one row for each school and calendar version. Row security decides which.
2. `realign_to_calendar` moves them to the newest version of the calendar.
3. The year before is read in the same way, blanked where a pupil was off roll, and given to each row by pupil (`_previous_rows`),
   because the ten school weeks of the threshold reach into it.

`sheets_for` has a row for each enrolment, with or without a sheet. `bulk_registers` has a row for each sheet, caches what it
has read (`register_cache`), and reads less: of the year before only the last school weeks, and only enrolments that begin or end within the
two years. Every user who sees a pupil's marks sees the roll (a test checks the grants).
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from haven.analytics.calendar import Calendar, build_calendar, day_number, reaching_back
from haven.analytics.measures import walk_many
from haven.analytics.sheets import (
    EARLIEST,
    LATEST,
    OnRoll,
    checked,
    known,
    on_roll,
    on_roll_between,
    realign_to_calendar,
)
from haven.attendance.registers.binary import binary_cursor
from haven.attendance.registers.calendars import calendar_for, versions_of
from haven.attendance.registers.queries.register_cache import REGISTER_CACHE, version_tokens, visibility_key
from haven.attendance.registers.queries.visibility_key import pupils_in_sight
from haven.rules.attendance_codes import MISSING
from haven.rules.sessions import EPOCH, year_before, year_bounds

SCHOOLS_PER_QUERY = 100
"""Bounds the memory of one query: about 30 MB of marks."""

_SQL = Path(__file__).with_name("sql")
_CALENDARS = (_SQL / "register_calendars.sql").read_text()
_SHEETS = (_SQL / "register_sheets.sql").read_text()
_ENROLMENTS = (_SQL / "register_enrolments.sql").read_text()
_PART_YEAR = (_SQL / "register_part_year.sql").read_text()

Versions = dict[int, Any]
"""Session keys (int32) of each version of a school's calendar by calendar id, the newest last."""


class Rolled(NamedTuple):
    """One enrolment of the answer."""

    enrolment_id: int
    pupil_id: int
    begins_on: date
    ends_on: date | None


@dataclass(frozen=True)
class YearSheets:
    """Registers of a school's year. `matrix[row]` and `roll` belong to `enrolments[row]`, as does `previous`: the pupil's sheet of
    the year before at this school (all empty if there is none), off-roll places blanked; None without a calendar of that year."""

    school_id: int
    year: str
    calendar: Calendar
    enrolments: tuple[Rolled, ...]
    matrix: Any
    roll: OnRoll
    previous: Any | None

    def __len__(self) -> int:
        return len(self.enrolments)


@dataclass(frozen=True)
class RegisterBatch:
    """Sheets of one school's year on its newest calendar, in no order. `matrix[row]` belongs to enrolments[row] and pupils[row]
    (int32), as do the places on roll and `previous`: the last school weeks of the year before (None without them), empty where the
    pupil was not on roll. Arrays are read-only, because the cache gives them to several callers."""

    school_id: int
    calendar: Calendar
    enrolments: Any
    pupils: Any
    matrix: Any
    roll: OnRoll
    previous: Any | None

    def __post_init__(self) -> None:
        for array in self._arrays():
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.enrolments)

    def _arrays(self) -> list[Any]:
        arrays = [self.enrolments, self.pupils, self.matrix, *self.roll, self.previous]
        return [array for array in arrays if array is not None]

    @property
    def bytes(self) -> int:
        """Size in memory without the calendar, which many batches share."""
        return sum(array.nbytes for array in self._arrays())

    def measures(self, from_on: date | None = None, to_on: date | None = None, *, threads: int | None = None) -> Any:
        """Every measure of each sheet (`analytics.measures.walk_many`). Raises BadSheet."""
        return walk_many(
            self.matrix, self.calendar, roll=self.roll, from_on=from_on, to_on=to_on, previous=self.previous, threads=threads
        )  # fmt: skip


# ---- one school ---------------------------------------------------------------------------------------------------------


def sheets_for(
    *, school_id: int, year: str, first_on: date | None = None, last_on: date | None = None, reach_back: bool = True
) -> YearSheets | None:
    """The registers of a school's year, one row for each enrolment on roll at some time from `first_on` to `last_on` (None: the
    year's bounds), by enrolment id; None if the school has no calendar of the year.

    An enrolment without a sheet has empty places. Only enrolments whose register the user may see. Without `reach_back` the year before
    is left out, for figures that do not need it. Raises BadSheet for a byte that is not a valid code on its day.
    """
    versions = _versions_of_school(school_id, year)
    if not versions:
        return None
    before = _versions_of_school(school_id, year_before(year)) if reach_back else {}
    last_year = build_calendar(_newest(before)) if before else None
    calendar = build_calendar(_newest(versions), last_year)
    first, last = year_bounds(year)
    first, last = first_on or first, last_on or last
    listed = _enrolments(school_id, _first_day(last_year, first), last)
    rolled = tuple(enrolment for enrolment in listed if enrolment.ends_on is None or enrolment.ends_on >= first)
    wanted = np.array([enrolment.enrolment_id for enrolment in rolled], np.int64)
    matrix = np.full((len(rolled), calendar.sessions), MISSING, np.uint8)
    if sheets := _read_sheets(year, {school_id: versions}, {school_id: calendar}).get(school_id):
        place = np.searchsorted(wanted, sheets.enrolments)
        (here,) = np.nonzero(np.append(wanted, -1)[place] == sheets.enrolments)
        matrix[place[here]] = sheets.matrix[here]
    matrix.setflags(write=False)
    previous = None
    if last_year is not None:
        earlier = _read_sheets(year_before(year), {school_id: before}, {school_id: last_year}).get(school_id)
        pupils = np.array([enrolment.pupil_id for enrolment in rolled], np.int32)
        previous = known(_previous_rows(earlier, _RollDays.of_school(listed), pupils, last_year), last_year)
        previous.setflags(write=False)
    return YearSheets(
        school_id=school_id,
        year=year,
        calendar=calendar,
        enrolments=rolled,
        matrix=known(matrix, calendar),
        roll=on_roll(
            [enrolment.begins_on for enrolment in rolled], [enrolment.ends_on for enrolment in rolled], calendar
        ),
        previous=previous,
    )


def sheets_on_sessions(sheets: YearSheets, sessions: Sequence[int]) -> YearSheets:
    """The same registers with other sessions of the year (keys in order): new sessions are empty, marks of removed sessions are left out."""
    before = calendar_for(sheets.school_id, year_before(sheets.year))
    calendar = build_calendar(sessions, build_calendar(before.sessions) if before else None)
    rolled = sheets.enrolments
    return replace(
        sheets, calendar=calendar, matrix=realign_to_calendar(sheets.matrix, sheets.calendar.keys, calendar.keys),
        roll=on_roll([enrolment.begins_on for enrolment in rolled], [enrolment.ends_on for enrolment in rolled], calendar),
    )  # fmt: skip


def _versions_of_school(school_id: int, year: str) -> Versions:
    return {id: np.array(calendar.sessions, np.int32) for id, calendar in versions_of(school_id, year).items()}


def _newest(versions: Versions) -> Any:
    return next(reversed(versions.values()))


def _first_day(last_year: Calendar | None, first: date) -> date:
    """The first day for which enrolments are read: the first day of the year before, if its registers are read."""
    return first if last_year is None or not last_year.sessions else min(first, _date(last_year.day[0]))


def _enrolments(school_id: int, first: date, last: date) -> list[Rolled]:
    """The enrolments at the school on roll at some time between two days, whose registers the viewer may see, by id."""
    visible = pupils_in_sight(school_id)
    values = {"school": school_id, "first": first, "last": last, "pupils": None if visible is None else list(visible)}
    with binary_cursor() as cursor:
        return [Rolled._make(row) for row in cursor.execute(_ENROLMENTS, values, binary=True).fetchall()]


# ---- many schools -------------------------------------------------------------------------------------------------------


def bulk_registers(*, school_ids: Iterable[int], year: str) -> Iterator[RegisterBatch]:
    """The registers of these schools of a year, a batch for each school with sheets that the viewer may see, by school id.

    A school without a calendar or without such sheets has no batch. Schools are read `SCHOOLS_PER_QUERY` at a time; a school that this
    process has read before and that has not changed since comes from `register_cache`. Raises BadSheet where a stored sheet does not
    fit its calendar.
    """
    ids = sorted(set(school_ids))
    visibility = visibility_key()
    for start in range(0, len(ids), SCHOOLS_PER_QUERY):
        part = ids[start : start + SCHOOLS_PER_QUERY]
        tokens = version_tokens(part)
        batches = REGISTER_CACHE.get(visibility, year, tokens)
        if missing := [school_id for school_id in part if school_id not in batches]:
            read = dict.fromkeys(missing) | _read_batches(missing, year)
            REGISTER_CACHE.put(visibility, year, tokens, read)
            batches |= read
        yield from (batch for school_id in part if (batch := batches[school_id]) is not None)


def bulk_measures(
    *, school_ids: Iterable[int], year: str, from_on: date | None = None, to_on: date | None = None
) -> Iterator[tuple[RegisterBatch, Any]]:
    """Each batch of `bulk_registers` with its measures; schools are measured while PostgreSQL reads the next. Raises BadSheet."""
    return measure_batches(bulk_registers(school_ids=school_ids, year=year), from_on, to_on)


def measure_batches(
    batches: Iterable[RegisterBatch], from_on: date | None = None, to_on: date | None = None
) -> Iterator[tuple[RegisterBatch, Any]]:
    """Each batch with its measures, in order, on all cores. Raises BadSheet; the threads end with the answer."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        pending: deque[tuple[RegisterBatch, Future[Any]]] = deque()
        for batch in batches:
            pending.append((batch, pool.submit(batch.measures, from_on, to_on, threads=1)))
            if len(pending) > SCHOOLS_PER_QUERY:
                first, measures = pending.popleft()
                yield first, measures.result()
        for batch, measures in pending:
            yield batch, measures.result()


def _read_batches(school_ids: Sequence[int], year: str) -> dict[int, RegisterBatch | None]:
    versions, before = _versions_of_schools(school_ids, year), _versions_of_schools(school_ids, year_before(year))
    calendars, tails = {}, {}
    for school_id, calendars_by_id in versions.items():
        earlier = before.get(school_id)
        calendars[school_id], tail = reaching_back(
            _newest(calendars_by_id).tobytes(), _newest(earlier).tobytes() if earlier else None
        )
        if tail is not None:
            tails[school_id] = tail
    days = _RollDays.of_schools(school_ids, [*calendars.values(), *tails.values()])
    last_year = _read_sheets(year_before(year), before, tails)
    batches: dict[int, RegisterBatch | None] = {}
    for school_id, sheets in _read_sheets(year, versions, calendars).items():
        calendar = calendars[school_id]
        roll = days.roll(sheets.enrolments, calendar)
        on = roll.first <= roll.last
        if not on.all():
            sheets, roll = sheets.of(on), roll.of(on)
        if len(sheets.enrolments):
            previous = None
            if school_id in tails:
                previous = _previous_rows(last_year.get(school_id), days, sheets.pupils, tails[school_id])
            batches[school_id] = RegisterBatch(
                school_id, calendar, sheets.enrolments, sheets.pupils, sheets.matrix, roll, previous
            )
    return batches


def _versions_of_schools(school_ids: Sequence[int], year: str) -> dict[int, Versions]:
    versions: dict[int, dict[int, Any]] = {}
    with binary_cursor() as cursor:
        cursor.execute(_CALENDARS, {"year": year, "schools": list(school_ids)}, binary=True)
        for school_id, calendar_id, sessions in cursor.fetchall():
            versions.setdefault(school_id, {})[calendar_id] = np.array(sessions, np.int32)
    return dict(versions)


# ---- shared by both  -------------------------------------------------------------------------------------------------------


class _Sheets(NamedTuple):
    """Sheets of one school on one calendar, in no order: `matrix` uint8 [sheets, sessions], enrolments and pupils int32."""

    enrolments: Any
    pupils: Any
    matrix: Any

    def of(self, rows: Any) -> "_Sheets":
        """The sheets at these rows."""
        return _Sheets(self.enrolments[rows], self.pupils[rows], self.matrix[rows])


def _read_sheets(year: str, versions: Mapping[int, Versions], calendars: Mapping[int, Calendar]) -> dict[int, _Sheets]:
    """The sheets of a year of each school named in `calendars`, realigned to that calendar: the newest of the year, or its last sessions.

    `versions` has every version of the calendars of these schools. A school without sheets has no key. Raises BadSheet if a sheet does
    not fit its version.
    """
    keys, starts = {}, {}
    for school_id, calendar in calendars.items():
        for calendar_id, sessions in versions[school_id].items():
            keys[calendar_id] = sessions
            starts[calendar_id] = int(np.searchsorted(sessions, calendar.keys[0])) if calendar.sessions else 0
    if not keys:
        return {}
    start = min(starts.values())
    by_school: dict[int, list[_Sheets]] = {}
    with binary_cursor() as cursor:
        cursor.execute(_SHEETS, {"year": year, "schools": list(calendars), "start": start}, binary=True)
        for school_id, calendar_id, enrolments, pupils, marks in cursor:
            begin = starts[calendar_id]
            matrix = checked(marks, len(enrolments), len(keys[calendar_id]) - start)[:, begin - start :]
            matrix = realign_to_calendar(matrix, keys[calendar_id][begin:], calendars[school_id].keys)
            sheets = _Sheets(np.array(enrolments, np.int32), np.array(pupils, np.int32), matrix)
            by_school.setdefault(school_id, []).append(sheets)
    return {
        school_id: parts[0] if len(parts) == 1 else _Sheets(*map(np.concatenate, zip(*parts, strict=True)))
        for school_id, parts in by_school.items()
    }


class _RollDays(NamedTuple):
    """First and last day on roll (days since 1970) of enrolments, by id in ascending order; `others`: first and last day of all other enrolments."""

    ids: Any
    first: Any
    last: Any
    others: tuple[int, int]

    @classmethod
    def of_school(cls, rolled: Sequence[Rolled]) -> "_RollDays":
        """From a complete list: all other enrolments are never on roll."""
        ids = np.array([enrolment.enrolment_id for enrolment in rolled], np.int32)
        first = np.array([day_number(enrolment.begins_on) for enrolment in rolled], np.int32)
        last = np.array(
            [day_number(enrolment.ends_on) if enrolment.ends_on else LATEST for enrolment in rolled], np.int32
        )
        return cls(ids, first, last, (LATEST, EARLIEST))

    @classmethod
    def of_schools(cls, school_ids: Sequence[int], calendars: Sequence[Calendar]) -> "_RollDays":
        """From the enrolments that were on roll for a part of these calendars: all other enrolments were on roll throughout."""
        days = [
            day for calendar in calendars if calendar.sessions for day in (int(calendar.day[0]), int(calendar.day[-1]))
        ]
        first, last = (_date(min(days)), _date(max(days))) if days else (date.min, date.max)
        with binary_cursor() as cursor:
            values = {"schools": list(school_ids), "first": first, "last": last}
            (row,) = cursor.execute(_PART_YEAR, values, binary=True).fetchall()
        ids, begins, ends = (np.array(column or [], np.int32) for column in row)
        order = np.argsort(ids)
        return cls(ids[order], begins[order], ends[order], (EARLIEST, LATEST))

    def roll(self, enrolments: Any, calendar: Calendar) -> OnRoll:
        """First and last session on roll of each of these enrolments."""
        first, last = (np.full(len(enrolments), day, np.int64) for day in self.others)
        if len(self.ids):
            place = np.minimum(np.searchsorted(self.ids, enrolments), len(self.ids) - 1)
            (listed,) = np.nonzero(self.ids[place] == enrolments)
            first[listed], last[listed] = self.first[place[listed]], self.last[place[listed]]
        return on_roll_between(first, last, calendar)


def _previous_rows(earlier: _Sheets | None, days: _RollDays, pupils: Any, calendar: Calendar) -> Any:
    """The marks of each of `pupils` in the year before, uint8 [pupils, sessions]; empty places without a sheet.

    `earlier` has the sheets of that year on `calendar`. Marks off roll are left out. A pupil with several enrolments has the marks of
    all; if two have a mark for one session, the mark of the enrolment with the higher id is used.
    """
    rows = np.full((len(pupils), calendar.sessions), MISSING, np.uint8)
    if earlier is None:
        return rows
    roll = days.roll(earlier.enrolments, calendar)
    matrix = earlier.matrix
    (part,) = np.nonzero((roll.first > 0) | (roll.last < calendar.sessions - 1))
    if len(part):
        matrix = matrix.copy()
        matrix[part] = np.where(roll.of(part).covers(np.arange(calendar.sessions)), matrix[part], MISSING)
    order = np.lexsort((earlier.enrolments, earlier.pupils))
    owners = earlier.pupils[order]
    place = np.searchsorted(owners, pupils)
    open_rows = np.flatnonzero(place < len(owners))
    while len(open_rows := open_rows[owners[place[open_rows]] == pupils[open_rows]]):
        marks = matrix[order[place[open_rows]]]
        rows[open_rows] = np.where(marks == MISSING, rows[open_rows], marks)
        place[open_rows] += 1
        open_rows = open_rows[place[open_rows] < len(owners)]
    return rows


def _date(day: int) -> date:
    return EPOCH + timedelta(days=int(day))
