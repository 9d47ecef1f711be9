"""The `haven` command: finds the database (starting the embedded one), brings its tables up to date, then runs the verb.

Exit status: 0 done; 1 refused, nothing changed, and why is said; 2 wrong usage.
"""

import contextlib
import hashlib
import os
import subprocess
import sys
from pathlib import Path

from haven.config import overview
from haven.config.aside import JUST_ASKING, step_aside
from haven.config.cluster import ClusterProblem

WITHOUT_DATABASE = {"makemigrations", "check", "collectstatic", "docs"}

# These work as the owner of the tables: filling an empty database, and checks that no wall may narrow.
OWNER_VERBS = {"demo", "verify", "bench"}


def schema_stamp() -> str:
    """A digest of everything that shapes the database: migrations, SQL functions, declarations and role grants."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    patterns = ("*/migrations/*.py", "*/sql/*.sql", "*/models.py", "walls/*.py", "rules/visibility*.py")
    for path in sorted(path for pattern in patterns for path in root.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def _is_current() -> bool:
    import psycopg

    from haven.config import database

    try:
        with database.app_login().connect() as connection:
            found = connection.execute("select obj_description(to_regnamespace('app')::oid, 'pg_namespace')").fetchone()
    except psycopg.OperationalError:
        return False
    return bool(found and found[0] == schema_stamp())


def _bring_up_to_date() -> None:
    """Migrate in a process of its own, which alone works as the owner of the tables."""
    import psycopg

    from haven.config import database

    if _is_current():
        return
    try:
        database.provision()
    except psycopg.OperationalError as error:
        raise ClusterProblem(
            "The database of DATABASE_URL cannot be reached, or refuses the login. Nothing was changed."
            if not database.is_embedded()
            else "The embedded database cannot be reached. Nothing was changed. Is the data folder yours?"
        ) from error
    environment = {**os.environ, "HAVEN_DB_ROLE": "owner", "DJANGO_SETTINGS_MODULE": "haven.config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup(); from django.core.management import call_command; call_command('migrate', verbosity=0)"],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise ClusterProblem(
            f"The database could not be brought up to date. Nothing was changed.\n{done.stderr.strip()[-1500:]}"
        )
    with database.master().connect() as connection:
        connection.execute(f"comment on schema app is '{schema_stamp()}'")


def main(arguments: list[str] | None = None) -> int:
    """Run one `haven` command; returns its exit status."""
    argv = ["haven", *(sys.argv[1:] if arguments is None else arguments)]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haven.config.settings")
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
    from haven.config import database, restore

    if verb == "restore":  # before anything writes to the data folder, which it must find empty
        return restore.main(argv[2:], bring_up_to_date=_bring_up_to_date)
    cluster = None
    asks_only = bool({"--help", "-h"} & set(argv[2:])) or (verb == "bench" and bool(JUST_ASKING & set(argv[2:])))
    if verb == "bench":
        step_aside(argv[2:])
    try:
        if verb not in WITHOUT_DATABASE and not asks_only:
            if restore.is_unfinished(database.data_folder()):
                raise ClusterProblem(restore.UNFINISHED)
            if database.is_embedded():
                from haven.config.cluster import Cluster

                cluster = Cluster(database.data_folder())
                cluster.start(durable=os.environ.get("HAVEN_DURABLE", "1") != "0")
            _bring_up_to_date()
        if verb in OWNER_VERBS:
            os.environ["HAVEN_DB_ROLE"] = "owner"
        from haven.config.running import run_command

        return run_command(argv)
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
