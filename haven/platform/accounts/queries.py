"""Reads accounts and roles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from haven.platform.accounts.models import Allocation, Membership, User
from haven.platform.dated import in_force
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


def own_roles(*, user_id: int, on: date) -> list[HeldRole]:
    """The roles of one account that are in force on a day, by place; empty if there are none."""
    rows = Membership.objects.filter(in_force(on), user_id=user_id).select_related(
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


def colleagues(*, school_id: int, on: date, roles: tuple[str, ...] = ()) -> list[User]:
    """Active users with a role in force at the school on a day, by name; with `roles`, only users with one of these roles."""
    memberships = Membership.objects.filter(in_force(on), school_id=school_id)
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
    rows = Allocation.objects.filter(in_force(on), school_id__in=school_ids, pupil_id__in=list(pupil_ids))
    held: dict[tuple[int, int], set[int]] = {}
    for school_id, pupil_id, user_id in rows.values_list("school_id", "pupil_id", "user_id"):
        held.setdefault((school_id, pupil_id), set()).add(user_id)
    names = dict(
        User.objects.filter(id__in={user_id for ids in held.values() for user_id in ids}).values_list("id", "name")
    )
    return {key: tuple(sorted(names[user_id] for user_id in ids if user_id in names)) for key, ids in held.items()}


def roles_held(*, school_id: int, on: date) -> list[tuple[str, str]]:
    """The roles that active users have at the school itself on a day, as (name, title), in display order."""
    rows = Membership.objects.filter(in_force(on), school_id=school_id, user__is_active=True, user__is_service=False)
    held = set(rows.values_list("role", flat=True))
    return [(name, role.title) for name, role in ROLES.items() if name in held]
