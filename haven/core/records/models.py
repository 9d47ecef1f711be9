"""Entries, their pupils, their addenda, and drafts. Rows are added and never changed."""

import uuid
from dataclasses import replace

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from haven.platform.row_security.access_scope import access_scope_field
from haven.platform.row_security.policies import RowPolicy, row_policy

ENTRY = RowPolicy(pupils="pupil_ids", author="author_id", restricted_to="restricted_to")


class FileRow(models.Model):
    """The columns that every row of the file carries for the row policy."""

    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    record_category = models.SmallIntegerField()
    access_scope = access_scope_field()
    author_id = models.IntegerField()
    author_name = models.TextField()
    author_role = models.TextField(blank=True)
    pupil_ids = ArrayField(models.IntegerField())
    restricted_to = ArrayField(models.IntegerField(), null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True


@row_policy(replace(ENTRY, null_on_insert=("acknowledged_at",)))
class Entry(FileRow):
    """An event about a child, in the fields of its form's definition. The form says whether it needs an acknowledgement; the
    database sets `acknowledged_at` when somebody acknowledges it, so that waiting entries are found without reading all others."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    form = models.TextField()
    form_version = models.TextField()
    fields = models.JSONField(default=dict)
    happened_at = models.DateTimeField()
    source = models.TextField(default="person")
    needs_acknowledgement = models.BooleanField(default=False)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            GinIndex(fields=["pupil_ids"], name="entry_pupils"),
            models.Index(fields=["access_scope", "-happened_at"], name="entry_scope_happened"),
            models.Index(fields=["access_scope", "form", "-happened_at"], name="entry_scope_form"),
            # The queue of a form and its count: the indexes include the columns that the row policy reads, so that the rows themselves are
            # not read. An entry that needs an acknowledgement is in exactly one of the two: PostgreSQL cannot know how few are waiting,
            # and might read all that were acknowledged.
            models.Index(
                fields=["access_scope", "form", "-recorded_at", "-id"],
                name="entry_acknowledged",
                condition=models.Q(needs_acknowledgement=True, acknowledged_at__isnull=False),
                include=["author_id", "restricted_to", "pupil_ids"],
            ),
            models.Index(
                fields=["access_scope", "form"],
                name="entry_waiting",
                condition=models.Q(needs_acknowledgement=True, acknowledged_at__isnull=True),
                include=["id", "author_id", "restricted_to", "pupil_ids"],
            ),
        ]


@row_policy(ENTRY)
class EntryPupil(FileRow):
    """A pupil's part in an entry: subject, sibling, harmed, alleged, witness ..."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    pupil_id = models.IntegerField()
    role = models.TextField(default="subject")

    class Meta:
        indexes = [models.Index(fields=["pupil_id", "entry"], name="part_pupil_entry")]


@row_policy(ENTRY)
class Addendum(FileRow):
    """Something added to an entry: more words, a correction, or a retraction with its reason. The entry itself stays as it was."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    kind = models.TextField(default="addition", choices=[(k, k) for k in ("addition", "correction", "retraction")])
    words = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["entry"], name="addendum_entry")]


@row_policy(ENTRY)
class Acknowledgement(FileRow):
    """A user has acknowledged an entry whose form needs it. One row for each entry; the first one wins."""

    entry = models.OneToOneField(Entry, models.PROTECT, related_name="+")


@row_policy(RowPolicy(access_scope=None, author="author_id", write=("insert", "update", "delete")))
class Draft(models.Model):
    """Typed text that has not been sent yet, kept for its writer alone."""

    author_id = models.IntegerField()
    key = models.TextField()
    words = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author_id", "key"], name="one_draft_a_form")]
