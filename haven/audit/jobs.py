"""Sealing the record each minute."""

from django.utils import timezone
from procrastinate.contrib.django import app

from haven.audit.actions import seal


@app.periodic(cron="* * * * *")
@app.task(name="audit.seal", queueing_lock="audit.seal")
def seal_each_minute(timestamp: int) -> int:
    """Seal every finished event; returns how many."""
    return seal(at=timezone.now())
