"""The `haven` command: finds the database (starting the embedded one), migrates it, then runs the named command.

Exit status: 0 done; 1 refused, nothing changed, with the reason printed; 2 wrong usage.
"""

import contextlib
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from haven.operations import overview
from haven.operations.before_0_2 import MADE_BEFORE_0_2, is_made_before_0_2
from haven.operations.cluster import ClusterProblem

WITHOUT_DATABASE = {"makemigrations", "check", "collectstatic", "definitions", "docs", "words"}

# These run as the owner of the tables: filling an empty database, and checks that no row policy may narrow.
OWNER_VERBS = {"demo", "verify"}


def schema_stamp() -> str:
    """A digest of everything that defines the database: migrations, SQL functions, declarations and role grants."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    patterns = (
        "**/migrations/*.py",
        "**/sql/*.sql",
        "**/models.py",
        "platform/row_security/*.py",
        "rules/visibility*.py",
    )
    for path in sorted(path for pattern in patterns for path in root.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def _is_current() -> bool:
    import psycopg

    from haven.operations import database

    try:
        with database.app_login().connect() as connection:
            row = connection.execute("select obj_description(to_regnamespace('app')::oid, 'pg_namespace')").fetchone()
    except psycopg.OperationalError:
        return False
    return bool(row and row[0] == schema_stamp())


def _bring_up_to_date() -> None:
    """Migrate in a separate process, which is the only one that works as the owner of the tables."""
    import psycopg

    from haven.operations import database
    from haven.operations.running import MISTAKE_IN_DEFINITION

    if _is_current():
        return
    try:
        database.provision()
    except psycopg.OperationalError as error:
        raise ClusterProblem(
            "The database of DATABASE_URL cannot be reached, or rejects the login. Nothing was changed."
            if not database.is_embedded()
            else "The embedded database cannot be reached. Nothing was changed. Check that you own the data folder."
        ) from error
    with database.master().connect() as connection:
        if is_made_before_0_2(connection):
            raise ClusterProblem(MADE_BEFORE_0_2)
    environment = {**os.environ, "HAVEN_DB_ROLE": "owner", "DJANGO_SETTINGS_MODULE": "haven.project.settings"}
    program = "import sys; from haven.operations.running import migrate; sys.exit(migrate())"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    if done.returncode == MISTAKE_IN_DEFINITION:
        raise ClusterProblem(done.stderr.strip())
    if done.returncode != 0:
        raise ClusterProblem(
            f"The database could not be brought up to date. Nothing was changed.\n{done.stderr.strip()[-1500:]}"
        )
    with database.master().connect() as connection:
        connection.execute(f"comment on schema app is '{schema_stamp()}'")


def main(arguments: list[str] | None = None) -> int:
    """Run one `haven` command; returns its exit status."""
    argv = ["haven", *(sys.argv[1:] if arguments is None else arguments)]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haven.project.settings")
    verb = argv[1] if len(argv) > 1 else "help"
    if verb in overview.ASKS_FOR_HELP and len(argv) > 2 and overview.is_known(argv[2]):
        argv = ["haven", argv[2], "--help"]
        verb = argv[1]
    if verb in overview.ASKS_FOR_HELP or verb in ("--version", "version"):
        print(overview.version() if "version" in verb else overview.overview())
        return 0
    if not overview.is_known(verb):
        print(f"haven: {overview.did_you_mean(verb)}", file=sys.stderr)
        return 2
    from haven.operations import restore

    if verb == "restore":  # before anything is written to the data folder, which a restore requires to be empty
        return restore.main(argv[2:], bring_up_to_date=_bring_up_to_date)
    asks_only = bool({"--help", "-h"} & set(argv[2:]))
    from haven.operations.running import run_command

    if verb in WITHOUT_DATABASE or asks_only:
        return run_command(argv)
    return with_database(lambda: run_command(argv), as_owner=verb in OWNER_VERBS)


def with_database(run: Callable[[], int], *, as_owner: bool = False) -> int:
    """Start the embedded database if it is used, migrate it, call `run`, and release the database.

    `as_owner`: `run` works as the owner of the tables. Returns the status of `run`, or 1 with a sentence on standard
    error.
    """
    from haven.operations import database, restore
    from haven.operations.cluster import Cluster

    cluster = None
    try:
        if restore.is_unfinished(database.data_folder()):
            raise ClusterProblem(restore.UNFINISHED)
        if database.is_embedded():
            cluster = Cluster(database.data_folder())
            cluster.start(durable=os.environ.get("HAVEN_DURABLE", "1") != "0")
        _bring_up_to_date()
        if as_owner:
            os.environ["HAVEN_DB_ROLE"] = "owner"
        return run()
    except ClusterProblem as problem:
        print(f"haven: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 1
    finally:
        if cluster is not None:
            with contextlib.suppress(Exception):
                from django.db import connections

                connections.close_all()
            cluster.leave()


if __name__ == "__main__":
    sys.exit(main())
