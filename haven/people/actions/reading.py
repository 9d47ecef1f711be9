"""Opening a pupil's page and taking a list out are on record, with who and when; what was read is not repeated."""

from collections.abc import Sequence
from datetime import datetime

from haven.access.viewer import Viewer
from haven.audit.actions import action, note
from haven.people.models import Pupil
from haven.rules.visibility import Compartment, zone_of


@action
def open_pupil(*, by: Viewer, at: datetime, school_id: int, pupil: Pupil) -> None:
    """The viewer has opened the pupil's page."""
    note(
        by=by, at=at, verb="people.open_pupil", about=("pupil", pupil.ref), school_id=school_id,
        zone=zone_of(school_id, Compartment.ATTENDANCE), pupil_ids=[pupil.id],
    )  # fmt: skip


@action
def export_pupils(*, by: Viewer, at: datetime, school_id: int, pupil_ids: Sequence[int], form: str) -> None:
    """The viewer takes a list of pupils out as a file ("csv", "xlsx")."""
    note(
        by=by, at=at, verb="people.export_pupils", school_id=school_id, zone=zone_of(school_id, Compartment.ROLL),
        detail={"form": form, "pupils": len(pupil_ids)},
    )  # fmt: skip
