"""Groups of enrolments: sum the sessions, then divide. Percentages are never averaged.

Source: the Department for Education's methodology of absence statistics ("total absences and possible sessions for all
enrolments"); persistent and severe rates are enrolments flagged over enrolments with a possible session.
"""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from haven.analytics import walk

SUMMED = (
    "possible", "attended", "absent", "authorised", "unauthorised", "late_before", "late_after", "missing",
    "illness_sessions", "broken_weeks",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GroupSum:
    """The sessions of a group of enrolments, summed. Rates are 0 to 1, or None when there is nothing to divide by."""

    enrolments: int
    enrolments_with_possible: int
    possible: int
    attended: int
    absent: int
    authorised: int
    unauthorised: int
    late_before: int
    late_after: int
    missing: int
    illness_sessions: int
    broken_weeks: int
    persistent: int  # enrolments
    severe: int  # enrolments
    threshold_met: int  # enrolments
    possible_at: tuple[int, ...]  # ten half-days from Monday AM to Friday PM
    absent_at: tuple[int, ...]
    suspension_sessions: int | None = None  # None: not counted, as for the two below
    suspended: int | None = None  # enrolments
    suspended_again: int | None = None  # enrolments

    @property
    def attendance_rate(self) -> float | None:
        """Attended over possible."""
        return share(self.attended, self.possible)

    @property
    def absence_rate(self) -> float | None:
        """Absent over possible."""
        return share(self.absent, self.possible)

    @property
    def authorised_rate(self) -> float | None:
        """Authorised over possible."""
        return share(self.authorised, self.possible)

    @property
    def unauthorised_rate(self) -> float | None:
        """Unauthorised over possible."""
        return share(self.unauthorised, self.possible)

    @property
    def persistent_rate(self) -> float | None:
        """Persistently absent enrolments over enrolments with a possible session."""
        return share(self.persistent, self.enrolments_with_possible)

    @property
    def severe_rate(self) -> float | None:
        """Severely absent enrolments over enrolments with a possible session."""
        return share(self.severe, self.enrolments_with_possible)


def share(part: int, whole: int) -> float | None:
    """part / whole at full precision; None (not applicable) when whole is 0."""
    return int(part) / int(whole) if whole else None


def sum_group(measures: Any, suspensions: Any | None = None) -> GroupSum:
    """Sum an array of MEASURES (of `measures.walk_many`), with suspensions of the same enrolments (an array of
    SUSPENSIONS) if given. Returns zeros for no entries."""
    return GroupSum(
        enrolments=len(measures),
        enrolments_with_possible=int(np.count_nonzero(measures["possible"])),
        persistent=int(np.count_nonzero(measures["persistent"])),
        severe=int(np.count_nonzero(measures["severe"])),
        threshold_met=int(np.count_nonzero(measures["threshold_met_on"] != walk.NO_DATE)),
        possible_at=tuple(measures["possible_at"].sum(axis=0, dtype=np.int64).tolist()),
        absent_at=tuple(measures["absent_at"].sum(axis=0, dtype=np.int64).tolist()),
        **{name: int(measures[name].sum(dtype=np.int64)) for name in SUMMED},
        **({} if suspensions is None else _suspended(suspensions)),
    )


def _suspended(suspensions: Any) -> dict[str, int]:
    times = suspensions["times"]
    return {
        "suspension_sessions": int(suspensions["sessions"].sum(dtype=np.int64)),
        "suspended": int(np.count_nonzero(times)),
        "suspended_again": int(np.count_nonzero(times > 1)),
    }


def sum_within(
    measures: Any, labels: Sequence[Collection[Hashable]], suspensions: Any | None = None
) -> dict[Any, GroupSum]:
    """Sum each group, by its label, in the order in which labels first appear; no entries give an empty dict.

    `labels` has the labels of each entry of `measures`: several, one or none; None is a label like any other. Raises
    ValueError when the lengths differ.
    """
    if len(labels) != len(measures):
        raise ValueError("There must be a collection of labels for each enrolment.")
    rows: dict[Any, list[int]] = {}
    for row, held in enumerate(labels):
        for label in held:
            rows.setdefault(label, []).append(row)
    return {
        label: sum_group(measures[of], None if suspensions is None else suspensions[of]) for label, of in rows.items()
    }
