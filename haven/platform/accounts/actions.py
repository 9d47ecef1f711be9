"""Actions on accounts, memberships, allocations and conflicts of interest, each with its audit event.

Access is given by a named person with a reason that can be read later (Keeping children safe in education: records are seen by those who
need them). Nothing is deleted: a membership or an allocation ends on a day.
"""

from datetime import date, datetime
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from haven.platform.accounts.context import AccessContext
from haven.platform.accounts.models import Allocation, Conflict, Membership, User
from haven.platform.audit.actions import action, append_event
from haven.rules import roles


class AccountProblem(ValueError):
    """The account or role cannot be given; the text says why."""


@action
def add_user(*, by: AccessContext | None, at: datetime, email: str, name: str, job_title: str = "") -> User:
    """Create an account without a password: its owner sets one through a one-time link. Raises AccountProblem if the address is taken."""
    clean = email.strip().lower()
    if User.objects.filter(email=clean).exists():
        raise AccountProblem(f"{clean} already has an account.")
    user = User.objects.create_user(clean, name.strip(), None, job_title=job_title)
    append_event(by=by, at=at, verb="accounts.add_user", about=("user", user.id))
    return user


@action
def give_role(
    *,
    by: AccessContext | None,
    at: datetime,
    user: User,
    role: str,
    begins_on: date,
    school_id: int | None = None,
    trust_id: int | None = None,
    local_authority_id: int | None = None,
    line_manager: User | None = None,
) -> Membership:
    """Give a role at one school, or across a trust or an authority. Raises AccountProblem for a role that is not in the table."""
    if role not in roles.ROLES or role == "service":
        known = ", ".join(name for name in roles.ROLES if name != "service")
        raise AccountProblem(f"“{role}” is not a role. The roles are: {known}.")
    where: dict[str, Any] = {"school_id": school_id, "trust_id": trust_id, "local_authority_id": local_authority_id}
    existing = Membership.objects.filter(user=user, role=role, ends_on=None, **where).first()
    membership = existing or Membership.objects.create(
        user=user, role=role, line_manager=line_manager, begins_on=begins_on, **where
    )
    append_event(
        by=by, at=at, verb="accounts.give_role", about=("user", user.id), school_id=school_id, detail={"role": role}
    )
    return membership


@action
def end_role(*, by: AccessContext, at: datetime, membership: Membership, ends_on: date) -> None:
    """End a role from a day on."""
    Membership.objects.filter(id=membership.id).update(ends_on=ends_on)
    append_event(
        by=by,
        at=at,
        verb="accounts.end_role",
        about=("user", membership.user_id),
        school_id=membership.school_id,
        detail={"role": membership.role, "ends_on": ends_on.isoformat()},
    )


@action
def allocate(
    *, by: AccessContext, at: datetime, user_id: int, school_id: int, pupil_id: int, begins_on: date, reason: str = ""
) -> Allocation:
    """Put a pupil on a user's caseload at a school; a second time changes nothing."""
    existing = Allocation.objects.filter(user_id=user_id, school_id=school_id, pupil_id=pupil_id, ends_on=None).first()
    allocation = existing or Allocation.objects.create(
        user_id=user_id,
        school_id=school_id,
        author_id=by.user_id,
        pupil_id=pupil_id,
        reason=reason,
        begins_on=begins_on,
    )
    append_event(
        by=by, at=at, verb="accounts.allocate", about=("user", user_id), school_id=school_id, pupil_ids=[pupil_id]
    )
    return allocation


@action
def end_allocation(*, by: AccessContext, at: datetime, allocation: Allocation, ends_on: date, reason: str) -> None:
    """Remove a pupil from a user's caseload from a day on."""
    Allocation.objects.filter(id=allocation.id).update(ends_on=ends_on)
    append_event(
        by=by,
        at=at,
        verb="accounts.end_allocation",
        about=("user", allocation.user_id),
        school_id=allocation.school_id,
        pupil_ids=[allocation.pupil_id],
        reason=reason,
    )


@action
def declare_conflict(
    *, by: AccessContext, at: datetime, user_id: int, school_id: int, pupil_id: int, kind: str, begins_on: date
) -> Conflict:
    """Deny a member of staff access to a child's records everywhere because of a conflict of interest: parent, relative, subject, or
    declared."""
    conflict = Conflict.objects.create(
        user_id=user_id,
        school_id=school_id,
        author_id=by.user_id,
        pupil_id=pupil_id,
        kind=kind,
        begins_on=begins_on,
    )
    append_event(by=by, at=at, verb="accounts.declare_conflict", about=("user", user_id), school_id=school_id)
    return conflict


def welcome_path(user: User) -> str:
    """The path of the one-time link with which the account's owner sets a password. The link works once and expires after three days."""
    return f"/welcome/{urlsafe_base64_encode(force_bytes(user.pk))}/{default_token_generator.make_token(user)}/"
