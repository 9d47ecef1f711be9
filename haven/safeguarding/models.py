"""Concerns: an entry behind the safeguarding row policy, who acknowledged it, and the bare receipt for the person who raised it."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from haven.core.records.models import ENTRY, Entry, FileRow
from haven.platform.row_security.policies import RowPolicy, row_policy


@row_policy(ENTRY)
class Acknowledgement(FileRow):
    """A lead has seen a concern. One row; the first holds."""

    entry = models.OneToOneField(Entry, models.PROTECT, related_name="+")


@row_policy(
    RowPolicy(
        pupils="pupil_ids",
        addressee="for_user_id",
        write=("insert", "update"),
        columns=("received_at", "received_by_name"),
        own_changes=False,
        empty_at_first=("received_at",),
    )
)
class Receipt(models.Model):
    """What the person who raised a concern keeps in sight: that it was sent, and when it was received. No content; the numbers
    of the pupils are there for the row policy alone, so that a relative on the staff does not learn that there was a concern. That it was
    received is written by those who receive concerns; the row policy lets nobody say it of a concern of their own."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    access_scope = models.IntegerField()
    for_user_id = models.IntegerField()
    pupil_ids = ArrayField(models.IntegerField(), default=list)
    entry_ref = models.UUIDField()
    raised_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    received_by_name = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["for_user_id", "school", "-raised_at", "-id"], name="receipt_newest_of_mine")]

    @property
    def reference(self) -> str:
        """What the person who raised it can quote: eight letters and figures."""
        return str(self.ref)[:8].upper()
