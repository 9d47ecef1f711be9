"""Entries, who they concern, what was added to them later, and tasks. Rows are added and never changed."""

import uuid
from dataclasses import replace

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from haven.walls.declaration import Wall, walled

ENTRY = Wall(pupils="pupil_ids", author="author_id", named="restricted_to")


class FileRow(models.Model):
    """What every row of the file carries for the wall."""

    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    compartment = models.SmallIntegerField()
    zone = models.IntegerField()
    author_id = models.IntegerField()
    author_name = models.TextField()
    author_role = models.TextField(blank=True)
    pupil_ids = ArrayField(models.IntegerField())
    restricted_to = ArrayField(models.IntegerField(), null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True


@walled(replace(ENTRY, empty_at_first=("received_at",)))
class Entry(FileRow):
    """Whatever happened about a child, in the fields of its form's definition. `received_at` is of concerns alone: the database sets
    it when somebody acknowledges one, so that those that wait are found without reading all that were ever received."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    form = models.TextField()
    form_version = models.TextField()
    fields = models.JSONField(default=dict)
    happened_at = models.DateTimeField()
    source = models.TextField(default="person")
    received_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            GinIndex(fields=["pupil_ids"], name="entry_pupils"),
            models.Index(fields=["zone", "-happened_at"], name="entry_zone_happened"),
            models.Index(fields=["zone", "form", "-happened_at"], name="entry_zone_form"),
            # A lead's queue and the count beside it: with what the wall asks of a row, so that the rows themselves stay unread. A
            # concern is in one of the two and never in both: PostgreSQL cannot know how few wait, and might read all that were received.
            models.Index(
                fields=["zone", "-recorded_at", "-id"],
                name="entry_concerns",
                condition=models.Q(form="concern", received_at__isnull=False),
                include=["author_id", "restricted_to", "pupil_ids"],
            ),
            models.Index(
                fields=["zone"],
                name="entry_waiting",
                condition=models.Q(form="concern", received_at__isnull=True),
                include=["id", "author_id", "restricted_to", "pupil_ids"],
            ),
        ]


@walled(ENTRY)
class EntryPupil(FileRow):
    """A pupil's part in an entry: subject, sibling, harmed, alleged, witness ..."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    pupil_id = models.IntegerField()
    role = models.TextField(default="subject")

    class Meta:
        indexes = [models.Index(fields=["pupil_id", "entry"], name="part_pupil_entry")]


@walled(ENTRY)
class Addendum(FileRow):
    """Something added to an entry: more words, a correction, or a tombstone with its reason. The entry itself stays as it was."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    kind = models.TextField(default="addition", choices=[(k, k) for k in ("addition", "correction", "tombstone")])
    words = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["entry"], name="addendum_entry")]


# Whoever passed a task on does not follow it behind a wall where they may not read: a concern's author sees its receipt alone.
@walled(Wall(pupils="pupil_ids", author="author_id", author_reads=False, named="restricted_to", addressee="assignee_id", write=("insert", "update"),
             columns=("assignee_id", "assignee_role", "due_at", "done_at", "done_by_name", "outcome", "version")))  # fmt: skip
class Task(FileRow):
    """Something that somebody, or whoever holds a role, must do by a time. Its steps are rows of TaskStep."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    title = models.TextField()
    about_entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+")
    assignee_id = models.IntegerField(null=True)
    assignee_role = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True)
    source = models.TextField()
    done_at = models.DateTimeField(null=True)
    done_by_name = models.TextField(blank=True)
    outcome = models.TextField(blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["zone", "due_at"], name="task_zone_due", condition=models.Q(done_at__isnull=True)),
            models.Index(fields=["assignee_id"], name="task_assignee", condition=models.Q(done_at__isnull=True)),
            models.Index(fields=["author_id", "-recorded_at"], name="task_newest_of_author"),
        ]


@walled(Wall(pupils="pupil_ids", author="author_id", addressee="assignee_id", named="restricted_to"))
class TaskStep(FileRow):
    """What was done with a task: taken, handed over, deferred with a reason, done. `minutes`: how long it took, where that was said."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="+")
    verb = models.TextField()
    reason = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True)
    assignee_id = models.IntegerField(null=True)
    minutes = models.SmallIntegerField(null=True)


@walled(Wall(zone=None, author="author_id", write=("insert", "update", "delete")))
class Draft(models.Model):
    """Typed text that has not been sent yet, kept for its writer alone."""

    author_id = models.IntegerField()
    key = models.TextField()
    words = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author_id", "key"], name="one_draft_a_form")]
