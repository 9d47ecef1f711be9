"""`haven run [--port N] [--no-demo]`: runs the web server and the job worker until Ctrl-C; fills an empty database
first."""

import json
import subprocess
import sys
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from haven.analytics.ready import compile_ahead
from haven.core.schools.models import School
from haven.exchange.imports.actions import tell_left_behind
from haven.exchange.imports.queries import left_behind
from haven.operations.serve import run_until_stopped
from haven.platform import clock
from haven.platform.accounts.context import system_context
from haven.platform.audit.queries import newest_event_at
from haven.platform.clock_file import stands_at, stop_at, write_offset


class Command(BaseCommand):
    help = "Start Haven on this machine. An empty database is first filled with the demonstration."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["no_demo"] and not School.objects.exists():
            self.stdout.write("The database is empty: filling it with the demonstration trust ...")
            if subprocess.run([sys.executable, "-m", "haven", "demo"]).returncode != 0:
                raise CommandError("The demonstration could not be created. The database was not changed.")
        demonstration = settings.DATA / "demonstration.json"
        if demonstration.exists():
            self._resume_the_morning(demonstration)
        self._tell_what_was_left()
        compile_ahead()
        self._say_where(options["port"], demonstration)
        try:
            status = run_until_stopped(options["port"])
        finally:
            if demonstration.exists():
                stop_at(settings.DATA, timezone.now() + timedelta(seconds=settings.CLOCK_OFFSET))
        if status != 0:
            raise CommandError("The web server or the job worker stopped. If the port is in use, try --port 8001.")

    def _tell_what_was_left(self) -> None:
        """Report an import that a stopped server left unfinished."""
        with system_context(on=clock.today()) as by:
            if runs := left_behind():
                self.stdout.write("\n".join(tell_left_behind(by=by, at=clock.now(), runs=runs)))

    def _resume_the_morning(self, demonstration: Path) -> None:
        """Continue the demonstration's clock from where it stopped; the first start is at 09:12. The clock is never
        behind the newest recorded event, so that no record lies in the future."""
        facts = json.loads(demonstration.read_text())
        morning = datetime.combine(datetime.fromisoformat(facts["morning"]).date(), time(9, 12))
        known = [timezone.make_aware(morning), stands_at(settings.DATA), newest_event_at()]
        shown = max(moment for moment in known if moment is not None)
        settings.CLOCK_OFFSET = write_offset(settings.DATA, shown=shown, real=timezone.now())

    def _say_where(self, port: int, demonstration: Path) -> None:
        self.stdout.write(f"\nHaven is at http://127.0.0.1:{port}   (stop with Ctrl-C)\n")
        if demonstration.exists():
            facts = json.loads(demonstration.read_text())
            self.stdout.write(f"\nSign-ins of the demonstration; the password of each is  {facts['password']}\n\n")
            for person in facts["sign_ins"]:
                self.stdout.write(f"  {person['email']:<36} {person['title']}")
            self.stdout.write("")
        self.stdout.flush()
