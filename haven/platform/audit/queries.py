"""Reading the audit record: who did or saw what at a school, and whether the chain still holds. Viewer first: the row policy lets a
school's record be read by those whose role there may read it, and by nobody else."""

from datetime import datetime

from django.db import connection

from haven.platform.audit.models import AuditEvent


def recent_events(*, school_id: int, limit: int = 200) -> list[AuditEvent]:
    """The newest events of a school that the viewer may read, newest first; empty when there are none or they are not for you."""
    return list(AuditEvent.objects.filter(school_id=school_id).order_by("-at")[:limit])


def newest_event_at() -> datetime | None:
    """When the newest event of the whole record was, whoever may read it; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute("select app.newest_event_at()")
        found: datetime | None = cursor.fetchone()[0]
    return found


def broken_checkpoint() -> tuple[int, str] | None:
    """The first block of the chain that no longer fits (number, why), or None when the chain holds."""
    with connection.cursor() as cursor:
        cursor.execute("select block, why from app.broken_checkpoint()")
        found = cursor.fetchone()
    return (int(found[0]), str(found[1])) if found else None
