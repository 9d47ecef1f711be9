"""Audit events and the blocks that seal them. Text references and no foreign keys: the record outlives what it describes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from haven.walls.declaration import Wall, open_table, walled


@walled(Wall(zone=None, auditing="school_id", pupils="pupil_ids", write=()))
class AuditEvent(models.Model):
    """One thing done or seen. Written through `app.note()` alone, which takes the actor from the entered viewer."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.IntegerField(null=True)
    actor_name = models.TextField(blank=True)
    verb = models.TextField()
    about_kind = models.TextField(blank=True)
    about_ref = models.TextField(blank=True)
    school_id = models.IntegerField(null=True)
    zone = models.IntegerField(null=True)
    pupil_ids = ArrayField(models.IntegerField(), default=list)
    reason = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    request_ref = models.TextField(blank=True)
    # Transaction numbers count within one server; the era is that server's own number, which a restore elsewhere changes.
    era = models.BigIntegerField()
    xid = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["school_id", "-at"], name="audit_school_at"),
            models.Index(fields=["era", "xid"], name="audit_era_xid"),
        ]


@open_table("hashes of sealed blocks; nothing about a person", grants=("select",))
class AuditBlock(models.Model):
    """A sealed run of events, a window of one era's transaction numbers: each block carries the hash of the one before."""

    id = models.BigAutoField(primary_key=True)
    sealed_at = models.DateTimeField()
    era = models.BigIntegerField()
    from_xid = models.BigIntegerField()
    to_xid = models.BigIntegerField()
    events = models.IntegerField()
    previous = models.BinaryField()
    digest = models.BinaryField()
