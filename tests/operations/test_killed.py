"""Killed in the middle of an amendment or of the night run: the whole old state, and the next time does the whole work."""

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.factories.installed import PUPILS, UPNS, URN, Installed, installed, marks_of, until

STATE = (
    "select (select md5(string_agg(md5(marks::text), '' order by id)) from registers_sheet),"
    " (select count(*) from registers_markamendment), (select count(*) from tasks_task),"
    " (select count(*) from tasks_taskstep), (select count(*) from audit_auditevent)"
)
AMEND = f"""
from datetime import date
from haven.platform import clock
from haven.platform.accounts.context import system_context
from haven.attendance.registers.actions.registers import amend_mark
from haven.core.people.models import Enrolment, Identifier
with system_context(on=date(2026, 7, 1)) as by:
    pupil = Identifier.objects.get(value="{UPNS[0]}").pupil_id
    enrolment = Enrolment.objects.get(pupil_id=pupil)
    amend_mark(by=by, at=clock.now(), enrolment_id=enrolment.id, on=date(2025, 9, 1), half="AM", symbol="I",
               reason="The mother rang.")
"""


@pytest.fixture(scope="module")
def haven() -> Iterator[Installed]:
    with installed() as made:
        made.run("import", "marks", made.file("year.csv", marks_of("O")), "--school", URN)
        made.run(
            "user",
            "add",
            "office@larkfield.example",
            "--name",
            "Ada Office",
            "--role",
            "attendance_officer",
            "--school",
            URN,
        )
        yield made


def kill_before_its_event_is_written(haven: Installed, process: subprocess.Popen[str]) -> None:
    """Let the process write everything but its audit event, which it may not while somebody holds the record, and kill it there."""
    waiting = "select count(*) from pg_locks where relation = 'audit_auditevent'::regclass and not granted"
    until("the wait for the record", lambda: haven.ask(waiting) != [(0,)])
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("work", ["amendment", "night"])
def test_killed_in_the_middle_it_leaves_the_whole_old_state(haven: Installed, work: str) -> None:
    before = haven.ask(STATE)
    with haven.connect() as holder:
        holder.execute("begin")
        holder.execute("lock table audit_auditevent in share mode")
        process = haven.start_python(AMEND) if work == "amendment" else haven.start("night", "--as-of", "2025-09-12")
        kill_before_its_event_is_written(haven, process)
        holder.execute("rollback")
    busy = "select count(*) from pg_stat_activity where usename = 'haven_app'"
    until("the end of its connection", lambda: haven.ask(busy) == [(0,)])
    assert haven.ask(STATE) == before


def test_the_next_time_does_the_whole_work(haven: Installed) -> None:
    process = haven.start_python(AMEND)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err
    assert haven.ask("select count(*) from registers_markamendment") == [(1,)]
    haven.run("night", "--as-of", "2025-09-12")
    (tasks,) = haven.ask("select count(*) from tasks_task")
    assert int(str(tasks[0])) >= PUPILS  # ten sessions in ten weeks, each of them
    haven.run("night", "--as-of", "2025-09-12")
    assert haven.ask("select count(*) from tasks_task") == [tasks]
    haven.run("verify")
