"""The columns that every row of the file carries for the row policy, filled in one place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from haven.platform.accounts.context import AccessContext
from haven.rules.visibility import RecordCategory


def policy_columns(
    *, by: AccessContext, at: datetime, school_id: int, record_category: RecordCategory, pupil_ids: Sequence[int]
) -> dict[str, Any]:
    """The columns for the row policy of a row that `by` writes."""
    return {
        "school_id": school_id,
        "record_category": int(record_category),
        "author_id": by.user_id,
        "author_name": by.name,
        "author_role": by.role_title(school_id),
        "pupil_ids": sorted(set(pupil_ids)),
        "recorded_at": at,
    }
