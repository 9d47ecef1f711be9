"""Opening a list that says more of pupils than their registers, and taking any list out as a file: who, which list and how many rows is
kept, and not what was read."""

from datetime import datetime

from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.rules.visibility import RecordCategory, access_scope_of


@action
def note_export(*, by: AccessContext, at: datetime, school_id: int, what: str, form: str, rows: int) -> None:
    """Keep that a list left Haven as a file. `what` names the list, `form` is "csv" or "xlsx"."""
    append_event(
        by=by, at=at, verb="attendance.export_list", about=("list", what), school_id=school_id,
        access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE), detail={"form": form, "rows": rows},
    )  # fmt: skip


@action
def note_opened(*, by: AccessContext, at: datetime, school_id: int, what: str, rows: int) -> None:
    """Keep that a list was opened which weighs what is known of pupils. `what` names the list."""
    append_event(
        by=by, at=at, verb="attendance.open_list", about=("list", what), school_id=school_id,
        access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE), detail={"rows": rows},
    )  # fmt: skip
