"""Audit events for opening a pupil's page and exporting a list: who and when, without the content."""

from collections.abc import Sequence
from datetime import datetime

from haven.core.people.models import Pupil
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.rules.visibility import RecordCategory, access_scope_of


@action
def open_pupil(*, by: AccessContext, at: datetime, school_id: int, pupil: Pupil) -> None:
    """Record that the user opened the pupil's page."""
    append_event(
        by=by, at=at, verb="people.open_pupil", about=("pupil", pupil.ref), school_id=school_id,
        access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE), pupil_ids=[pupil.id],
    )  # fmt: skip


@action
def export_pupils(*, by: AccessContext, at: datetime, school_id: int, pupil_ids: Sequence[int], form: str) -> None:
    """Record that the user exported a list of pupils as a file ("csv", "xlsx")."""
    append_event(
        by=by, at=at, verb="people.export_pupils", school_id=school_id, access_scope=access_scope_of(school_id, RecordCategory.ROLL),
        detail={"form": form, "pupils": len(pupil_ids)},
    )  # fmt: skip
