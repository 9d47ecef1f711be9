"""A server killed in the middle of an import, two imports at once, and a long file: on a Haven of its own, as it is installed."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from haven.config.cluster import DATABASE, SUPERUSER, Cluster
from haven.mis.actions import STOPPED
from haven.rules.identifiers import make_upn

URN = 900777
PUPILS, DAYS = 100, 190
UPNS = [make_upn(801, 2000 + number // 1000, 20, number % 1000) for number in range(4000)]
OPEN = [day for step in range(400) if (day := date(2025, 9, 1) + timedelta(step)).weekday() < 5][:DAYS]


@dataclass(frozen=True)
class Installed:
    """A Haven on a data folder of its own, with a school, its calendar and its pupils."""

    folder: Path
    cluster: Cluster

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        environment = {**os.environ, "HAVEN_DATA": str(self.folder / "data"), "HAVEN_NOW": "2026-07-01T09:00:00"}
        environment.pop("DATABASE_URL", None)
        environment["DJANGO_SETTINGS_MODULE"] = "haven.config.settings"
        return subprocess.Popen(
            [sys.executable, "-m", "haven", *map(str, arguments)], env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

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
            return connection.execute(question).fetchall()  # type: ignore[arg-type]

    def registers(self) -> list[tuple[object, ...]]:
        return self.ask(
            "select (select md5(string_agg(md5(marks::text), '' order by id)) from attendance_sheet),"
            " (select count(*) from attendance_registertake), (select count(*) from attendance_markamendment)"
        )


def marks_of(code: str, pupils: int = PUPILS) -> str:
    lines = [f",{day},{half},{code}\n" for day in OPEN for half in ("AM", "PM")]
    return "upn,date,session,code\n" + "".join(upn + line for line in lines for upn in UPNS[:pupils])


@pytest.fixture(scope="module")
def haven() -> Iterator[Installed]:
    with tempfile.TemporaryDirectory(prefix="haven-import-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        cluster = Cluster(folder / "data")
        cluster.start(durable=False)
        made = Installed(folder, cluster)
        made.run(
            "import", "schools", made.file("schools.csv", "URN,LA (code),LA (name),EstablishmentName,EstablishmentStatus (name)\n"
            f"{URN},801,Bristol,Larkfield Academy,Open\n"),
        )  # fmt: skip
        days = "".join(f"{day},{half}\n" for day in OPEN for half in ("AM", "PM"))
        made.run("import", "calendar", made.file("calendar.csv", f"date,session\n{days}"), "--school", URN)
        people = "".join(f"{upn},Surname{n},Forename{n},2012-05-04,2025-09-01\n" for n, upn in enumerate(UPNS[:PUPILS]))
        text = f"upn,surname,forename,dob,start_date\n{people}"
        made.run("import", "pupils", made.file("pupils.csv", text), "--school", URN)
        yield made
        cluster.leave()


def until(what: str, is_so: object, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.01)


def test_killed_in_the_middle_it_leaves_the_old_state_and_says_so(haven: Installed) -> None:
    path = haven.file("year.csv", marks_of("N"))
    before = haven.registers()
    process = haven.start("import", "marks", path, "--school", URN)
    with haven.connect() as watch:
        lock = "select count(*) from pg_locks where locktype = 'advisory' and granted"
        state = "select count(*) from mis_importrun where state = 'applying'"

        def is_in_the_middle() -> bool:
            # at work on the run, holding the school's imports and its registers
            return watch.execute(state).fetchone() == (1,) and (watch.execute(lock).fetchone() or (0,))[0] >= 3

        until("the middle of the import", is_in_the_middle)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        until("the end of its connection", lambda: watch.execute(lock).fetchone() == (0,))
    assert haven.registers() == before
    assert haven.ask("select state from mis_importrun where file_name = 'year.csv'") == [("applying",)]
    said = haven.run("import", "marks", path, "--school", URN)
    assert f"year.csv: {STOPPED}" in said
    assert f"{PUPILS * DAYS * 2:,} new" in said
    states = haven.ask("select state from mis_importrun where file_name = 'year.csv' order by id")
    assert states == [("failed",), ("applied",)]


def test_of_two_imports_at_one_school_one_waits_and_sees_what_the_other_did(haven: Installed) -> None:
    files = [haven.file("first.csv", marks_of("C")), haven.file("second.csv", marks_of("I"))]
    school = haven.ask(f"select id from schools_school where urn = {URN}")[0][0]
    with haven.connect() as holder:
        with holder.transaction():
            holder.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"imports {school}"])
            running = [haven.start("import", "marks", path, "--school", URN) for path in files]
            waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
            until("both wait", lambda: haven.ask(waiting) == [(2,)])
        said = [process.communicate(timeout=300)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    total = f"{PUPILS * DAYS * 2:,}"
    assert all(f"0 new, {total} changed" in each for each in said)
    steps = haven.ask("select original, amended, count(*) from attendance_markamendment group by 1, 2 order by min(id)")
    assert steps in (
        [("N", "C", PUPILS * DAYS * 2), ("C", "I", PUPILS * DAYS * 2)],
        [("N", "I", PUPILS * DAYS * 2), ("I", "C", PUPILS * DAYS * 2)],
    )


def test_a_long_file_needs_hardly_more_memory_than_a_short_one(haven: Installed) -> None:
    short = haven.file("short.csv", marks_of("/", 10).replace(",PM,/", ",PM,\\"))
    long = haven.file("long.csv", marks_of("/", 3800).replace(",PM,/", ",PM,\\"))
    assert long.stat().st_size > 40_000_000

    def peak(path: Path) -> int:
        process = haven.start("import", "marks", path, "--school", URN, "--dry-run")
        process.stdout, process.stderr = (
            None,
            None,
        )  # nothing is written that would fill a pipe: one summary, 200 sentences
        _, _, usage = os.wait4(process.pid, 0)
        return usage.ru_maxrss

    assert peak(long) - peak(short) < 100_000  # KiB, for 43 MB and 1.4 million lines
