"""The viewer: who is looking, as what, at which schools. Built once a request, job or command from the memberships in force.

The viewer carries the verbs (what a role may do); the rows that may be seen are the database's business (haven.walls).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

from haven.access.models import Membership, User
from haven.rules import roles
from haven.schools.models import School
from haven.walls.viewing import viewing


@dataclass(frozen=True)
class Place:
    """One school at which the viewer works, and the roles held there."""

    school_id: int
    urn: int
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Viewer:
    """Who is looking. `name` and the role's title stand in the records that the viewer writes."""

    user_id: int
    name: str
    is_service: bool = False
    places: tuple[Place, ...] = field(default=())

    def place(self, school_id: int) -> Place | None:
        return next((place for place in self.places if place.school_id == school_id), None)

    def place_by_urn(self, urn: int) -> Place | None:
        return next((place for place in self.places if place.urn == urn), None)

    def may(self, verb: str, school_id: int) -> bool:
        """Whether one of the viewer's roles at that school has the capability of rules/roles.py."""
        place = self.place(school_id)
        return place is not None and any(roles.may(role, verb) for role in place.roles)

    def role_title(self, school_id: int) -> str:
        """The titles of the viewer's roles at that school, for the record: "attendance officer"."""
        place = self.place(school_id)
        return ", ".join(roles.ROLES[role].title for role in place.roles) if place else ""

    def has_role(self, school_id: int, *roles: str) -> bool:
        place = self.place(school_id)
        return place is not None and any(role in place.roles for role in roles)


def viewer_for(*, user: User, on: date) -> Viewer:
    """The viewer of an account on a day. No membership in force: a viewer without places, who sees nothing."""
    in_force = Q(begins_on__lte=on) & (Q(ends_on__isnull=True) | Q(ends_on__gte=on))
    rows = list(
        Membership.objects.filter(in_force, user=user).values_list(
            "role", "school_id", "trust_id", "local_authority_id"
        )
    )
    held: dict[int, set[str]] = {}
    schools = {school.id: school for school in _schools_of(rows, is_service=user.is_service)}
    for role, *where in rows:
        for school in schools.values():
            if role == "service" or _is_at(school, *where):
                held.setdefault(school.id, set()).add(role)
    order = sorted(held, key=lambda key: schools[key].name)
    places = tuple(Place(key, schools[key].urn, schools[key].name, tuple(sorted(held[key]))) for key in order)
    return Viewer(user_id=user.id, name=user.name, is_service=user.is_service, places=places)


def _is_at(school: School, school_id: int | None, trust_id: int | None, authority_id: int | None) -> bool:
    """Whether a membership is at the school: it names the school, else its trust, else its authority."""
    if school_id:
        return school.id == school_id
    return school.trust_id == trust_id if trust_id else school.local_authority_id == authority_id


def _schools_of(rows: Iterable[tuple[Any, ...]], *, is_service: bool) -> Iterable[School]:
    """Every school at which one of the memberships is, in one query."""
    if is_service:
        return School.objects.all()
    where = Q(pk__in=[school_id for _, school_id, _, _ in rows if school_id])
    for _, school_id, trust_id, authority_id in rows:
        if not school_id:
            where |= Q(trust_id=trust_id) if trust_id else Q(local_authority_id=authority_id)
    return School.objects.filter(where)


@contextmanager
def service_viewer(*, on: date) -> Iterator[Viewer]:
    """Enter as Haven's own account (console, night run, imports from the console): the roll and the registers of every school, and
    nothing of the pastoral or safeguarding file."""
    user = User.objects.get(is_service=True)
    with viewing(user.id, on=on):
        yield viewer_for(user=user, on=on)
