"""`haven verify`: checks the audit chain, the registers against initial entries and amendments, the live row policies,
and references without a foreign key.

Runs as the owner of the tables, because a row policy could otherwise hide rows from the check. Changes nothing.
"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from haven.attendance.registers.rebuild import sheets_unlike_their_record
from haven.core.schools.models import School
from haven.operations.references import orphans, shared_days
from haven.platform.audit.queries import broken_checkpoint
from haven.platform.row_security.comparison import policies_unlike_declaration


class Command(BaseCommand):
    help = "Check the audit chain, the registers, the row policies and the references between tables."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        broken = broken_checkpoint()
        wrong_sheets = sheets_unlike_their_record(School.objects.order_by("id").values_list("id", flat=True))
        wrong_policies = policies_unlike_declaration()
        faults = []
        if broken:
            faults.append(f"The audit chain is broken at block {broken[0]}: {broken[1]}.")
        if wrong_sheets:
            faults.append(
                f"{len(wrong_sheets)} registers do not match their entries and amendments (the first is number {wrong_sheets[0][0]})."
            )
        if wrong_policies:
            faults.append(
                f"The row policies of these tables differ from their declaration: {', '.join(wrong_policies)}."
            )
        faults += [
            f"{count} numbers in {reference.table}.{reference.column} have no row in {reference.target}."
            for reference, count in orphans()
        ]
        if shared := shared_days():
            faults.append(f"{shared} enrolments share a day with another one of the same pupil at the same school.")
        if options["json"]:
            self.stdout.write(json.dumps({"holds": not faults, "faults": faults}))
        elif not faults:
            self.stdout.write(
                "The audit chain is intact, every register matches its entries, all row policies are as declared, and every reference has its row."
            )
        if faults:
            raise CommandError(" ".join(faults))
