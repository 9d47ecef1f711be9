"""Every measure of a school's registers between two days, one row for each enrolment or each group: what the measures command
prints and what pages show.

Definitions: haven.rules.measure_words. Computed from the sheets each time; no figure is stored.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db.models import Q

from haven.analytics import results
from haven.analytics.groups import GroupSum, sum_by
from haven.analytics.measures import walk_many
from haven.analytics.sheets import OnRoll
from haven.attendance.queries.sheets import Rolled, YearSheets, sheets_for
from haven.people.models import Identifier, Placement, Pupil, Status
from haven.rules.sessions import academic_year_of
from haven.rules.visibility import Compartment, zone_of
from haven.schools.models import School

BY = ("year", "sex", "sen", "fsm", "school", "group")
SEN = {"ehcp": "E", "sen_support": "K"}


class NoMeasures(ValueError):
    """The measures cannot be worked out; the sentence says why and what to do."""


@dataclass(frozen=True)
class SchoolMeasures:
    """`measures[row]` (an entry of analytics.measures.MEASURES) belongs to `sheets.enrolments[row]`."""

    school: School
    from_on: date
    to_on: date
    sheets: YearSheets
    roll: OnRoll
    measures: Any

    def rows(self) -> list[results.Row]:
        """One row for each enrolment in the columns of the measures command, ordered by UPN."""
        upns = upns_of(self.school.id, [each.pupil_id for each in self.sheets.enrolments])
        listed = [upns.get(each.pupil_id, "") for each in self.sheets.enrolments]
        return results.rows(self.measures, listed, [str(self.school.urn)] * len(listed), self.from_on, self.to_on)

    def by(self, what: str) -> dict[Any, GroupSum]:
        """The sums of each group: by "year", "sex", "sen", "fsm", "school" or "group". Raises NoMeasures for anything else."""
        if what not in BY:
            raise NoMeasures(f"There is no grouping “{what}”. The groupings are: {', '.join(BY)}.")
        return sum_by(self.measures, LABELS[what](self))


def measures_of(*, school: School, from_on: date, to_on: date, until: int | None = None) -> SchoolMeasures:
    """Every measure of each enrolment on roll at the school at some time from one day to another (both included).

    Both days lie in one academic year. `until` is a session key: sessions after it count as not yet on roll, so that an afternoon
    still to come is not shown as missing; None counts the whole of the last day. Raises NoMeasures where they do not, or the school has no calendar of that year.
    """
    year = academic_year_of(from_on)
    if to_on < from_on:
        raise NoMeasures("The last day lies before the first.")
    if academic_year_of(to_on) != year:
        raise NoMeasures("The first and the last day must lie in one academic year (1 September to 31 August).")
    sheets = sheets_for(school_id=school.id, year=year, first_on=from_on, last_on=to_on)
    if sheets is None:
        raise NoMeasures(f"The school has no calendar for {year}. Bring in its sessions first.")
    return walked(school=school, sheets=sheets, from_on=from_on, to_on=to_on, until=until)


def walked(
    *, school: School, sheets: YearSheets, from_on: date, to_on: date, until: int | None = None
) -> SchoolMeasures:
    """The measures of registers that are in hand already; days and `until` as in `measures_of`."""
    roll = sheets.roll
    if until is not None:
        last = int(np.searchsorted(sheets.calendar.keys, until, side="right")) - 1
        roll = OnRoll(roll.first, np.minimum(roll.last, last))
    found = walk_many(sheets.matrix, sheets.calendar, roll=roll, from_on=from_on, to_on=to_on, previous=sheets.previous)
    return SchoolMeasures(school, from_on, to_on, sheets, roll, found)


def upns_of(school_id: int, pupil_ids: Sequence[int]) -> dict[int, str]:
    """The UPN of each pupil at a school, a temporary one where there is no other; pupils without one are left out."""
    rows = Identifier.objects.filter(
        school_id=school_id, kind__in=("upn", "temporary_upn"), pupil_id__in=set(pupil_ids)
    )
    rows = rows.order_by("kind", "ends_on", "id")  # "temporary_upn" before "upn", the one that holds (no end) last
    return dict(rows.values_list("pupil_id", "value"))


def _placements(found: SchoolMeasures, column: str) -> list[str | None]:
    """What the newest placement of each enrolment, begun by the last day, says."""
    ids = [each.enrolment_id for each in found.sheets.enrolments]
    rows = Placement.objects.filter(school_id=found.school.id, begins_on__lte=found.to_on).order_by("begins_on", "id")
    named = {enrolment_id: value or None for enrolment_id, value in rows.values_list("enrolment_id", column)}
    return [named.get(each) for each in ids]


def _sexes(found: SchoolMeasures) -> list[str | None]:
    pupils = {each.pupil_id for each in found.sheets.enrolments}
    sexes = dict(Pupil.objects.filter(id__in=pupils).values_list("id", "sex"))
    return [sexes.get(each.pupil_id) or None for each in found.sheets.enrolments]


def _statuses(found: SchoolMeasures, kinds: Mapping[str, str], otherwise: str) -> list[str]:
    """The label of the status that each pupil has on the last day; the first of `kinds` wins where there are several."""
    on = found.to_on
    in_force = Q(begins_on__lte=on) & (Q(ends_on__isnull=True) | Q(ends_on__gte=on))
    held: dict[int, set[str]] = {}
    zone = zone_of(found.school.id, Compartment.ATTENDANCE)
    for pupil_id, kind in Status.objects.filter(in_force, zone=zone, kind__in=list(kinds)).values_list(
        "pupil_id", "kind"
    ):
        held.setdefault(pupil_id, set()).add(kind)

    def label(each: Rolled) -> str:
        return next((kinds[kind] for kind in kinds if kind in held.get(each.pupil_id, ())), otherwise)

    return [label(each) for each in found.sheets.enrolments]


LABELS: Mapping[str, Callable[[SchoolMeasures], Sequence[Any]]] = {
    "year": lambda found: _placements(found, "year_group"),
    "group": lambda found: _placements(found, "group__name"),
    "sex": _sexes,
    "sen": lambda found: _statuses(found, SEN, "N"),
    "fsm": lambda found: _statuses(found, {"fsm": "1"}, "0"),
    "school": lambda found: [str(found.school.urn)] * len(found.sheets),
}
