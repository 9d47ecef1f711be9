"""Starts the tests' own database server before Django reads its settings (named with -p in pyproject.toml).

`HAVEN_TEST_DATABASE_URL` selects another PostgreSQL; without it an embedded cluster in a temporary folder is created, shared by the
processes of one run and deleted afterwards.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

MIGRATED = "haven_tests_migrated"
"""The database that is migrated once a run; each process works in a copy."""


def _start() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    # The browser's driver keeps an event loop in the process of the browser tests; database tests may follow in the same process.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    given = os.environ.get("HAVEN_TEST_DATABASE_URL")
    if "HAVEN_TESTS_STARTED" in os.environ:  # a worker of the same run
        return
    folder = Path(tempfile.mkdtemp(prefix="haven-tests-"))
    folder.chmod(0o711)
    os.environ["HAVEN_DATA"] = str(folder)
    os.environ["HAVEN_TESTS_STARTED"] = "1"
    if given:
        os.environ["DATABASE_URL"] = given
    else:
        os.environ.pop("DATABASE_URL", None)
    from haven.operations import database

    os.environ["HAVEN_DURABLE"] = "0"
    cluster = database.start()

    def stop() -> None:
        if given:
            with database.master().connect("postgres") as connection:
                connection.execute(f"drop database if exists {MIGRATED} with (force)")
        if cluster is not None:
            cluster.leave()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)


_start()
