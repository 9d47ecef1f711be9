"""Audit events and their checkpoints. Text references and no foreign keys: the record outlives what it describes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from haven.platform.row_security.policies import RowPolicy, public_table, row_policy
from haven.rules.visibility import CATEGORIES_PER_SCHOOL


@row_policy(RowPolicy(access_scope=None, auditing="school_id", pupils="pupil_ids", write=()))
class AuditEvent(models.Model):
    """One thing done or seen. Written through `app.append_event()` alone, which takes the actor from the access context."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.IntegerField(null=True)
    actor_name = models.TextField(blank=True)
    verb = models.TextField()
    about_kind = models.TextField(blank=True)
    about_ref = models.TextField(blank=True)
    school_id = models.IntegerField(null=True)
    access_scope = models.IntegerField(null=True)
    pupil_ids = ArrayField(models.IntegerField(), default=list)
    reason = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    request_ref = models.TextField(blank=True)
    # Transaction numbers count within one server; the segment is that server's identifier, which a restore elsewhere changes.
    segment = models.BigIntegerField()
    xid = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["school_id", "-at"], name="audit_school_at"),
            models.Index(fields=["segment", "xid"], name="audit_era_xid"),
        ]
        constraints = [
            # Not a generated column, because many events have a school and no record category.
            models.CheckConstraint(
                name="audit_scope_of_school",
                condition=models.Q(access_scope=None)
                | models.Q(
                    access_scope__gte=models.F("school_id") * CATEGORIES_PER_SCHOOL,
                    access_scope__lt=(models.F("school_id") + 1) * CATEGORIES_PER_SCHOOL,
                ),
            )
        ]


@public_table("hashes of sealed blocks; nothing about a person", grants=("select",))
class AuditCheckpoint(models.Model):
    """A checkpoint: a run of events, with a window of one segment's transaction numbers. Each carries the hash of the previous one."""

    id = models.BigAutoField(primary_key=True)
    written_at = models.DateTimeField()
    segment = models.BigIntegerField()
    from_xid = models.BigIntegerField()
    to_xid = models.BigIntegerField()
    events = models.IntegerField()
    previous = models.BinaryField()
    digest = models.BinaryField()
