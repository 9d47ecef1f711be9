"""Writes the generated world into the tables of schools, accounts, people and attendance, and stores the ids in it."""

import random
import uuid
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from haven.core.people.models import (
    Contact,
    Enrolment,
    Household,
    HouseholdMember,
    Identifier,
    Placement,
    Pupil,
    PupilDetail,
    RegistrationGroup,
    Status,
    VulnerableListing,
)
from haven.core.people.names import fold, names_key
from haven.core.people.statuses import latest_kind
from haven.core.schools.models import Calendar, CalendarSpan, LocalAuthority, School, SessionTimes, Site, Trust
from haven.demonstration.calendar import SchoolYear
from haven.demonstration.families import Child, Family, Person
from haven.demonstration.load import reserve, write
from haven.demonstration.morning import LONDON
from haven.demonstration.places import AGES, AUTHORITY, TIMES, TRUST, TYPE, Place
from haven.demonstration.rolls import Enrolled, Rolls
from haven.demonstration.staff import Staff
from haven.demonstration.statuses import Held
from haven.platform.accounts.models import Allocation, Conflict, Membership, User

SOURCE = "demonstration"
PUPIL_ROW = ("school_id", "author_id", "pupil_id")


class Rows:
    """The author of the rows (Haven's own account) and their time, and the source of references: same seed, same
    references."""

    def __init__(self, rng: random.Random, *, author_id: int, morning: date, first_day: date) -> None:
        self.rng, self.author_id, self.morning = rng, author_id, morning
        self.recorded_at = datetime.combine(first_day - timedelta(days=1), time(9), LONDON)

    def ref(self) -> uuid.UUID:
        return uuid.UUID(int=self.rng.getrandbits(128), version=4)

    def row(self, place: Place, child: Child) -> tuple[int, int, int]:
        """The first columns of every row about a pupil (PUPIL_ROW)."""
        return place.id, self.author_id, child.id

    # ---- schools -------------------------------------------------------------------------------------------------------------

    def schools(self, places: list[Place], rolls: Rolls) -> tuple[int, int]:
        """Trust, authority, schools, sites, times and calendars. Returns the ids of trust and authority."""
        trust = Trust.objects.create(ref=TRUST[0], name=TRUST[1])
        authority = LocalAuthority.objects.create(code=AUTHORITY[0], name=AUTHORITY[1])
        begins_on = rolls.year(rolls.labels[0], places[0]).days[0].replace(month=9, day=1)
        for place in places:
            low, high = AGES[place.kind]
            school = School.objects.create(
                urn=place.urn, name=place.name, local_authority=authority, trust=trust,
                establishment_number=f"{2001 + place.number:04d}", phase=place.phase, type=TYPE[place.kind], status="Open",
                low_age=low, high_age=high, address=f"{place.number + 1} School Lane, Larkfield", postcode="ZZ1 1AA",
                telephone=f"020 7946 0{place.number % 1000:03d}",
            )  # fmt: skip
            place.id = school.id
            Site.objects.create(school=school, name="Main site", address=school.address)
            SessionTimes.objects.create(
                school=school, begins_on=begins_on,
                **dict(zip(("am_starts", "am_register_closes", "am_ends", "pm_starts", "pm_register_closes", "pm_ends"), TIMES[place.kind], strict=True)),
            )  # fmt: skip
            for label in rolls.labels:
                self._calendar(place, rolls.year(label, place))
        return trust.id, authority.id

    def _calendar(self, place: Place, year: SchoolYear) -> None:
        calendar = Calendar.objects.create(
            school_id=place.id, year=year.label, version=1, sessions=year.keys, reason="Made for the demonstration",
            made_at=self.recorded_at, made_by_name="Haven",
        )  # fmt: skip
        place.calendars[year.label] = calendar.id
        CalendarSpan.objects.bulk_create(
            CalendarSpan(school_id=place.id, year=year.label, kind=span.kind, name=span.name, begins_on=span.begins_on, ends_on=span.ends_on)
            for span in year.spans
        )  # fmt: skip

    # ---- staff ---------------------------------------------------------------------------------------------------------------

    def staff(self, staff: Staff, *, password: str, trust_id: int, authority_id: int) -> None:
        """Write accounts and posts. `password`: the shared hash of all who sign in; the others cannot sign in."""
        first = reserve(User, len(staff.workers))
        for number, worker in enumerate(staff.workers):
            worker.id = first + number
        write(
            User,
            ("id", "email", "name", "job_title", "password", "joined_at"),
            (
                (
                    worker.id,
                    worker.email,
                    worker.name,
                    worker.job_title,
                    password if worker.signs_in else f"!{self.rng.getrandbits(160):040x}",
                    self.recorded_at,
                )
                for worker in staff.workers
            ),
        )
        write(
            Membership,
            ("user_id", "role", "school_id", "trust_id", "local_authority_id", "line_manager_id", "begins_on"),
            (
                (post.worker.id, post.role, post.place.id if post.place else None, trust_id if post.trust else None,
                 authority_id if post.authority else None, post.manager.id if post.manager else None, staff.begins_on)
                for post in staff.posts
            ),
        )  # fmt: skip

    def allocations(
        self, rows: Iterable[tuple[int, Place, Child, str]], conflicts: Iterable[tuple[int, Place, Child, str]]
    ) -> None:
        """Write caseloads (user id, school, child, why) and conflicts of interest (the last is the kind)."""
        columns = (*PUPIL_ROW, "user_id")
        began = self.recorded_at.date()
        write(
            Allocation,
            (*columns, "reason", "begins_on"),
            ((*self.row(place, child), user, why, began) for user, place, child, why in rows),
        )
        write(
            Conflict,
            (*columns, "kind", "begins_on"),
            ((*self.row(place, child), user, kind, began) for user, place, child, kind in conflicts),
        )

    # ---- pupils --------------------------------------------------------------------------------------------------------------

    def pupils(self, children: list[Child]) -> None:
        """Give each child an id. The rows are written later, when the enrolments determine the schools."""
        first = reserve(Pupil, len(children))
        for number, child in enumerate(children):
            child.id = first + number

    def rolls(self, children: list[Child], rolls: Rolls) -> None:
        """Pupils, classes, enrolments and placements."""
        schools: dict[int, list[int]] = {}
        for enrolment in rolls.enrolled:
            known = schools.setdefault(enrolment.child.id, [])
            if enrolment.place.id not in known:
                known.append(enrolment.place.id)
        write(
            Pupil,
            ("id", "ref", "surname", "forename", "preferred_forename", "surname_key", "forename_key", "names_key", "born_on", "sex",
             "school_ids", "recorded_at"),
            (
                (child.id, self.ref(), child.surname, child.forename, child.preferred, fold(child.surname), fold(child.forename),
                 names_key(child.forename, child.surname, child.preferred), child.born_on, child.sex,
                 sorted(schools.get(child.id, [])), self.recorded_at)
                for child in children
            ),
        )  # fmt: skip
        groups = list(rolls.groups.values())
        first = reserve(RegistrationGroup, len(groups))
        for number, group in enumerate(groups):
            group.id = first + number
        write(
            RegistrationGroup,
            ("id", "school_id", "year", "name", "year_group", "tutor_id"),
            (
                (
                    group.id,
                    group.place.id,
                    group.year,
                    group.name,
                    group.year_group,
                    group.tutor.id if group.tutor else None,
                )
                for group in groups
            ),
        )
        self._enrolments(rolls.enrolled)

    def _enrolments(self, enrolled: list[Enrolled]) -> None:
        first = reserve(Enrolment, len(enrolled))
        for number, enrolment in enumerate(enrolled):
            enrolment.id = first + number
        columns = (*PUPIL_ROW, "recorded_at")
        write(
            Enrolment,
            ("id", *columns, "ref", "kind", "begins_on", "ends_on", "destination"),
            (
                (enrolment.id, *self.row(enrolment.place, enrolment.child), self.recorded_at, self.ref(), enrolment.kind, enrolment.begins_on,
                 enrolment.ends_on, enrolment.destination)
                for enrolment in enrolled
            ),
        )  # fmt: skip
        write(
            Placement,
            (*columns, "enrolment_id", "year", "year_group", "group_id", "begins_on", "ends_on"),
            (
                (*self.row(enrolment.place, enrolment.child), self.recorded_at, enrolment.id, stay.year, stay.group.year_group, stay.group.id,
                 stay.begins_on, stay.ends_on)
                for enrolment in enrolled
                for stay in enrolment.stays
            ),
        )  # fmt: skip

    def details(self, enrolled: list[Enrolled]) -> None:
        """Write unique pupil numbers, addresses and languages, contacts: one row for each present or earlier school of
        the child."""
        columns = (*PUPIL_ROW, "recorded_at")
        at = self.recorded_at
        write(
            Identifier,
            (*columns, "kind", "value", "scheme", "begins_on"),
            (
                (
                    *self.row(enrolment.place, enrolment.child),
                    at,
                    "upn",
                    enrolment.child.upn,
                    "DfE",
                    enrolment.begins_on,
                )
                for enrolment in _once_a_school(enrolled)
            ),
        )
        write(
            PupilDetail,
            (*columns, "address", "postcode", "ethnicity", "first_language", "needs_interpreter", "author_name"),
            (
                (*self.row(enrolment.place, enrolment.child), at, *_detail(enrolment.child.family), "Haven")
                for enrolment in _once_a_school(enrolled)
            ),
        )
        write(
            Contact,
            (*columns, "ref", "name", "relationship", "priority", "telephone", "other_telephone", "email", "address",
             "parental_responsibility", "lives_with_pupil", "safe_to_contact", "safe_contact_note", "prefers", "language",
             "needs_interpreter", "checked_on", "begins_on"),
            (
                (*self.row(enrolment.place, enrolment.child), at, contact_ref(enrolment.place, enrolment.child, priority), *_contact(person, priority), at.date(),
                 enrolment.begins_on)
                for enrolment in _once_a_school(enrolled)
                for priority, person in enumerate(enrolment.child.family.people, start=1)
            ),
        )  # fmt: skip

    def households(self, families: list[Family], enrolled: list[Enrolled]) -> None:
        """Write a household for every family, with its children at each of their schools."""
        first = reserve(Household, len(families))
        number = {id(family): first + place for place, family in enumerate(families)}
        write(
            Household,
            ("id", "ref", "author_id", "recorded_at"),
            ((first + place, self.ref(), self.author_id, self.recorded_at) for place in range(len(families))),
        )
        write(
            HouseholdMember,
            (*PUPIL_ROW, "recorded_at", "household_id"),
            (
                (*self.row(enrolment.place, enrolment.child), self.recorded_at, number[id(enrolment.child.family)])
                for enrolment in _once_a_school(enrolled)
            ),
        )

    def statuses(self, held: list[Held]) -> None:
        """Statuses, each in the record category of its kind, and the lines of the vulnerable pupils list that they hold."""
        write(
            Status,
            (*PUPIL_ROW, "record_category", "recorded_at", "ref", "kind", "detail", "source", "begins_on", "review_on", "listing_ref", "author_name"),
            (
                (*self.row(status.place, status.child), int(latest_kind(status.kind).record_category), self.recorded_at, self.ref(), status.kind, status.detail,
                 status.source, status.begins_on, status.review_on, status.listing, "Haven")
                for status in held
            ),
        )  # fmt: skip
        write(
            VulnerableListing,
            (*PUPIL_ROW, "recorded_at", "ref", "priority", "instruction", "instruction_due", "begins_on", "author_name"),
            (
                (*self.row(status.place, status.child), self.recorded_at, status.listing, latest_kind(status.kind).priority, latest_kind(status.kind).instruction,
                 latest_kind(status.kind).due, status.begins_on, "Haven")
                for status in held
                if status.listing is not None
            ),
        )  # fmt: skip


def _once_a_school(enrolled: list[Enrolled]) -> Iterator[Enrolled]:
    """One enrolment for each child and school, for data that is stored once for each school."""
    seen: set[tuple[int, int]] = set()
    for enrolment in enrolled:
        if (enrolment.child.id, enrolment.place.id) not in seen:
            seen.add((enrolment.child.id, enrolment.place.id))
            yield enrolment


def contact_ref(place: Place, child: Child, priority: int) -> uuid.UUID:
    """The reference of a contact, the same in each world in which the child has the same number."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{place.urn}/{child.upn}/{priority}")


def _detail(family: Family) -> tuple[str, str, str, str, bool]:
    return family.address, family.postcode, family.origin.ethnicity, family.language, family.interpreter


def _contact(person: Person, priority: int) -> tuple[Any, ...]:
    return (
        person.name, person.relationship, priority, person.telephone, person.landline, person.email, person.address,
        person.parental_responsibility, person.lives_with, person.safe, person.note, person.prefers, person.language,
        person.interpreter,
    )  # fmt: skip
