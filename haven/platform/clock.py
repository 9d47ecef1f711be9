"""The only module that reads the clock: views, jobs and commands call it and pass the time on."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """The present moment, aware: HAVEN_NOW, or the real clock (with the demonstration's offset)."""
    if settings.FIXED_NOW:
        fixed = datetime.fromisoformat(settings.FIXED_NOW)
        return fixed if fixed.tzinfo else timezone.make_aware(fixed)
    return timezone.now() + timedelta(seconds=settings.CLOCK_OFFSET)


def today() -> date:
    """The present day at the school."""
    return timezone.localtime(now()).date()
