"""An installed Haven with its own data folder, controlled by its command, so that its processes can be killed."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import psycopg

from haven.operations.cluster import DATABASE, SUPERUSER, Cluster
from haven.rules.identifiers import make_upn
from tests.support.cached_database import copy_of_cached

URN = 900777
PUPILS, DAYS = 100, 190
UPNS = [make_upn(801, 2000 + number // 1000, 20, number % 1000) for number in range(4000)]
OPEN = [day for step in range(400) if (day := date(2025, 9, 1) + timedelta(step)).weekday() < 5][:DAYS]
SCHOOL = (
    f"URN,LA (code),LA (name),EstablishmentName,EstablishmentStatus (name)\n{URN},801,Bristol,Larkfield Academy,Open\n"
)
CALENDAR = "date,session\n" + "".join(f"{day},{half}\n" for day in OPEN for half in ("AM", "PM"))
PEOPLE = "upn,surname,forename,dob,start_date\n" + "".join(
    f"{upn},Surname{n},Forename{n},2012-05-04,2025-09-01\n" for n, upn in enumerate(UPNS[:PUPILS])
)


@dataclass(frozen=True)
class Installed:
    """A Haven on a data folder of its own, with a school, its calendar and its pupils."""

    folder: Path
    data: Path
    cluster: Cluster

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        return self._start("-m", "haven", *map(str, arguments))

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "HAVEN_DATA": str(self.data), "HAVEN_NOW": "2026-07-01T09:00:00"}
        environment.pop("DATABASE_URL", None)
        environment["DJANGO_SETTINGS_MODULE"] = "haven.project.settings"
        return subprocess.Popen(
            [sys.executable, *arguments], env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def start_python(self, code: str) -> subprocess.Popen[str]:
        """Python with Haven set up, as the application."""
        return self._start("-c", f"import django; django.setup()\n{code}")

    def run(self, *arguments: object) -> str:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, out + err
        return out + err

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def connect(self) -> psycopg.Connection:
        facts = self.cluster.facts()
        return psycopg.connect(
            host=facts["sockets"], user=SUPERUSER, dbname=DATABASE, password=facts["password"], autocommit=True
        )

    def ask(self, question: str) -> list[tuple[object, ...]]:
        with self.connect() as connection:
            return connection.execute(question).fetchall()

    def registers(self) -> list[tuple[object, ...]]:
        return self.ask(
            "select (select md5(string_agg(md5(marks::text), '' order by id)) from registers_sheet),"
            " (select count(*) from registers_initialentry), (select count(*) from registers_markamendment)"
        )


def marks_of(code: str, pupils: int = PUPILS) -> str:
    lines = [f",{day},{half},{code}\n" for day in OPEN for half in ("AM", "PM")]
    return "upn,date,session,code\n" + "".join(upn + line for line in lines for upn in UPNS[:pupils])


def until(what: str, is_so: object, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.01)


@contextmanager
def installed() -> Iterator[Installed]:
    """One school with its calendar of a year and a hundred pupils, and nobody who works there."""
    with tempfile.TemporaryDirectory(prefix="haven-installed-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        (folder / "calendar.csv").write_text(CALENDAR)
        (folder / "pupils.csv").write_text(PEOPLE)
        copy_of_cached("school", folder / "data", _with_a_school)
        with _started(folder, folder / "data") as made:
            yield made


@contextmanager
def _started(folder: Path, data: Path) -> Iterator[Installed]:
    cluster = Cluster(data)
    cluster.start(durable=False)
    try:
        yield Installed(folder, data, cluster)
    finally:
        cluster.leave()


def _with_a_school(data: Path) -> None:
    with tempfile.TemporaryDirectory() as name, _started(Path(name), data) as made:
        for what, text, of in (
            ("schools", SCHOOL, ()),
            ("calendar", CALENDAR, ("--school", URN)),
            ("pupils", PEOPLE, ("--school", URN)),
        ):
            made.run("import", what, made.file(f"{what}.csv", text), *of)
