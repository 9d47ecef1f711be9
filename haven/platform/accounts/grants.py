"""Writes the role grants of rules/visibility.py and the system account into the database, after each migration."""

from datetime import date
from typing import Any

from django.db import transaction

from haven.rules import visibility

SERVICE_EMAIL = "haven@service.invalid"


def write_grants(**kwargs: Any) -> None:
    """Replace the table of role grants by those of the statutory rules, and create the system account if it is missing."""
    from haven.platform.accounts.models import Membership, RoleGrant, User

    using = kwargs.get("using", "default")
    with transaction.atomic(using=using):
        RoleGrant.objects.using(using).all().delete()
        RoleGrant.objects.using(using).bulk_create(
            RoleGrant(
                role=grant.role,
                record_category=int(grant.record_category),
                scope=str(grant.scope),
                may_write=grant.may_write,
            )
            for grant in visibility.GRANTS
        )
        user, made = User.objects.using(using).get_or_create(
            is_service=True, defaults={"email": SERVICE_EMAIL, "name": "Haven", "password": "!"}
        )
        if made:
            Membership.objects.using(using).create(user=user, role="service", begins_on=date(2000, 1, 1))
