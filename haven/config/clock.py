"""The one place that reads the clock: views, jobs and commands ask here and pass the time down."""

from datetime import date, datetime

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """The present moment, aware; or the moment of HAVEN_NOW."""
    if settings.FIXED_NOW:
        return timezone.make_aware(datetime.fromisoformat(settings.FIXED_NOW))
    return timezone.now()


def today() -> date:
    return timezone.localtime(now()).date()
