"""Measures page load times for one person, alone and with forty-nine others at work.

The real web server runs over the real database, with row security on. "At work" means a page about every five seconds
for each person, with pauses of two to eight seconds: fifty people request ten pages a second.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.dataset import MORNING, Dataset
from benchmarks.measure import Case, Goal, Measure, Spread, Watched
from benchmarks.server import Asker, Server, all_together, one_by_one, serving, signed_in
from haven.core.people.models import Enrolment, Pupil, RegistrationGroup
from haven.core.schools.models import School
from haven.platform.accounts.models import User
from haven.rules.sessions import academic_year_of

PEOPLE = 50
ALONE, TOGETHER = "one person", "fifty at work"
OPENED_ALONE = 30
PAGES = {
    "today": "Today",
    "pupil": "A pupil's page",
    "file": "A pupil's file",
    "concerns": "Concerns",
    "find": "Find a pupil",
    "pupils": "Pupils of a school",
    "class": "Register of a class",
    "registers": "Registers of a day",
    "school": "A school's attendance",
    "my_day": "My day",
}
OFFICERS_PAGES = ("today", "pupil", "find", "pupils", "class", "registers", "school", "my_day")
LEADS_PAGES = ("today", "pupil", "file", "concerns", "find", "my_day")
GOAL_MS = 150


@dataclass
class _Hall:
    """The server that runs while pages are measured, the people, and the timings of all people at once."""

    server: Server = Server(0, 0)
    askers: list[Asker] = field(default_factory=list)
    together: dict[str, list[float]] = field(default_factory=dict)


_HALL = _Hall()


@contextmanager
def _hall(dataset: Dataset) -> Iterator[None]:
    _HALL.askers, _HALL.together = _people(dataset), {}
    with serving() as _HALL.server:
        yield


def _people(dataset: Dataset) -> list[Asker]:
    """Fifty people, two officers to a lead, at as many schools as there are; with fewer people, some have two
    sessions."""
    officers, leads = dataset.holders("attendance_officer"), dataset.holders("dsl")
    leads = [(user, school) for user, school in leads if user.email != dataset.person("wide_lead").email]
    picked: list[Asker] = []
    for number in range(PEOPLE):
        role, pages = (leads, LEADS_PAGES) if number % 3 == 2 else (officers, OFFICERS_PAGES)
        user, school = role[(number * 7) % len(role)]
        picked.append(asker_at(user, school, pages, dataset.random))
    return picked


def asker_at(user: User, school: School, pages: tuple[str, ...], draw: random.Random) -> Asker:
    """A signed-in person at a school, with the addresses of the pages."""
    base = f"/s/{school.urn}/"
    on_roll = Enrolment.objects.filter(school=school, ends_on=None)
    pupils = list(Pupil.objects.filter(id__in=on_roll.values("pupil_id")).order_by("id"))
    some = draw.sample(pupils, min(12, len(pupils)))
    groups = RegistrationGroup.objects.filter(school=school, year=academic_year_of(MORNING)).order_by("id")
    addresses = {
        "today": (f"{base}today/",),
        "pupil": tuple(f"{base}pupils/{pupil.ref}/" for pupil in some),
        "file": tuple(f"{base}pupils/{pupil.ref}/file/" for pupil in some),
        "concerns": (f"{base}concerns/",),
        "find": tuple(f"{base}find/?q={letters}" for letters in _first_letters(pupils)),
        "pupils": (f"{base}pupils/",),
        "class": tuple(f"{base}registers/class/{group.id}/" for group in groups[:6]),
        "registers": (f"{base}registers/",),
        "school": (f"{base}attendance/",),
        "my_day": ("/my-day/",),
    }
    return Asker(signed_in(user), {page: addresses[page] for page in pages})


def _first_letters(pupils: Sequence[Pupil]) -> list[str]:
    """The most frequent initial letters of the school's surnames: each finds several children, as a user's first
    letters do."""
    return [letter for letter, _ in Counter(pupil.surname_key[:1] for pupil in pupils).most_common(3)]


def pause(draw: random.Random) -> float:
    """The seconds between two pages of one person."""
    return draw.uniform(2, 8)


def _at_once(dataset: Dataset) -> dict[str, list[float]]:
    """Measure all people at work, once for all pages."""
    if not _HALL.together:
        seconds = 12.0 if dataset.size.name == "small" else 90.0
        _HALL.together = all_together(_HALL.server.port, _HALL.askers, seconds, pause, dataset.seed)
    return _HALL.together


def _cases(dataset: Dataset) -> Iterator[Case]:
    many = 6 if dataset.size.name == "small" else OPENED_ALONE
    for page, title in PAGES.items():
        facts: dict[str, Any] = {}
        alone = Watched(_alone(page, many, facts))
        together = Watched(_together(dataset, page))
        yield Case(title, {ALONE: alone, TOGETHER: together}, _goal(page), facts)


def _alone(page: str, many: int, facts: dict[str, Any]) -> Callable[[], tuple[str, list[float]]]:
    """Measure pages one after another. Also records the processor time of the server for each page, which other load
    does not affect."""

    def watch() -> tuple[str, list[float]]:
        before = _HALL.server.processor_seconds()
        seconds, opened = one_by_one(_HALL.server.port, _HALL.askers, page, many)
        facts["ms of a core in the server"] = round((_HALL.server.processor_seconds() - before) * 1000 / opened)
        return page, seconds

    return watch


def _together(dataset: Dataset, page: str) -> Callable[[], tuple[str, list[float]]]:
    return lambda: (page, _at_once(dataset).get(page, []))


def _goal(page: str) -> Goal:
    def is_met(seen: Mapping[str, Spread]) -> bool:
        return seen[TOGETHER].p95 <= GOAL_MS

    return Goal(f"95 of 100 within {GOAL_MS} ms with fifty people at work", is_met)


MEASURE = Measure(
    "pages",
    "Pages",
    "The seconds from asking to the last byte, on the same machine, from the web server as `haven run` starts it, row security on. "
    "Fifty at work: each opens a page of a mix about every five seconds.",
    _cases,
    _hall,
)
