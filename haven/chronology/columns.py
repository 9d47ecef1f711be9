"""The columns that every row of the file carries for the wall, filled in one place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from haven.access.viewer import Viewer
from haven.rules.visibility import Compartment, zone_of


def file_columns(
    *, by: Viewer, at: datetime, school_id: int, compartment: Compartment, pupil_ids: Sequence[int]
) -> dict[str, Any]:
    """What every row of the file carries for the wall, for a row that `by` writes."""
    return {
        "school_id": school_id,
        "compartment": int(compartment),
        "zone": zone_of(school_id, compartment),
        "author_id": by.user_id,
        "author_name": by.name,
        "author_role": by.role_title(school_id),
        "pupil_ids": sorted(set(pupil_ids)),
        "recorded_at": at,
    }
