"""Concerns: the receipt for the person who raised one."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from haven.platform.row_security.access_scope import access_scope_field
from haven.platform.row_security.policies import RowPolicy, row_policy
from haven.rules.visibility import RecordCategory


@row_policy(
    RowPolicy(
        pupils="pupil_ids",
        addressee="for_user_id",
        write=("insert", "update"),
        columns=("received_at", "received_by_name"),
        author_may_update=False,
        null_on_insert=("received_at",),
    )
)
class Receipt(models.Model):
    """The receipt that the author of a concern can see: that it was sent, and when it was received. It has no content.
    The row policy needs the pupils' ids, so that a relative on the staff does not learn of the concern. Only people who
    acknowledge concerns may set that it was received, and the row policy forbids it for their own concerns."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    access_scope = access_scope_field(RecordCategory.SAFEGUARDING)
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
        """The reference that the author can quote: eight letters and digits."""
        return str(self.ref)[:8].upper()
