"""Imports: the file unchanged, its problems, the changes that were applied, and whether they were undone."""

import uuid

from django.db import models

from haven.platform.row_security.access_scope import access_scope_of_school_or_none
from haven.platform.row_security.policies import RowPolicy, row_policy
from haven.rules.visibility import RecordCategory

ROW = RowPolicy(author="author_id", write=("insert", "update"))


@row_policy(ROW)
class ImportRun(models.Model):
    """One imported file. Access scope: attendance of its school (access scope 0 for a file of schools)."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    school = models.ForeignKey("schools.School", models.PROTECT, null=True, related_name="+")
    access_scope = access_scope_of_school_or_none(RecordCategory.ATTENDANCE)
    author_id = models.IntegerField()
    author_name = models.TextField()
    format = models.TextField()
    file_name = models.TextField()
    file_bytes = models.BigIntegerField()
    sha256 = models.TextField()
    state = models.TextField(
        default="received",
        choices=[
            (k, k)
            for k in (
                "received",
                "reading",
                "read",
                "waiting",
                "applying",
                "applied",
                "to_undo",
                "undoing",
                "refused",
                "failed",
                "undone",
                "discarded",
            )
        ],  # fmt: skip
    )
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    problem_count = models.IntegerField(default=0)
    mapping = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by_name = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["school", "-received_at"], name="import_school")]


@row_policy(RowPolicy(author="author_id"))
class ImportFile(models.Model):
    """The file, unchanged, in pieces of at most 4 MiB; a packed piece is in zlib's format."""

    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="+")
    school = models.ForeignKey("schools.School", models.PROTECT, null=True, related_name="+", db_index=False)
    access_scope = access_scope_of_school_or_none(RecordCategory.ATTENDANCE)
    author_id = models.IntegerField()
    part = models.IntegerField()
    content = models.BinaryField()
    is_packed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "part"], name="one_piece_a_number")]
