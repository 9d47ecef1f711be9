"""Progress of a long import, written outside its transaction so that a page sees it during the import."""

from __future__ import annotations

import time
from datetime import date
from types import TracebackType

from django.db import connection

from haven.exchange.imports.models import ImportRun

EVERY = 0.5


class ProgressLine:
    """Writes `done` and `total` of a run through a second connection, at most twice a second. Use it as a context manager."""

    def __init__(self, run: ImportRun, *, user_id: int, on: date) -> None:
        self._run_id, self._user_id, self._on, self._last = run.pk, user_id, on, 0.0
        self._line = connection.copy()

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.close()

    def __call__(self, done: int, total: int) -> None:
        moment = time.monotonic()
        if moment - self._last < EVERY:
            return
        self._last = moment
        with self._line.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute("select app.set_access_context(%s, %s)", [self._user_id, self._on])
            cursor.execute(
                "update imports_importrun set done = %s, total = %s where id = %s", [done, total, self._run_id]
            )
            cursor.execute("commit")
