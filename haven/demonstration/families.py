"""Families and their children: household, age, school, class and contacts."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from haven.demonstration.names import SPECIAL, Names, Origin
from haven.demonstration.places import Place
from haven.rules.identifiers import make_upn

LOCAL_AUTHORITY, FIRST_ESTABLISHMENT = 999, 2001
MORE_CHILDREN = (0.46, 0.24, 0.06)
"""The chance that a family with one child at these schools has another, and so on."""


@dataclass(slots=True)
class Person:
    """A contact."""

    name: str
    relationship: str
    telephone: str
    landline: str
    email: str
    address: str
    parental_responsibility: bool | None
    lives_with: bool
    safe: bool = True
    note: str = ""
    prefers: str = ""
    language: str = ""
    interpreter: bool = False


@dataclass(slots=True)
class Family:
    """A household."""

    address: str
    postcode: str
    origin: Origin
    language: str
    interpreter: bool
    people: list[Person]
    children: list["Child"] = field(default_factory=list)


@dataclass(slots=True)
class Child:
    """A pupil. `group` is the year group now, 12 and above for those who left after year 11; `seat` is their place in
    it."""

    forename: str
    surname: str
    sex: str
    born_on: date
    family: Family
    place: Place
    group: int
    seat: int
    upn: str
    share: float = 0.05
    preferred: str = ""
    primary: Place | None = None
    """The school of the demonstration that the child attended before year 7."""
    primary_seat: int = 0
    bridge: Place | None = None
    """The alternative-provision site where the child is also registered."""
    bridge_seat: int = 0
    bridge_from: date | None = None
    bridge_days: int = 5
    """The number of days of the week that the child is there, from Monday on."""
    joined_on: date | None = None
    """Set for children who joined in the middle of this year."""
    id: int = 0
    missing: bool = False

    @property
    def has_left(self) -> bool:
        return self.group > 11


class Families:
    """Fills every seat with a child of a family. `first_year`: the year in which the academic year begins."""

    def __init__(self, rng: random.Random, places: list[Place], *, first_year: int, earlier_years: int) -> None:
        self.rng, self.names, self.first_year = rng, Names(rng), first_year
        self.families: list[Family] = []
        self._serial: dict[int, int] = {}
        self._seats: list[tuple[Place, int, int]] = []
        self._near: dict[int, list[int]] = {}
        for place in places:
            seats = dict(place.seats)
            if place.kind == "secondary":
                seats.update({12 + back: seats[11] for back in range(earlier_years)})
            self._seats += [(place, group, seat) for group, seat_count in seats.items() for seat in range(seat_count)]

    def fill(self) -> list[Child]:
        """All children, in the order of schools, year groups and seats."""
        rng = self.rng
        order = list(range(len(self._seats)))
        rng.shuffle(order)
        taken = bytearray(len(order))
        # siblings come from anywhere in the trust; only a few nearby seats are tried, so that large trusts are quick
        children: list[Child] = []
        after = 0
        for at, seat in enumerate(order):
            if taken[seat]:
                continue
            taken[seat] = 1
            family = self._family()
            children.append(self._child(family, seat))
            for chance in MORE_CHILDREN:
                if rng.random() > chance:
                    break
                after = max(after, at + 1)
                other = self._other(order, taken, after, family)
                if other is None:
                    break
                taken[other] = 1
                children.append(self._child(family, other))
            self.families.append(family)
        self._rename(children)
        children.sort(key=lambda child: (child.place.number, child.group, child.seat))
        return children

    def _other(self, order: list[int], taken: bytearray, after: int, family: Family) -> int | None:
        """A free seat of a suitable age among the next ones in the shuffled order."""
        ages = [child.group for child in family.children]
        for seat in order[after : after + 60]:
            place, group, _ = self._seats[seat]
            if taken[seat] or (group in ages and self.rng.random() > 0.04):
                continue
            if min(abs(group - age) for age in ages) <= 5:
                return seat
        return None

    def _family(self) -> Family:
        rng, names = self.rng, self.names
        origin = names.origin()
        speaks = rng.random() < origin.speak_at_home
        language = rng.choice(origin.languages) if speaks else "English"
        interpreter = speaks and rng.random() < 0.2
        address, postcode = names.address()
        family = Family(address, postcode, origin, language, interpreter, [])
        surname = names.surname(origin)
        mother = self._person(
            family, names.forename(origin, "F"), surname if rng.random() < 0.75 else names.surname(origin), "Mother"
        )
        family.people.append(mother)
        drawn = rng.random()
        if drawn < 0.8:
            father = self._person(family, names.forename(origin, "M"), surname, "Father")
            if drawn > 0.57:
                father.lives_with, father.address = False, ", ".join(names.address())
                father.parental_responsibility = rng.random() < 0.8
                if drawn > 0.785:
                    father.safe, father.note = False, "Do not call or write. Ask the safeguarding lead first."
            family.people.append(father)
        elif drawn < 0.83:
            mother.relationship = "Carer"
            mother.parental_responsibility = None
        if rng.random() < 0.22:
            word = rng.choice(("Grandmother", "Grandfather", "Aunt", "Uncle", "Family friend"))
            sex = "M" if word in ("Grandfather", "Uncle") else "F"
            other = self._person(family, names.forename(origin, sex), names.surname(origin), word)
            other.parental_responsibility, other.lives_with, other.address = False, False, ", ".join(names.address())
            family.people.append(other)
        return family

    def _person(self, family: Family, forename: str, surname: str, relationship: str) -> Person:
        rng = self.rng
        plain = "".join(
            letter
            for letter in f"{forename}.{surname}".lower()
            if letter.isascii() and (letter.isalpha() or letter == ".")
        )
        return Person(
            name=f"{forename} {surname}",
            relationship=relationship,
            telephone=self.names.mobile() if rng.random() < 0.97 else "",
            landline=self.names.landline() if rng.random() < 0.15 else "",
            email=f"{plain}{rng.randint(1, 99)}@example.org" if rng.random() < 0.8 else "",
            address=f"{family.address}, {family.postcode}",
            parental_responsibility=True,
            lives_with=True,
            prefers=rng.choice(("", "", "", "call", "text", "email")),
            language=family.language if family.language != "English" else "",
            interpreter=family.interpreter,
        )

    def _child(self, family: Family, number: int) -> Child:
        rng, names = self.rng, self.names
        place, group, seat = self._seats[number]
        sex = "F" if rng.random() < 0.49 else "M"
        father = next((person for person in family.people if person.relationship == "Father"), family.people[0])
        surname = father.name.split(" ", 1)[1] if rng.random() < 0.9 else family.people[0].name.split(" ", 1)[1]
        twin = next((child for child in family.children if child.group == group), None)
        born_on = twin.born_on if twin else self._born(group)
        used = {child.forename for child in family.children}
        forename = next(
            (name for name in (names.forename(family.origin, sex) for _ in range(6)) if name not in used), "Robin"
        )
        child = Child(
            forename=forename,
            surname=surname,
            sex=sex,
            born_on=born_on,
            family=family,
            place=place,
            group=group,
            seat=seat,
            upn=self._upn(self.first_year - group),
        )
        if rng.random() < 0.03:
            child.preferred = names.forename(family.origin, sex)
        family.children.append(child)
        return child

    def _born(self, group: int) -> date:
        """A birthday between 1 September and 31 August for the age of the year group; children in reception are four
        when it begins."""
        return date(self.first_year - 5 - group, 9, 1) + timedelta(days=self.rng.randrange(365))

    def _upn(self, allocated: int) -> str:
        """The next unique pupil number of the year in which the child started school; each establishment has a
        thousand."""
        serial = self._serial.get(allocated, 0)
        self._serial[allocated] = serial + 1
        return make_upn(LOCAL_AUTHORITY, FIRST_ESTABLISHMENT + serial // 1000, allocated, serial % 1000)

    def _rename(self, children: list[Child]) -> None:
        """Give names that are difficult for systems to the first children of secondary age, and to their family."""
        single = [child for child in children if len(child.family.children) == 1 and not child.has_left]
        for child, (surname, forename, sex) in zip(single, SPECIAL, strict=False):
            child.surname, child.forename, child.sex, child.preferred = surname, forename, sex, ""
            mother = child.family.people[0]
            mother.name = f"{mother.name.split(' ', 1)[0]} {surname}"
