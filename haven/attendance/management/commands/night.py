"""`haven night [--as-of DATE] [--school URN]`: measures, proposals, and the sealing of the record; safe to run twice."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from haven.attendance.night import Night, run_night
from haven.core.schools.models import School
from haven.platform import clock
from haven.platform.accounts.context import system_context
from haven.platform.audit.actions import write_checkpoint
from haven.rules.sessions import BadDate, parse_date


class Command(BaseCommand):
    help = "Check every school's registers and propose tasks for a person to decide."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", metavar="DATE", help="the last day to look at (default: today)")
        parser.add_argument("--school", type=int, metavar="URN", help="one school only")
        parser.add_argument("--json", action="store_true", help="one JSON object for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            as_of = parse_date(options["as_of"]) if options["as_of"] else clock.today()
        except BadDate as problem:
            raise CommandError(f"--as-of: {problem}") from problem
        schools = list(School.objects.order_by("urn"))
        if options["school"] is not None:
            schools = [school for school in schools if school.urn == options["school"]]
            if not schools:
                raise CommandError(
                    f"No school has URN {options['school']}. Import it with `haven import schools FILE`."
                )
        nights = []
        for school in schools:
            with system_context(on=clock.today()) as by:
                nights.append(run_night(by=by, at=clock.now(), school=school, as_of=as_of))
        sealed = write_checkpoint(at=clock.now())
        if options["json"]:
            self.stdout.write(
                json.dumps({"as_of": as_of.isoformat(), "schools": [self._facts(n) for n in nights], "sealed": sealed})
            )
            return
        for night in nights:
            self.stdout.write(self._sentence(night))
        done = sum(not night.why_not for night in nights)
        self.stdout.write(f"{done} of {len(nights)} schools checked; {sealed} audit events sealed.")

    def _facts(self, night: Night) -> dict[str, Any]:
        return {
            "urn": night.school.urn,
            "found": night.proposed,
            "new": night.new,
            "why_not": night.why_not,
            "is_for_nobody": night.is_for_nobody,
        }

    def _sentence(self, night: Night) -> str:
        if night.why_not:
            return f"{night.school.name}: not checked. {night.why_not[0].upper()}{night.why_not[1:]}"
        if night.is_for_nobody:
            return (
                f"{night.school.name}: {_proposals(night.proposed)} found, but there is nobody to assign them to. Add a person with"
                f' `haven user add EMAIL --name "NAME" --role attendance_officer --school {night.school.urn}`,'
                " then run this command again."
            )
        if night.proposed == 0:
            return f"{night.school.name}: no proposals."
        return f"{night.school.name}: {night.new} of {night.proposed} proposals are new."


def _proposals(count: int) -> str:
    return "no proposals were" if count == 0 else "1 proposal was" if count == 1 else f"{count} proposals were"
