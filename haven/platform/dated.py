"""What is in force on a day: one rule for every dated row."""

from datetime import date

from django.db.models import Q


def in_force(on: date) -> Q:
    """The condition for rows with `begins_on` and `ends_on` (null: no end). What ends on a day is no longer in force on that day: a contact
    who is not safe from now on must not be proposed for the rest of the day. In SQL: `app.in_force(begins_on, ends_on, on)`."""
    return Q(begins_on__lte=on) & (Q(ends_on__isnull=True) | Q(ends_on__gt=on))


def has_ended(ends_on: date | None, on: date) -> bool:
    """Whether a row with this `ends_on` (None: no end) is no longer in force on a day."""
    return ends_on is not None and ends_on <= on


def on_roll(on: date) -> Q:
    """The condition for enrolments and placements, whose `ends_on` is the last day on roll and belongs to them: a pupil who leaves today is
    still marked today. In SQL: `app.on_roll(begins_on, ends_on, on)`."""
    return Q(begins_on__lte=on) & (Q(ends_on__isnull=True) | Q(ends_on__gte=on))
