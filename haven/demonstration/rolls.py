"""The school, year group and class of each child, year by year; and the classes with their tutors."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from haven.demonstration.calendar import SchoolYear, school_year
from haven.demonstration.families import Child
from haven.demonstration.places import Place, class_name
from haven.rules.sessions import year_bounds, year_label


@dataclass(slots=True)
class Worker:
    """An account. `signs_in` is the key of a person who signs in; "" for staff who only appear by name."""

    name: str
    email: str
    job_title: str
    signs_in: str = ""
    id: int = 0


@dataclass(slots=True)
class Group:
    """A class of one year, with its tutor."""

    place: Place
    year: str
    name: str
    year_group: str
    slot: tuple[int, int]
    """Year group and number within it: the same slot has the same tutor each year."""
    id: int = 0
    tutor: Worker | None = None
    owes: bool = False
    """This morning's register is not yet taken."""


@dataclass(slots=True)
class Stay:
    """A child in one class for one academic year."""

    enrolment: "Enrolled"
    year: str
    group: Group
    begins_on: date
    ends_on: date | None


@dataclass(slots=True)
class Enrolled:
    """A child on the roll of a school."""

    child: Child
    place: Place
    kind: str
    begins_on: date
    ends_on: date | None
    destination: str = ""
    stays: list[Stay] = field(default_factory=list)
    id: int = 0


class Rolls:
    """Enrolments, stays and classes over the years of the demonstration, the oldest year first."""

    def __init__(self, labels: list[str], places: list[Place]) -> None:
        self.labels, self.places = labels, places
        self.first_year = year_bounds(labels[-1])[0].year
        self.groups: dict[tuple[int, str, str], Group] = {}
        self.enrolled: list[Enrolled] = []
        self._years: dict[tuple[str, int], SchoolYear] = {}

    def year(self, label: str, place: Place) -> SchoolYear:
        key = (label, place.pattern)
        if key not in self._years:
            self._years[key] = school_year(label, inset_pattern=place.pattern)
        return self._years[key]

    def enrol(self, children: list[Child]) -> None:
        """Put every child on the rolls of their present and earlier schools."""
        for child in children:
            self.enrolled += self._of(child)
        self.enrolled.sort(
            key=lambda enrolment: (
                enrolment.place.number,
                enrolment.child.place.number,
                enrolment.child.group,
                enrolment.child.seat,
            )
        )

    def _of(self, child: Child) -> Iterator[Enrolled]:
        place = child.place
        if child.primary is not None:
            yield from self._stretch(child, child.primary, range(0, 7), "single", None, child.primary_seat, place.name)
        kind = "main" if child.bridge is not None else "single"
        destination = "Further education" if child.has_left else ""
        yield from self._stretch(child, place, place.groups, kind, child.joined_on, child.seat, destination)
        if child.bridge is not None:
            groups = range(child.group, child.group + 1)
            yield from self._stretch(child, child.bridge, groups, "subsidiary", child.bridge_from, child.bridge_seat)

    def _stretch(
        self,
        child: Child,
        place: Place,
        groups: range,
        kind: str,
        begins: date | None,
        seat: int,
        destination: str = "",
    ) -> Iterator[Enrolled]:
        """The child's years at one school, limited to the years of the demonstration."""
        entered = self.first_year - (child.group - groups[0])
        left = self.first_year - (child.group - groups[-1])
        within = [label for label in self.labels if entered <= year_bounds(label)[0].year <= left]
        if begins is not None:
            within = within[-1:]
        if not within:
            return
        began = begins or self.year(year_label(entered), place).days[0]
        ended = None if left >= self.first_year else self.year(year_label(left), place).days[-1]
        enrolment = Enrolled(child, place, kind, began, ended, destination if ended else "")
        for label in within:
            now = child.group - (self.first_year - year_bounds(label)[0].year)
            opens = max(began, self.year(label, place).days[0])
            closes = None
            if label != self.labels[-1]:
                closes = ended if label == year_label(left) else year_bounds(label)[1]
            enrolment.stays.append(Stay(enrolment, label, self._group(place, label, now, seat), opens, closes))
        yield enrolment

    def _group(self, place: Place, label: str, now: int, seat: int) -> Group:
        name, number = class_name(place.kind, now, seat)
        key = (place.number, label, name)
        if key not in self.groups:
            words = "Reception" if now == 0 else str(now)
            self.groups[key] = Group(place, label, name, "R" if words == "Reception" else words, (now, number))
        return self.groups[key]


def choose_primaries(children: list[Child], places: list[Place], earlier_years: int) -> None:
    """Choose which of the older children attended a primary of the trust: as many of each age as it has seats."""
    primaries = [place for place in places if place.kind == "primary"]
    free = {(place.number, group): place.seats[6] for place in primaries for group in range(7, 7 + earlier_years)}
    with_sibling = sorted(
        (child for child in children if child.place.kind == "secondary" and 7 <= child.group <= 6 + earlier_years),
        key=lambda child: (not _has_sibling_at(child), child.group, child.seat),
    )
    turn = 0
    for child in with_sibling:
        for step in range(len(primaries)):
            place = primaries[(turn + step) % len(primaries)]
            if free[place.number, child.group] > 0:
                free[place.number, child.group] -= 1
                child.primary, child.primary_seat = place, free[place.number, child.group]
                turn += step + 1
                break


def _has_sibling_at(child: Child) -> bool:
    return any(other.place.kind == "primary" for other in child.family.children)


def day_after(days: tuple[date, ...], on: date, days_after: int) -> date:
    """The school day a number of school days after `on` (before it, if negative), limited to the year."""
    place = next((n for n, day in enumerate(days) if day >= on), len(days) - 1)
    return days[max(0, min(len(days) - 1, place + days_after))]


def stays_by_register(enrolled: list[Enrolled]) -> dict[tuple[int, str], list[Stay]]:
    """The stays of each school and year, in the order of classes and seats."""
    stays: dict[tuple[int, str], list[Stay]] = {}
    for enrolment in enrolled:
        for stay in enrolment.stays:
            stays.setdefault((enrolment.place.number, stay.year), []).append(stay)
    return stays
