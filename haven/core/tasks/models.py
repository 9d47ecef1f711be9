"""Tasks and their steps. A task names the person or the role that does it; each step is a row that is added and never changed."""

import uuid

from django.db import models

from haven.core.records.models import Entry, FileRow
from haven.core.tasks.sources import declared_sources
from haven.platform.row_security.policies import RowPolicy, row_policy


# Under row-level security the user who passed a task on may not be able to read it: a concern's author sees only its receipt.
@row_policy(RowPolicy(pupils="pupil_ids", author="author_id", author_reads=False, restricted_to="restricted_to", addressee="assignee_id", write=("insert", "update"),
             columns=("assignee_id", "assignee_role", "due_at", "done_at", "done_by_name", "outcome", "version")))  # fmt: skip
class Task(FileRow):
    """A task for a user, or for the holders of a role, with a due time. Its steps are rows of TaskStep."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    title = models.TextField()
    about_entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+")
    assignee_id = models.IntegerField(null=True)
    assignee_role = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True)
    source_kind = models.TextField(choices=declared_sources())
    source_ref = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)
    done_by_name = models.TextField(blank=True)
    outcome = models.TextField(blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(
                fields=["access_scope", "due_at"], name="task_scope_due", condition=models.Q(done_at__isnull=True)
            ),
            models.Index(fields=["assignee_id"], name="task_assignee", condition=models.Q(done_at__isnull=True)),
            models.Index(fields=["author_id", "-recorded_at"], name="task_newest_of_author"),
            models.Index(fields=["school", "source_kind", "source_ref"], name="task_source"),
        ]
        constraints = [
            models.CheckConstraint(
                name="task_source_is_declared",
                condition=models.Q(source_kind__in=[value for value, _ in declared_sources()]),
            )
        ]


@row_policy(RowPolicy(pupils="pupil_ids", author="author_id", addressee="assignee_id", restricted_to="restricted_to"))
class TaskStep(FileRow):
    """A step of a task: taken, handed over, deferred with a reason, done. `minutes`: how long it took, if given."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="+")
    verb = models.TextField()
    reason = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True)
    assignee_id = models.IntegerField(null=True)
    minutes = models.SmallIntegerField(null=True)
