"""What a task comes from: a kind, which an app declares, and a reference to the fact behind it.

The kinds of all apps are closed: the setting HAVEN_TASK_SOURCES lists their declarations, and the table has a check constraint. A reference
identifies the fact within its kind. It is compared as a whole and never taken apart.
"""

from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.utils.module_loading import import_string


class TaskSource(models.TextChoices):
    """The kinds that every installation has."""

    PLAN = "plan", "Planned by a user"
    FORM = "form", "A form; the reference is its id"
    TASK = "task", "A task that was handed over; the reference is its ref"


class Source(NamedTuple):
    """The source of one task."""

    kind: models.TextChoices
    ref: str = ""

    def columns(self) -> dict[str, str]:
        """The source as the columns of a task, to write it or to select by it."""
        return {"source_kind": self.kind, "source_ref": self.ref}


def declared_sources() -> list[tuple[str, str]]:
    """Value and label of every kind that an app declares."""
    return [choice for path in settings.HAVEN_TASK_SOURCES for choice in import_string(path).choices]
