"""Writes a checkpoint of the audit record each minute."""

from django.utils import timezone
from procrastinate.contrib.django import app

from haven.platform.audit.actions import write_checkpoint


@app.periodic(cron="* * * * *")
@app.task(name="audit.seal", queueing_lock="audit.seal")
def checkpoint_each_minute(timestamp: int) -> int:
    """Put every committed event into a checkpoint; returns how many."""
    return write_checkpoint(at=timezone.now())
