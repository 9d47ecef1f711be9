"""Collects the changes of a file's rows pupil by pupil and writes them in a few statements.

A part of `actions.import_pupils`, which provides the lock, the transaction and the audit event.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Model
from django.utils import timezone

from haven.core.people.matching import MANY, Match, RowProblem, Standing, said
from haven.core.people.models import (
    Contact,
    Enrolment,
    Identifier,
    Placement,
    Pupil,
    PupilDetail,
    RegistrationGroup,
    Status,
    VulnerableListing,
)
from haven.core.people.pupil_import_parts import changed_contacts, changed_detail, changed_statuses, kind_of
from haven.core.people.rows import NAMES, former_names, named, placed, policy_columns, upn_kind
from haven.platform.accounts.context import AccessContext
from haven.platform.dates import in_words
from haven.platform.locks import Lock, lock
from haven.rules.sessions import year_bounds

BATCH = 2000
T = TypeVar("T", bound=Model)
OTHER_REGISTER = RowProblem(
    0, "The pupil is also on roll at another school, whose admission register has another name, date of birth or sex. "
    "Those were left as they are. Ask that school which is right.", "other_register", "surname", is_question=True,
)  # fmt: skip


@dataclass
class AppliedRow:
    """One row with its pupil and enrolment, which may be unsaved."""

    number: int
    row: Any
    standing: Standing | None
    pupil: Pupil
    enrolment: Enrolment
    is_changed: bool = False


@dataclass
class PupilImport:
    """Call `take` for every row, then `compare`; `counts` then has the result, and `write` saves it."""

    by: AccessContext
    school_id: int
    year: str
    on: date
    source: str
    taken: list[AppliedRow] = field(default_factory=list)
    renamed: list[Pupil] = field(default_factory=list)
    corrected: list[Enrolment] = field(default_factory=list)
    begun: list[tuple[AppliedRow, Any]] = field(default_factory=list)
    """Rows that begin, with their pupil, whose id is set when the pupil is saved."""
    ended: dict[type[Model], list[int]] = field(default_factory=lambda: defaultdict(list))
    placed_anew: list[Placement] = field(default_factory=list)
    statuses_ended: list[Status] = field(default_factory=list)
    groups: dict[str, RegistrationGroup] = field(default_factory=dict)
    questions: list[RowProblem] = field(default_factory=list)
    """What a person should look at; the rest of the row is taken."""
    left: int = 0

    def counts(self) -> dict[str, int]:
        new = sum(taken.standing is None for taken in self.taken)
        changed = sum(taken.is_changed for taken in self.taken)
        return {"new": new, "changed": changed, "unchanged": len(self.taken) - new - changed, "left": self.left}

    def take(self, match: Match) -> None:
        """Determine the pupil and the enrolment of a row."""
        row, standing = match.row, match.standing
        pupil = self._pupil(match.number, row, standing)
        enrolment = self._enrolment(row, standing)
        is_changed = standing is not None and (pupil in self.renamed[-1:] or enrolment.pk is None)
        self.taken.append(AppliedRow(match.number, row, standing, pupil, enrolment, is_changed))
        if enrolment in self.corrected[-1:]:
            self.taken[-1].is_changed = standing is not None

    def _pupil(self, number: int, row: Any, standing: Standing | None) -> Pupil:
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
        if standing.is_elsewhere and _differs(pupil, values):
            self.questions.append(replace(OTHER_REGISTER, row=number))
        elif _set(pupil, values):
            self.renamed.append(pupil)
        return pupil

    def _enrolment(self, row: Any, standing: Standing | None) -> Enrolment:
        begins_on, ends_on, kind = said(row, "start_date"), said(row, "leave_date"), kind_of(row)
        first, last = year_bounds(self.year)
        there = standing.enrolment if standing else None
        if there is None or (there.ends_on and begins_on and begins_on > there.ends_on):
            self.left += ends_on is not None
            begins_on = begins_on or min(first, ends_on or first)
            row_of = policy_columns(self.by, self.school_id)
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

    def compare(self) -> None:
        """Determine every row to be written, without writing; `counts` is complete afterwards."""
        self._compare_placements()
        self._compare_identifiers()
        self._compare_family()
        self._compare_statuses()

    def write(self) -> None:
        """Write the compared changes: pupils first, then the rows that refer to them."""
        fresh = [taken.pupil for taken in self.taken if taken.pupil.pk is None]
        Pupil.objects.bulk_create(fresh, batch_size=BATCH)
        keys = ["surname_key", "forename_key", "names_key", "born_on", "sex"]
        Pupil.objects.bulk_update(self.renamed, [*NAMES, *keys], batch_size=500)
        for taken in self.taken:
            taken.enrolment.pupil_id = taken.pupil.id
        begun = [taken.enrolment for taken in self.taken if taken.enrolment.pk is None]
        Enrolment.objects.bulk_create(begun, batch_size=BATCH)
        Enrolment.objects.bulk_update(self.corrected, ["begins_on", "ends_on", "kind"], batch_size=500)
        for taken, row in self.begun:
            row.pupil_id = taken.pupil.id
        self._write_placements()
        self._write_identifiers()
        self._write_family()
        self._write_statuses()

    def _rows(self, model: type[T]) -> list[T]:
        return [row for _, row in self.begun if isinstance(row, model)]

    def _compare_placements(self) -> None:
        self.groups = self._groups()
        for taken in self.taken:
            group = self.groups.get(said(taken.row, "registration_group") or "")
            year_group = said(taken.row, "year_group") or ""
            there = taken.standing.placement if taken.standing else None
            if there is not None and there.enrolment_id == taken.enrolment.id:
                values = {"group": group or there.group, "year_group": year_group or there.year_group}
                if there.ends_on is not None or not _differs(there, values):
                    continue
                taken.is_changed = True
                if there.begins_on >= self.on:
                    _set(there, values)
                    self.placed_anew.append(there)
                    continue
                self.ended[Placement].append(there.id)
            elif taken.standing is not None:
                taken.is_changed = True
            self.begun.append((taken, self._placement(taken, year_group, group, there)))

    def _write_placements(self) -> None:
        RegistrationGroup.objects.bulk_create([group for group in self.groups.values() if group.pk is None])
        fresh = self._rows(Placement)
        for taken, row in self.begun:
            if isinstance(row, Placement):
                row.enrolment_id = taken.enrolment.id
        for row in (*fresh, *self.placed_anew):
            row.group = row.group  # the id of a class that was created just now
        Placement.objects.filter(id__in=self.ended[Placement]).update(ends_on=self.on - timedelta(days=1))
        first, _ = year_bounds(self.year)
        begun = [placement.enrolment_id for placement in fresh]
        older = Placement.objects.filter(enrolment_id__in=begun, year__lt=self.year, ends_on=None)
        older.update(ends_on=first - timedelta(days=1))
        Placement.objects.bulk_create(fresh, batch_size=BATCH)
        Placement.objects.bulk_update(self.placed_anew, ["group", "year_group"], batch_size=500)

    def _placement(
        self, taken: AppliedRow, year_group: str, group: RegistrationGroup | None, before: Placement | None
    ) -> Placement:
        first, last = year_bounds(self.year)
        moved = before is not None and before.enrolment_id == taken.enrolment.id
        placement = placed(
            self.by, self.school_id, None, None, year=self.year,
            year_group=year_group or (before.year_group if before else ""),
            group=group or (before.group if before else None),
            begins_on=self.on if moved else max(first, taken.enrolment.begins_on),
        )  # fmt: skip
        is_past = taken.standing is not None and taken.standing.newest_year > self.year
        placement.ends_on = last if is_past else taken.enrolment.ends_on
        return placement

    def _groups(self) -> dict[str, RegistrationGroup]:
        """The classes of the year by name, including unsaved ones that the file names first."""
        there = RegistrationGroup.objects.filter(school_id=self.school_id, year=self.year)
        known = {group.name: group for group in there}
        for taken in self.taken:
            name = said(taken.row, "registration_group")
            if name and name not in known:
                known[name] = RegistrationGroup(
                    school_id=self.school_id, year=self.year, name=name, year_group=said(taken.row, "year_group") or ""
                )
        return known

    def _compare_identifiers(self) -> None:
        values = {said(taken.row, key) for taken in self.taken for key in ("upn", "former_upn")} - {None}
        there = Identifier.objects.filter(school_id=self.school_id)
        there = there.filter(value__in=values) if len(values) < MANY else there
        known = set(there.values_list("kind", "value"))
        row_of = policy_columns(self.by, self.school_id)
        for taken in self.taken:
            for key in ("upn", "former_upn"):
                value = said(taken.row, key)
                kind = "former_upn" if key == "former_upn" else upn_kind(value) if value else ""
                if not value or (kind, value) in known:
                    continue
                known.add((kind, value))
                taken.is_changed = taken.standing is not None
                fresh = Identifier(**row_of, kind=kind, value=value, begins_on=taken.enrolment.begins_on)
                self.begun.append((taken, fresh))

    def _write_identifiers(self) -> None:
        fresh = self._rows(Identifier)
        settled = [row.pupil_id for row in fresh if row.kind == "upn"]
        Identifier.objects.filter(
            school_id=self.school_id, pupil_id__in=settled, kind="temporary_upn", ends_on=None
        ).update(ends_on=self.on)
        Identifier.objects.bulk_create(fresh, batch_size=BATCH)

    def _compare_family(self) -> None:
        row_of = {**policy_columns(self.by, self.school_id)}
        for taken in self.taken:
            detail = changed_detail(taken.row, taken.standing)
            contacts = changed_contacts(taken.row, taken.standing)
            self.questions += [replace(question, row=taken.number) for question in contacts.questions]
            if (detail or contacts.begun) and taken.standing is not None:
                taken.is_changed = True
            if detail:
                self.begun.append((taken, PupilDetail(**row_of, author_name=self.by.name, **detail)))
            since = self._known_since(taken)
            self.begun += [
                (taken, Contact(**row_of, begins_on=since, checked_on=None, **facts)) for facts in contacts.begun
            ]
            self.ended[Contact] += contacts.ended

    def _write_family(self) -> None:
        PupilDetail.objects.bulk_create(self._rows(PupilDetail), batch_size=BATCH)
        Contact.objects.filter(id__in=self.ended[Contact]).update(ends_on=self.on)
        Contact.objects.bulk_create(self._rows(Contact), batch_size=BATCH)

    def _known_since(self, taken: AppliedRow) -> date:
        """The first day of a row about the pupil: the first day on roll for a pupil who is new here, else today."""
        return taken.enrolment.begins_on if taken.standing is None else self.on

    def _compare_statuses(self) -> None:
        row_of = policy_columns(self.by, self.school_id)
        for taken in self.taken:
            begun, gone = changed_statuses(taken.row, taken.standing, self.on)
            if (begun or gone) and taken.standing is not None:
                taken.is_changed = True
            self.statuses_ended += gone
            for kind in begun:
                status = Status(
                    **row_of, record_category=kind.record_category, kind=kind.name, source=self.source, author_name=self.by.name,
                    begins_on=taken.enrolment.begins_on, review_on=kind.review_after(self.on),
                )  # fmt: skip
                if kind.priority:
                    listing = VulnerableListing(
                        **row_of, priority=kind.priority, instruction=kind.instruction, instruction_due=kind.due,
                        begins_on=self._known_since(taken), author_name=self.by.name,
                    )  # fmt: skip
                    status.listing_ref = listing.ref
                    self.begun.append((taken, listing))
                self.begun.append((taken, status))

    def _write_statuses(self) -> None:
        VulnerableListing.objects.bulk_create(self._rows(VulnerableListing), batch_size=BATCH)
        Status.objects.bulk_create(self._rows(Status), batch_size=BATCH)
        Status.objects.filter(id__in=[status.id for status in self.statuses_ended]).update(ends_on=self.on)
        held = [status.listing_ref for status in self.statuses_ended if status.listing_ref]
        VulnerableListing.objects.filter(ref__in=held, ends_on=None).update(ends_on=self.on)


def lock_roll(school_id: int) -> None:
    """Lock the roll of the school against other imports until the transaction ends."""
    lock(Lock.ROLL, school_id)


def compare_pupils(
    *, by: AccessContext, at: datetime, school_id: int, matches: Iterable[Match], year: str, source: str = ""
) -> PupilImport:
    """The changes of matched rows, compared and not written; its `counts` are those of the import. See import_pupils."""
    on = timezone.localtime(at).date()
    filling = PupilImport(
        by=by, school_id=school_id, year=year, on=on, source=source or f"Pupil file of {in_words(on)}"
    )
    for match in matches:
        filling.take(match)
    filling.compare()
    return filling


def _differs(row: Any, values: dict[str, Any]) -> bool:
    return any(getattr(row, key) != value for key, value in values.items())


def _set(row: Any, values: dict[str, Any]) -> bool:
    """Set the values on an unsaved row; returns whether any of them changed."""
    if not _differs(row, values):
        return False
    for key, value in values.items():
        setattr(row, key, value)
    return True
