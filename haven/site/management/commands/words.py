"""`haven words`: print every sentence and label that people read, with its place. Needs no database."""

import json
from dataclasses import asdict
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from haven.site.words import Text, collect


class Command(BaseCommand):
    help = "Print every sentence and label that people read, with its place, so that the words can be reviewed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--app", help="one app only, such as people")
        parser.add_argument("--json", action="store_true", help="one JSON list for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        texts = collect()
        apps = sorted({text.app for text in texts})
        if options["app"]:
            if options["app"] not in apps:
                raise CommandError(f"“{options['app']}” is not an app. The apps are: {', '.join(apps)}.")
            texts = [text for text in texts if text.app == options["app"]]
        if options["json"]:
            self.stdout.write(json.dumps([asdict(text) for text in texts], ensure_ascii=False, indent=1))
            return
        for app, of_app in groupby(texts, key=lambda text: text.app):
            self._print_app(app, list(of_app))

    def _print_app(self, app: str, texts: list[Text]) -> None:
        self.stdout.write(f"\n{app.upper()} ({len(texts)} texts)")
        for path, of_file in groupby(texts, key=lambda text: text.path):
            self.stdout.write(f"\n  haven/{path}")
            for text in of_file:
                mark = "[label] " if text.kind == "label" else ""
                self.stdout.write(f"    {text.line:>4}  {mark}" + text.text.replace("\n", "\n          "))
