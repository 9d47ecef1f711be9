"""Records in the audit log that data was exported as a file."""

from __future__ import annotations

from datetime import datetime

from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.rules.visibility import RecordCategory, access_scope_of


@action
def note_export(*, by: AccessContext, at: datetime, school_id: int, word: str, rows: int, year: str) -> None:
    """Record that a school's pupils or marks were exported as a file."""
    access_scope = access_scope_of(school_id, RecordCategory.ATTENDANCE)
    append_event(
        by=by,
        at=at,
        verb="exports.export",
        school_id=school_id,
        access_scope=access_scope,
        detail={"format": word, "rows": rows, "year": year},
    )
