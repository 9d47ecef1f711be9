"""`haven measures`: every attendance measure of a school between two days, for machines.

One row for each enrolment, ordered by UPN, or one for each group with `--by`. The columns are described in docs/reference.
"""

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from haven import clock
from haven.access.viewer import service_viewer
from haven.analytics import results
from haven.attendance.measures import BY, NoMeasures, measures_of
from haven.rules.sessions import BadDate, academic_year_of, parse_date, year_bounds
from haven.schools.queries import school_by_urn


def day(text: str) -> date:
    """A day of the command line. Raises ArgumentTypeError, which is wrong usage."""
    try:
        return parse_date(text)
    except BadDate as problem:
        raise ArgumentTypeError(str(problem)) from None


class Command(BaseCommand):
    help = "Print every attendance measure of a school between two days, one row for each enrolment or group."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--school", type=int, required=True, metavar="URN", help="the school's number")
        parser.add_argument("--from", type=day, dest="from_on", metavar="DAY", help="first day (default: 1 September)")
        parser.add_argument("--to", type=day, dest="to_on", metavar="DAY", help="last day, included (default: today)")
        parser.add_argument("--format", choices=("csv", "json"), default="csv")
        parser.add_argument("--by", choices=BY, help="one row for each group instead")

    def handle(self, *args: Any, school: int, format: str, by: str | None, **options: Any) -> None:
        now_on = clock.today()
        from_on, to_on = span(options["from_on"], options["to_on"], now_on)
        with service_viewer(on=now_on):
            found = school_by_urn(school)
            if found is None:
                raise CommandError(f"Haven knows no school with the number {school}. Bring in the school first.")
            try:
                measures = measures_of(school=found, from_on=from_on, to_on=to_on)
            except NoMeasures as problem:
                raise CommandError(str(problem)) from None
            rows = results.group_rows(measures.by(by), from_on, to_on) if by else measures.rows()
        columns = results.GROUP_COLUMNS if by else results.COLUMNS
        text = results.as_json(rows) + "\n" if format == "json" else results.as_csv(rows, columns)
        self.stdout.write(text, ending="")


def span(from_on: date | None, to_on: date | None, on: date) -> tuple[date, date]:
    """The days asked for: from the first day of the academic year of the last one, to today or the end of that year."""
    if to_on is None:
        to_on = min(on, year_bounds(academic_year_of(from_on))[1]) if from_on else on
    return from_on or year_bounds(academic_year_of(to_on))[0], to_on
