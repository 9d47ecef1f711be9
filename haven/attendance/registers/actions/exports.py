"""Audit events for lists that contain more about pupils than their registers, and for exports of any list. The event records who, which
list and how many rows, and not the content."""

from datetime import datetime

from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.rules.visibility import RecordCategory, access_scope_of


@action
def note_export(*, by: AccessContext, at: datetime, school_id: int, what: str, form: str, rows: int) -> None:
    """Record that a list was exported as a file. `what` names the list, `form` is "csv" or "xlsx"."""
    append_event(
        by=by, at=at, verb="attendance.export_list", about=("list", what), school_id=school_id,
        access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE), detail={"form": form, "rows": rows},
    )  # fmt: skip


@action
def note_opened(*, by: AccessContext, at: datetime, school_id: int, what: str, rows: int) -> None:
    """Record that a list with an assessment of pupils was opened. `what` names the list."""
    append_event(
        by=by, at=at, verb="attendance.open_list", about=("list", what), school_id=school_id,
        access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE), detail={"rows": rows},
    )  # fmt: skip
