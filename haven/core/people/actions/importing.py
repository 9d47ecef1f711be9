"""Imports a whole file of pupils onto the roll of a school, all or nothing.

Values of the file replace stored ones; values that the file does not give stay. A contact or a status that the file no longer names stays
too, because its absence from a file does not mean that it has ended. The same file again changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

from haven.core.people.matching import PupilRow, RowProblem, match_rows
from haven.core.people.pupil_import import PupilImport, compare_pupils, lock_roll
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.errors import ActionRejected

MANY = 1000
"""From this number of new pupils on, the planner's statistics of the roll are updated."""


@dataclass(frozen=True)
class Counts:
    """What a file did to the roll: pupils new, changed and unchanged; `left` counts those among them whose leaving date is new."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    left: int = 0


class RowsRefused(ActionRejected):
    """Some rows cannot be matched to one pupil; nothing was written. `problems` says which and why."""

    def __init__(self, problems: list[RowProblem]) -> None:
        self.problems = problems
        rows_are = "1 row is" if len(problems) == 1 else f"{len(problems):,} rows are"
        super().__init__(f"{rows_are} not clear. Nothing was changed. Row {problems[0].row}: {problems[0].text}")


@action
def import_pupils(
    *, by: AccessContext, at: datetime, school_id: int, rows: Iterable[PupilRow], year: str, source: str = "",
    compared: PupilImport | None = None,
) -> Counts:  # fmt: skip
    """Put the pupils of a file on the roll of a school for an academic year, or update them (see matching.PupilRow).

    A pupil without a day of admission begins with the academic year. `source` is stored with each status that the file brings (default:
    "Pupil file of 14 January 2026"). Two imports at one school wait for each other. `compared` is the result of compare_pupils for these
    rows since `lock_roll`, in this transaction; without it they are compared here. Raises RowsRefused if a row's pupil is not certain: the
    caller can leave those rows out and call again. No rows: zeros.
    """
    lock_roll(school_id)
    if compared is None:
        matched = match_rows(school_id=school_id, rows=rows, year=year, on=timezone.localtime(at).date())
        if matched.problems:
            raise RowsRefused(matched.problems)
        compared = compare_pupils(by=by, at=at, school_id=school_id, matches=matched.matches, year=year, source=source)
    compared.write()
    counts = Counts(**compared.counts())
    append_event(by=by, at=at, verb="people.import_pupils", school_id=school_id, detail={"year": year, **vars(counts)})
    if counts.new + counts.changed >= MANY:
        with connection.cursor() as cursor:
            cursor.execute("select app.count_the_roll()")
    return counts
