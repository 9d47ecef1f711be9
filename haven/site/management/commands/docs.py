"""`haven docs`: writes the generated pages of docs/reference. Needs no database."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from haven.site.generated_docs import pages


class Command(BaseCommand):
    help = "Write the pages of docs/reference that are printed from the statutory rules, and the schemas of definition files."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.HAVEN.parent / "docs" / "reference"
        if not folder.is_dir():
            raise CommandError("Folder docs/reference was not found. Run this in a clone of the repository.")
        changed = 0
        for name, text in pages().items():
            path = folder / name
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
                changed += 1
        self.stdout.write(f"{changed} of {len(pages())} pages were rewritten.")
