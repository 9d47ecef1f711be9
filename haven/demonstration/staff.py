"""The staff: the people who sign in, a head, an officer and a lead at every school, a tutor for every class."""

import random
from dataclasses import dataclass, field
from datetime import date

from haven.core.people.names import fold
from haven.demonstration.names import Names
from haven.demonstration.people import DOMAIN, SIGN_INS, SignIn
from haven.demonstration.places import Place
from haven.demonstration.rolls import Group, Rolls, Worker


@dataclass(slots=True)
class Post:
    """A role at a school, or across the trust or the authority."""

    worker: Worker
    role: str
    place: Place | None = None
    trust: bool = False
    authority: bool = False
    manager: Worker | None = None


@dataclass
class Staff:
    """Everybody who works in the demonstration."""

    workers: list[Worker] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    cast: dict[str, Worker] = field(default_factory=dict)
    at: dict[tuple[int, str], Worker] = field(default_factory=dict)
    """The holder of a role at a school: head, attendance_officer, dsl, by school number."""
    begins_on: date = date(2020, 9, 1)

    def holder(self, place: Place, role: str) -> Worker:
        return self.at[place.number, role]


def places_of(person: SignIn, places: list[Place]) -> list[Place]:
    """The schools where a person who signs in works; none for a role across the trust or the authority."""
    firsts = {place.kind: place for place in reversed(places)}
    if person.where == "all":
        return [firsts[kind] for kind in ("primary", "secondary", "ap") if kind in firsts]
    kinds = [kind for kind in ("primary", "secondary", "ap") if kind in person.where.split(" and ")]
    return [firsts[kind] for kind in kinds if kind in firsts]


def make_staff(rng: random.Random, places: list[Place], rolls: Rolls) -> Staff:
    """Create the people who sign in with their posts, then the other staff of each school, then the tutors of the
    classes."""
    staff = Staff()
    names = Names(rng)
    for person in SIGN_INS:
        worker = Worker(person.name, person.email, person.job_title, person.key)
        staff.workers.append(worker)
        staff.cast[person.key] = worker
    used = {worker.email for worker in staff.workers}
    for place in places:
        for role, title in (
            ("head", "Head teacher"),
            ("attendance_officer", "Attendance officer"),
            ("dsl", "Designated safeguarding lead"),
        ):
            staff.at[place.number, role] = _holder(staff, names, used, place, role, title)
    for person in SIGN_INS:
        _post_of(staff, person, places)
    _tutors(staff, names, used, rolls)
    return staff


def _holder(staff: Staff, names: Names, used: set[str], place: Place, role: str, title: str) -> Worker:
    for person in SIGN_INS:
        if person.role == role and place.key in person.where.split(" and "):
            return staff.cast[person.key]
    worker = _worker(staff, names, used, title)
    staff.posts.append(Post(worker, role, place))
    return worker


def _post_of(staff: Staff, person: SignIn, places: list[Place]) -> None:
    worker = staff.cast[person.key]
    if person.where in ("trust", "authority"):
        staff.posts.append(
            Post(worker, person.role, trust=person.where == "trust", authority=person.where == "authority")
        )
        return
    for place in places_of(person, places):
        head, officer = staff.holder(place, "head"), staff.holder(place, "attendance_officer")
        manager = None if worker is head else head
        if person.role in ("family_support_worker", "pupil_support_worker") and officer is not worker:
            manager = staff.cast["attendance_coordinator"]
        staff.posts.append(Post(worker, person.role, place, manager=manager))


def _tutors(staff: Staff, names: Names, used: set[str], rolls: Rolls) -> None:
    """One tutor for each class slot of a school, the same every year; the form tutor who signs in has 8C, or the
    nearest class."""
    tutors: dict[tuple[int, int, int], Worker] = {}
    mine = _class_of_the_form_tutor(list(rolls.groups.values()), rolls.labels[-1])
    for group in sorted(rolls.groups.values(), key=lambda group: (group.place.number, group.slot, group.year)):
        key = (group.place.number, *group.slot)
        if key not in tutors:
            if mine is not None and key == (mine.place.number, *mine.slot):
                tutors[key] = staff.cast["form_tutor"]
            else:
                tutors[key] = _worker(
                    staff, names, used, "Class teacher" if group.place.kind == "primary" else "Form tutor"
                )
                staff.posts.append(Post(tutors[key], "form_tutor", group.place))
    for group in rolls.groups.values():
        group.tutor = tutors[group.place.number, *group.slot]


def _class_of_the_form_tutor(groups: list[Group], year: str) -> Group | None:
    now = [group for group in groups if group.year == year and group.place.key == "secondary"]
    return next(
        (group for group in now if group.name == "8C"), min(now, key=lambda group: abs(group.slot[0] - 8), default=None)
    )


def _worker(staff: Staff, names: Names, used: set[str], title: str) -> Worker:
    origin = names.origin()
    sex = "F" if names.rng.random() < 0.66 else "M"
    forename, surname = names.forename(origin, sex), names.surname(origin)
    mailbox = f"{fold(forename)}.{fold(surname)}"
    email, turn = f"{mailbox}@{DOMAIN}", 2
    while email in used:
        email, turn = f"{mailbox}{turn}@{DOMAIN}", turn + 1
    used.add(email)
    worker = Worker(f"{forename} {surname}", email, title)
    staff.workers.append(worker)
    return worker
