"""`haven import WORD FILE`: schools, a calendar, pupils, marks; all of a file or nothing, unless the good rows are asked for."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser

from haven.core.schools.models import School
from haven.core.schools.queries import calendars_asked_once, school_by_urn, schools_by_urn
from haven.exchange.imports.actions import apply_run, begin_run, receive_file, refuse_run, take_in, tell_left_behind
from haven.exchange.imports.formats.registry import formats, list_lines
from haven.exchange.imports.models import ImportRun
from haven.exchange.imports.queries import left_behind, saved_mapping
from haven.exchange.imports.reading.folders import files_of_schools, on_every_core
from haven.exchange.imports.reading.table import Options
from haven.exchange.imports.runs.locks import import_lock, lock_imports, relax_commit_durability
from haven.exchange.imports.runs.plan import APPLIED_AT_ONCE, Figures, ImportRefused, Plan, as_dict
from haven.exchange.imports.runs.planning import fitting, make_plan
from haven.exchange.imports.runs.progress_reporter import ProgressReporter
from haven.exchange.imports.runs.stored import PIECE, watched
from haven.exchange.imports.runs.stored_plans import largest_file
from haven.platform import clock
from haven.platform.accounts.context import AccessContext, system_context
from haven.platform.row_security.context import access_context
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
        if not options["dry_run"]:
            self._tell_what_was_left(at)
        if is_folder:
            self._folder(at, word, Path(path), options)
            return
        run = _Run(self, at, word, Path(path), options)
        try:
            run.go()
        except ImportRefused as refusal:
            if options["json"]:
                self.stdout.write(json.dumps({"word": word, "applied": False, "why": str(refusal), **run.facts}))
            raise CommandError(str(refusal)) from None

    def _folder(self, at: datetime, word: str, folder: Path, options: dict[str, Any]) -> None:
        """Every file of a folder, each for the school of its name and whole or not at all; says of each what came of it."""
        if word == "schools":
            raise CommandError("Schools come in one file: haven import schools FILE.", returncode=2)
        try:
            found = files_of_schools(folder)
            turn, known = uuid4(), schools_by_urn([urn for urn, _ in found])
            each = [_Asked(word, path, {**options, "school": urn}, at, turn, known.get(urn)) for urn, path in found]
            refused = 0
            for (_, path), said in zip(found, on_every_core(_one_of_many, each, jobs=options["jobs"]), strict=True):
                refused += said.is_refused
                lines = said.lines if options["json"] else [f"{path.name}: {line}" for line in said.lines]
                (self.stderr if said.is_refused and not options["json"] else self.stdout).write("\n".join(lines))
        except ImportRefused as refusal:
            raise CommandError(str(refusal)) from None
        done = f"{len(found) - refused:,} of {count_of(len(found), 'file')} without an error."
        if refused:
            raise CommandError(f"{done} {count_of(refused, 'file')} not imported.")
        if not options["json"]:
            self.stdout.write(done)

    def _tell_what_was_left(self, at: datetime) -> None:
        with system_context(on=clock.today()) as by:
            if runs := left_behind():
                self.stderr.write("\n".join(tell_left_behind(by=by, at=at, runs=runs)))


@dataclass(frozen=True)
class _Asked:
    """One file of a folder, brought in with others in one `turn`."""

    word: str
    path: Path
    options: dict[str, Any]
    at: datetime
    turn: UUID
    school: School | None


_VIEWERS: dict[tuple[UUID | None, date], AccessContext] = {}


@dataclass(frozen=True)
class _Told:
    """What came of one file of a folder."""

    lines: list[str]
    is_refused: bool


def _one_of_many(asked: _Asked) -> _Told:
    """The import of one file of a folder, in a process of its own."""
    out, err = io.StringIO(), io.StringIO()
    run = _Run(Command(stdout=out, stderr=err, no_color=True), asked.at, asked.word, asked.path, asked.options)
    run.terminal, run.turn, run.school, refusal = None, asked.turn, asked.school, ""
    try:
        run.go()
    except ImportRefused as refused:
        refusal = str(refused)
        if asked.options["json"]:
            out.write(json.dumps({"word": asked.word, "applied": False, "why": refusal, **run.facts}))
    told = out.getvalue() if asked.options["json"] else err.getvalue() + out.getvalue() + refusal
    return _Told(told.splitlines(), bool(refusal))


def _raise(refusal: ImportRefused) -> None:
    raise refusal


class _Run:
    """One use of the command."""

    def __init__(self, command: Command, at: datetime, word: str, path: Path, options: dict[str, Any]) -> None:
        self.command, self.at, self.word, self.path, self.options = command, at, word, path, options
        self.facts: dict[str, Any] = {"file": path.name, "dry_run": options["dry_run"]}
        self.terminal = sys.stderr if sys.stderr.isatty() else None
        self.shown = -1
        self.turn: UUID | None = None
        self.school: School | None = None

    def go(self) -> None:
        """A short file is one transaction, from reading it to all that it changes. A long one is two: reading, comparing, keeping the
        file and saying that it is being applied; then all that it changes."""
        with ExitStack() as held:
            school = self._school()
            with self._entered(school) as by:
                before, mapping = self._stamp(), self._mapping(school)
                plan = self._plan(by, school, mapping)
                self._tell_problems(plan)
                why_not = plan.why_refused(good_rows_only=self.options["good_rows"]) or plan.confirm
                if why_not:
                    hint = " To continue: --confirm." if plan.confirm and plan.confirm == why_not else ""
                    hint = " To import the valid rows only: --good-rows." if self._may_take_good_rows(plan) else hint
                    raise ImportRefused(why_not + hint, plan)
                if self._finish_here(plan, school) or school is None:
                    return
                if plan.is_held and (whole := self._whole(before)):
                    held.callback(self._take_in(by, school, mapping, plan, whole))
                    return
                anew = plan.anew
                plan.close()
                del plan
                run = self._receive(by, school, mapping)
                held.enter_context(import_lock(run.ref))
                begin_run(by=by, at=self.at, run=run, state="applying")
                relax_commit_durability()
            self._apply(by, school, run, anew if before == self._stamp() and before is not None else None)

    @contextmanager
    def _entered(self, school: School | None) -> Iterator[AccessContext]:
        """Entered as the account that brings files in, which is looked up once in a process for all the files of a turn. For marks at
        their school alone: whoever is on another school's roll is nobody to them."""
        on = clock.today()
        at_school = self._at_school(school)
        # Marks change no calendar, and what is compared under the locks of the registers is written under them.
        once = calendars_asked_once() if self.word == "marks" else nullcontext()
        with system_context(on=on, reuse=_VIEWERS.get((self.turn, on)), at_school=at_school) as by, once:
            if self.turn:
                _VIEWERS[self.turn, on] = by
            yield by

    def _school(self) -> School | None:
        if self.options["school"] is None or self.word == "schools":
            return None
        school = self.school or school_by_urn(self.options["school"])
        if school is None:
            raise ImportRefused(
                f"School {self.options['school']} was not found. Import the schools first:"
                " haven import schools FILE. Nothing was changed."
            )
        return school

    def _mapping(self, school: School | None) -> dict[str, str]:
        """What somebody chose on the page for the school's files of this kind, as far as it fits this one."""
        saved = saved_mapping(school.id, self.word) if school else {}
        return fitting(self.word, saved, self.path, self._options()) if saved else {}

    def _options(self, mapping: dict[str, str] | None = None, steps: ProgressReporter | None = None) -> Options:
        chosen = Options(mapping=mapping or None, name=self.path.name, max_bytes=largest_file())
        return replace(chosen, opened=steps.opened) if steps else chosen

    def _plan(self, by: AccessContext, school: School | None, mapping: dict[str, str]) -> Plan:
        if school is None:
            lock_imports(None)
        size = self.path.stat().st_size if self.path.is_file() else 0
        steps = ProgressReporter(lambda done, total: self._progress("Reading", done, total), size)
        with self._opened(steps) as source:
            return make_plan(
                by=by, at=self.at, word=self.word, school=school, source=source, options=self._options(mapping, steps),
                confirm=self.options["confirm"], at_once=0 if self.options["dry_run"] else APPLIED_AT_ONCE,
                compared=steps.compared,
            )  # fmt: skip

    @contextmanager
    def _opened(self, steps: ProgressReporter) -> Iterator[BinaryIO | Path]:
        """The file, with a line of progress on a terminal; what cannot be opened is for the reader to say."""
        if self.terminal is None or not self.path.is_file():
            yield self.path
            return
        with self.path.open("rb", buffering=0) as file:
            yield watched(file, steps.read_to)
        self._progress_ends()

    def _progress(self, what: str, done: int, total: int) -> None:
        percent = done * 100 // max(total, 1)
        if self.terminal is not None and percent != self.shown:
            self.shown = percent
            self.terminal.write(f"\r{what}: {percent} %")
            self.terminal.flush()

    def _progress_ends(self) -> None:
        if self.terminal is not None:
            self.terminal.write("\r" + " " * 30 + "\r")

    def _tell_problems(self, plan: Plan) -> None:
        self.facts |= {
            **plan.figures.as_dict(), "how_read": plan.how_read, "layout": plan.layout, "changes": list(plan.changes),
            "problem_count": plan.log.total, "problems": [as_dict(problem) for problem in plan.log.shown()],
        }  # fmt: skip
        if self.options["json"]:
            return
        for problem in plan.log.shown():
            self.command.stderr.write(f"{'Error' if problem.is_error else 'Check'}: {problem.sentence}")
        if plan.log.total:
            first = f"the first {plan.log.cap:,} of them above" if plan.log.total > plan.log.cap else "all above"
            self.command.stderr.write(f"{plan.log.summary()[:-1]}, {first}.")

    def _may_take_good_rows(self, plan: Plan) -> bool:
        return plan.may_take_good_rows and not self.options["good_rows"]

    def _finish_here(self, plan: Plan, school: School | None) -> bool:
        """Whether nothing is left to do: a dry run, nothing to change, or schools, which are not kept as files."""
        if not plan.figures.differing:
            self._say(plan.nothing() if plan.is_nothing else f"Nothing to change. {plan.counted()}", applied=False)
            return True
        if self.options["dry_run"]:
            lines = [f"Would import {plan.counted()}", *plan.changes, "Nothing was changed: this was a dry run."]
            self._say("\n".join(lines), applied=False)
            return True
        if school is None:
            self._say_done(plan, plan.writing(None, lambda done, total: None))
            return True
        self.unit = plan.unit
        return False

    def _stamp(self) -> tuple[int, ...] | None:
        """What changes when somebody writes to the file; None where it is not there."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _whole(self, before: tuple[int, ...] | None) -> bytes | None:
        """What stands in a short file, as it was read; None where it is long, or somebody has written to it since."""
        if before is None or not self.path.is_file() or self.path.stat().st_size > PIECE:
            return None
        whole = self.path.read_bytes()
        return whole if self._stamp() == before else None

    def _take_in(
        self, by: AccessContext, school: School, mapping: dict[str, str], plan: Plan, whole: bytes
    ) -> Callable[[], None]:
        """Apply what was planned, in the transaction that is open; what is left to say when it is through."""
        try:
            run, figures = take_in(
                by=by, at=self.at, school_id=school.id, plan=plan, file=io.BytesIO(whole), mapping=mapping,
                good_rows_only=self.options["good_rows"],
            )  # fmt: skip
        except ImportRefused as refusal:
            refuse_run(by=by, at=self.at, run=self._receive(by, school, mapping), refusal=refusal)
            return partial(_raise, refusal)
        return partial(self._say_applied, run, figures)

    def _receive(self, by: AccessContext, school: School, mapping: dict[str, str]) -> ImportRun:
        with self.path.open("rb") as file:
            return receive_file(
                by=by, at=self.at, school_id=school.id, format=self.word, file=file, name=self.path.name, mapping=mapping
            )  # fmt: skip

    def _apply(
        self, by: AccessContext, school: School, run: ImportRun, anew: Callable[[AccessContext, datetime], Plan] | None
    ) -> None:
        """Apply a file that was received; `anew` where it is still what was read."""
        today, at_school = clock.today(), self._at_school(school)
        try:
            with access_context(by.user_id, on=today, at_school=at_school):
                figures = apply_run(
                    by=by, at=self.at, run=run, good_rows_only=self.options["good_rows"],
                    confirm=self.options["confirm"], largest=largest_file(),
                    progress=lambda done, total: self._progress("Applying", done, total), anew=anew,
                )  # fmt: skip
        except ImportRefused as refusal:
            with access_context(by.user_id, on=today, at_school=at_school):
                refuse_run(by=by, at=self.at, run=run, refusal=refusal)
            raise
        self._progress_ends()
        self._say_applied(run, figures)

    def _at_school(self, school: School | None) -> int | None:
        return school.id if school and self.word == "marks" else None

    def _say_applied(self, run: ImportRun, figures: Figures) -> None:
        self.facts["reference"] = str(run.ref)
        self._say_done(None, figures)

    def _say_done(self, plan: Plan | None, figures: Figures) -> None:
        unit = plan.unit if plan else self.unit
        words = f"{figures.good:,} of {figures.read:,} {unit}{'' if figures.read == 1 else 's'} imported"
        notes = f", {count_of(figures.notes, 'note')} beside marks" if figures.notes else ""
        self.facts |= figures.as_dict()
        self._say(
            f"{words}: {figures.new:,} new, {figures.changed:,} changed, {figures.unchanged:,} unchanged{notes}.",
            applied=True,
        )

    def _say(self, text: str, *, applied: bool) -> None:
        if self.options["json"]:
            self.command.stdout.write(json.dumps({"word": self.word, "applied": applied, **self.facts}))
        else:
            self.command.stdout.write(text)
