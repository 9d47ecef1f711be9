"""A whole file of pupils onto the roll of a school: all of it or nothing.

What the file says is taken over; what it does not say stays. A contact or a status that the file no longer names stays too, for a
file that is silent about somebody does not say that they are gone. The same file again changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.utils import timezone

from haven.access.viewer import Viewer
from haven.audit.actions import action, note
from haven.people.filling import Filling
from haven.people.matching import PupilRow, RowProblem, match_rows
from haven.people.refusals import Refused


@dataclass(frozen=True)
class Counts:
    """What a file did to the roll: pupils new, changed and as they were; `left` counts those among them whose leaving date is new."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    left: int = 0


class RowsRefused(Refused):
    """Some rows mean nobody for certain; nothing was written. `problems` says which and why."""

    def __init__(self, problems: list[RowProblem]) -> None:
        self.problems = problems
        many = "1 row is" if len(problems) == 1 else f"{len(problems):,} rows are"
        super().__init__(f"{many} not clear, so nothing was changed. Row {problems[0].row}: {problems[0].text}")


@action
def import_pupils(
    *, by: Viewer, at: datetime, school_id: int, rows: Iterable[PupilRow], year: str, source: str = ""
) -> Counts:
    """Put the pupils of a file on the roll of a school for an academic year, or bring them up to date (see matching.PupilRow).

    A pupil without a day of admission begins with the academic year. `source` stands with each status that the file brings ("Pupil
    file of 14 January 2026" without it). Two imports at one school wait for each other. Raises RowsRefused where a row's pupil is not
    certain: leave those rows out and call again. No rows: nothing but zeros.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('pupils'), %s)", [school_id])
    on = timezone.localtime(at).date()
    matched = match_rows(school_id=school_id, rows=rows, year=year)
    if matched.problems:
        raise RowsRefused(matched.problems)
    filling = Filling(by=by, school_id=school_id, year=year, on=on, source=source or f"Pupil file of {_words(on)}")
    for match in matched.matches:
        filling.take(match)
    filling.write()
    counts = Counts(**filling.counts())
    note(by=by, at=at, verb="people.import_pupils", school_id=school_id, detail={"year": year, **vars(counts)})
    return counts


def _words(on: date) -> str:
    return f"{on.day} {on:%B %Y}"
