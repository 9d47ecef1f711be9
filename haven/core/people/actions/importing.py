"""A whole file of pupils onto the roll of a school: all of it or nothing.

What the file says is taken over; what it does not say stays. A contact or a status that the file no longer names stays too, for a
file that is silent about somebody does not say that they are gone. The same file again changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from haven.core.people.matching import PupilRow, RowProblem, match_rows
from haven.core.people.pupil_import import PupilImport, compare_pupils, lock_roll
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.errors import ActionRejected

MANY = 1000
"""So many pupils make the planner's picture of the roll an old one."""


@dataclass(frozen=True)
class Counts:
    """What a file did to the roll: pupils new, changed and as they were; `left` counts those among them whose leaving date is new."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    left: int = 0


class RowsRefused(ActionRejected):
    """Some rows mean nobody for certain; nothing was written. `problems` says which and why."""

    def __init__(self, problems: list[RowProblem]) -> None:
        self.problems = problems
        many = "1 row is" if len(problems) == 1 else f"{len(problems):,} rows are"
        super().__init__(f"{many} not clear. Nothing was changed. Row {problems[0].row}: {problems[0].text}")


@action
def import_pupils(
    *, by: AccessContext, at: datetime, school_id: int, rows: Iterable[PupilRow], year: str, source: str = "",
    compared: PupilImport | None = None,
) -> Counts:  # fmt: skip
    """Put the pupils of a file on the roll of a school for an academic year, or bring them up to date (see matching.PupilRow).

    A pupil without a day of admission begins with the academic year. `source` stands with each status that the file brings ("Pupil
    file of 14 January 2026" without it). Two imports at one school wait for each other. `compared` is what compare_pupils found
    for these rows since `lock_roll`, in this transaction; else they are compared here. Raises RowsRefused where a row's pupil is not
    certain: leave those rows out and call again. No rows: nothing but zeros.
    """
    lock_roll(school_id)
    if compared is None:
        matched = match_rows(school_id=school_id, rows=rows, year=year)
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
