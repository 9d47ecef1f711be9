"""`DATABASE_URL` is read as PostgreSQL reads it: what stands after the `?` reaches every connection."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from haven.operations import database
from haven.operations.cluster import ClusterProblem


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of the tests' own server, without a query."""
    here = database.master()
    monkeypatch.setenv("HAVEN_APP_PASSWORD", database.app_login().password)
    return f"postgresql://{here.user}:{quote(here.password)}@{quote(here.host, safe='')}:{here.port}/postgres"


def test_each_part_reaches_django_and_the_other_logins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAVEN_APP_PASSWORD", "p")
    monkeypatch.setenv(
        "DATABASE_URL",
        "postgres://ma%40ster:s%2Fecret@db.example.org:6432/school?sslmode=verify-full&connect_timeout=5",
    )
    master, app = database.master(), database.app_login()
    assert (master.host, master.port, master.name, master.user, master.password) == (
        "db.example.org", "6432", "school", "ma@ster", "s/ecret",
    )  # fmt: skip
    for login in (master, app):
        assert login.options == {"sslmode": "verify-full", "connect_timeout": "5"}
        assert "sslmode=verify-full" in login.address() and "secret" not in login.address()
    assert app.django()["OPTIONS"] == {"sslmode": "verify-full", "connect_timeout": "5"}
    assert master.django("haven_owner")["OPTIONS"] == {**master.options, "assume_role": "haven_owner"}


def test_what_is_left_out_is_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@/?host=/run/postgresql")
    found = database.master()
    assert (found.host, found.port, found.name, found.options) == ("/run/postgresql", "5432", "haven", {})
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@/haven")
    assert database.master().host == "localhost"


def test_a_setting_of_the_address_holds_on_the_server(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{given}?options=-c%20statement_timeout%3D4321&application_name=haven%20here")
    for login in (database.master(), database.app_login()):
        with login.connect() as connection:
            assert connection.execute("show statement_timeout").fetchone() == ("4321ms",)
            assert connection.execute("show application_name").fetchone() == ("haven here",)


@pytest.mark.parametrize("wrong", ["?sslmod=require", "?sslmode", ":x/?a=b"])
def test_what_cannot_be_read_is_said_without_the_password(tmp_path: Path, wrong: str) -> None:
    url = f"postgresql://me:geheim@db.example.org{wrong}"
    environment = {**os.environ, "HAVEN_DATA": str(tmp_path), "DATABASE_URL": url}
    told = subprocess.run([sys.executable, "-m", "haven", "night"], env=environment, capture_output=True, text=True)
    assert told.returncode == 1
    assert "DATABASE_URL cannot be read" in told.stderr and "Nothing was changed" in told.stderr
    assert "geheim" not in told.stderr and "Traceback" not in told.stderr
    with pytest.MonkeyPatch.context() as patched, pytest.raises(ClusterProblem, match="cannot be read"):
        patched.setenv("DATABASE_URL", url)
        database.master()
