"""Opening a list that says more of pupils than their registers, and taking any list out as a file: who, which list and how many rows is
kept, and not what was read."""

from datetime import datetime

from haven.access.viewer import Viewer
from haven.audit.actions import action, note
from haven.rules.visibility import Compartment, zone_of


@action
def note_export(*, by: Viewer, at: datetime, school_id: int, what: str, form: str, rows: int) -> None:
    """Keep that a list left Haven as a file. `what` names the list, `form` is "csv" or "xlsx"."""
    note(
        by=by, at=at, verb="attendance.export_list", about=("list", what), school_id=school_id,
        zone=zone_of(school_id, Compartment.ATTENDANCE), detail={"form": form, "rows": rows},
    )  # fmt: skip


@action
def note_opened(*, by: Viewer, at: datetime, school_id: int, what: str, rows: int) -> None:
    """Keep that a list was opened which weighs what is known of pupils. `what` names the list."""
    note(
        by=by, at=at, verb="attendance.open_list", about=("list", what), school_id=school_id,
        zone=zone_of(school_id, Compartment.ATTENDANCE), detail={"rows": rows},
    )  # fmt: skip
