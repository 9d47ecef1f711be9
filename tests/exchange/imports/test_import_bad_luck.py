"""A server killed in the middle of an import, two imports at once, and a long file: on a Haven of its own, as it is installed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from haven.exchange.imports.actions import STOPPED
from tests.factories.installed import DAYS, OPEN, PUPILS, UPNS, URN, Installed, installed, marks_of, until


@pytest.fixture(scope="module")
def haven() -> Iterator[Installed]:
    with installed() as made:
        yield made


def test_killed_in_the_middle_it_leaves_the_old_state_and_says_so(haven: Installed) -> None:
    path = haven.file("year.csv", marks_of("N"))
    before = haven.registers()
    process = haven.start("import", "marks", path, "--school", URN)
    with haven.connect() as listing:
        lock = "select count(*) from pg_locks where locktype = 'advisory' and granted"
        state = "select count(*) from imports_importrun where state = 'applying'"

        def is_in_the_middle() -> bool:
            # at work on the run, holding the school's imports and its registers
            return listing.execute(state).fetchone() == (1,) and (listing.execute(lock).fetchone() or (0,))[0] >= 3

        until("the middle of the import", is_in_the_middle)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        until("the end of its connection", lambda: listing.execute(lock).fetchone() == (0,))
    assert haven.registers() == before
    assert haven.ask("select state from imports_importrun where file_name = 'year.csv'") == [("applying",)]
    said = haven.run("import", "marks", path, "--school", URN)
    assert f"year.csv: {STOPPED}" in said
    assert f"{PUPILS * DAYS * 2:,} new" in said
    states = haven.ask("select state from imports_importrun where file_name = 'year.csv' order by id")
    assert states == [("failed",), ("applied",)]


def test_of_two_imports_at_one_school_one_waits_and_sees_what_the_other_did(haven: Installed) -> None:
    files = [haven.file("first.csv", marks_of("C")), haven.file("second.csv", marks_of("I"))]
    school = haven.ask(f"select id from schools_school where urn = {URN}")[0][0]
    with haven.connect() as holder:
        with holder.transaction():
            holder.execute("select pg_advisory_xact_lock(4215002, hashtext(%s))", [str(school)])
            running = [haven.start("import", "marks", path, "--school", URN) for path in files]
            waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
            until("both wait", lambda: haven.ask(waiting) == [(2,)])
        said = [process.communicate(timeout=300)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    total = f"{PUPILS * DAYS * 2:,}"
    assert all(f"0 new, {total} changed" in each for each in said)
    steps = haven.ask("select original, amended, count(*) from registers_markamendment group by 1, 2 order by min(id)")
    assert steps in (
        [("N", "C", PUPILS * DAYS * 2), ("C", "I", PUPILS * DAYS * 2)],
        [("N", "I", PUPILS * DAYS * 2), ("I", "C", PUPILS * DAYS * 2)],
    )


def day_of(code: str) -> str:
    return "upn,date,session,code\n" + "".join(f"{upn},{OPEN[0]},AM,{code}\n" for upn in UPNS[:PUPILS])


def test_a_short_file_killed_in_the_middle_was_never_heard_of(haven: Installed) -> None:
    path = haven.file("day.csv", day_of("O"))
    files = "select count(*) from imports_importrun", "select count(*) from imports_importfile"
    before = haven.registers(), *map(haven.ask, files)
    with haven.connect() as holder:
        holder.execute("begin")
        holder.execute("lock table audit_auditevent in share mode")
        process = haven.start("import", "marks", path, "--school", URN)
        waiting = "select count(*) from pg_locks where relation = 'audit_auditevent'::regclass and not granted"
        until("the wait for the record", lambda: haven.ask(waiting) != [(0,)])
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        holder.execute("rollback")
    busy = "select count(*) from pg_stat_activity where usename = 'haven_app'"
    until("the end of its connection", lambda: haven.ask(busy) == [(0,)])
    assert (haven.registers(), *map(haven.ask, files)) == before
    assert f"{PUPILS} of {PUPILS} marks imported" in haven.run("import", "marks", path, "--school", URN)
    done = haven.ask(
        "select state, counts->>'changed', applied_at is not null from imports_importrun where file_name = 'day.csv'"
    )
    assert done == [("applied", f"{PUPILS}", True)]
    verbs = "select verb from audit_auditevent where about_ref = (select ref::text from imports_importrun where file_name = 'day.csv')"
    assert haven.ask(f"{verbs} order by id") == [
        ("imports.receive_file",), ("attendance.take_marks",), ("imports.apply_run",)
    ]  # fmt: skip


def test_a_short_file_killed_while_it_is_applied_leaves_the_old_state_and_says_so(haven: Installed) -> None:
    path = haven.file("later.csv", day_of("M"))
    before = haven.registers()
    with haven.connect() as holder:
        holder.execute("begin")
        holder.execute("lock table registers_markamendment in share mode")
        process = haven.start("import", "marks", path, "--school", URN)
        waiting = "select count(*) from pg_locks where relation = 'registers_markamendment'::regclass and not granted"
        until("the wait for the amendments", lambda: haven.ask(waiting) != [(0,)])
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        holder.execute("rollback")
    busy = "select count(*) from pg_stat_activity where usename = 'haven_app'"
    until("the end of its connection", lambda: haven.ask(busy) == [(0,)])
    assert haven.registers() == before
    said = haven.run("import", "marks", path, "--school", URN)
    assert f"later.csv: {STOPPED}" in said and f"{PUPILS} of {PUPILS} marks imported" in said
    states = haven.ask("select state from imports_importrun where file_name = 'later.csv' order by id")
    assert states == [("failed",), ("applied",)]


def test_of_two_short_files_at_one_school_one_waits_and_sees_what_the_other_did(haven: Installed) -> None:
    files = [haven.file("one.csv", day_of("C")), haven.file("two.csv", day_of("I"))]
    school = haven.ask(f"select id from schools_school where urn = {URN}")[0][0]
    before = haven.ask("select max(id) from registers_markamendment")[0][0]
    with haven.connect() as holder:
        with holder.transaction():
            holder.execute("select pg_advisory_xact_lock(4215002, hashtext(%s))", [str(school)])
            running = [haven.start("import", "marks", path, "--school", URN) for path in files]
            waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
            until("both wait", lambda: haven.ask(waiting) == [(2,)])
        said = [process.communicate(timeout=300)[0] for process in running]
    assert all(f"0 new, {PUPILS} changed" in each for each in said), said
    steps = haven.ask(
        f"select original, amended, count(*) from registers_markamendment where id > {before} group by 1, 2 order by min(id)"
    )
    assert steps in (
        [("M", "C", PUPILS), ("C", "I", PUPILS)],
        [("M", "I", PUPILS), ("I", "C", PUPILS)],
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
