"""Reads accounts and roles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from haven.platform.accounts.models import Allocation, Membership, User
from haven.rules.roles import ROLES


@dataclass(frozen=True)
class HeldRole:
    """A role as its page shows it."""

    title: str
    where: str
    sentence: str
    line_manager: str


def user_by_id(user_id: int) -> User | None:
    """The active account with this id, or None."""
    return User.objects.filter(id=user_id, is_active=True).first()


def own_roles(*, user_id: int) -> list[HeldRole]:
    """The roles in force of one account, by place; empty if there are none."""
    rows = Membership.objects.filter(user_id=user_id, ends_on=None).select_related(
        "school", "trust", "local_authority", "line_manager"
    )
    held = [
        HeldRole(
            title=ROLES[row.role].title,
            where=str(row.school or row.trust or row.local_authority or "every school"),
            sentence=ROLES[row.role].sentence,
            line_manager=row.line_manager.name if row.line_manager else "",
        )
        for row in rows
    ]
    return sorted(held, key=lambda role: (role.where, role.title))


def colleagues(*, school_id: int, roles: tuple[str, ...] = ()) -> list[User]:
    """Active users with a role in force at the school, by name; with `roles`, only users with one of these roles."""
    memberships = Membership.objects.filter(school_id=school_id, ends_on=None)
    if roles:
        memberships = memberships.filter(role__in=roles)
    return list(
        User.objects.filter(id__in=memberships.values("user_id"), is_active=True, is_service=False).order_by("name")
    )


def on_whose_caseload(
    *, school_ids: Sequence[int], pupil_ids: Iterable[int], on: date
) -> dict[tuple[int, int], tuple[str, ...]]:
    """The users with each pupil on their caseload on a day, by (school, pupil): names in order, limited to caseloads that the current user
    may see. Pupils on no caseload are left out."""
    in_force = Q(begins_on__lte=on) & (Q(ends_on__isnull=True) | Q(ends_on__gte=on))
    rows = Allocation.objects.filter(in_force, school_id__in=school_ids, pupil_id__in=list(pupil_ids))
    held: dict[tuple[int, int], set[int]] = {}
    for school_id, pupil_id, user_id in rows.values_list("school_id", "pupil_id", "user_id"):
        held.setdefault((school_id, pupil_id), set()).add(user_id)
    names = dict(User.objects.filter(id__in={each for ids in held.values() for each in ids}).values_list("id", "name"))
    return {key: tuple(sorted(names[each] for each in ids if each in names)) for key, ids in held.items()}


def roles_held(*, school_id: int) -> list[tuple[str, str]]:
    """The roles that active users have at the school itself, as (name, title), in display order."""
    rows = Membership.objects.filter(school_id=school_id, ends_on=None, user__is_active=True, user__is_service=False)
    held = set(rows.values_list("role", flat=True))
    return [(name, role.title) for name, role in ROLES.items() if name in held]
