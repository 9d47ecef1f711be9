"""Generates the whole demonstration and writes it into an empty database in one transaction, completely or not at
all."""

import random
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from haven.demonstration import statuses
from haven.demonstration.calendar import morning_on_or_before, years_back
from haven.demonstration.day_end import DayEnd
from haven.demonstration.families import Child, Families, Family
from haven.demonstration.load import Progress, referenced_at_once, settle
from haven.demonstration.marks import Ways, shares_to_miss, ways_of
from haven.demonstration.morning import Morning, arrange, day_before
from haven.demonstration.people import PASSWORD
from haven.demonstration.places import Place, build_school
from haven.demonstration.records import File
from haven.demonstration.register_rows import REGISTERS, RegisterRows
from haven.demonstration.registers import Register, make_register
from haven.demonstration.rolls import Rolls, choose_primaries, day_after, stays_by_register
from haven.demonstration.rows import Rows
from haven.demonstration.staff import Staff, make_staff
from haven.demonstration.stories import Stories
from haven.platform.accounts.models import User
from haven.platform.row_security.policies import ROW_POLICIES
from haven.rules.attendance_codes import MISSING

DUAL_REGISTERED = 0.018
"""The share of a secondary's pupils who also attend an alternative-provision site."""
JOINED_THIS_YEAR = 0.012


@dataclass(frozen=True, slots=True)
class Asked:
    """What to generate. `earlier_years`: academic years of marks before the year of the morning."""

    pupils: int = 2004
    schools: int = 3
    earlier_years: int = 1
    seed: int = 1
    on: date = date(2026, 1, 14)


@dataclass(frozen=True, slots=True)
class Made:
    """What was generated."""

    morning: date
    schools: int
    pupils: int
    former_pupils: int
    sheets: int
    marks: int


class World:
    """Everything that is invented, before it is written."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.on = morning_on_or_before(asked.on)
        self.places = build_school(schools=asked.schools, pupils=asked.pupils)
        self.rolls = Rolls(years_back(self.on, asked.earlier_years), self.places)
        families = Families(
            self.rng("families"), self.places, first_year=self.rolls.first_year, earlier_years=asked.earlier_years
        )
        self.children: list[Child] = families.fill()
        self.families: list[Family] = families.families
        self._shares()
        self._bridge()
        self._join()
        choose_primaries(self.children, self.places, asked.earlier_years)
        self.rolls.enrol(self.children)
        self.staff: Staff = make_staff(self.rng("staff"), self.places, self.rolls)
        self.ways: dict[str, Ways] = {phase: ways_of(phase) for phase in sorted({place.phase for place in self.places})}

    def rng(self, part: str) -> random.Random:
        """A random generator for one part of the world, so that a change in one part does not change the others."""
        return random.Random(f"{self.asked.seed}/{self.on}/{part}")

    def numbers(self, part: str) -> np.random.Generator:
        return np.random.default_rng([self.asked.seed, self.on.toordinal(), *part.encode()])

    def _shares(self) -> None:
        by_place: dict[int, list[Child]] = {}
        for child in self.children:
            by_place.setdefault(child.place.number, []).append(child)
        for number, children in by_place.items():
            shares = shares_to_miss(self.numbers(f"share {number}"), self.places[number].phase, len(children))
            for child, share in zip(children, shares.tolist(), strict=True):
                child.share = share

    def _bridge(self) -> None:
        """Choose some older pupils of the secondaries who also attend an alternative-provision site, all week or on
        some of its days."""
        sites = [place for place in self.places if place.kind == "ap"]
        if not sites:
            return
        rng = self.rng("bridge")
        seats = {site.number: {group: site.seats[group] for group in site.groups} for site in sites}
        for place in self.places:
            if place.kind != "secondary":
                continue
            site = sites[place.number % len(sites)]
            older = [child for child in self.children if child.place is place and 8 <= child.group <= 11]
            pupil_count = max(1, round(sum(place.seats.values()) * DUAL_REGISTERED)) if older else 0
            days = self.rolls.year(self.rolls.labels[-1], site).days
            shares = shares_to_miss(self.numbers(f"bridge {place.number}"), site.phase, pupil_count).tolist()
            for child, share in zip(rng.sample(older, min(pupil_count, len(older))), shares, strict=False):
                child.bridge, child.share = site, share
                child.bridge_seat = seats[site.number][child.group]
                seats[site.number][child.group] += 1
                child.bridge_days = 5 if rng.random() < 0.6 else 3
                started = rng.choice((0, 0, rng.randrange(1, 40)))
                child.bridge_from = min(day_after(days, days[0], started), self.on)

    def _join(self) -> None:
        rng = self.rng("join")
        for child in self.children:
            if child.has_left or child.bridge is not None or rng.random() > JOINED_THIS_YEAR:
                continue
            days = self.rolls.year(self.rolls.labels[-1], child.place).days
            past = [day for day in days if day < self.on][2:-4]
            if past:
                child.joined_on = rng.choice(past)


def fill(asked: Asked, progress: Progress) -> Made:
    """Generate the world and write it. Database errors propagate; then nothing was written."""
    progress("Making families", 0, asked.pupils)
    world = World(asked)
    with transaction.atomic():
        return _write(world, progress)


def _write(world: World, progress: Progress) -> Made:
    service = User.objects.get(is_service=True)
    first_day = world.rolls.year(world.rolls.labels[0], world.places[0]).days[0]
    rows = Rows(world.rng("references"), author_id=service.id, morning=world.on, first_day=first_day)
    trust_id, authority_id = rows.schools(world.places, world.rolls)
    rows.staff(world.staff, password=make_password(PASSWORD), trust_id=trust_id, authority_id=authority_id)
    rows.pupils(world.children)
    progress("Writing pupils", 0, len(world.children))
    rows.rolls(world.children, world.rolls)
    rows.households(world.families, world.rolls.enrolled)
    held = statuses.give(world.rng("statuses"), world.children, on=world.on)
    rows.statuses(held)
    with referenced_at_once(*REGISTERS):
        sheets, marks = _earlier(world, rows, progress)
    registers = _this_year(world, progress)
    days = world.rolls.year(world.rolls.labels[-1], world.places[0]).days
    yesterday = day_before(
        tuple(day for day in days if all(day in register.year.days for register in registers)), world.on
    )
    morning = arrange(
        world.rng("morning"), registers, world.staff, statuses.priorities_of(held), on=world.on, yesterday=yesterday
    )
    _stories(world, rows, registers, morning)
    with referenced_at_once(*REGISTERS):
        for register in registers:
            sheets += RegisterRows(rows).register(register)
            marks += int((register.marks != MISSING).sum())
    RegisterRows(rows).planned(morning, world.staff)
    rows.details(world.rolls.enrolled)
    settle(ROW_POLICIES)
    _sign_off(world, registers, morning, progress)
    progress("Checking references", 0, 1)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    now = [child for child in world.children if not child.has_left]
    return Made(world.on, len(world.places), len(now), len(world.children) - len(now), sheets, marks)


def _earlier(world: World, rows: Rows, progress: Progress) -> tuple[int, int]:
    """The registers of the years before, written school by school and released immediately."""
    by_register = stays_by_register(world.rolls.enrolled)
    earlier = [(label, place) for label in world.rolls.labels[:-1] for place in world.places]
    sheets = marks = 0
    for done, (label, place) in enumerate(earlier):
        stays = by_register.get((place.number, label), [])
        progress(f"Registers of {label}", done, len(earlier))
        if stays:
            register = _register(world, label, place, until=None, stays=stays)
            sheets += RegisterRows(rows).register(register)
            marks += int((register.marks != MISSING).sum())
    return sheets, marks


def _this_year(world: World, progress: Progress) -> list[Register]:
    by_register = stays_by_register(world.rolls.enrolled)
    label = world.rolls.labels[-1]
    registers = []
    for done, place in enumerate(world.places):
        progress(f"Registers of {label}", done, len(world.places))
        stays = by_register.get((place.number, label), [])
        if stays:
            registers.append(_register(world, label, place, until=world.on, stays=stays))
    return registers


def _register(world: World, label: str, place: Place, *, until: date | None, stays: list) -> Register:  # type: ignore[type-arg]
    numbers = world.numbers(f"{label} {place.number}")
    return make_register(numbers, world.ways[place.phase], place, world.rolls.year(label, place), stays, until=until)


def _stories(world: World, rows: Rows, registers: list[Register], morning: Morning) -> None:
    firsts = [place for place in world.places if place.key == place.kind]
    stories = Stories(world.rng("stories"), firsts, registers, world.staff, morning)
    stories.caseloads()
    rows.allocations(
        ((worker.id, place, child, why) for worker, place, child, why in stories.loads),
        ((worker.id, place, child, kind) for worker, place, child, kind in stories.conflicts),
    )
    file = File(world.rng("file"))
    stories.write(file)
    file.save()


def _sign_off(world: World, registers: list[Register], morning: Morning, progress: Progress) -> None:
    """Close yesterday at every school, as its attendance officer."""
    coordinator = world.staff.cast["attendance_coordinator"]
    for done, register in enumerate(registers):
        progress("Signing off yesterday", done, len(registers))
        if morning.yesterday is not None:
            place, rng = register.place, world.rng(f"sign-off {register.place.number}")
            DayEnd(rng, place, world.staff.holder(place, "attendance_officer"), morning.yesterday, morning.on).close(
                coordinator
            )
