"""`haven definitions`: every definition that is in force today. Needs no database."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from haven.platform import clock
from haven.platform.definitions.installed import definitions, kinds


class Command(BaseCommand):
    help = "List every definition in force: kind, id, version, first day, title, source and file."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--kind", choices=sorted(kinds()), help="only definitions of this kind")
        parser.add_argument("--json", action="store_true", help="a list of objects, for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = _rows(options["kind"])
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False))
            return
        for row in rows:
            self.stdout.write(
                f"{row['kind']} {row['id']}, version {row['version']}, from {row['valid_from']}: {row['title']}"
            )
            self.stdout.write(f"    Source: {row['source']}")
            if row["unverified"]:
                self.stdout.write(f"    Not verified: {row['unverified']}")
            self.stdout.write(f"    File: {row['path']}")
        self.stdout.write(f"{len(rows)} of {_count(options['kind'])} definitions are in force.")


def _rows(kind: str | None) -> list[dict[str, Any]]:
    """The definitions in force today, by kind and in the order of the files."""
    catalogue, today = definitions(), clock.today()
    in_force = {
        (entry.kind, entry.id, entry.version)
        for name, model in kinds().items()
        if kind in (None, name)
        for entry in catalogue.all_in_force(model, today)
    }
    rows = [
        {
            "kind": entry.definition.kind, "id": entry.definition.id, "version": entry.definition.version,
            "valid_from": str(entry.definition.valid_from), "title": entry.definition.title, "source": entry.definition.source,
            "unverified": entry.definition.unverified, "path": entry.file.shown,
        }
        for entry in catalogue.loaded()
        if (entry.definition.kind, entry.definition.id, entry.definition.version) in in_force
    ]  # fmt: skip
    return sorted(rows, key=lambda row: str(row["kind"]))


def _count(kind: str | None) -> int:
    return sum(1 for entry in definitions().loaded() if kind in (None, entry.definition.kind))
