"""What is in force on a day: one rule for every dated row."""

from datetime import date

from django.db.models import Q


def in_force(on: date) -> Q:
    """The condition for rows with `begins_on` and `ends_on` (null: no end): both days belong to the time in which a row is in force."""
    return Q(begins_on__lte=on) & (Q(ends_on__isnull=True) | Q(ends_on__gte=on))
