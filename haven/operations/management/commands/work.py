"""`haven work`: runs only the job worker (imports, outbox, checkpoints, the night run), until it is stopped."""

from typing import Any

from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app


class Command(BaseCommand):
    help = "Run waiting jobs until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # the Django connector has it
        worker = app.with_connector(connector)
        worker.run_worker(concurrency=2, install_signal_handlers=True, listen_notify=True)
