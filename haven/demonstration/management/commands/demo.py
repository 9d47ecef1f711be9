"""`haven demo [--pupils N] [--schools N] [--years N] [--seed S] [--on DATE]`: fills an empty database with the demonstration trust."""

import json
import sys
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from haven.core.schools.models import School
from haven.demonstration.build import Asked, Made, fill
from haven.demonstration.people import PASSWORD, SIGN_INS
from haven.demonstration.places import build_school
from haven.platform import clock
from haven.platform.clock_file import stop_at
from haven.platform.dates import weekday_in_words
from haven.rules.roles import ROLES

PUPILS = 2004
SCHOOLS_UP_TO = 5000
"""Up to this many pupils there are three schools; with more pupils, one for about every six hundred."""


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Fill an empty database with the demonstration trust: made-up schools, families, registers and records."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pupils", type=int, default=PUPILS, help="pupils on roll now (2004)")
        parser.add_argument("--schools", type=int, help="schools (3; for many pupils one for about every 600)")
        parser.add_argument(
            "--years", type=int, default=1, help="whole academic years of marks before the present one (1)"
        )
        parser.add_argument(
            "--seed", type=int, default=1, help="the same seed and date make the same demonstration (1)"
        )
        parser.add_argument(
            "--on", type=date.fromisoformat, help="use the last school morning on or before this date (today)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if School.objects.exists():
            raise CommandError(
                "This database already has schools. The demonstration needs an empty one: choose another folder with HAVEN_DATA."
            )
        asked = self._asked(options)
        made = fill(asked, self._progress)
        self._remember(made)
        self._say(f"{made.schools:,} of {asked.schools:,} schools, {made.pupils:,} of {asked.pupils:,} pupils, {made.former_pupils:,} former "
                  f"pupils, {made.sheets:,} register sheets with {made.marks:,} marks. The clock shows 09:12 on "
                  f"{weekday_in_words(made.morning)}.")  # fmt: skip

    def _asked(self, options: dict[str, Any]) -> Asked:
        pupils = options["pupils"]
        schools = options["schools"] or (3 if pupils <= SCHOOLS_UP_TO else max(3, round(pupils / 600)))
        if pupils < 1 or schools < 1 or options["years"] < 0:
            raise CommandError("Ask for at least one pupil and one school, and for no fewer than 0 earlier years.")
        if options["years"] > 12:
            raise CommandError("Ask for at most 12 earlier years: no pupil has been at school for longer.")
        if sum(sum(place.seats.values()) for place in build_school(schools=schools, pupils=pupils)) != pupils:
            raise CommandError(f"{pupils} pupils do not fill {schools} schools. Ask for fewer schools.")
        on = options["on"] or clock.today()
        return Asked(pupils=pupils, schools=schools, earlier_years=options["years"], seed=options["seed"], on=on)

    def _remember(self, made: Made) -> None:
        """Set the pages' clock to the morning, and record that this is a demonstration and who signs in to it."""
        shown = timezone.make_aware(datetime.combine(made.morning, time(9, 12)))
        facts = {
            "morning": made.morning.isoformat(),
            "password": PASSWORD,
            "sign_ins": [
                {"key": person.key, "email": person.email, "name": person.name, "role": person.role, "where": person.where,
                 "title": f"{person.name}, {_lower(person.job_title or ROLES[person.role].title)}"}
                for person in SIGN_INS
            ],
            "schools": [
                {"key": place.key, "urn": place.urn, "name": place.name}
                for place in build_school(schools=made.schools, pupils=made.pupils)
            ],
        }  # fmt: skip
        (settings.DATA / "demonstration.json").write_text(
            json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8"
        )
        stop_at(settings.DATA, shown)

    def _progress(self, what: str, done: int, of: int) -> None:
        if sys.stderr.isatty():
            print(f"\r\033[K{what}: {done:,} of {of:,}", end="", file=sys.stderr, flush=True)

    def _say(self, sentence: str) -> None:
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr)
        self.stdout.write(sentence)


def _lower(title: str) -> str:
    return title[0].lower() + title[1:]
