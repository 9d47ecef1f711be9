"""Database connection settings and roles.

`DATABASE_URL` names a PostgreSQL server (15 or later) and a login that may create roles. Without it, Haven uses the
embedded cluster in the data folder. The database has three roles in both cases. `haven_owner` owns every table and runs
migrations. Pages, jobs and commands work as `haven_app`, which owns nothing, so that the row policies apply to it.
`haven_backup` may read everything for a dump and write nothing.
"""

import json
import os
import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
from psycopg import conninfo, sql

from haven.operations.cluster import DATABASE, SUPERUSER, Cluster, ClusterProblem, write_private

OWNER, APP, BACKUP = "haven_owner", "haven_app", "haven_backup"


def data_folder() -> Path:
    """The folder of `HAVEN_DATA` (default `.haven` in the working directory)."""
    return Path(os.environ.get("HAVEN_DATA") or ".haven").resolve()


@dataclass(frozen=True)
class Login:
    """The connection settings of one login: the keyword arguments of psycopg. `options` are the other options of `DATABASE_URL`."""

    host: str
    port: str
    name: str
    user: str
    password: str
    options: dict[str, str] = field(default_factory=dict)

    def django(self, role: str | None = None) -> dict[str, object]:
        options: dict[str, object] = {**self.options, **({"assume_role": role} if role else {})}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": self.host, "PORT": self.port, "NAME": self.name, "USER": self.user, "PASSWORD": self.password,
            "OPTIONS": options, "ATOMIC_REQUESTS": False, "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True,
        }  # fmt: skip

    def connect(self, name: str | None = None) -> psycopg.Connection:
        return psycopg.connect(self.address(name), password=self.password, autocommit=True)

    def address(self, name: str | None = None) -> str:
        """The connection string without the password, for psycopg and for PostgreSQL's own programs."""
        return conninfo.make_conninfo(
            "", host=self.host, port=self.port or None, dbname=name or self.name, user=self.user or None, **self.options
        )

    def as_other(self, user: str, password: str) -> "Login":
        """The same database with another login."""
        return replace(self, user=user, password=password)


def _saved(data: Path) -> dict[str, str]:
    """The passwords and keys of this data folder, created at the first start (0600)."""
    path = data / "secrets.json"
    if path.exists():
        saved: dict[str, str] = json.loads(path.read_text())
        return saved
    data.mkdir(parents=True, exist_ok=True)
    fresh = fresh_secrets()
    write_private(path, json.dumps(fresh))
    return fresh


def fresh_secrets() -> dict[str, str]:
    """Generate new passwords for the two logins, and a new key."""
    return {"app": secrets.token_urlsafe(24), "backup": secrets.token_urlsafe(24), "key": secrets.token_urlsafe(50)}


def secret_key() -> str:
    return os.environ.get("HAVEN_SECRET_KEY") or _saved(data_folder())["key"]


def master() -> Login:
    """The login that may create roles: that of the embedded cluster, or that of `DATABASE_URL`."""
    url = os.environ.get("DATABASE_URL")
    if url:
        return _login_of(url)
    facts = Cluster(data_folder()).facts()
    return Login(facts["sockets"], "5432", DATABASE, SUPERUSER, facts["password"])


def _login_of(url: str) -> Login:
    """Parse a `DATABASE_URL` as PostgreSQL does, including `sslmode`, `connect_timeout` and the other options after the `?`."""
    try:
        parameters = {name: str(value) for name, value in conninfo.conninfo_to_dict(url).items()}
    except psycopg.ProgrammingError:
        raise ClusterProblem(
            "DATABASE_URL cannot be read. It looks like postgresql://login:password@host:5432/name?sslmode=verify-full, with"
            " special characters of the password as %XX and after the ? only what PostgreSQL itself knows. Nothing was changed."
        ) from None  # the original message may contain part of the password
    return Login(
        parameters.pop("host", "localhost"), parameters.pop("port", "5432"), parameters.pop("dbname", DATABASE),
        parameters.pop("user", ""), parameters.pop("password", ""), parameters,
    )  # fmt: skip


def app_login() -> Login:
    return master().as_other(APP, os.environ.get("HAVEN_APP_PASSWORD") or _saved(data_folder())["app"])


def backup_login() -> Login:
    return master().as_other(BACKUP, os.environ.get("HAVEN_BACKUP_PASSWORD") or _saved(data_folder())["backup"])


def is_embedded() -> bool:
    return not os.environ.get("DATABASE_URL")


def provision() -> None:
    """Create the database, the three roles and their passwords. Safe to run at every start."""
    login = master()
    maintenance = "postgres"
    with login.connect(maintenance) as connection:
        for role, how in ((OWNER, "NOLOGIN"), (APP, "LOGIN"), (BACKUP, "LOGIN")):
            if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
                connection.execute(
                    sql.SQL("create role {} " + how + " nosuperuser nobypassrls").format(sql.Identifier(role))
                )
        for role, password in ((APP, app_login().password), (BACKUP, backup_login().password)):
            connection.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(password)))
        connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(OWNER), sql.Identifier(login.user)))
        if not connection.execute("select 1 from pg_database where datname = %s", [login.name]).fetchone():
            connection.execute(
                sql.SQL("create database {} owner {}").format(sql.Identifier(login.name), sql.Identifier(OWNER))
            )
    with login.connect() as connection:
        open_schemas(connection)


def open_schemas(connection: psycopg.Connection) -> None:
    """Give the owner its schemas and the extensions, and revoke what PostgreSQL grants to everybody."""
    for statement in (
        f"grant all on schema public to {OWNER}",
        "revoke create on schema public from public",
        f"create schema if not exists app authorization {OWNER}",
        f"grant usage on schema public, app to {APP}, {BACKUP}",
        "create extension if not exists pg_trgm",
        "create extension if not exists unaccent",
    ):
        connection.execute(statement)


def start() -> Cluster | None:
    """Start the embedded cluster if it is used, and provision. Returns the cluster; the caller calls its `leave` at the end."""
    cluster = None
    if is_embedded():
        cluster = Cluster(data_folder())
        cluster.start(durable=os.environ.get("HAVEN_DURABLE", "1") != "0")
    provision()
    return cluster


def django_databases() -> dict[str, dict[str, object]]:
    """Django's DATABASES: the application's login, or the owner's in a process that migrates
    (`HAVEN_DB_ROLE=owner`)."""
    role = os.environ.get("HAVEN_DB_ROLE", "app")
    if is_embedded() and not Cluster(data_folder()).description.exists():
        # Linters, type checks and generated documents read the settings without a database.
        return {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": DATABASE, "OPTIONS": {}}}
    if role == "owner":
        return {"default": master().django(OWNER)}
    if role == "backup":
        return {"default": backup_login().django()}
    return {"default": app_login().django()}
