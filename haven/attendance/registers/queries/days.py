"""The registers of a day: marks, missing registers, and the tutors responsible for them.

The register is taken at the start of the morning session and once in the afternoon (SI 2024/208 regulation 10). A register counts as
missing when its session has begun and no pupil of the class has a mark.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from haven.attendance.registers.calendars import halves_on, versions_of
from haven.attendance.registers.queries.rows import Beside, RegisterRow, register_rows
from haven.core.people.models import RegistrationGroup
from haven.core.people.queries import year_order
from haven.core.schools.queries import USUAL, calendar_for, session_times_on
from haven.platform.ordering import natural_order
from haven.platform.sql_files import SqlFile
from haven.rules.sessions import Half, academic_year_of, session_key
from haven.rules.whereabouts import NOT_A_REGISTER

NOTHING = Beside(None, "")
QUERIES = SqlFile(__file__)


class _Group(NamedTuple):
    id: int
    name: str
    year_group: str
    tutor_id: int | None
    tutor: str


class PupilDay(NamedTuple):
    """One pupil on one day. `am` and `pm` are codes, "" for no mark, None where the pupil has no such session."""

    pupil_id: int
    ref: UUID
    name: str
    forename: str
    surname: str
    enrolment_id: int
    group_id: int | None
    group: str
    year_group: str
    am: str | None
    pm: str | None
    am_minutes: int | None
    pm_minutes: int | None
    am_comment: str
    pm_comment: str


@dataclass(frozen=True, slots=True)
class ClassDay:
    """One class in one session: pupils on roll, pupils with a mark, and who took the register and when.

    `owed` counts pupils without planned absence, `entered` those of them with a mark. A planned absence alone does not make a register,
    and neither does a pupil who is expected at another school (D).
    """

    group_id: int
    group: str
    year_group: str
    tutor_id: int | None
    tutor: str
    half: Half
    on_roll: int
    marked: int
    owed: int
    entered: int
    planned: int = 0
    taken_by: str = ""
    taken_at: datetime | None = None

    @property
    def is_missing(self) -> bool:
        return self.owed > 0 and self.entered == 0

    @property
    def state(self) -> str:
        """ "taken", "partly" or "missing"; "nobody" for a class without pupils, "elsewhere" for a class of which no pupil is expected."""
        if not self.on_roll:
            return "nobody"
        if not self.owed and not self.planned and self.marked == self.on_roll:
            return "elsewhere"
        return "taken" if self.marked == self.on_roll else "missing" if self.is_missing else "partly"


def group_of(*, school_id: int, year: str, group_id: int) -> RegistrationGroup | None:
    """A class of a school in an academic year, with its tutor, or None."""
    groups = RegistrationGroup.objects.filter(id=group_id, school_id=school_id, year=year)
    return groups.select_related("tutor").first()


def day_keys(school_id: int, on: date) -> list[int]:
    """The session keys of a day, morning first; none if the school is closed or has no calendar."""
    calendar = calendar_for(school_id, academic_year_of(on))
    return [session_key(on, half) for half in halves_on(calendar, on)]


def marks_of_day(*, school_id: int, on: date, group_id: int | None = None) -> list[PupilDay]:
    """Every pupil on roll that day, by name, with the marks of both sessions; only one class if `group_id` is given.

    Only pupils whose register the user may see. Empty on a day without a session.
    """
    rows = register_rows(
        school_id=school_id, year=academic_year_of(on), keys=day_keys(school_id, on), group_id=group_id
    )
    am, pm = session_key(on, Half.AM), session_key(on, Half.PM)
    return [_pupil_day(row, am, pm) for row in rows]


def _pupil_day(row: RegisterRow, am: int, pm: int) -> PupilDay:
    beside_am, beside_pm = row.beside.get(am, NOTHING), row.beside.get(pm, NOTHING)
    return PupilDay(
        row.pupil_id, row.ref, row.name, row.forename, row.surname, row.enrolment_id, row.group_id, row.group,
        row.year_group, row.marks.get(am), row.marks.get(pm), beside_am.minutes_late, beside_pm.minutes_late,
        beside_am.comment, beside_pm.comment,
    )  # fmt: skip


def classes_of_day(*, school_id: int, on: date) -> list[ClassDay]:
    """Each class in each session of the day, by name and half, for the pupils that the user sees; empty if the school is closed.

    `marked` counts pupils of the class with a mark; `taken_by` is the author of the initial entry of the first pupil with a mark.
    """
    year, keys = academic_year_of(on), day_keys(school_id, on)
    rows = register_rows(school_id=school_id, year=year, keys=keys)
    by_group: dict[int, list[RegisterRow]] = {}
    for row in rows:
        if row.group_id is not None:
            by_group.setdefault(row.group_id, []).append(row)
    groups = sorted(QUERIES.rows(_Group, "groups", ids=list(by_group)), key=lambda group: natural_order(group.name))
    halves = [Half.PM if key % 2 else Half.AM for key in keys]
    class_days = [
        (group, key, half, [row for row in by_group[group.id] if key in row.marks])
        for group in groups
        for key, half in zip(keys, halves, strict=True)
    ]
    first_marked = [
        next(((row.sheet_id, key) for row in rows if row.marks[key] and row.marks[key] not in NOT_A_REGISTER), None)
        for _, key, _, rows in class_days
    ]
    takers = _takers(school_id, year, [sheet for sheet in first_marked if sheet])
    return [
        _class_day(group, half, key, rows, takers.get(marked, ("", None)) if marked else ("", None))
        for (group, key, half, rows), marked in zip(class_days, first_marked, strict=True)
    ]


def year_groups_of(pupils: Iterable[Any]) -> list[str]:
    """The year groups of pupils (objects with a `year_group`), by age; pupils without one are skipped."""
    return sorted({pupil.year_group for pupil in pupils if pupil.year_group}, key=year_order)


def class_names_of(pupils: Iterable[Any]) -> list[str]:
    """The class names of pupils (objects with a `group`), in natural order; pupils without a class are skipped."""
    return sorted({pupil.group for pupil in pupils if pupil.group}, key=natural_order)


def _class_day(
    group: _Group, half: Half, key: int, rows: list[RegisterRow], taken: tuple[str, datetime | None]
) -> ClassDay:
    planned = [row for row in rows if key in row.plans]
    owed = [row for row in rows if key not in row.plans and row.marks[key] not in NOT_A_REGISTER]
    return ClassDay(
        group.id, group.name, group.year_group, group.tutor_id, group.tutor, half, len(rows),
        sum(bool(row.marks[key]) for row in rows), len(owed), sum(bool(row.marks[key]) for row in owed),
        len(planned), *taken,
    )  # fmt: skip


def _takers(
    school_id: int, year: str, wanted: Iterable[tuple[int | None, int]]
) -> dict[tuple[int | None, int], tuple[str, datetime | None]]:
    """The author and time of the initial entry of a sheet in a session; no item if the first mark was an amendment."""
    pairs = list(wanted)
    versions = versions_of(school_id, year)
    takers = QUERIES.rows(
        _Taker, "takers", sheet_ids=[sheet for sheet, _ in pairs], keys=[key for _, key in pairs], calendar_ids=list(versions),
        school_id=school_id,
    )  # fmt: skip
    return {(taker.sheet_id, taker.key): (taker.author_name, taker.taken_at) for taker in takers}


class _Taker(NamedTuple):
    sheet_id: int
    key: int
    author_name: str
    taken_at: datetime


def missing_registers(*, school_id: int, on: date, at: datetime) -> list[ClassDay]:
    """The registers without a mark whose session has begun, each with the tutor responsible; by class and half.

    On a day before `at` every session has begun; on a later day none has.
    """
    begun = begun_halves(school_id, on, at)
    return [
        class_day
        for class_day in classes_of_day(school_id=school_id, on=on)
        if class_day.half in begun and class_day.is_missing
    ]


def last_begun(school_id: int, on: date, at: datetime) -> int:
    """The key of the last session that has begun at a moment, on the day `on` or before; today's if `on` is in the future."""
    day = min(on, timezone.localtime(at).date())
    halves = begun_halves(school_id, day, at)
    return session_key(day, Half.PM if Half.PM in halves else Half.AM) - (0 if halves else 1)


def begun_halves(school_id: int, on: date, at: datetime) -> set[Half]:
    """The sessions of a day that have begun at a moment (aware), whether or not the school is open: all of an earlier day, none of a later
    one. A school without session times has the usual ones."""
    local = timezone.localtime(at)
    if local.date() != on:
        return set(Half) if on < local.date() else set()
    times = session_times_on(school_id, on) or USUAL
    starts: dict[Half, time] = {Half.AM: times.am_starts, Half.PM: times.pm_starts}
    return {half for half in Half if local.time() >= starts[half]}
