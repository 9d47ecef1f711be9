"""The access context: the current user, their roles and their schools. Built once for each request, job or command from the memberships in
force.

The context carries the capabilities of the user's roles. The database decides which rows the user sees (haven.platform.row_security).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from django.db import connection

from haven.platform.accounts.models import User
from haven.platform.row_security.context import access_context
from haven.rules import roles


@dataclass(frozen=True)
class SchoolAccess:
    """One school at which the user works, and their roles there."""

    school_id: int
    urn: int
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class AccessContext:
    """The current user. `name` and the role's title are stored in the records that the user writes."""

    user_id: int
    name: str
    is_service: bool = False
    places: tuple[SchoolAccess, ...] = field(default=())

    def place(self, school_id: int) -> SchoolAccess | None:
        return next((place for place in self.places if place.school_id == school_id), None)

    def place_by_urn(self, urn: int) -> SchoolAccess | None:
        return next((place for place in self.places if place.urn == urn), None)

    def may(self, verb: str, school_id: int) -> bool:
        """Whether one of the user's roles at that school has the capability of rules/roles.py."""
        place = self.place(school_id)
        return place is not None and any(roles.may(role, verb) for role in place.roles)

    def role_title(self, school_id: int) -> str:
        """The titles of the user's roles at that school, for the record: "attendance officer"."""
        place = self.place(school_id)
        return ", ".join(roles.ROLES[role].title for role in place.roles) if place else ""


# A membership names a school, or a trust, or an authority. The system account works at every school.
SCHOOLS_SQL = """
select s.id, s.urn, s.name, array_agg(distinct m.role::text) from accounts_membership m
join schools_school s on s.id = m.school_id or m.role = 'service' and %(is_service)s
  or m.school_id is null and (s.trust_id = m.trust_id or m.trust_id is null and s.local_authority_id = m.local_authority_id)
where m.user_id = %(user)s and app.in_force(m.begins_on, m.ends_on, %(on)s)
group by s.id, s.urn, s.name order by s.name, s.id
"""


def access_context_for(*, user: User, on: date) -> AccessContext:
    """The access context of an account on a day, in one query. Without a membership in force it has no schools, and its user sees
    nothing."""
    with connection.cursor() as cursor:
        cursor.execute(SCHOOLS_SQL, {"user": user.id, "on": on, "is_service": user.is_service})
        places = tuple(SchoolAccess(key, urn, name, tuple(sorted(held))) for key, urn, name, held in cursor.fetchall())
    return AccessContext(user_id=user.id, name=user.name, is_service=user.is_service, places=places)


@contextmanager
def system_context(*, on: date) -> Iterator[AccessContext]:
    """Enter as Haven's own account (console, night run, imports from the console): the roll and the registers of every school, and
    nothing of the pastoral or safeguarding file."""
    user = User.objects.get(is_service=True)
    with access_context(user.id, on=on):
        yield access_context_for(user=user, on=on)
