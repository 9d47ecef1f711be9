"""The task for the writer on a later day, from the form of an entry."""

from datetime import datetime, time

from django.utils import timezone

from haven.core.records.form_definitions import FormDefinition
from haven.core.records.models import Entry
from haven.core.tasks.actions import raise_follow_up
from haven.platform.accounts.context import AccessContext


def plan_follow_up(*, by: AccessContext, at: datetime, entry: Entry, definition: FormDefinition) -> None:
    """Create a task at 09:00 on the day that the writer named for the next time; none if no day was named or it is past."""
    on = definition.follow_up_day(entry.fields)
    if on is not None and on >= timezone.localtime(at).date():
        begins = timezone.make_aware(datetime.combine(on, time(9)))
        raise_follow_up(by=by, at=at, entry=entry, due_at=max(begins, at))
