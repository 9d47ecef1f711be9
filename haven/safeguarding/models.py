"""Concerns: an entry behind the safeguarding wall, who acknowledged it, and the bare receipt for the person who raised it."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from haven.chronology.models import ENTRY, Entry, FileRow
from haven.walls.declaration import Wall, walled


@walled(ENTRY)
class Acknowledgement(FileRow):
    """A lead has seen a concern. One row; the first holds."""

    entry = models.OneToOneField(Entry, models.PROTECT, related_name="+")


@walled(
    Wall(
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
    of the pupils are there for the wall alone, so that a relative on the staff does not learn that there was a concern. That it was
    received is written by those who receive concerns; the wall lets nobody say it of a concern of their own."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    zone = models.IntegerField()
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
