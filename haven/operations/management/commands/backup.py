"""`haven backup FOLDER`: writes a restorable copy of everything, as of one moment, while users continue to work."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from haven.operations.backup import make_backup
from haven.operations.backup_folder import CopyRefused
from haven.operations.cli import schema_stamp
from haven.platform import clock
from haven.platform.accounts.context import system_context
from haven.platform.audit.actions import append_event


class Command(BaseCommand):
    help = "Write a restorable copy of everything to a new folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="a folder that does not exist yet")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"].absolute()
        signal.signal(signal.SIGTERM, _stop)
        try:
            with system_context(on=clock.today()) as by:
                append_event(by=by, at=clock.now(), verb="keeping.back_up", about=("backup", folder.name))
            made = make_backup(folder, at=timezone.now(), schema=schema_stamp(), on_progress=self._progress)
        except CopyRefused as refusal:
            raise CommandError(f"{refusal} No backup was made.") from refusal
        except OSError as fault:
            raise CommandError(f"{folder} could not be written: {fault.strerror}. No backup was made.") from fault
        self.stdout.write(
            f"{len(made.tables)} of {len(made.tables)} tables with {made.rows:,} rows are in {folder}. It holds every child's"
            " record unencrypted. Encrypt it, and protect it like the records themselves."
        )
        if not made.has_key:
            self.stdout.write("It does not contain HAVEN_SECRET_KEY. Store that key separately.")

    def _progress(self, done: int, of: int) -> None:
        if sys.stderr.isatty():
            end = "" if done < of else "\r\033[K"
            print(f"\r\033[KBackup: {done} of {of} tables", end=end, file=sys.stderr, flush=True)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
