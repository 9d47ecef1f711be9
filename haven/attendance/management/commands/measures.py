"""`haven measures`: every attendance measure of a school between two days, for machines.

One row for each enrolment, ordered by UPN, within one academic year; or one for each group with `--by`, over any days. The columns are described in docs/reference.
"""

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from haven.analytics import results
from haven.analytics.sheets import BadSheet
from haven.attendance.reports.groupings import groupings, groupings_for, record_categories_read
from haven.attendance.reports.groups.query import pooled_measures
from haven.attendance.reports.measures import NoMeasures, measures_of
from haven.core.schools.models import School
from haven.core.schools.queries import school_by_urn
from haven.platform import clock
from haven.platform.accounts.context import AccessContext, system_context
from haven.platform.text import safe_cell
from haven.rules.sessions import BadDate, academic_year_of, parse_date, year_bounds


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
        parser.add_argument("--by", choices=list(groupings()), help="one row for each group instead, over any days")

    def handle(self, *args: Any, school: int, format: str, by: str | None, **options: Any) -> None:
        now_on = clock.today()
        from_on, to_on = span(options["from_on"], options["to_on"], now_on)
        with system_context(on=now_on) as viewer:
            found_school = school_by_urn(school)
            if found_school is None:
                raise CommandError(f"No school has the number {school}. Import the school first.")
            try:
                rows = (
                    _groups(viewer, found_school, by, from_on, to_on) if by
                    else measures_of(school=found_school, from_on=from_on, to_on=to_on).rows()
                )  # fmt: skip
            except NoMeasures as problem:
                raise CommandError(str(problem)) from None
            except BadSheet:
                raise CommandError(
                    f"A register of {found_school.name} has a mark that is not a valid code on its day, so no figure is given."
                    " Run haven verify: it names every register that differs from its record."
                ) from None
        columns = results.GROUP_COLUMNS if by else results.COLUMNS
        text = results.as_json(rows) + "\n" if format == "json" else results.as_csv(rows, columns, safe_cell=safe_cell)
        self.stdout.write(text, ending="")


def _groups(viewer: AccessContext, school: School, by: str, from_on: date, to_on: date) -> list[results.Row]:
    record_categories = record_categories_read(viewer, school.id)
    grouping = next((candidate for candidate in groupings_for(record_categories) if candidate.name == by), None)
    if grouping is None:
        raise NoMeasures(
            f"Haven's own account cannot read the records for the grouping “{by}”. A person with access can see it on the page."
        )
    pooled = pooled_measures(school=school, from_on=from_on, to_on=to_on)
    return results.group_rows(pooled.by(grouping, record_categories), from_on, to_on)


def span(from_on: date | None, to_on: date | None, on: date) -> tuple[date, date]:
    """The days asked for: from the first day of the academic year of the last one, to today or the end of that year."""
    if to_on is None:
        to_on = min(on, year_bounds(academic_year_of(from_on))[1]) if from_on else on
    return from_on or year_bounds(academic_year_of(to_on))[0], to_on
