"""`haven export pupils|marks --school URN`: writes a file to standard output that `haven import` accepts."""

import csv
import os
import sys
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from haven.core.schools.queries import calendar_for, school_by_urn
from haven.exchange.exports.actions import note_export
from haven.exchange.exports.registers import MARKS, Line, marks_of, pupil_columns, pupils_of
from haven.platform import clock
from haven.platform.accounts.context import system_context
from haven.platform.text import is_phone, safe_cell
from haven.rules.sessions import academic_year_of, year_bounds


class Command(BaseCommand):
    help = "Export the pupils on roll, or the marks of an academic year, as a file that Haven can import."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("word", choices=("pupils", "marks"), help="what to export")
        parser.add_argument("--school", type=int, required=True, metavar="URN", help="the school's number")
        parser.add_argument("--year", metavar="YEAR", help="academic year, like 2025-26 (default: this one)")

    def handle(self, *args: Any, **options: Any) -> None:
        today = clock.today()
        year = options["year"] or academic_year_of(today)
        on = self._day(year, today)
        with system_context(on=today) as by:
            school = school_by_urn(options["school"])
            if school is None:
                raise CommandError(f"School {options['school']} was not found. Import the school first.")
            if options["word"] == "marks":
                if calendar_for(school.id, year) is None:
                    raise CommandError(f"The school has no calendar for {year}, so it has no marks.")
                columns, lines = list(MARKS), marks_of(school_id=school.id, year=year)
            else:
                pupils = pupils_of(school_id=school.id, on=on, year=year)
                columns, lines = pupil_columns(pupils), iter(pupils)
            rows = self._write(columns, lines)
            note_export(by=by, at=clock.now(), school_id=school.id, word=options["word"], rows=rows, year=year)
        self.stderr.write(f"{rows:,} lines of {options['word']} of {year}.")

    def _day(self, year: str, today: date) -> date:
        """Today, or the nearest day of another year. Raises CommandError for a text that is not an academic year."""
        try:
            first, last = year_bounds(year)
        except ValueError as problem:
            raise CommandError(str(problem), returncode=2) from None
        return min(max(today, first), last)

    def _write(self, columns: list[str], lines: Iterable[Line]) -> int:
        """Print the lines and return how many. If the reader closes the pipe early (`| head`), the lines printed so far are still
        recorded."""
        out = csv.writer(self.stdout, lineterminator="\r\n")
        rows = 0
        try:
            out.writerow(columns)
            for line in lines:
                out.writerow([_cell(line.get(column, "")) for column in columns])
                rows += 1
            self.stdout.flush()
        except BrokenPipeError:
            print_no_more()
        return rows


def print_no_more() -> None:
    """Discard output that is still buffered, so that the program does not fail on the closed pipe when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _cell(text: str) -> str:
    """A value that a spreadsheet does not run as a formula. A telephone number keeps its plus sign, so that it can be imported again."""
    return text if is_phone(text) else safe_cell(text)
