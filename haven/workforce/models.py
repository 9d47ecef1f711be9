"""Reading receipts of staff. Other features about staff add their models here."""

import uuid

from django.db import models

from haven.platform.row_security.access_scope import access_scope_field
from haven.platform.row_security.policies import RowPolicy, row_policy
from haven.rules.visibility import RecordCategory


@row_policy(RowPolicy(author="author_id"))
class ReadingReceipt(models.Model):
    """A member of staff has read Part One of Keeping children safe in education in full: one row for each school and
    edition.

    Access scope: safeguarding. All staff may add a row; the head and the safeguarding leads read all rows, authors
    their own.
    """

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    access_scope = access_scope_field(RecordCategory.SAFEGUARDING)
    author_id = models.IntegerField()
    author_name = models.TextField()
    author_role = models.TextField(blank=True)
    guidance = models.TextField()
    edition = models.TextField()
    read_on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "author_id", "guidance", "edition"], name="reading_receipt_once_an_edition"
            )
        ]
        indexes = [models.Index(fields=["access_scope", "guidance", "edition"], name="reading_receipt_zone")]
