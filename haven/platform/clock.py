"""The one place that reads the clock: views, jobs and commands ask here and pass the time down."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """The present moment, aware: the moment of HAVEN_NOW, else the real clock (moved to its morning in the demonstration)."""
    if settings.FIXED_NOW:
        fixed = datetime.fromisoformat(settings.FIXED_NOW)
        return fixed if fixed.tzinfo else timezone.make_aware(fixed)
    return timezone.now() + timedelta(seconds=settings.CLOCK_OFFSET)


def today() -> date:
    """The present day where the school is."""
    return timezone.localtime(now()).date()
