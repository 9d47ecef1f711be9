"""Messages to families: each is a row of the outbox, and each attempt to send it another row."""

import uuid

from django.db import models

from haven.platform.row_security.access_scope import access_scope_field
from haven.platform.row_security.policies import RowPolicy, row_policy
from haven.rules.visibility import RecordCategory


class MessageRow(models.Model):
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    access_scope = access_scope_field(RecordCategory.ATTENDANCE)
    author_id = models.IntegerField()
    pupil = models.ForeignKey("people.Pupil", models.PROTECT, related_name="+")

    class Meta:
        abstract = True


@row_policy(RowPolicy(author="author_id", author_reads=False, pupil="pupil_id"))
class Message(MessageRow):
    """A text or an e-mail sent by a user; never with confidential content. Access scope: attendance."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    contact_ref = models.UUIDField()
    channel = models.TextField(choices=[("text", "text"), ("email", "email")])
    template = models.TextField()
    recipient = models.TextField()
    recipient_name = models.TextField(blank=True)
    subject = models.TextField(blank=True)
    body = models.TextField()
    once_key = models.TextField()
    author_name = models.TextField()
    queued_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "author_id", "once_key"], name="sent_once")]
        indexes = [
            models.Index(fields=["pupil"], name="message_pupil"),
            # Includes the columns that the row policy reads, so that no more rows than those shown are read from years of messages.
            models.Index(
                fields=["school", "-queued_at", "-id"],
                name="message_newest_of_school",
                include=["access_scope", "pupil"],
            ),
        ]


@row_policy(RowPolicy(author="author_id", author_reads=False, pupil="pupil_id"))
class Delivery(MessageRow):
    """One attempt to send a message, and its result."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="+")
    state = models.TextField(choices=[(k, k) for k in ("sending", "sent", "delivered", "failed", "given_up")])
    detail = models.TextField(blank=True)
    carrier_ref = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["message"], name="delivery_message")]
