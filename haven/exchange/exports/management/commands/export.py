"""`haven export pupils|marks --school URN`: a file that `haven import` takes again, on standard output."""

import csv
import os
import sys
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from haven.core.schools.queries import calendar_for, school_by_urn
from haven.exchange.exports.registers import MARKS, Line, marks_of, pupil_columns, pupils_of
from haven.exchange.imports.actions import note_export
from haven.exchange.imports.problems import safe_cell
from haven.platform import clock
from haven.platform.accounts.context import system_context
from haven.rules.sessions import academic_year_of, year_bounds

FREE_TEXT = ("name", "address", "comment", "relationship", "email", "ethnicity", "language", "group")


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
                found = pupils_of(school_id=school.id, on=on, year=year)
                columns, lines = pupil_columns(found), iter(found)
            rows = self._write(columns, lines)
            note_export(by=by, at=clock.now(), school_id=school.id, word=options["word"], rows=rows, year=year)
        self.stderr.write(f"{rows:,} lines of {options['word']} of {year}.")

    def _day(self, year: str, today: date) -> date:
        """Today, or the nearest day of another year. Wrong usage for what is no academic year."""
        try:
            first, last = year_bounds(year)
        except ValueError as problem:
            raise CommandError(str(problem), returncode=2) from None
        return min(max(today, first), last)

    def _write(self, columns: list[str], lines: Iterable[Line]) -> int:
        """Print the lines and return how many. Where the reader has read enough (`| head`), what was printed is still noted."""
        out = csv.writer(self.stdout, lineterminator="\r\n")
        rows = 0
        try:
            out.writerow(columns)
            for line in lines:
                out.writerow([_cell(column, line.get(column, "")) for column in columns])
                rows += 1
            self.stdout.flush()
        except BrokenPipeError:
            print_no_more()
        return rows


def print_no_more() -> None:
    """Let what is still to be printed go nowhere, so that the end of the program does not stumble over it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _cell(column: str, text: str) -> str:
    """What people typed must not run as a formula in a spreadsheet; codes, dates and telephone numbers stay as they are."""
    return safe_cell(text) if any(word in column for word in FREE_TEXT) else text
