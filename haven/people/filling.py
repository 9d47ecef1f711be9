"""What the rows of a file change, gathered pupil by pupil and then written in a few statements.

A part of `actions.import_pupils`, which holds the lock, the transaction and the audit event around it.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from haven.access.viewer import Viewer
from haven.people.filling_parts import changed_contacts, changed_detail, changed_statuses, kind_of
from haven.people.matching import Match, Standing, said
from haven.people.models import (
    Contact,
    DailyWatch,
    Enrolment,
    Identifier,
    Placement,
    Pupil,
    PupilDetail,
    RegistrationGroup,
    Status,
)
from haven.people.rows import NAMES, former_names, named, placed, upn_kind, walled_row
from haven.rules.sessions import year_bounds
from haven.rules.visibility import Compartment

BATCH = 2000


@dataclass
class Taken:
    """One row with its pupil and enrolment, which may not be saved yet."""

    row: Any
    standing: Standing | None
    pupil: Pupil
    enrolment: Enrolment
    is_changed: bool = False


@dataclass
class Filling:
    """Take every row (`take`), then `write`; `counts` says what came of it."""

    by: Viewer
    school_id: int
    year: str
    on: date
    source: str
    taken: list[Taken] = field(default_factory=list)
    renamed: list[Pupil] = field(default_factory=list)
    corrected: list[Enrolment] = field(default_factory=list)
    left: int = 0

    def counts(self) -> dict[str, int]:
        new = sum(taken.standing is None for taken in self.taken)
        changed = sum(taken.is_changed for taken in self.taken)
        return {"new": new, "changed": changed, "unchanged": len(self.taken) - new - changed, "left": self.left}

    def take(self, match: Match) -> None:
        """Work out the pupil and the enrolment of a row."""
        row, standing = match.row, match.standing
        pupil = self._pupil(row, standing)
        enrolment = self._enrolment(row, standing)
        is_changed = standing is not None and (pupil in self.renamed[-1:] or enrolment.pk is None)
        self.taken.append(Taken(row, standing, pupil, enrolment, is_changed))
        if enrolment in self.corrected[-1:]:
            self.taken[-1].is_changed = standing is not None

    def _pupil(self, row: Any, standing: Standing | None) -> Pupil:
        names = {key: said(row, key) for key in NAMES}
        if standing is None:
            fresh = named({key: value or "" for key, value in names.items()})
            return Pupil(**fresh, born_on=row.dob, sex=said(row, "sex") or "", school_ids=[self.school_id])
        pupil = standing.pupil
        wanted = {key: value if value is not None else getattr(pupil, key) for key, value in names.items()}
        if names["former_names"] is None:
            wanted["former_names"] = former_names(pupil, wanted["surname"], wanted["forename"])
        values: dict[str, Any] = {
            **named(wanted),
            "born_on": row.dob or pupil.born_on,
            "sex": said(row, "sex") or pupil.sex,
        }
        if _set(pupil, values):
            self.renamed.append(pupil)
        return pupil

    def _enrolment(self, row: Any, standing: Standing | None) -> Enrolment:
        begins_on, ends_on, kind = said(row, "start_date"), said(row, "leave_date"), kind_of(row)
        first, last = year_bounds(self.year)
        there = standing.enrolment if standing else None
        if there is None or (there.ends_on and begins_on and begins_on > there.ends_on):
            self.left += ends_on is not None
            begins_on = begins_on or min(first, ends_on or first)
            row_of = walled_row(self.by, self.school_id, Compartment.ROLL)
            return Enrolment(**row_of, kind=kind or "single", begins_on=begins_on, ends_on=ends_on)
        self.left += ends_on is not None and there.ends_on is None
        if begins_on is None and there.begins_on > last:
            begins_on = first
        values = {
            "begins_on": begins_on or there.begins_on,
            "ends_on": ends_on or there.ends_on,
            "kind": kind or there.kind,
        }
        if _set(there, values):
            self.corrected.append(there)
        return there

    def write(self) -> None:
        """Write what was taken: pupils first, then what hangs on them."""
        fresh = [taken.pupil for taken in self.taken if taken.pupil.pk is None]
        Pupil.objects.bulk_create(fresh, batch_size=BATCH)
        keys = ["surname_key", "forename_key", "names_key", "born_on", "sex"]
        Pupil.objects.bulk_update(self.renamed, [*NAMES, *keys], batch_size=500)
        for taken in self.taken:
            taken.enrolment.pupil_id = taken.pupil.id
        begun = [taken.enrolment for taken in self.taken if taken.enrolment.pk is None]
        Enrolment.objects.bulk_create(begun, batch_size=BATCH)
        Enrolment.objects.bulk_update(self.corrected, ["begins_on", "ends_on", "kind"], batch_size=500)
        self._write_placements()
        self._write_identifiers()
        self._write_family()
        self._write_statuses()

    def _write_placements(self) -> None:
        groups = self._groups()
        fresh: list[Placement] = []
        amended: list[Placement] = []
        ended: list[int] = []
        for taken in self.taken:
            group = groups.get(said(taken.row, "registration_group") or "")
            year_group = said(taken.row, "year_group") or ""
            there = taken.standing.placement if taken.standing else None
            if there is not None and there.enrolment_id == taken.enrolment.id:
                values = {
                    "group_id": group.id if group else there.group_id,
                    "year_group": year_group or there.year_group,
                }
                if there.ends_on is not None or not _differs(there, values):
                    continue
                taken.is_changed = True
                if there.begins_on >= self.on:
                    _set(there, values)
                    amended.append(there)
                    continue
                ended.append(there.id)
            elif taken.standing is not None:
                taken.is_changed = True
            fresh.append(self._placement(taken, year_group, group, there))
        Placement.objects.filter(id__in=ended).update(ends_on=self.on - timedelta(days=1))
        first, _ = year_bounds(self.year)
        begun = [placement.enrolment_id for placement in fresh]
        older = Placement.objects.filter(enrolment_id__in=begun, year__lt=self.year, ends_on=None)
        older.update(ends_on=first - timedelta(days=1))
        Placement.objects.bulk_create(fresh, batch_size=BATCH)
        Placement.objects.bulk_update(amended, ["group", "year_group"], batch_size=500)

    def _placement(
        self, taken: Taken, year_group: str, group: RegistrationGroup | None, before: Placement | None
    ) -> Placement:
        first, last = year_bounds(self.year)
        moved = before is not None and before.enrolment_id == taken.enrolment.id
        placement = placed(
            self.by, self.school_id, taken.pupil.id, taken.enrolment.id, year=self.year,
            year_group=year_group or (before.year_group if before else ""),
            group=group or (before.group if before else None),
            begins_on=self.on if moved else max(first, taken.enrolment.begins_on),
        )  # fmt: skip
        is_past = taken.standing is not None and taken.standing.newest_year > self.year
        placement.ends_on = last if is_past else taken.enrolment.ends_on
        return placement

    def _groups(self) -> dict[str, RegistrationGroup]:
        wanted: dict[str, str] = {}
        for taken in self.taken:
            if name := said(taken.row, "registration_group"):
                wanted.setdefault(name, said(taken.row, "year_group") or "")
        there = RegistrationGroup.objects.filter(school_id=self.school_id, year=self.year)
        known = {group.name: group for group in there}
        made = RegistrationGroup.objects.bulk_create(
            RegistrationGroup(school_id=self.school_id, year=self.year, name=name, year_group=year_group)
            for name, year_group in wanted.items()
            if name not in known
        )
        return {**known, **{group.name: group for group in made}}

    def _write_identifiers(self) -> None:
        fresh: list[Identifier] = []
        values = [said(taken.row, key) for taken in self.taken for key in ("upn", "former_upn")]
        there = Identifier.objects.filter(school_id=self.school_id, value__in=[value for value in values if value])
        known = set(there.values_list("kind", "value"))
        settled: list[int] = []
        row_of = walled_row(self.by, self.school_id, Compartment.ATTENDANCE)
        for taken in self.taken:
            for key in ("upn", "former_upn"):
                value = said(taken.row, key)
                kind = "former_upn" if key == "former_upn" else upn_kind(value) if value else ""
                if not value or (kind, value) in known:
                    continue
                known.add((kind, value))
                taken.is_changed = taken.standing is not None
                if kind == "upn":
                    settled.append(taken.pupil.id)
                fresh.append(Identifier(
                    **row_of, pupil_id=taken.pupil.id, kind=kind, value=value, begins_on=taken.enrolment.begins_on
                ))  # fmt: skip
        Identifier.objects.filter(
            school_id=self.school_id, pupil_id__in=settled, kind="temporary_upn", ends_on=None
        ).update(ends_on=self.on)
        Identifier.objects.bulk_create(fresh, batch_size=BATCH)

    def _write_family(self) -> None:
        details: list[PupilDetail] = []
        contacts: list[Contact] = []
        ended: list[int] = []
        row_of = {**walled_row(self.by, self.school_id, Compartment.ATTENDANCE)}
        for taken in self.taken:
            detail = changed_detail(taken.row, taken.standing)
            began, gone = changed_contacts(taken.row, taken.standing)
            if (detail or began) and taken.standing is not None:
                taken.is_changed = True
            if detail:
                details.append(PupilDetail(**row_of, pupil_id=taken.pupil.id, author_name=self.by.name, **detail))
            contacts += [
                Contact(**row_of, pupil_id=taken.pupil.id, begins_on=self._known_since(taken), checked_on=None, **facts)
                for facts in began
            ]
            ended += gone
        PupilDetail.objects.bulk_create(details, batch_size=BATCH)
        Contact.objects.filter(id__in=ended).update(ends_on=self.on)
        Contact.objects.bulk_create(contacts, batch_size=BATCH)

    def _known_since(self, taken: Taken) -> date:
        """From when a row about the pupil holds: for a pupil who is new here from the first day on roll, else from today."""
        return taken.enrolment.begins_on if taken.standing is None else self.on

    def _write_statuses(self) -> None:
        statuses: list[Status] = []
        watches: list[DailyWatch] = []
        ended: list[Status] = []
        row_of = walled_row(self.by, self.school_id, Compartment.ATTENDANCE)
        for taken in self.taken:
            begun, gone = changed_statuses(taken.row, taken.standing)
            if (begun or gone) and taken.standing is not None:
                taken.is_changed = True
            ended += gone
            for kind in begun:
                status = Status(
                    **row_of, pupil_id=taken.pupil.id, kind=kind.name, source=self.source, author_name=self.by.name,
                    begins_on=taken.enrolment.begins_on, review_on=kind.review_after(self.on),
                )  # fmt: skip
                if kind.tier:
                    watch = DailyWatch(
                        **row_of, pupil_id=taken.pupil.id, tier=kind.tier, instruction=kind.instruction,
                        instruction_due=kind.due, begins_on=self._known_since(taken), author_name=self.by.name,
                    )  # fmt: skip
                    status.watch_ref = watch.ref
                    watches.append(watch)
                statuses.append(status)
        DailyWatch.objects.bulk_create(watches, batch_size=BATCH)
        Status.objects.bulk_create(statuses, batch_size=BATCH)
        Status.objects.filter(id__in=[status.id for status in ended]).update(ends_on=self.on)
        held = [status.watch_ref for status in ended if status.watch_ref]
        DailyWatch.objects.filter(ref__in=held, ends_on=None).update(ends_on=self.on)


def _differs(row: Any, values: dict[str, Any]) -> bool:
    return any(getattr(row, key) != value for key, value in values.items())


def _set(row: Any, values: dict[str, Any]) -> bool:
    """Set the values on a row that is not saved here; whether any was another one."""
    if not _differs(row, values):
        return False
    for key, value in values.items():
        setattr(row, key, value)
    return True
