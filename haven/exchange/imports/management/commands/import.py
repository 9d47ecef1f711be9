"""`haven import WORD FILE` imports schools, a calendar, pupils or marks: the whole file or nothing, unless only the good rows are
requested."""

import json
import sys
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from haven.core.schools.models import School
from haven.core.schools.queries import school_by_urn, schools_by_urn
from haven.exchange.imports.actions import tell_left_behind
from haven.exchange.imports.console import ConsoleImport, Outcome, import_file
from haven.exchange.imports.formats.registry import formats, list_lines
from haven.exchange.imports.queries import left_behind
from haven.exchange.imports.reading.folders import files_of_schools, on_every_core
from haven.exchange.imports.runs.plan import Choices, ImportRejected
from haven.exchange.imports.runs.progress_reporter import no_progress
from haven.platform import clock
from haven.platform.accounts.context import AccessContext, system_context
from haven.platform.ui.words import count_of


class Command(BaseCommand):
    help = "Import a file of schools, pupils, marks or a calendar. Either the whole file is imported or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("word", nargs="?", choices=list(formats()), help="what the file holds")
        parser.add_argument(
            "file",
            nargs="?",
            metavar="FILE",
            help="the file, or a folder of files with the URN of a school in each name",
        )
        parser.add_argument("--school", type=int, metavar="URN", help="the school's number")
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would change and what is wrong, and import nothing"
        )
        parser.add_argument("--good-rows", action="store_true", help="import the valid rows and leave out the others")
        parser.add_argument("--confirm", action="store_true", help="agree that marks on removed sessions are withdrawn")
        parser.add_argument("--jobs", type=int, metavar="N", help="number of files of a folder to import at a time")
        parser.add_argument("--list", action="store_true", help="list the types of file")
        parser.add_argument("--json", action="store_true", help="print JSON for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self.stdout.write("\n".join(list_lines()))
            return
        word, path = options["word"], options["file"]
        if not word or not path:
            raise CommandError(
                "Give the type of file and the file: haven import marks FILE --school URN.", returncode=2
            )
        is_folder = Path(path).is_dir() and options["school"] is None
        if formats()[word].needs_school and options["school"] is None and not is_folder:
            raise CommandError(f"Give the school: haven import {word} FILE --school URN.", returncode=2)
        at = clock.now()
        with system_context(on=clock.today()) as by:
            if not options["dry_run"]:
                self._report_left_behind(at, by)
        (self._folder if is_folder else self._file)(at, by, word, Path(path), options)

    def _file(self, at: datetime, by: AccessContext, word: str, path: Path, options: dict[str, Any]) -> None:
        urn = None if word == "schools" else options["school"]
        school = school_by_urn(urn) if urn else None
        if urn and school is None:
            outcome = _unknown_school(path, urn, options)
        else:
            progress = TerminalProgress(sys.stderr) if sys.stderr.isatty() else None
            asked = ConsoleImport(word, path, school, at, clock.today(), _choices(options), options["dry_run"], by)
            outcome = import_file(asked, progress or no_progress)
            if progress:
                progress.clear()
        if options["json"]:
            self.stdout.write(_as_json(word, outcome))
        else:
            for line in outcome.lines:
                self.stderr.write(line)
        if outcome.is_refused:
            raise CommandError(outcome.said)
        if not options["json"]:
            self.stdout.write(outcome.said)

    def _folder(self, at: datetime, by: AccessContext, word: str, folder: Path, options: dict[str, Any]) -> None:
        """Import every file of a folder, each as a whole for the school in its name, and print the outcome of each."""
        if word == "schools":
            raise CommandError("Schools come in one file: haven import schools FILE.", returncode=2)
        try:
            files = files_of_schools(folder)
            schools = schools_by_urn([urn for urn, _ in files])
            asked = [self._file_of_folder(at, by, word, path, urn, schools.get(urn), options) for urn, path in files]
            refused = 0
            for (_, path), outcome in zip(files, on_every_core(_one_of_many, asked, jobs=options["jobs"]), strict=True):
                refused += outcome.is_refused
                self._report_one_of_many(word, path, outcome, is_json=options["json"])
        except ImportRejected as refusal:
            raise CommandError(str(refusal)) from None
        done = f"{len(files) - refused:,} of {count_of(len(files), 'file')} without an error."
        if refused:
            raise CommandError(f"{done} {count_of(refused, 'file')} not imported.")
        if not options["json"]:
            self.stdout.write(done)

    def _file_of_folder(
        self,
        at: datetime,
        by: AccessContext,
        word: str,
        path: Path,
        urn: int,
        school: School | None,
        options: dict[str, Any],
    ) -> "FolderFile":
        """The import of one file of the folder. Its process gets access, as Haven's system account, to that school alone."""
        places = tuple(place for place in by.places if place.urn == urn)
        account = replace(by, places=places)
        asked = ConsoleImport(word, path, school, at, clock.today(), _choices(options), options["dry_run"], account)
        return FolderFile(urn, asked, options)

    def _report_one_of_many(self, word: str, path: Path, outcome: Outcome, *, is_json: bool) -> None:
        if is_json:
            self.stdout.write(_as_json(word, outcome))
            return
        lines = [line for text in (*outcome.lines, outcome.said) for line in text.splitlines()]
        (self.stderr if outcome.is_refused else self.stdout).write("\n".join(f"{path.name}: {line}" for line in lines))

    def _report_left_behind(self, at: datetime, by: AccessContext) -> None:
        if runs := left_behind():
            self.stderr.write("\n".join(tell_left_behind(by=by, at=at, runs=runs)))


@dataclass(frozen=True)
class FolderFile:
    """One file of a folder, for the school in its name."""

    urn: int
    asked: ConsoleImport
    options: dict[str, Any]


def _one_of_many(file: FolderFile) -> Outcome:
    """Import one file of a folder, in a process of its own."""
    if file.asked.school is None:
        return _unknown_school(file.asked.path, file.urn, file.options)
    return import_file(file.asked)


def _choices(options: dict[str, Any]) -> Choices:
    return Choices(good_rows_only=options["good_rows"], confirm=options["confirm"])


def _unknown_school(path: Path, urn: int, options: dict[str, Any]) -> Outcome:
    said = f"School {urn} was not found. Import the schools first: haven import schools FILE. Nothing was changed."
    return Outcome(said=said, is_refused=True, facts={"file": path.name, "dry_run": options["dry_run"], "why": said})


def _as_json(word: str, outcome: Outcome) -> str:
    return json.dumps({"word": word, "applied": outcome.is_applied, **outcome.facts})


class TerminalProgress:
    """A progress line on a terminal."""

    def __init__(self, terminal: TextIO) -> None:
        self._terminal, self._percent = terminal, -1

    def __call__(self, done: int, total: int) -> None:
        percent = done * 100 // max(total, 1)
        if percent != self._percent:
            self._percent = percent
            self._terminal.write(f"\rImporting: {percent} %")
            self._terminal.flush()

    def clear(self) -> None:
        self._terminal.write("\r" + " " * 30 + "\r")
