"""Who may do the same: people of the demonstration by their distinct sets of rights."""

from haven.platform.accounts.models import Allocation, Conflict, RoleGrant, User
from haven.rules.roles import ROLES
from tests.support.campaign import CAMPAIGN
from tests.support.database_owner import owner

Rights = frozenset[object]


def rights_of(user: User) -> Rights:
    """What the roles of a person allow, where, with their caseload and conflicts of interest: equal for people who may do the same."""
    with owner():
        found: set[object] = set()
        for each in user.memberships.all():
            where = (each.school_id, each.trust_id, each.local_authority_id)
            found.add((where, ROLES[each.role].capabilities))
            grants = RoleGrant.objects.filter(role=each.role).values_list("record_category", "scope", "may_write")
            found.add((where, frozenset(grants)))
        found.update(
            ("caseload", pupil)
            for pupil in Allocation.objects.filter(user_id=user.id).values_list("pupil_id", flat=True)
        )
        found.update(
            ("conflict", pupil) for pupil in Conflict.objects.filter(user_id=user.id).values_list("pupil_id", flat=True)
        )
    return frozenset(found)


def one_for_each_set_of_rights(people: dict[str, User]) -> dict[str, User]:
    """The first person of each distinct set of rights, by key; everyone in a campaign."""
    if CAMPAIGN:
        return people
    found: dict[Rights, str] = {}
    for key, user in people.items():
        found.setdefault(rights_of(user), key)
    return {key: people[key] for key in found.values()}
