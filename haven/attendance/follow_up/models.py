"""First-day response: the steps of a day, its sign-off, and handover notes."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from haven.attendance.registers.models import SCHOOL_ROW, RegisterRow
from haven.platform.row_security.access_scope import access_scope_field
from haven.platform.row_security.policies import RowPolicy, row_policy
from haven.rules.visibility import RecordCategory


@row_policy(RowPolicy(author="author_id", author_reads=False, pupil="pupil_id", write=("insert",)))
class DayStep(RegisterRow):
    """A step of a day's follow-up. Contact attempts are entries of the file instead. Kinds: claimed, accounted for and by whom, passed on,
    explained at the end of the day, arrived late, seen. Append-only; the newest of a kind is in force."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    on = models.DateField()
    half = models.CharField(max_length=2, blank=True)
    kind = models.TextField(
        choices=[
            (k, k)
            for k in (
                "working",
                "released",
                "accounted",
                "not_accounted",
                "passed_on",
                "explained",
                "instruction_done",
                "remark",
                "set_off",
                "back",
            )
        ]
    )
    words = models.TextField(blank=True)
    to_user_id = models.IntegerField(null=True)
    to_name = models.TextField(blank=True)
    next_at = models.DateTimeField(null=True)
    author_name = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["school", "on"], name="step_school_day")]


@row_policy(RowPolicy(author="author_id", pupils="pupil_ids", write=("insert",)))
class DaySignOff(models.Model):
    """The sign-off of a day, by name, with every item that was still open and its explanation. A later sign-off follows a re-opening.

    Kind "rest": signs off an item that the day's sign-off left out, because it opened later or its signer may not see the pupil. It carries
    that pupil for the row policy, so that such a signer does not see it either."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    access_scope = access_scope_field(RecordCategory.ATTENDANCE)
    author_id = models.IntegerField()
    author_name = models.TextField()
    on = models.DateField()
    signed_at = models.DateTimeField()
    counts = models.JSONField()
    open_lines = models.JSONField(default=list)
    kind = models.TextField(default="signed_off", choices=[(k, k) for k in ("signed_off", "reopened", "rest")])
    reason = models.TextField(blank=True)
    pupil_ids = ArrayField(models.IntegerField(), default=list)

    class Meta:
        indexes = [models.Index(fields=["school", "on"], name="signoff_school_day")]


@row_policy(SCHOOL_ROW)
class HandOverNote(models.Model):
    """A handover note to the next person on duty."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    access_scope = access_scope_field(RecordCategory.ATTENDANCE)
    author_id = models.IntegerField()
    author_name = models.TextField()
    for_on = models.DateField()
    words = models.TextField()
    written_at = models.DateTimeField()


@row_policy(SCHOOL_ROW)
class HandOverRead(models.Model):
    """A user who has read a handover note, and when."""

    note = models.ForeignKey(HandOverNote, models.PROTECT, related_name="+")
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    access_scope = access_scope_field(RecordCategory.ATTENDANCE)
    author_id = models.IntegerField()
    author_name = models.TextField()
    read_at = models.DateTimeField()
